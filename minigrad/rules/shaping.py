"""The derivatives of functions that only move elements: the gradient moves back."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.declare import rule


@rule(np.reshape)
class Reshape(Function):
    """The gradient takes the old shape again."""

    shape: Any

    def forward(self, a: Any) -> Any:
        self.shape_in = a.shape
        return np.reshape(a, self.shape)

    def backward(self, grad: Any) -> Any:
        return np.reshape(grad, self.shape_in)


@rule(np.transpose)
class Transpose(Function):
    """The gradient's axes go back by the inverse permutation."""

    axes: tuple[int, ...] | None = None

    def forward(self, a: Any) -> Any:
        return np.transpose(a, self.axes)

    def backward(self, grad: Any) -> Any:
        if self.axes is None:
            return np.transpose(grad)
        n = len(self.axes)
        return np.transpose(grad, sorted(range(n), key=lambda i: self.axes[i] % n))  # type: ignore[index]


@rule(np.broadcast_to)
class BroadcastTo(Function):
    """The base class sums the gradient back."""

    shape: tuple[int, ...]

    def forward(self, array: Any) -> Any:
        return np.broadcast_to(array, self.shape)

    def backward(self, grad: Any) -> Any:
        return grad


@rule(np.concatenate, parameters="arrays axis", stacked=True)
class Concatenate(Function):
    """The gradient is cut where the arrays were joined."""

    axis: int | None = 0

    def forward(self, *arrays: Any) -> Any:
        self.shapes = [a.shape for a in arrays]
        return np.concatenate(arrays, self.axis)

    def backward(self, grad: Any) -> Any:
        along = (0 if self.axis is None else self.axis) % grad.ndim
        lengths = [np.prod(shape, dtype=int) if self.axis is None else shape[along] for shape in self.shapes]
        cuts = pairwise(accumulate(lengths, initial=0))
        parts = (grad[(slice(None),) * along + (slice(start, stop),)] for start, stop in cuts)
        return tuple(np.reshape(part, shape) for part, shape in zip(parts, self.shapes, strict=True))


@rule(np.stack, parameters="arrays axis", stacked=True)
class Stack(Function):
    """The gradient is taken apart along the new axis."""

    axis: int = 0

    def forward(self, *arrays: Any) -> Any:
        self.count = len(arrays)
        return np.stack(arrays, self.axis)

    def backward(self, grad: Any) -> Any:
        along = self.axis % grad.ndim
        return tuple(grad[(slice(None),) * along + (i,)] for i in range(self.count))
