"""Digits as text: a file of 28 lines of 28 tab-separated grey values, and a last line with the digit."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Dataset, labelled
from models.errors import InputError

SIDE = 28  # lines, and values on a line
_WHITE = 255
_TEST_ONE_IN = 6  # the same share as MNIST's own


def read_digit(path: Path) -> tuple[NDArray[np.uint8], int]:
    """The picture, shape (28, 28), and the digit in a text file.

    Raises:
        InputError: The file is missing, or a line is missing or too many, is too short or too long, holds
            something that is no number from 0 to 255, or the last line is no digit.
    """
    try:
        lines = path.read_text("ascii").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if len(lines) > SIDE + 1:
        raise InputError(f"{path}, line {SIDE + 2}: one line too many")
    image = np.empty((SIDE, SIDE), np.uint8)
    for number in range(SIDE):
        where = f"{path}, line {number + 1}"
        if number >= len(lines):
            raise InputError(f"{where}: missing; there should be {SIDE} lines of grey values and one digit")
        image[number] = _grey_values(lines[number], where)
    if len(lines) == SIDE:
        raise InputError(f"{path}, line {SIDE + 1}: missing; it should be the digit, 0 to 9")
    digit = lines[SIDE].strip()
    if digit not in tuple("0123456789"):
        raise InputError(f"{path}, line {SIDE + 1}: {digit!r} is not a digit, 0 to 9")
    return image, int(digit)


def _grey_values(line: str, where: str) -> list[int]:
    fields = line.split("\t")
    if len(fields) != SIDE:
        raise InputError(f"{where}: {len(fields)} values instead of {SIDE}")
    values = []
    for column, field in enumerate(fields, 1):
        if not field.strip().isdecimal() or int(field) > _WHITE:
            raise InputError(f"{where}, value {column}: {field!r} is not a whole number from 0 to {_WHITE}")
        values.append(int(field))
    return values


def write_digit(path: Path, image: NDArray[np.uint8], digit: int) -> None:
    """Writes a picture of 28 x 28 grey values and its digit as such a text file."""
    rows = ["\t".join(str(value) for value in row) for row in image]
    path.write_text("\n".join([*rows, str(digit)]) + "\n", "ascii")


def load_text(folder: Path) -> Dataset:
    """The digits in a folder of text files (`*.txt`), in the order of their names; every sixth is for testing.

    Raises:
        InputError: The folder holds fewer than two such files, or a file is not as it should be.
    """
    paths = sorted(folder.glob("*.txt"))
    if len(paths) < 2:
        raise InputError(
            f"{folder}: holds {len(paths)} files *.txt; at least two are needed, to train and to test"
        )
    images, digits = zip(*(read_digit(path) for path in paths), strict=True)
    read = labelled(np.stack(images), np.array(digits), white=_WHITE, source=folder)
    tested = np.arange(len(read)) % _TEST_ONE_IN == min(len(read), _TEST_ONE_IN) - 1
    train, test = np.flatnonzero(~tested), np.flatnonzero(tested)
    return Dataset("text", read[train], read[test], classes=10, image_shape=(SIDE, SIDE))
