"""What the layers of the catalogue are checked at: the same each time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigrad.testing.operation import Array


def normal(*shapes: tuple[int, ...]) -> Callable[[], tuple[Array, ...]]:
    """Inputs of normal floats, the same each time."""
    rng = np.random.default_rng(5)
    arrays = tuple(rng.normal(size=shape) for shape in shapes)
    return lambda: arrays


def positive(*shapes: tuple[int, ...]) -> Callable[[], tuple[Array, ...]]:
    """Inputs of floats from 0.5 to 2."""
    rng = np.random.default_rng(6)
    arrays = tuple(rng.uniform(0.5, 2, size=shape) for shape in shapes)
    return lambda: arrays


AFFINE = normal((3, 4), (4, 5), (5,))
SQUARE = normal((3, 3), (3, 3))
ROWS = normal((4, 6))
GRID = normal((3, 5))


def labelled() -> tuple[Array, ...]:
    """Logits and labels."""
    return (*normal((4, 3))(), np.array([0, 2, 1, 1]))


def repeated() -> tuple[Array, ...]:
    """A table, and rows of which one is taken twice."""
    return (*normal((4, 3))(), np.array([0, 2, 2, 1]))
