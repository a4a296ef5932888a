"""Perceptrons, and the logic gates that they make."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.activations import step


@dataclass(frozen=True)
class Perceptron:
    """step(w · x + b): 1 on one side of a line, 0 on the line and on the other side.

    Args:
        weights: One number for each input.
        bias: How easily it answers 1.

    Example:
        >>> OR([[0, 0], [1, 0], [0, 1], [1, 1]])
        array([0, 1, 1, 1])
    """

    weights: tuple[float, ...]
    bias: float

    def __call__(self, x: ArrayLike) -> NDArray[np.int64]:
        """The answers (...,) to inputs of shape (..., number of weights)."""
        return step(np.asarray(x) @ np.asarray(self.weights) + self.bias)

    def negation(self) -> "Perceptron":
        """The perceptron with the signs of its weights and its bias changed, which answers the opposite."""
        return Perceptron(tuple(-w for w in self.weights), -self.bias)


AND = Perceptron((0.5, 0.5), -0.7)
NAND = AND.negation()
OR = Perceptron((0.5, 0.5), -0.2)  # with a bias of -0.5, (1, 0) would lie on the line, where the answer is 0


def XOR(x: ArrayLike) -> NDArray[np.int64]:  # noqa: N802  a gate, named like the others
    """AND(NAND, OR): two layers, since no single line separates what exclusive or separates.

    Args:
        x: Shape (..., 2), of 0 and 1.

    Returns:
        Shape (...,): 1 where exactly one input is 1.

    Example:
        >>> XOR([[0, 0], [1, 0], [0, 1], [1, 1]])
        array([0, 1, 1, 0])
    """
    return AND(np.stack([NAND(x), OR(x)], axis=-1))


Gate = Callable[[ArrayLike], NDArray[np.int64]]

GATES: dict[str, Gate] = {"AND": AND, "NAND": NAND, "OR": OR, "XOR": XOR}
