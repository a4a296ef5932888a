"""The derivatives of np.pad, in each of its modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.errors import DtypeError, NoRuleError
from minigrad.rules.declare import composed
from minigrad.rules.indexing import along, setitem
from minigrad.rules.shaping import moved
from minigrad.rules.signatures import static
from minigrad.tensor import Array

STATISTICS: dict[str, Callable[..., Any]] = {"maximum": np.max, "minimum": np.min, "median": np.median}


@composed(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    """The array with margins; how they come about, NumPy itself tells for each mode."""
    if callable(mode):
        raise NoRuleError("np.pad: minigrad has no rule for a function as mode=")
    options = {name: static(np.pad, name, value) for name, value in options.items()}
    if not array.ndim:
        return np.copy(array)  # no axis to pad
    widths = pairs(pad_width, array.ndim)
    if widths.dtype.kind not in "iu":
        raise DtypeError(f"np.pad: pad_width is of integers, not {widths.dtype}")
    if mode in ("constant", "empty"):
        return framed(array, widths, options)
    if not array.size:
        return moved(np.pad, array, widths, mode, **options)
    if mode in STATISTICS:
        return with_statistics(array, widths, mode, **options)
    if mode in ("linear_ramp", "mean") or options.get("reflect_type") == "odd":
        return with_sums(array, widths, mode, options)
    return moved(np.pad, array, widths, mode, **options)


def pairs(given: Any, ndim: int) -> Array:
    """A pair, before and after, for each axis, from any of the forms that np.pad takes."""
    if isinstance(given, dict):
        widths = np.zeros((ndim, 2), int)
        for axis, width in given.items():
            widths[axis] = width
        return widths
    return np.broadcast_to(np.asarray(given), (ndim, 2))


def framed(array: Any, widths: Array, options: dict[str, Any]) -> Any:
    """The array written into a background of constants."""
    background = np.pad(np.zeros(array.shape, array.dtype), widths, **options)
    inside = tuple(slice(before, before + n) for (before, _), n in zip(widths, array.shape, strict=True))
    return setitem(background, array, inside)


def with_statistics(array: Any, widths: Array, mode: str, stat_length: Any = None) -> Any:
    """Axis by axis, an order statistic of the elements next to the margin."""
    lengths = pairs(max(array.shape) if stat_length is None else stat_length, array.ndim)
    for axis, ((before, after), (first, last)) in enumerate(zip(widths, lengths, strict=True)):
        n = array.shape[axis]
        head, tail = (array[along(axis, part)] for part in (slice(0, first), slice(max(0, n - last), n)))
        margins = [STATISTICS[mode](part, axis=axis, keepdims=True) for part in (head, tail)]
        array = np.concatenate(
            [np.repeat(margins[0], before, axis), array, np.repeat(margins[1], after, axis)], axis
        )
    return array


def with_sums(array: Any, widths: Array, mode: Any, options: dict[str, Any]) -> Any:
    """Axis by axis, weighted sums of the elements: NumPy, run on the identity, tells the weights."""
    for axis, width in enumerate(widths):
        n = array.shape[axis]
        own = {k: pairs(v, len(widths))[axis] if k != "reflect_type" else v for k, v in options.items()}
        margins = [width, [0, 0]]
        ends = np.pad(np.zeros((n, 1)), margins, mode, **own)
        weights = np.pad(np.eye(n), margins, mode, **own) - ends
        first = np.moveaxis(array, axis, 0)
        sums = np.matmul(weights.astype(array.dtype), np.reshape(first, (n, -1)))
        padded = np.reshape(sums + ends.astype(array.dtype), (len(weights), *first.shape[1:]))
        array = np.moveaxis(padded, 0, axis)
    return array
