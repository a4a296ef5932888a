"""The derivatives of order statistics: medians, quantiles and percentiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.rules.declare import all_values, composed, into
from minigrad.rules.reductions import kept_shape, lanes, weights_like
from minigrad.rules.signatures import static
from minigrad.tensor import Array, Axis


@composed(np.quantile)
def quantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,  # noqa: ARG001  a Tensor is a value
    method: Any = "linear",  # one of the names that NumPy knows
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    """Between two neighbours in the sorted elements.

    Where between them, by any of NumPy's methods, NumPy tells itself: it is the same quantile of the positions.
    """
    q, weights = static(np.quantile, "q", q), static(np.quantile, "weights", weights)
    one = np.ones(1, a.dtype)
    a = a.astype(np.quantile(one, q, method=method, weights=None if weights is None else one).dtype)
    q = np.asarray(q)
    lane = lanes(a, axis)
    rest, n = lane.shape[:-1], lane.shape[-1]
    if weights is None:
        places = np.quantile(np.arange(n), q, method=method)
        places = np.broadcast_to(np.reshape(places, q.shape + (1,) * len(rest)), q.shape + rest)
    else:
        weights = lanes(weights_like(np.asarray(weights), a.shape, axis), axis)
        places = np.quantile(ranks(all_values(lane)), q, axis=-1, method=method, weights=weights)
    ordered = np.sort(lane, axis=-1)
    y = np.where(np.isnan(ordered[..., -1]), np.nan, between(ordered, places))
    return into(out, np.reshape(y, q.shape + kept_shape(a.shape, axis)) if keepdims else y)


@composed(np.nanquantile)
def nanquantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,  # noqa: ARG001  a Tensor is a value
    method: Any = "linear",  # one of the names that NumPy knows
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    """np.quantile of the elements that are not NaN, which sorting has put last."""
    if not a.size:
        return np.nanmean(a, axis, out=out, keepdims=keepdims)
    q, weights = static(np.nanquantile, "q", q), static(np.nanquantile, "weights", weights)
    one = np.ones(1, a.dtype)
    a = a.astype(np.quantile(one, q, method=method, weights=None if weights is None else one).dtype)
    lane = lanes(a, axis)
    if weights is not None:
        weights = lanes(weights_like(np.asarray(weights), a.shape, axis), axis)
    known = np.where(np.isnan(all_values(lane)), np.nan, ranks(all_values(lane)))
    places = np.nanquantile(known, q, axis=-1, method=method, weights=weights)
    y = between(np.sort(lane, axis=-1), np.nan_to_num(places))
    return into(out, np.reshape(y, np.shape(q) + kept_shape(a.shape, axis)) if keepdims else y)


def ranks(lane: Array) -> Array:
    """The place of each element among those of its lane, the last axis."""
    return np.argsort(np.argsort(lane, kind="stable"))


@np.errstate(invalid="ignore")
def between(ordered: Any, places: Array) -> Any:
    """The value at a place in each lane, on the straight line between its neighbours where it is no integer."""
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, ordered.shape[-1] - 1)
    part = (places - below).astype(ordered.dtype)
    lane = np.indices(ordered.shape[:-1], sparse=True)
    low, high = ordered[(*lane, below)], ordered[(*lane, above)]
    return np.where(part == 0, low, low + (high - low) * part)


@composed(np.percentile)
def percentile(a: Any, q: Any, *args: Any, **options: Any) -> Any:
    """np.quantile, in hundredths."""
    return np.quantile(a, hundredths(np.percentile, q, a.dtype), *args, **options)


@composed(np.nanpercentile)
def nanpercentile(a: Any, q: Any, *args: Any, **options: Any) -> Any:
    """np.nanquantile, in hundredths."""
    return np.nanquantile(a, hundredths(np.nanpercentile, q, a.dtype), *args, **options)


def hundredths(function: Callable[..., Any], q: Any, dtype: np.dtype[Any]) -> Any:
    """Percents as parts of 1, in the precision that NumPy takes them in."""
    return np.true_divide(static(function, "q", q), dtype.type(100) if dtype.kind == "f" else 100)


@composed(np.median)
def median(
    a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """The middle of the sorted elements, or the mean of the middle two."""
    if not a.size:
        return np.mean(a, axis, out=out, keepdims=keepdims)
    return np.quantile(a, 0.5, axis, out, overwrite_input, keepdims=keepdims)


@composed(np.nanmedian)
def nanmedian(
    a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """np.median of the elements that are not NaN."""
    return np.nanquantile(a, 0.5, axis, out, overwrite_input, keepdims=keepdims)
