"""The derivatives of functions that reduce along axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.declare import rule
from minigrad.tensor import Axis


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape that reducing along the axes leaves with `keepdims=True`."""
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    reduced = {i % len(shape) for i in axes}
    return tuple(1 if i in reduced else n for i, n in enumerate(shape))


def spread(grad: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """A reduced gradient, broadcast back along the axes that were reduced."""
    return np.broadcast_to(np.reshape(grad, kept_shape(shape, axis)), shape)


@rule(np.sum)
class Sum(Function):
    """Every element of a sum has the gradient of the sum."""

    axis: Axis = None
    keepdims: bool = False

    def forward(self, a: Any) -> Any:
        self.shape_in = a.shape
        return np.sum(a, axis=self.axis, keepdims=self.keepdims)

    def backward(self, grad: Any) -> Any:
        return spread(grad, self.shape_in, self.axis)


@rule(np.mean)
class Mean(Function):
    """Every one of n elements has 1/n of the gradient of their mean."""

    axis: Axis = None
    keepdims: bool = False

    def forward(self, a: Any) -> Any:
        self.shape_in = a.shape
        return np.mean(a, axis=self.axis, keepdims=self.keepdims)

    def backward(self, grad: Any) -> Any:
        n = math.prod(self.shape_in) // max(1, math.prod(grad.shape))
        return spread(grad / n, self.shape_in, self.axis)


class Extremum(Function):
    """Tied extrema share the gradient equally."""

    axis: Axis
    keepdims: bool

    def forward(self, a: Any) -> Any:
        self.x = a
        y = type(self).numpy_function(a, axis=self.axis, keepdims=True)  # type: ignore[misc]  # set by @rule
        self.winners = np.equal(a, y)
        return y if self.keepdims else np.reshape(y, reduced_shape(a.shape, self.axis))

    def backward(self, grad: Any) -> Any:
        count = np.sum(self.winners, axis=self.axis, keepdims=True)
        return spread(grad, self.x.shape, self.axis) * (self.winners / count)


def reduced_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape that reducing along the axes leaves."""
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    reduced = {i % len(shape) for i in axes}
    return tuple(n for i, n in enumerate(shape) if i not in reduced)


@rule(np.max, np.amax)
class Max(Extremum):
    """The rule of np.max."""

    axis: Axis = None
    keepdims: bool = False


@rule(np.min, np.amin)
class Min(Extremum):
    """The rule of np.min."""

    axis: Axis = None
    keepdims: bool = False
