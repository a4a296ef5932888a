"""What every data set looks like once it is read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.data.prepare import Real, flatten, scale
from models.errors import InputError


@dataclass(frozen=True)
class Split:
    """Examples and their labels.

    Args:
        x: Shape (N, D), float32: one example a row.
        labels: Shape (N,), int64: the class of each row, from 0.
    """

    x: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: slice | NDArray[np.int64]) -> "Split":
        return Split(self.x[index], self.labels[index])

    def hold_out(self, share: float) -> tuple["Split", "Split"]:
        """The examples to train on, and the last `share` of them, held out for validation.

        Raises:
            InputError: That leaves none to train on.
        """
        kept = len(self) - round(share * len(self))
        if kept == 0:
            raise InputError(f"holding out {share:g} of {len(self)} examples leaves none to train on")
        return self[:kept], self[kept:]


@dataclass(frozen=True)
class Dataset:
    """A data set: what to train on, what to test on, and how an example looks.

    Args:
        name: What the command line calls it.
        train: The examples to train on.
        test: The examples kept for testing.
        classes: How many classes the labels count.
        image_shape: (rows, columns) where an example is a picture, else None.
    """

    name: str
    train: Split
    test: Split
    classes: int
    image_shape: tuple[int, int] | None = None

    @property
    def features(self) -> int:
        """The number of values in one example."""
        return int(self.train.x.shape[1])


def labelled(
    images: NDArray[Real],
    labels: NDArray[Real],
    *,
    white: float,
    source: object,
    classes: int = 10,
) -> Split:
    """Pictures and their labels as a `Split`: scaled to 0-1, flattened, and checked against each other.

    Args:
        images: Shape (N, ...), any real dtype, from 0 to `white`.
        labels: Shape (N,), any integer dtype, from 0 to `classes` - 1.
        white: The value that becomes 1.
        source: The file or folder to name if they do not fit.
        classes: How many classes there are.

    Raises:
        InputError: There are no images, the counts differ, or a grey value or a label is out of range.
    """
    if len(images) != len(labels):
        raise InputError(f"{source}: {len(images)} images but {len(labels)} labels")
    if len(images) == 0:
        raise InputError(f"{source}: holds no images")
    if not (images.min() >= 0 and images.max() <= white):
        raise InputError(
            f"{source}: grey values from {images.min()} to {images.max()}, not from 0 to {white}"
        )
    outside = np.flatnonzero((labels < 0) | (labels >= classes))
    if outside.size:
        raise InputError(
            f"{source}: label {labels[outside[0]]} at {outside[0]} is not from 0 to {classes - 1}"
        )
    return Split(flatten(scale(images, white)), labels.astype(np.int64))
