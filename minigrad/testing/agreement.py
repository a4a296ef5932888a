"""Whether two runs of one rule agree to rounding, where the rule's own noise decides what rounding is."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np

from minigrad.testing.operation import EPS, Array, Arrays, Operation

ULPS = 64.0


def close(a: Array, b: Array, size: float) -> bool:
    """Whether two arrays agree to a few ulps of `size`; where neither is finite they agree."""
    if a.shape != b.shape:
        return False
    allowed = ULPS * EPS * size
    difference = a - b
    if magnitude(difference) <= allowed and not np.isnan(np.sum(difference)):
        return True
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)):
        return False
    return bool(np.all(np.abs(difference[finite]) <= allowed))


def magnitude(*arrays: Array) -> float:
    """The largest finite magnitude in the arrays."""
    largest = 0.0
    for array in arrays:
        if array.size:
            top = float(np.abs(array).max()) if array.dtype.kind == "c" else float(max(array.max(), -array.min()))
            if not isfinite(top):
                top = float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
            largest = max(largest, top)
    return largest


def jitter_noise(op: Operation, upstream: Arrays, run: Callable[[Arrays, Arrays], Arrays]) -> list[float]:
    """How far each result of `run(inputs, upstream)` moves when its arguments move by an ulp: largest of four."""
    rng = np.random.default_rng(11)
    base = run(op.inputs, upstream)
    noise = [0.0] * len(base)
    for _ in range(4):
        inputs = tuple(_jitter(x, rng) if i in op.wrt else x for i, x in enumerate(op.inputs))
        moved = run(inputs, tuple(_jitter(v, rng) for v in upstream))
        for k, (a, b) in enumerate(zip(base, moved, strict=True)):
            with np.errstate(all="ignore"):
                noise[k] = max(noise[k], magnitude(a - b))
    return noise


def _jitter(array: Array, rng: np.random.Generator) -> Array:
    return np.asarray(array * (1 + EPS * rng.choice([-1.0, 1.0], array.shape)), dtype=array.dtype)
