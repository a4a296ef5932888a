"""Exponentials against their sum, without overflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.reductions import reduced_shape
from minigrad.tensor import Axis, Operand, Tensor


@dataclass(eq=False)
class LogSumExp(Function):
    """Log Σ eˣ, as m + log Σ e^(x - m) with m = max x; ∂x = G e^(x - y)."""

    axis: Axis
    keepdims: bool

    def forward(self, x: Any) -> Any:
        self.x = x
        largest = np.max(x, axis=self.axis, keepdims=True)
        self.y = largest + np.log(np.sum(np.exp(x - largest), axis=self.axis, keepdims=True))
        return self.y if self.keepdims else np.reshape(self.y, reduced_shape(x.shape, self.axis))

    def backward(self, grad: Any) -> Any:
        return np.reshape(grad, self.y.shape) * np.exp(self.x - self.y)


def logsumexp(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """A smooth maximum: log Σ eˣ along axes, without overflow.

    Args:
        x: of any shape, not empty.
        axis: an axis, or several; all by default.
        keepdims: keep the axes that were reduced, with length 1.

    Returns:
        The shape of `np.sum(x, axis, keepdims=keepdims)`.

    Raises:
        AxisError: x has no such axis.

    Example:
        >>> import minigrad as mg
        >>> mg.logsumexp([[1000.0, 1000.0]], axis=1).numpy().round(4)
        array([1000.6931])
    """
    return LogSumExp(axis, keepdims)(x)
