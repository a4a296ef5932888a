"""The derivatives of order statistics: medians, quantiles and percentiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.rules.declare import composed, into, static
from minigrad.rules.indexing import plain
from minigrad.rules.reductions import kept_shape, lanes, weights_like
from minigrad.standin import as_array
from minigrad.tensor import Array, Axis


@composed(np.quantile)
def quantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,  # noqa: ARG001  a Tensor is a value
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    """Between two neighbours in the sorted elements.

    Where between them, by any of NumPy's methods, NumPy tells itself: it is the same quantile of the positions.
    """
    q, weights = as_array(static(np.quantile, "q", q)), static(np.quantile, "weights", weights)
    a = a if a.dtype.kind == "f" else a.astype(np.float64)
    lane = lanes(a, axis)
    rest, n = lane.shape[:-1], lane.shape[-1]
    if weights is None:
        places = np.quantile(np.arange(n), q, method=method)
        places = np.broadcast_to(np.reshape(places, q.shape + (1,) * len(rest)), q.shape + rest)
    else:
        ranks = np.argsort(np.argsort(plain(lane), kind="stable"))
        weights = lanes(weights_like(as_array(weights), a.shape, axis), axis)
        places = np.quantile(ranks, q, axis=-1, method=method, weights=weights)
    ordered = np.sort(lane, axis=-1)
    y = between(ordered, places)
    y = np.where(np.isnan(ordered[..., -1]), np.nan, y)
    return into(out, np.reshape(y, q.shape + kept_shape(a.shape, axis)) if keepdims else y)


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
    return np.quantile(a, np.true_divide(static(np.percentile, "q", q), 100), *args, **options)


@composed(np.median)
def median(
    a: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,  # noqa: ARG001  a Tensor is a value
    keepdims: bool = False,
) -> Any:
    """The middle of the sorted elements, or the mean of the middle two."""
    return into(out, np.quantile(a, 0.5, axis=axis, keepdims=keepdims))
