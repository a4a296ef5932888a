"""Files that are whole or not there: written under another name in the same folder, then put in place."""

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that whoever opens `path`, at any moment, finds the old content or the new, whole.

    Raises:
        OSError: the disk is full, or the folder cannot be written to; the error names `path`, which is as it was.
    """
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise type(error)(error.errno, error.strerror, str(path)) from None
