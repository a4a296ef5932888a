"""The derivatives of running sums and products, and of differences along an axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.errors import ArgumentError, ShapeError
from minigrad.function import Function
from minigrad.rules.declare import all_values, composed, into, operand, rule
from minigrad.rules.reductions import axes_of
from minigrad.tensor import Axis


@rule(np.cumsum)
class CumSum(Function):
    """The gradient is summed from the end."""

    axis: int | None = None
    dtype: Any = None

    def forward(self, a: Any) -> Any:
        self.shape_in = np.shape(a)
        return np.cumsum(a, self.axis, self.dtype)

    def backward(self, grad: Any) -> Any:
        axis = self.axis or 0
        return np.reshape(np.flip(np.cumsum(np.flip(grad, axis), axis), axis), self.shape_in)


@rule(np.cumprod)
class CumProd(Function):
    """∂xⱼ = y₍ⱼ₋₁₎ rⱼ with rⱼ = gⱼ + x₍ⱼ₊₁₎ r₍ⱼ₊₁₎: no division, so zeros do no harm."""

    axis: int | None = None
    dtype: Any = None

    def forward(self, a: Any) -> Any:
        self.x = a
        self.y = np.cumprod(a, self.axis, self.dtype)
        return self.y

    def backward(self, grad: Any) -> Any:
        axis = self.axis or 0
        x, y, g = (np.moveaxis(a, axis, 0) for a in (np.reshape(self.x, self.y.shape), self.y, grad))
        before = np.concatenate([np.ones_like(y[:1]), y[:-1]])
        found = np.conjugate(before) * from_the_end(g, np.conjugate(x[1:]))
        return np.reshape(np.moveaxis(found, 0, axis), np.shape(self.x))


def from_the_end(g: Any, factors: Any) -> Any:
    """rⱼ = gⱼ + factorⱼ r₍ⱼ₊₁₎ along the first axis, the last r being the last g; in log₂ n steps.

    Each step doubles how far ahead every r has looked.
    """
    step = 1
    while step < len(g):
        g = np.concatenate([g[:-step] + factors * g[step:], g[-step:]])
        factors = factors[:-step] * factors[step:]
        step *= 2
    return g


@composed(np.nancumsum)
def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """np.cumsum with 0 for NaN."""
    return np.cumsum(np.where(np.isnan(a), 0, a), axis, dtype, out)


@composed(np.nancumprod)
def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """np.cumprod with 1 for NaN."""
    return np.cumprod(np.where(np.isnan(a), 1, a), axis, dtype, out)


@composed(np.cumulative_sum)
def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    """np.cumsum, if asked after a zero."""
    return into(out, from_initial(np.cumsum(x, one_axis(x, axis), dtype), axis, 0, include_initial))


@composed(np.cumulative_prod)
def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    """np.cumprod, if asked after a one."""
    return into(out, from_initial(np.cumprod(x, one_axis(x, axis), dtype), axis, 1, include_initial))


def one_axis(x: Any, axis: int | None) -> int | None:
    """The axis, which a vector or a number need not be given."""
    if axis is None and x.ndim > 1:
        raise ArgumentError(f"axis= must be given for an array of {x.ndim} axes")
    return axis


def from_initial(y: Any, axis: int | None, initial: float, include: bool) -> Any:
    """The running results, if asked after the one of no elements."""
    axis = axis or 0
    if not include:
        return y
    shape = [1 if i == axis % y.ndim else n for i, n in enumerate(y.shape)]
    return np.concatenate([np.full(shape, initial, y.dtype), y], axis)


# Differences


@composed(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Each element less the one before it, n times."""
    if n < 0:
        raise ArgumentError(f"np.diff: order must be non-negative but got {n}")
    if n == 0:
        return a
    a = np.moveaxis(a, axis, -1)
    ends = [None if x is None or x is np._NoValue else operand(x) for x in (prepend, append)]
    before, after = (
        [] if x is None else [np.moveaxis(x, axis, -1) if x.ndim else np.broadcast_to(x, (*a.shape[:-1], 1))]
        for x in ends
    )
    a = np.concatenate([*before, a, *after], -1) if before or after else a
    for _ in range(n):
        a = a[..., 1:] != a[..., :-1] if a.dtype == bool else a[..., 1:] - a[..., :-1]
    return np.moveaxis(a, -1, axis)


@composed(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of all elements in their order, between given ends."""
    flat = np.reshape(ary, -1)
    ends = (
        [] if end is None else [np.reshape(operand(end), -1).astype(flat.dtype)] for end in (to_begin, to_end)
    )
    begin, end = ends
    return np.concatenate([*begin, flat[1:] - flat[:-1], *end])


@composed(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Σ dx (y₍ᵢ₊₁₎ + yᵢ) / 2."""
    y = np.moveaxis(y, axis, -1)
    if x is not None:
        x = operand(x)
        dx = np.diff(x) if x.ndim == 1 else np.diff(np.moveaxis(x, axis, -1))
    return np.sum(dx * (y[..., 1:] + y[..., :-1]) / 2.0, axis=-1)


@composed(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Axis = None, edge_order: int = 1) -> Any:
    """Central differences inside, one-sided ones at the ends, of second order where the spacing varies.

    Raises:
        TypeError: there is another number of spacings than of axes.
        ShapeError: an axis is too short for the order at its ends.
    """
    axes = axes_of(axis, f.ndim)
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError(
            f"np.gradient takes one spacing, or one for each of {len(axes)} axes, not {len(varargs)}"
        )
    spacings = list(varargs or (1.0,))
    spacings = spacings * len(axes) if len(spacings) == 1 else spacings
    found = [slope(f, operand(h), i, edge_order) for h, i in zip(spacings, axes, strict=True)]
    return found[0] if len(axes) == 1 else tuple(found)


def slope(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """np.gradient along one axis."""
    f = np.moveaxis(f if f.dtype.kind in "fc" else f.astype(np.float64), axis, -1)
    n = f.shape[-1]
    if edge_order not in (1, 2) or n <= edge_order:
        raise ShapeError(
            f"np.gradient: {n} elements along axis {axis} are too few for edge_order={edge_order}"
        )
    if spacing.ndim and spacing.shape != (n,):
        raise ShapeError(f"np.gradient: {spacing.shape} coordinates for {n} elements along axis {axis}")
    h = np.diff(spacing) if spacing.ndim else np.broadcast_to(spacing, (n - 1,))
    rise = (f[..., 1:] - f[..., :-1]) / h
    h0, h1 = h[:-1], h[1:]
    inner = (h1 * rise[..., :-1] + h0 * rise[..., 1:]) / (h0 + h1)
    first, last = rise[..., :1], rise[..., -1:]
    if edge_order == 2:
        first = first + (first - rise[..., 1:2]) * h[0] / (h[0] + h[1])
        last = last + (last - rise[..., -2:-1]) * h[-1] / (h[-1] + h[-2])
    return np.moveaxis(np.concatenate([first, inner, last], -1).astype(f.dtype), -1, axis)


@composed(np.unwrap)
def unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2 * math.pi) -> Any:
    """Whole periods added, which have no slope, until no step is larger than half a period."""
    turns = np.unwrap(all_values(p), discont, axis, period=period) - all_values(p)
    return p + turns.astype(p.dtype)
