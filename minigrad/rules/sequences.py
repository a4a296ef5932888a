"""The derivatives of convolution and correlation of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import ArgumentError, ShapeError
from minigrad.function import Function
from minigrad.rules.declare import composed


class Convolve(Function):
    """The full convolution: the gradient of each is the output's, correlated with the other."""

    numpy_function = staticmethod(np.convolve)

    def forward(self, a: Any, v: Any) -> Any:
        self.a, self.v = a, v
        return np.convolve(a, v, "full")

    def backward(self, grad: Any) -> Any:
        grad_a = np.correlate(grad, self.v, "valid") if self.needs[0] else None
        grad_v = np.correlate(grad, self.a, "valid") if self.needs[1] else None
        return grad_a, grad_v


@composed(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The convolution of two sequences; "same" and "valid" are what is in the middle of "full".

    Raises:
        ArgumentError: there is no such mode.
        ShapeError: one of them has no element or not one axis.
    """
    short, long = sorted((_length(a, "a"), _length(v, "v")))
    start, count = _middle(mode, short, long)
    return Convolve()(a, v)[start : start + count]


@composed(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The correlation of two sequences: at each shift, the sum of a times v, conjugated.

    Raises:
        ArgumentError: there is no such mode.
        ShapeError: one of them has no element or not one axis.
    """
    n, m = _length(a, "a"), _length(v, "v")
    start, count = _middle(mode, min(n, m), max(n, m))
    if n < m:
        start = n + m - 1 - start - count  # NumPy exchanges the two, and turns the result around
    return Convolve()(a, np.conjugate(v)[::-1])[start : start + count]


def _length(x: Any, name: str) -> int:
    if np.ndim(x) != 1 or np.size(x) == 0:
        raise ShapeError(f"{name} {np.shape(x)} must have one axis, and at least one element")
    return int(np.size(x))


def _middle(mode: str, short: int, long: int) -> tuple[int, int]:
    """Where in the full convolution a mode begins, and how long it is."""
    parts = {
        "full": (0, short + long - 1),
        "same": ((short - 1) // 2, long),
        "valid": (short - 1, long - short + 1),
    }
    if mode not in parts:
        raise ArgumentError(f"mode must be 'full', 'same' or 'valid', not {mode!r}")
    return parts[mode]
