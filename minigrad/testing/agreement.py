"""Whether two runs of one rule agree to rounding, where the rule's own noise decides what rounding is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minigrad.testing.operation import EPS, Array, Arrays, Operation, intermediates, magnitude

ULPS = 64.0
STEP = 2.0**-12
TINY = float(np.finfo(np.float64).tiny)


def close(a: Array, b: Array, size: float) -> bool:
    """Whether two arrays agree to a few ulps of `size`; where neither is finite they agree."""
    if a.shape != b.shape:
        return False
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    allowed = ULPS * EPS * size + TINY
    difference = a - b
    if not a.size or np.abs(difference).max() <= allowed:
        return True
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)):
        return False
    return bool(np.all(np.abs(difference[finite]) <= allowed))


def rounding_noise(
    op: Operation, upstream: Arrays, run: Callable[[Arrays, Arrays], Arrays], *, sized: bool = True
) -> list[float]:
    """How much of each result of `run(inputs, upstream)` is rounding: outputs first, then gradients.

    The largest of three measures: by how much f(x + d) + f(x - d) - 2 f(x) misses zero for a small d; by how much
    backward(v + d) - backward(v) - backward(d) does, which has no curvature to hide rounding; and, if `sized`, an
    ulp of |upstream * output|, over the input's size where that is below 1: what the intermediate values of a
    backward are about as large as.
    """
    rng = np.random.default_rng(11)
    eps = min(float(np.finfo(x.dtype).eps) for x in upstream if x.dtype.kind in "fc") if upstream else EPS
    base = run(op.inputs, upstream)
    inner = intermediates(op, upstream, base[: len(upstream)])
    sizes = [magnitude(x) if i in op.wrt else 0.0 for i, x in enumerate(op.inputs)]
    noise = [0.0] * len(upstream) + [
        eps * inner / min(size, 1.0) if size and sized else 0.0 for size in sizes
    ]
    for _ in range(4):
        steps = [_step(x, rng) if i in op.wrt else None for i, x in enumerate(op.inputs)]
        ahead = run(_moved(op.inputs, steps, 1), upstream)
        behind = run(_moved(op.inputs, steps, -1), upstream)
        shift = tuple(_step(v, rng) for v in upstream)
        shifted = _moved(upstream, shift, 1)
        shift = _moved(shifted, upstream, -1)
        whole, part = run(op.inputs, shifted), run(op.inputs, shift)
        for k, result in enumerate(base):
            if result.dtype.kind not in "fc":
                continue
            noise[k] = max(noise[k], magnitude((ahead[k] - result) + (behind[k] - result)))
            if k >= len(upstream):
                noise[k] = max(noise[k], magnitude((whole[k] - result) - part[k]))
    return noise


def _moved(arrays: Arrays, steps: Sequence[Array | None], sign: int) -> Arrays:
    """The arrays, each moved by its step where it has one."""
    return tuple(x if d is None else np.asarray(x + sign * d) for x, d in zip(arrays, steps, strict=True))


def _step(array: Array, rng: np.random.Generator) -> Array:
    """A random step of each element, small but far above the rounding of any sum that the element is in."""
    return np.asarray(array * (STEP * (2 * rng.random(array.shape) - 1)), dtype=array.dtype)


def run_rule(op: Operation, inputs: Arrays, upstream: Arrays) -> Arrays:
    """The outputs and the finished gradients of one forward and backward, on read-only arrays."""
    for array in (*inputs, *upstream):
        array.flags.writeable = False
    outputs, pullback = op.record(inputs)
    outputs = tuple(out.copy() for out in outputs)
    return (*outputs, *op.finish(pullback(upstream)))
