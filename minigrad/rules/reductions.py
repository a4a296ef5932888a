"""The derivatives of functions that reduce along axes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from minigrad.errors import ArgumentError, ShapeError
from minigrad.function import Function
from minigrad.registry import RULES, enter, name_of
from minigrad.rules.declare import composed, elementwise, into, operand, overridable, rule
from minigrad.tensor import Axis


def axes_of(axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes that a reduction's `axis` means, counted from the front."""
    if axis is None or (ndim == 0 and axis in (0, -1)):  # NumPy's ufuncs reduce a number along them
        return tuple(range(ndim))
    return normalize_axis_tuple(axis, ndim)


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape that reducing along the axes leaves with `keepdims=True`."""
    reduced = axes_of(axis, len(shape))
    return tuple(1 if i in reduced else n for i, n in enumerate(shape))


def spread(grad: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """A reduced gradient, broadcast back along the axes that were reduced."""
    return np.broadcast_to(np.reshape(grad, kept_shape(shape, axis)), shape)


def lanes(a: Any, axis: Axis) -> Any:
    """The array with the reduced axes laid out as one, the last."""
    reduced = axes_of(axis, np.ndim(a))
    kept = [i for i in range(np.ndim(a)) if i not in reduced]
    shape = [np.shape(a)[i] for i in kept]
    return np.reshape(
        np.transpose(a, (*kept, *reduced)), (*shape, math.prod(np.shape(a)[i] for i in reduced))
    )


def from_lanes(a: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """The reverse of `lanes`, for an array of that shape."""
    reduced = axes_of(axis, len(shape))
    order = [*(i for i in range(len(shape)) if i not in reduced), *reduced]
    return np.transpose(np.reshape(a, [shape[i] for i in order]), np.argsort(order))


def count_of(shape: tuple[int, ...], axis: Axis, where: Any) -> Any:
    """How many elements each result is made of: a number, or with a mask an array as of `keepdims=True`."""
    if where is True:
        return math.prod(shape[i] for i in axes_of(axis, len(shape)))
    return np.count_nonzero(np.broadcast_to(where, shape), axis=axes_of(axis, len(shape)), keepdims=True)


@dataclass(eq=False)
class Reduction(Function):
    """What reductions share: NumPy's keywords, and the way back for a gradient."""

    axis: Axis = None
    keepdims: bool = False
    where: Any = True
    dtype: Any = None
    shape_in: tuple[int, ...] = field(init=False)
    ufunc: ClassVar[Any]  # whose `reduce` it is

    def spread(self, grad: Any) -> Any:
        """The gradient of every element: that of its result, and 0 where the mask leaves it out."""
        grad = spread(grad, self.shape_in, self.axis)
        return grad if self.where is True else np.where(self.where, grad, 0)


@rule(np.sum)
class Sum(Reduction):
    """Every element of a sum has the gradient of the sum."""

    ufunc: ClassVar[Any] = np.add
    initial: Any = 0

    def forward(self, a: Any) -> Any:
        self.shape_in = getattr(a, "shape", ())
        return self.ufunc.reduce(a, self.axis, self.dtype, None, self.keepdims, self.initial, self.where)

    def backward(self, grad: Any) -> Any:
        return self.spread(grad)


@rule(np.mean)
class Mean(Reduction):
    """Every one of n elements has 1/n of the gradient of their mean."""

    def forward(self, a: Any) -> Any:
        self.shape_in = getattr(a, "shape", ())
        return np.mean(a, axis=self.axis, dtype=self.dtype, keepdims=self.keepdims, where=self.where)

    def backward(self, grad: Any) -> Any:
        count = count_of(self.shape_in, self.axis, self.where)
        return self.spread(np.reshape(grad, kept_shape(self.shape_in, self.axis)) / np.maximum(count, 1))


