"""Exponentials against their sum, without overflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.function import Function, record
from minigrad.rules.reductions import reduced_shape
from minigrad.tensor import Axis, Operand, Tensor


def largest(x: Any, axis: Axis) -> Any:
    """The maximum along axes, which are kept; 0 where there is no element."""
    return np.max(x, axis=axis, keepdims=True) if x.size else 0


class Softmax(Function):
    """e^x / Σ e^x along the last axis; ∂x = y (G - Σ G y)."""

    def forward(self, x: Any) -> Any:
        e = np.exp(x - largest(x, -1))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, grad: Any) -> Any:
        return self.y * (grad - (grad * self.y).sum(axis=-1, keepdims=True))


class LogSoftmax(Function):
    """x - log Σ e^x along the last axis; ∂x = G - softmax(x) Σ G."""

    def forward(self, x: Any) -> Any:
        shifted = x - largest(x, -1)
        self.y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad - np.exp(self.y) * grad.sum(axis=-1, keepdims=True)


@dataclass(eq=False)
class LogSumExp(Function):
    """Log Σ eˣ, as m + log Σ e^(x - m) with m = max x; ∂x = G e^(x - y)."""

    axis: Axis
    keepdims: bool

    def forward(self, x: Any) -> Any:
        self.x = x
        top = largest(x, self.axis)
        self.y = top + np.log(np.sum(np.exp(x - top), axis=self.axis, keepdims=True))
        return self.y if self.keepdims else np.reshape(self.y, reduced_shape(x.shape, self.axis))

    def backward(self, grad: Any) -> Any:
        return np.reshape(grad, self.y.shape) * np.exp(self.x - self.y)


def softmax(x: Operand) -> Tensor:
    """e^x / Σ e^x along the last axis, without overflow: every row becomes probabilities.

    Example:
        >>> import minigrad as mg
        >>> mg.softmax([[1000.0, 1000.0]])
        Tensor([[0.5, 0.5]])
    """
    return record(Softmax(), (x,))


def log_softmax(x: Operand) -> Tensor:
    """log(softmax(x)) along the last axis, exact where softmax would round to 0.

    Example:
        >>> import minigrad as mg
        >>> mg.log_softmax([[0.0, 1000.0]])
        Tensor([[-1000.,     0.]])
    """
    return record(LogSoftmax(), (x,))


def logsumexp(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """A smooth maximum: log Σ eˣ along axes, without overflow.

    Args:
        x: of any shape; the result for no elements is -inf.
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
