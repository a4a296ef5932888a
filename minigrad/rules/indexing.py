"""The derivatives of indexing: what was read from a place sends its gradient back to that place."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.declare import overridable, rule
from minigrad.tensor import Tensor, values


def plain(index: Any) -> Any:
    """An index with the values of any Tensors in it."""
    return tuple(map(values, index)) if isinstance(index, tuple) else values(index)


def is_basic(index: Any) -> bool:
    """Whether an index reads every element at most once: only integers, slices, None and Ellipsis."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is Ellipsis or isinstance(part, (int, np.integer, slice)) for part in parts
    )


@overridable
def scatter(grad: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of a shape, with the gradient added at an index; what is indexed twice gets both.

    Example:
        >>> scatter(np.array([1.0, 2.0, 4.0]), [0, 0, 2], (3,))
        array([3., 0., 4.])
    """
    zeros = np.zeros(shape, grad.dtype)
    if is_basic(index):
        zeros[index] = grad
    else:
        np.add.at(zeros, index, grad)
    return zeros


@rule(Tensor.__getitem__, parameters="x index")
class GetItem(Function):
    """The gradient goes back to where the elements were read."""

    index: Any

    def __post_init__(self) -> None:
        self.index = plain(self.index)

    def forward(self, x: Any) -> Any:
        self.shape_in = x.shape
        return x[self.index]

    def backward(self, grad: Any) -> Any:
        return scatter(grad, self.index, self.shape_in)


@rule(scatter)
class Scatter(Function):
    """The reverse of reading: its gradient is read where it was written."""

    index: Any
    shape: Any

    def forward(self, grad: Any) -> Any:
        return scatter(grad, self.index, self.shape)

    def backward(self, grad: Any) -> Any:
        return grad[self.index]


@rule(Tensor.__setitem__, parameters="x value index")
class SetItem(Function):
    """What was overwritten has no gradient; what was written has that of its place."""

    index: Any

    def __post_init__(self) -> None:
        self.index = plain(self.index)

    def forward(self, x: Any, value: Any) -> Any:
        y = np.copy(x)
        y[self.index] = value
        return y

    def backward(self, grad: Any) -> Any:
        rest = np.copy(grad)
        rest[self.index] = 0
        return rest, grad[self.index]
