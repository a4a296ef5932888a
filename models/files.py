"""Files that are whole or not there, and errors that name them."""

import os
from pathlib import Path

from minigrad import files
from models.errors import InputError


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that whoever opens `path`, at any moment, finds the old content or the new, whole.

    Raises:
        InputError: The disk is full, or the folder cannot be written to; `path` is as it was.
    """
    try:
        files.write_atomically(path, data)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error


def append_line(path: Path, line: str) -> None:
    """Appends a line, the whole of it or nothing.

    Raises:
        InputError: The disk is full, or the file cannot be written to; it is as it was.
    """
    try:
        size = path.stat().st_size if path.exists() else 0
        try:
            with path.open("ab") as file:
                file.write(line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            os.truncate(path, size)
            raise
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
