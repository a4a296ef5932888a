"""The derivatives of norms of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import ArgumentError, LinAlgError, ShapeError
from minigrad.function import Function
from minigrad.rules.declare import composed
from minigrad.rules.reductions import axes_of
from minigrad.tensor import Axis


class PowerNorm(Function):
    """For y = (Σ |x|ᵖ)^(1/p): ∂x = G x |x|ᵖ⁻² / yᵖ⁻¹; 0 where y is 0, and for p < 2 where x is."""

    numpy_function = staticmethod(np.linalg.vector_norm)

    def __init__(self, p: float, axis: Any) -> None:
        self.p = p
        self.axis = axis

    def forward(self, x: Any) -> Any:
        self.x = x
        self.y = np.linalg.vector_norm(x, axis=self.axis, keepdims=True, ord=self.p)
        return self.y

    def backward(self, grad: Any) -> Any:
        x, flat = self.x, np.equal(self.y, 0)
        y = np.where(flat, 1, self.y)
        through = np.where(flat, 0, grad / y) * x
        if self.p == 2:
            return through
        ratio = (x * x.conjugate()).real / (y * y)
        if self.p < 2:
            ratio = np.where(np.equal(ratio, 0), 1, ratio)
        return through * ratio ** (self.p / 2 - 1)


def inexact(x: Any) -> Any:
    """Integers as floats, as NumPy takes the norm of them."""
    return x if np.issubdtype(np.result_type(x), np.inexact) else x.astype(float)


def extremum(magnitudes: Any, ord: float, **options: Any) -> Any:
    """The largest magnitude, 0 where there is none; for a negative order the smallest."""
    return np.max(magnitudes, initial=0, **options) if ord > 0 else np.min(magnitudes, **options)


@composed(np.linalg.vector_norm)
def vector_norm(x: Any, *, axis: Axis = None, keepdims: bool = False, ord: float | None = 2) -> Any:
    """The p-norm of vectors along axes; 0 counts what is not zero, ±inf is the largest or smallest magnitude.

    Tied magnitudes share the gradient equally.
    """
    x, ord = inexact(x), 2 if ord is None else ord
    if ord == 0:
        return np.sum(np.not_equal(x, 0), axis=axis, keepdims=keepdims).astype(np.abs(x).dtype)
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return extremum(np.abs(x), ord, axis=axis, keepdims=keepdims)
    y = PowerNorm(ord, axis)(x)
    return y if keepdims else np.squeeze(y, axis)


@composed(np.linalg.matrix_norm)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """A norm of each matrix of a stack.

    Args:
        x: matrices (..., m, n).
        keepdims: keep the two axes, with length 1.
        ord: "fro"; "nuc", the sum of the singular values; 2 and -2, the largest and the smallest of them; 1 and
            -1, the largest and the smallest sum of magnitudes in a column; inf and -inf, in a row.

    Raises:
        ArgumentError: there is no such norm.
        ShapeError: there are fewer than two axes.
    """
    if np.ndim(x) < 2:
        raise ShapeError(f"np.linalg.matrix_norm needs matrices, not shape {np.shape(x)}")
    x = inexact(x)
    if ord in ("fro", "f", None):
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord == "nuc":
        reduced = np.sum(np.linalg.svdvals(x), axis=-1)
    elif ord in (2, -2):
        reduced = extremum(np.linalg.svdvals(x), ord, axis=-1)
    elif ord in (1, -1, np.inf, -np.inf):
        reduced = extremum(np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1), ord, axis=-1)
    else:
        raise ArgumentError(f"np.linalg.norm: matrices have no norm of order {ord!r}")
    return np.expand_dims(reduced, (-2, -1)) if keepdims else reduced


@composed(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """The norm of a vector, of a matrix, or of those along one axis or two; the gradient is 0 where the norm is.

    Raises:
        ArgumentError: there is no such norm.
        ShapeError: the axes are neither one nor two.
    """
    if ord is None and axis is None:
        return vector_norm(x, keepdims=keepdims)
    axes = axes_of(axis, np.ndim(x))
    ord = 2 if ord is None and len(axes) == 1 else ord
    if len(axes) == 1:
        return vector_norm(x, axis=axes[0], keepdims=keepdims, ord=_order_of_vectors(ord))
    if len(axes) != 2:
        raise ShapeError(
            f"np.linalg.norm of order {ord!r} takes one axis or two, not {len(axes)}: give axis="
        )
    y = matrix_norm(np.moveaxis(x, axes, (-2, -1)), ord=ord)
    return np.expand_dims(y, axes) if keepdims else y


def _order_of_vectors(ord: Any) -> float:
    if isinstance(ord, str):
        raise ArgumentError(f"np.linalg.norm: vectors have no norm of order {ord!r}")
    return float(ord)


@composed(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """The condition number: the norm of a matrix times that of its inverse.

    Raises:
        LinAlgError: a matrix is singular and the norm needs the inverse.
    """
    if 0 in np.shape(x)[-2:]:
        raise LinAlgError("np.linalg.cond: an empty matrix has no condition number")
    if p in (None, 2, -2):
        s = np.linalg.svdvals(x)
        first, last = s[..., 0], s[..., -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            return last / first if p == -2 else first / last
    return np.linalg.norm(x, p, (-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, (-2, -1))