@rule(np.prod)
class Prod(Reduction):
    """The derivative of a product by one factor is the product of the others: of those before and those after."""

    ufunc: ClassVar[Any] = np.multiply
    initial: Any = 1

    def forward(self, a: Any) -> Any:
        self.shape_in = getattr(a, "shape", ())
        self.x = a
        return self.ufunc.reduce(a, self.axis, self.dtype, None, self.keepdims, self.initial, self.where)

    def backward(self, grad: Any) -> Any:
        x = lanes(self.x if self.where is True else np.where(self.where, self.x, 1), self.axis)
        one = np.ones((*x.shape[:-1], 1), x.dtype)
        before = np.cumprod(np.concatenate([one, x], -1), -1)[..., :-1]
        after = np.flip(np.cumprod(np.concatenate([one, np.flip(x, -1)], -1), -1)[..., :-1], -1)
        others = from_lanes(before * after, self.shape_in, self.axis)
        return self.spread(grad * self.initial) * np.conjugate(others)


def reach(a: Any, extremum: Any) -> Any:
    """Which elements are the extremum: those equal to it, or those that are NaN, which none surpasses."""
    return np.logical_or(np.equal(a, extremum), np.isnan(a))


class Extremum(Reduction):
    """Tied extrema share the gradient equally; `initial` is one of those that may tie."""

    initial: Any = None

    def forward(self, a: Any) -> Any:
        self.shape_in = getattr(a, "shape", ())
        y = self.ufunc.reduce(a, self.axis, None, None, True, self.initial, self.where)
        self.winners = np.logical_and(reach(a, y), self.where)
        self.ties = np.sum(self.winners, axis=self.axis, keepdims=True)
        if self.initial is not None:
            self.ties = self.ties + np.equal(y, self.initial)
        return y if self.keepdims else np.reshape(y, reduced_shape(self.shape_in, self.axis))

    def backward(self, grad: Any) -> Any:
        return self.spread(grad) * (self.winners / np.maximum(self.ties, 1))


