"""Getting data ready for a net: scale, standardise, flatten, one-hot, and mini-batches."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = np.floating | np.integer
Float32 = NDArray[np.float32]


def scale(images: NDArray[Real], white: float = 255) -> Float32:
    """Grey values from 0 to `white` as float32 from 0 to 1.

    Example:
        >>> scale(np.array([0, 51, 255], dtype=np.uint8))
        array([0. , 0.2, 1. ], dtype=float32)
    """
    scaled: Float32 = np.divide(images, white, dtype=np.float32)
    return scaled


def flatten(x: Float32) -> Float32:
    """Shape (N, d1, ..., dk) as (N, d1 * ... * dk), without a copy where none is needed."""
    return x.reshape(len(x), -1)


def standardise(x: Float32, like: Float32 | None = None) -> Float32:
    """Each feature with its mean taken away, over its standard deviation.

    Test data is standardised with the mean and deviation of the training data:
    `standardise(test, like=train)`.
    A feature that never varies becomes 0.

    Args:
        x: Shape (N, D).
        like: Shape (M, D): where the mean and the deviation are measured; `x` itself if not given.

    Example:
        >>> standardise(np.array([[1, 7], [3, 7]], dtype=np.float32))
        array([[-1.,  0.],
               [ 1.,  0.]], dtype=float32)
    """
    measured = x if like is None else like
    mean, std = measured.mean(axis=0), measured.std(axis=0)
    standardised: Float32 = (x - mean) / np.where(std > 0, std, 1)
    return standardised


def one_hot(labels: NDArray[np.integer], classes: int) -> Float32:
    """Labels (N,) as rows (N, classes) that are 1 at the label and 0 elsewhere.

    Example:
        >>> one_hot(np.array([2, 0]), 3)
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """
    rows: Float32 = np.eye(classes, dtype=np.float32)[labels]
    return rows


class Batches(Iterator[NDArray[np.int64]]):
    """Indices of mini-batches, without end, an epoch after the other.

    Without replacement every epoch is a new shuffle, cut into batches; what is left over at its end
    (fewer than `batch_size`) is not used in that epoch. With replacement all are drawn from the whole set.
    The order of one epoch is drawn at once, so that a step costs a slice.

    Args:
        count: How many examples there are.
        batch_size: How many indices a batch holds; at most `count` when drawn without replacement.
        rng: What draws.
        replacement: Whether an example may come twice in one epoch.

    Example:
        >>> batches = Batches(4, 2, np.random.default_rng(0))
        >>> sorted(int(i) for i in np.concatenate([next(batches), next(batches)]))
        [0, 1, 2, 3]
    """

    def __init__(
        self, count: int, batch_size: int, rng: np.random.Generator, *, replacement: bool = False
    ) -> None:
        self.count = count
        self.batch_size = batch_size if replacement else min(batch_size, count)
        self.replacement = replacement
        self._rng = rng
        self._draw_epoch()

    @property
    def per_epoch(self) -> int:
        """The number of batches in one epoch."""
        return max(1, self.count // self.batch_size)

    def _draw_epoch(self) -> None:
        self._drawn_from = self._rng.bit_generator.state
        used = self.per_epoch * self.batch_size
        if self.replacement:
            order = self._rng.integers(self.count, size=used)
        else:
            order = self._rng.permutation(self.count)[:used]
        self._epoch = order.reshape(self.per_epoch, self.batch_size)
        self._next = 0

    def __next__(self) -> NDArray[np.int64]:
        if self._next == self.per_epoch:
            self._draw_epoch()
        batch: NDArray[np.int64] = self._epoch[self._next]
        self._next += 1
        return batch

    def state(self) -> dict[str, object]:
        """Where the drawing stands, as plain values that JSON can hold."""
        return {"generator": self._drawn_from, "next": self._next}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state()`: the batches that follow are those that followed then."""
        self._rng.bit_generator.state = state["generator"]
        self._draw_epoch()
        self._next = state["next"]
