"""How weights are drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from minigrad.tensor import Array

# An initialiser draws weights of a shape, whose first axis is fan_in, from a random generator.
Initialiser: TypeAlias = Callable[[np.random.Generator, tuple[int, ...]], Array]


def normal(std: float) -> Initialiser:
    """Weights from N(0, std²).

    Example:
        >>> normal(0.01)(np.random.default_rng(0), (784, 50)).std().round(4)
        np.float64(0.01)
    """
    return lambda rng, shape: rng.normal(0.0, std, shape)


def xavier(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Weights from N(0, 1/fan_in), which keeps the scale through sigmoid and tanh (Glorot and Bengio 2010)."""
    return rng.normal(0.0, np.sqrt(1.0 / max(shape[0], 1)), shape)


def he(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Weights from N(0, 2/fan_in), which keeps the scale through ReLU layers (He et al. 2015)."""
    return rng.normal(0.0, np.sqrt(2.0 / max(shape[0], 1)), shape)
