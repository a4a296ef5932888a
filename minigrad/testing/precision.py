"""The float32 rule against the float64 rule: the mathematics is judged in float64, the arithmetic here."""

from __future__ import annotations

from functools import partial

import numpy as np

from minigrad.testing.agreement import rounding_noise, run_rule
from minigrad.testing.operation import Array, Arrays, Operation, draw_upstream, intermediates, magnitude
from minigrad.testing.report import Problem

EPS32 = float(np.finfo(np.float32).eps)
FACTOR = 3.0  # right rules have needed up to 1.2
TINY32 = float(np.finfo(np.float32).tiny)
LARGE32 = 2.0**60
NARROW = {"d": np.float32, "D": np.complex64}


def check(op: Operation, rng: np.random.Generator) -> tuple[Problem | None, str]:
    """Compare the rule run in float32 with the rule run in float64 at the same float32 numbers.

    Returns:
        The problem, if there is one; and what to say in the report: the agreement, or why there was no comparison.
    """
    narrow = tuple(x.astype(NARROW[x.dtype.char]) if x.dtype.char in NARROW else x for x in op.inputs)
    wide = tuple(n.astype(x.dtype) for n, x in zip(narrow, op.inputs, strict=True))
    if not _representable(narrow):
        return None, "not compared: the inputs, or their squares, are beyond float32"
    outputs, pullback = op.at(narrow).record(narrow)
    if any(out.dtype.char in NARROW for out in outputs):
        return None, "not compared: the forward computes in float64 for float32 inputs"
    if not all(np.isfinite(out).all() for out in outputs):
        return None, "not compared: the forward overflows in float32"
    upstream = draw_upstream(outputs, rng)
    at_narrow = op.at(narrow)
    got = at_narrow.finish(pullback(upstream))
    exact = _gradients(op.at(wide), upstream)
    largest = intermediates(at_narrow, upstream, outputs)
    worst = 0.0
    noise: list[float] = []
    for i in op.wrt:
        if not (np.isfinite(got[i]).all() and np.isfinite(exact[i]).all()):
            return None, f"not compared: the gradient for '{op.names[i]}' is not finite in float32"
        size, difference = magnitude(exact[i]), magnitude(got[i] - exact[i])
        allowed = FACTOR * EPS32 * (size + _share(outputs, narrow[i]) * largest) + TINY32
        if difference > allowed:
            noise = noise or rounding_noise(at_narrow, upstream, partial(run_rule, at_narrow), sized=False)
            allowed += FACTOR * noise[len(upstream) + i]
            if difference > allowed:
                return _problem(op, i, exact[i], got[i], allowed), ""
        worst = max(worst, difference / size if size else 0.0)
    return None, f"float32 agrees with float64 to {worst:.0e}"


def _share(outputs: Arrays, x: Array) -> float:
    """The part of the intermediate values that is one element's: few outputs share theirs out among many."""
    return min(1.0, sum(out.size for out in outputs) / x.size) if x.size else 0.0


def _representable(narrow: Arrays) -> bool:
    """Whether all inputs, and their squares, are well inside float32."""
    floats = [np.abs(x) for x in narrow if x.dtype.char in "fF" and x.size]
    return all(x.max() < LARGE32 and (x.min() > 1 / LARGE32 or _zero_or_large(x)) for x in floats)


def _zero_or_large(magnitudes: Array) -> bool:
    return bool(np.all((magnitudes == 0) | (magnitudes > 1 / LARGE32)))


def _gradients(op: Operation, upstream: Arrays) -> Arrays:
    outputs, pullback = op.record(op.inputs)
    return op.finish(pullback(tuple(v.astype(o.dtype) for v, o in zip(upstream, outputs, strict=True))))


def _problem(op: Operation, index: int, expected: Array, got: Array, allowed: float) -> Problem:
    where = np.unravel_index(int(np.argmax(np.abs(got - expected))), got.shape)
    return Problem(
        "precision",
        f"{op.name}.{op.backward_name} is wrong in float32 for {op.label(index)}, right in float64",
        details=(
            (
                f"element {[int(k) for k in where]}: float64 gives {expected[where]:+.8g}, float32 {got[where]:+.8g}; "
                f"rounding explains {allowed:.0e}"
            ),
        ),
        cause="cancellation or overflow in an intermediate value, or a branch on the dtype",
    )