def reduced_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape that reducing along the axes leaves."""
    reduced = axes_of(axis, len(shape))
    return tuple(n for i, n in enumerate(shape) if i not in reduced)


@rule(np.max, np.amax)
class Max(Extremum):
    """The rule of np.max."""

    ufunc: ClassVar[Any] = np.maximum
    initial: Any = None


@rule(np.min, np.amin)
class Min(Extremum):
    """The rule of np.min."""

    ufunc: ClassVar[Any] = np.minimum
    initial: Any = None


@composed(np.ptp)
def ptp(a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False) -> Any:
    """The distance from the smallest to the largest."""
    return into(out, np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims))


@composed(np.var)
def var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """The mean square distance from the mean, over n - ddof instead of n."""
    if a.dtype.kind in "biu" or dtype is not None:
        a = a.astype(np.float64 if dtype is None else dtype)
    if mean is None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
    distance = a - mean if where is True else np.where(where, a - mean, 0)  # no NaN that is left out
    square = np.square(np.abs(distance)) if a.dtype.kind == "c" else np.square(distance)
    total = np.sum(square, axis=axis, keepdims=True, where=where)
    freedom = np.maximum(count_of(a.shape, axis, where) - (ddof if correction is None else correction), 0)
    variance = total / freedom.astype(total.dtype)
    return into(out, variance if keepdims else np.reshape(variance, reduced_shape(a.shape, axis)))


@composed(np.std)
def std(a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, *args: Any, **options: Any) -> Any:
    """The root of the variance; where all are equal its gradient is 0."""
    return into(out, root(np.var(a, axis, dtype, None, *args, **options)))


def root(variance: Any) -> Any:
    """The square root, with the gradient 0 at 0."""
    return np.where(np.equal(variance, 0), 0, np.sqrt(variance))


@composed(np.average)
def average(
    a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """Σ weights · a / Σ weights."""
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, np.full(mean.shape, count_of(a.shape, axis, True), mean.dtype)) if returned else mean
    weights = operand(weights)
    weights = weights_like(weights, a.shape, axis)
    total = nowhere_zero(np.sum(weights, axis=axis, keepdims=keepdims))
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, np.broadcast_to(total, mean.shape)) if returned else mean


@overridable
def nowhere_zero(total: Any) -> Any:
    """The sums of weights as they are.

    Raises:
        ZeroDivisionError: one is 0.
    """
    if np.any(np.equal(total, 0)):
        raise ZeroDivisionError("Weights sum to zero, so the average has no value")
    return total


elementwise(nowhere_zero, 1)


def weights_like(weights: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """Weights of some axes alone, or of all, broadcast to the whole shape."""
    if weights.shape == shape:
        return weights
    if axis is None:
        raise TypeError(f"weights of shape {weights.shape} need axis=, for an array of shape {shape}")
    axes = axes_of(axis, len(shape))
    if weights.shape != tuple(shape[i] for i in axes):
        raise ShapeError(f"weights have shape {weights.shape}, not that of axes {axes} of {shape}")
    lengths = [n if i in axes else 1 for i, n in enumerate(shape)]
    return np.broadcast_to(np.reshape(np.transpose(weights, np.argsort(axes)), lengths), shape)


# The same without NaN


def skipping_nan(function: Callable[..., Any], a: Any, *args: Any, where: Any = True, **options: Any) -> Any:
    """A reduction of the elements that are not NaN."""
    a = operand(a)
    return RULES[function](a, *args, where=np.logical_and(np.logical_not(np.isnan(a)), where), **options)


for nan_function, function in (
    (np.nansum, np.sum),
    (np.nanprod, np.prod),
    (np.nanmean, np.mean),
):
    rule_of = functools.partial(skipping_nan, function)
    enter(
        nan_function, rule_of, "every order", f"{name_of(function)} of the elements that are not NaN.", None
    )


@composed(np.nanvar)
def nanvar(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, ddof: float = 0, *args: Any, **options: Any
) -> Any:
    """np.var of the elements that are not NaN; NaN where they are no more than `ddof`."""
    lost = options.get("correction", np._NoValue)
    known = np.logical_and(np.logical_not(np.isnan(a)), options.pop("where", True))
    y = np.var(a, axis, dtype, None, ddof, *args, where=known, **options)
    count = np.sum(known, axis=axis).reshape(y.shape)
    return into(out, np.where(count <= (ddof if lost is np._NoValue else lost), np.nan, y).astype(y.dtype))


@composed(np.nanstd)
def nanstd(a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, *args: Any, **options: Any) -> Any:
    """The root of np.nanvar."""
    return into(out, root(np.nanvar(a, axis, dtype, None, *args, **options)))


def nan_extremum(
    extremum: Callable[..., Any], worst: float, a: Any, axis: Axis, keepdims: bool, initial: Any, where: Any
) -> Any:
    """The extremum of the numbers and of `initial`; NaN where there is none."""
    started = initial is not np._NoValue
    options = {"axis": axis, "keepdims": keepdims, **({"initial": initial} if started else {})}
    if where is not True and not started:
        raise ArgumentError("np.nanmax and np.nanmin need initial= beside where=")
    if a.dtype.kind not in "fc":
        return extremum(a, where=where, **options)
    known = np.logical_and(np.logical_not(np.isnan(a)), where)
    y = extremum(np.where(known, a, worst), **options)
    return y if started else np.where(np.any(known, axis=axis, keepdims=keepdims), y, np.nan).astype(y.dtype)


@composed(np.nanmax)
def nanmax(
    a: Any,
    axis: Axis = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    """The largest number; NaN where there is none."""
    return into(out, nan_extremum(np.max, -np.inf, a, axis, keepdims, initial, where))


@composed(np.nanmin)
def nanmin(
    a: Any,
    axis: Axis = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    """The smallest number; NaN where there is none."""
    return into(out, nan_extremum(np.min, np.inf, a, axis, keepdims, initial, where))
