"""A few numbers that stand for a whole array."""

import math

import numpy as np

from minigrad.drawing.picture import Statistics
from minigrad.tensor import Array

BINS = 24
SAMPLE = 4096  # elements, evenly spaced, that a histogram is taken from


def summary(array: Array, detailed: bool) -> Statistics | None:
    """An array's rms, and in detail its range, mean and histogram; None for an empty one.

    In the rms a NaN or an infinity shows itself; the details leave such elements out and count them.
    """
    if array.size == 0:
        return None
    size = root_mean_square(array)
    flat = _real(array)
    if flat.size == 1:
        only = float(flat[0])
        return Statistics(size, only, only, only, int(not math.isfinite(only)), ())
    return _details(size, flat) if detailed else Statistics(size, math.nan, math.nan, math.nan, 0, ())


def root_mean_square(array: Array) -> float:
    """The root mean square of the elements of an array that has some."""
    flat = _real(array)
    total = float(flat.dot(flat))
    if total == math.inf and flat.dtype == np.float32:
        flat = flat.astype(np.float64)
        total = float(flat.dot(flat))
    return math.sqrt(total / flat.size)


def _real(array: Array) -> Array:
    """The elements in a row, as floats of 32 or 64 bits; of complex ones their absolute values."""
    flat = array.ravel()
    if flat.dtype.char in "fd":
        return flat
    return np.abs(flat) if flat.dtype.kind == "c" else flat.astype(np.float64)


def _details(rms: float, flat: Array) -> Statistics:
    not_finite = 0
    if not math.isfinite(rms):
        finite = flat[np.isfinite(flat)]
        not_finite = flat.size - finite.size
        flat = finite
        if not flat.size:
            return Statistics(rms, rms, rms, rms, not_finite, ())
    low, high = float(flat.min()), float(flat.max())
    mean = float(np.add.reduce(flat, dtype=np.float64)) / flat.size
    return Statistics(rms, mean, low, high, not_finite, _histogram(flat, low, high))


def _histogram(flat: Array, low: float, high: float) -> tuple[int, ...]:
    """The counts of equally wide bins from `low` to `high`; none where all elements are equal."""
    if not 0 < high - low < math.inf:
        return ()
    sample = flat[:: max(flat.size // SAMPLE, 1)].astype(np.float64)
    bins = ((sample - low) * ((BINS - 0.001) / (high - low))).astype(np.intp)
    return tuple(np.bincount(bins, minlength=BINS)[:BINS].tolist())
