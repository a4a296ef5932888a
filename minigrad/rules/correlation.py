"""The derivatives of convolution and correlation in one dimension, and of covariances."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from minigrad.errors import ArgumentError, ShapeError
from minigrad.function import Function
from minigrad.rules.declare import all_values, composed
from minigrad.rules.products import adjoint


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
def convolve(a: Any, v: Any, mode: str | int = "full") -> Any:
    """The convolution of two sequences; "same" and "valid" are what is in the middle of "full".

    Raises:
        ArgumentError: there is no such mode.
        ShapeError: one of them has no element or not one axis.
    """
    a, v = np.atleast_1d(a, v)
    short, long = sorted((_length(a, "np.convolve: a"), _length(v, "np.convolve: v")))
    start, count = _middle(mode, short, long)
    return Convolve()(a, v)[start : start + count]


@composed(np.correlate)
def correlate(a: Any, v: Any, mode: str | int = "valid") -> Any:
    """The correlation of two sequences: at each shift, the sum of a times v, conjugated.

    Raises:
        ArgumentError: there is no such mode.
        ShapeError: one of them has no element or not one axis.
    """
    n, m = _length(a, "np.correlate: a"), _length(v, "np.correlate: v")
    start, count = _middle(mode, min(n, m), max(n, m))
    if n < m:
        start = n + m - 1 - start - count  # NumPy exchanges the two, and turns the result around
    return Convolve()(a, np.reshape(v, -1)[::-1].conjugate())[start : start + count]


def _length(x: Any, name: str) -> int:
    if np.ndim(x) != 1 or np.size(x) == 0:
        raise ShapeError(f"{name} {np.shape(x)} must have one axis, and an element at least")
    return int(np.size(x))


MODES: dict[Any, str] = {0: "valid", 1: "same", 2: "full"}


def _middle(mode: str | int, short: int, long: int) -> tuple[int, int]:
    """Where in the full convolution a mode, by its name or its number, begins, and how long it is."""
    mode = MODES.get(mode, mode)
    parts = {
        "full": (0, short + long - 1),
        "same": ((short - 1) // 2, long),
        "valid": (short - 1, long - short + 1),
    }
    if mode not in parts:
        raise ArgumentError(f"mode must be 'full', 'same' or 'valid', not {mode!r}")
    return parts[str(mode)]


@composed(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """The covariance matrix of variables, each a row, or a column where not `rowvar`.

    Args:
        m: observations, (variables, observations), or (observations,) of one variable.
        y: more variables, of the same form.
        rowvar: whether a variable is a row.
        bias: divide by n and not by n - 1.
        ddof: divide by n - ddof, whatever `bias` says.
        fweights: how often each observation is counted.
        aweights: the weight of each observation.
        dtype: of the result.

    Raises:
        ShapeError: an array has more than two axes.
    """
    dtype = np.result_type(*(z for z in (m, y) if z is not None), np.float64) if dtype is None else dtype
    x = _variables(m, rowvar).astype(dtype)
    if y is not None:
        x = np.concatenate([x, _variables(y, rowvar or np.shape(y)[0] == 1).astype(dtype)], axis=0)
    check_weights(ddof, fweights, aweights)
    ddof = int(not bias) if ddof is None else ddof
    if fweights is None and aweights is None:
        centred = x - np.mean(x, axis=1, keepdims=True)
        return np.squeeze(np.matmul(centred, adjoint(centred)) / max(x.shape[1] - ddof, 0))
    weights = np.multiply(1.0 if fweights is None else fweights, 1.0 if aweights is None else aweights)
    total = np.sum(weights)
    lost = ddof if aweights is None else ddof * np.sum(np.multiply(weights, aweights)) / total
    centred = x - np.sum(x * weights, axis=1, keepdims=True) / total
    return np.squeeze(np.matmul(centred * weights, adjoint(centred)) / np.maximum(total - lost, 0))


def check_weights(ddof: Any, fweights: Any, aweights: Any) -> None:
    """Asks NumPy, with one variable of zeros, whether it takes these."""
    counts, weights = all_values(fweights), all_values(aweights)
    n = next((np.size(w) for w in (counts, weights) if w is not None), 2)
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        np.cov(np.zeros(n), ddof=ddof, fweights=counts, aweights=weights)


def _variables(x: Any, rowvar: bool) -> Any:
    if np.ndim(x) > 2:
        raise ShapeError(
            f"np.cov takes variables and observations, two axes at most, not shape {np.shape(x)}"
        )
    if np.ndim(x) < 2:
        return np.reshape(x, (1, -1))
    return x if rowvar else x.T


@composed(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """The covariance matrix, divided by the standard deviation of either variable."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    deviations = np.sqrt(np.diagonal(c).real)
    return c / deviations[:, None] / deviations[None, :]
