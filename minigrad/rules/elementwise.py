"""The derivatives of elementwise functions, in terms of the output y and the inputs: a table to read."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.declare import elementwise, rule
from minigrad.tensor import Tensor


def share(wins: Any, wins_or_ties: Any) -> Any:
    """The share of the gradient: 1 for the winner, a half in a tie, 0 for the loser."""
    return 0.5 * wins + 0.5 * wins_or_ties


# Arithmetic

elementwise(np.add, 1, 1)
elementwise(np.subtract, 1, -1)
elementwise(np.multiply, lambda y, a, b: b, lambda y, a, b: a)
elementwise(np.divide, lambda y, a, b: 1 / b, lambda y, a, b: -y / b)
elementwise(
    np.power,
    lambda y, a, b: b * a ** np.where(np.equal(b, 0), 1, b - 1),
    lambda y, a, b: y * np.log(np.where(np.greater(a, 0), a, 1)),
)
elementwise(np.negative, -1)
elementwise(np.positive, 1)
elementwise(np.square, lambda y, x: 2 * x)
elementwise(np.sqrt, lambda y, x: 0.5 / y)
elementwise(np.reciprocal, lambda y, x: -y * y)

# Exponentials, and what is made of them

elementwise(np.exp, lambda y, x: y)
elementwise(np.expm1, lambda y, x: y + 1)
elementwise(np.log, lambda y, x: 1 / x)
elementwise(np.log1p, lambda y, x: 1 / (1 + x))
elementwise(np.sin, lambda y, x: np.cos(x))
elementwise(np.cos, lambda y, x: -np.sin(x))
elementwise(np.tanh, lambda y, x: 1 - y * y)

# Kinks: 0 where abs has two slopes; half the gradient to each of two equal numbers

elementwise(np.absolute, lambda y, x: np.sign(x).conjugate())
elementwise(np.maximum, lambda y, a, b: share(a > b, a >= b), lambda y, a, b: share(b > a, b >= a))
elementwise(np.minimum, lambda y, a, b: share(a < b, a <= b), lambda y, a, b: share(b < a, b <= a))


@rule(np.clip, parameters="a a_min a_max")
class Clip(Function):
    """The gradient passes to the array inside the bounds and at them, and outside to the bound that holds."""

    def forward(self, a: Any, a_min: Any = None, a_max: Any = None) -> Any:
        self.below = np.less(a, a_min) if a_min is not None else False
        self.above = np.greater(a, a_max) if a_max is not None else False
        return np.clip(a, a_min, a_max)

    def backward(self, grad: Any) -> Any:
        outside = np.logical_or(self.below, self.above)
        return np.where(outside, 0, grad), np.where(self.below, grad, 0), np.where(self.above, grad, 0)


@rule(np.where, parameters="condition x y")
class Where(Function):
    """The gradient passes to whichever of the two was chosen."""

    def forward(self, condition: Any, x: Any, y: Any) -> Any:
        self.condition = condition
        return np.where(condition, x, y)

    def backward(self, grad: Any) -> Any:
        return None, np.where(self.condition, grad, 0), np.where(self.condition, 0, grad)


@rule(Tensor.astype)
class Astype(Function):
    """The gradient is cast back to the dtype it came from."""

    dtype: Any

    def forward(self, x: Any) -> Any:
        return x.astype(self.dtype)

    def backward(self, grad: Any) -> Any:
        return grad


@rule(np.copy)
class Copy(Function):
    """A copy has the gradient of what was copied."""

    def forward(self, a: Any) -> Any:
        return np.copy(a)

    def backward(self, grad: Any) -> Any:
        return grad
