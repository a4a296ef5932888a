"""The activation functions, by name: a net's hidden layers take theirs from here."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

import minigrad as mg
from minigrad.tensor import Operand

Activation = Callable[[Operand], mg.Tensor]


def step(x: ArrayLike) -> NDArray[np.int64]:
    """1 where x > 0, else 0: what a perceptron does, and what no gradient can train.

    Args:
        x: Any shape, real.

    Returns:
        The same shape, int64.

    Example:
        >>> step([-1.0, 0.0, 2.0])
        array([0, 0, 1])
    """
    return (np.asarray(x) > 0).astype(np.int64)


def identity(x: Operand) -> mg.Tensor:
    """What comes in: what an output layer does when it predicts numbers."""
    return x if isinstance(x, mg.Tensor) else mg.Tensor(x)


ACTIVATIONS: dict[str, Activation] = {
    "relu": mg.relu,
    "sigmoid": mg.sigmoid,
    "tanh": mg.tanh,
    "identity": identity,
}
