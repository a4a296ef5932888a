"""A picture of a digit, from any program, made to look like the pictures that a net was trained on."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from models.data.prepare import scale
from models.data.text import read_digit
from models.errors import InputError

Grey = NDArray[np.float32]  # shape (rows, columns), from 0 (black) to 1 (white)

_DARK = 0.5  # paper darker than this is taken for a black page with light ink
_INK = 0.25  # what is at least this much of the strongest ink counts as part of the digit
# MNIST fits a digit into 20 x 20 of its 28 x 28 pixels, its centre of mass in the middle; smaller pictures
# fill their frame.
_MNIST_SIDE, _MNIST_BOX = 28, 20


def read_picture(path: Path) -> Grey:
    """The grey values of a picture file, or of a digit as text (.txt), from 0 (black) to 1 (white).

    What is transparent counts as white paper.

    Raises:
        InputError: The file is missing, damaged, or no picture.
    """
    if path.suffix == ".txt":
        image, _ = read_digit(path)
        return scale(image)
    try:
        with Image.open(path) as opened:
            opened.load()
            if opened.mode.startswith("I"):  # 16 bits a pixel, which convert() would clip
                return scale(np.asarray(opened), 65535)
            colour = opened.convert("RGBA")
    except UnidentifiedImageError as error:
        raise InputError(f"{path}: not a picture that can be read") from error
    except (Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise InputError(f"{path}: damaged picture: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or f'damaged picture: {error}'}") from error
    paper = Image.new("RGBA", colour.size, "white")
    return scale(np.asarray(Image.alpha_composite(paper, colour).convert("L")))


def fit_picture(grey: Grey, shape: tuple[int, int], invert: bool | None = None) -> tuple[Grey, list[str]]:
    """A picture as a net wants it: light ink on black, of the net's size, in the middle.

    A picture that has the size already and needs no inverting is left as it is.

    Args:
        grey: Shape (rows, columns) of any size, from 0 (black) to 1 (white).
        shape: The rows and columns that the net takes.
        invert: Whether to exchange black and white; None to do so when the edge of the picture is light.

    Returns:
        The picture of the shape asked for, from 0 to 1; and what was done to it, a phrase each.

    Raises:
        InputError: The picture is blank.
    """
    done = []
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if invert or (invert is None and np.median(edge) > _DARK):
        grey = 1 - grey
        done.append("inverted to light ink on black")
    if np.ptp(grey) < 1 / 255:
        raise InputError("the picture is blank: every pixel has the same grey value")
    if grey.shape == shape:
        return grey, done or ["taken as it is"]
    grey = (grey - grey.min()) / np.ptp(grey)
    rows, columns = (np.flatnonzero((grey > _INK).any(axis=axis)) for axis in (1, 0))
    digit = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    done.append(f"cut to its ink, {_size(digit.shape)} of {_size(grey.shape)} pixels")
    digit = _resized(digit, _box(shape))
    fitted = _placed(digit, shape)
    done.append(f"scaled to {_size(digit.shape)} in the middle of {_size(shape)}")
    return fitted, done


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}"


def _box(shape: tuple[int, int]) -> int:
    """The side of the square that the digit is fitted into."""
    side = min(shape)
    return side * _MNIST_BOX // _MNIST_SIDE if side >= _MNIST_SIDE else side


def _resized(digit: Grey, box: int) -> Grey:
    """The digit with its longer side as long as the box, its proportions kept."""
    rows, columns = (max(1, round(side * box / max(digit.shape))) for side in digit.shape)
    image = Image.fromarray(digit.astype(np.float32)).resize((columns, rows), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.float32)


def _placed(digit: Grey, shape: tuple[int, int]) -> Grey:
    """The digit on black, its centre of mass as near to the middle as the frame allows."""
    frame = np.zeros(shape, np.float32)
    start = []
    for axis, (side, room) in enumerate(zip(digit.shape, shape, strict=True)):
        mass = digit.sum(axis=1 - axis)
        centre = float(mass @ np.arange(side) / mass.sum())
        start.append(min(max(round((room - 1) / 2 - centre), 0), room - side))
    top, left = start
    frame[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return frame
