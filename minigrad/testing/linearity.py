"""A backward is linear in the upstream gradient.

backward(0) = 0, and backward(4v + w) = 4 backward(v) + backward(w).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from minigrad.testing.agreement import ULPS, close, rounding_noise, run_rule
from minigrad.testing.layout import memory_problem, zero_strided
from minigrad.testing.operation import Array, Arrays, Operation, Point, Pullback, magnitude
from minigrad.testing.purity import Run
from minigrad.testing.report import Problem

IGNORED = "the upstream gradient is ignored, or only its sign is used: multiply by it (the chain rule)"


def check(op: Operation, run: Run, layouts: bool) -> Problem | None:
    """The first input for which the pullback of a run is not linear; None where all are.

    One sum tells. Its second summand makes it zero at the first element, where clipping, taking a magnitude and adding
    a constant all show.

    Args:
        op: the operation.
        run: its latest run.
        layouts: whether the second summand is an array of zero strides, which must be read as any other.
    """
    pullback, v = run.pullback, run.upstream
    zero = op.finish(pullback(tuple(np.zeros(o.shape, o.dtype) for o in run.outputs)))
    of_v = op.finish(run.gradients)
    for i in op.wrt:
        if zero[i].any():
            left = np.where(np.isfinite(of_v[i]), zero[i], 0)
            if left.any():
                return _not_zero(op, i, left, of_v[i])
    if Point(op, run.outputs, v, of_v).extreme:
        return None  # a multiple of a gradient may overflow
    w = tuple(zero_strided(-4 * p) for p in v)
    w = w if layouts else tuple(q.copy() for q in w)
    of_w = op.finish(pullback(w))
    of_both = op.finish(pullback(tuple(np.asarray(4 * p + q) for p, q in zip(v, w, strict=True))))
    for i in op.wrt:
        expected = 4 * of_v[i] + of_w[i]
        if close(of_both[i], expected, 4 * magnitude(of_v[i])):
            continue
        found = np.where(np.isfinite(expected), of_both[i], expected)  # a slope may rightly be infinite
        if not close(found, expected, 4 * magnitude(of_v[i], of_w[i])):
            problem = _read_wrong(op, i, pullback, w, of_w[i]) or _look_closer(op, i, run, found, expected)
            if problem is not None:
                return problem
    return None


def _read_wrong(op: Operation, index: int, pullback: Pullback, w: Arrays, of_w: Array) -> Problem | None:
    """The problem of an upstream gradient whose memory is read in place of its elements."""
    of_copy = op.finish(pullback(tuple(q.copy() for q in w)))[index]
    if close(of_copy, of_w, 4 * magnitude(of_copy)):
        return None
    return memory_problem(op, "the upstream gradient", len(w) + index, len(w), "zero strides")


def _look_closer(op: Operation, index: int, run: Run, found: Array, expected: Array) -> Problem | None:
    """The problem of a pullback that does not scale, or does not add; None where the sum is off by its rounding.

    A multiple of four rounds as the number itself does.
    """
    of_v = op.finish(run.gradients)[index]
    scaled = op.finish(run.pullback(tuple(4 * p for p in run.upstream)))[index]
    if not close(scaled, 4 * of_v, 4 * magnitude(of_v)):
        cause = _scaling(scaled, of_v)
        return _problem(op, index, ("backward(4*v)", scaled), ("4*backward(v)", 4 * of_v), cause)
    noise = rounding_noise(op, run.upstream, partial(run_rule, op))[len(run.upstream) + index]
    if np.isfinite(found[np.isfinite(expected)]).all() and magnitude(found - expected) <= ULPS * noise:
        return None
    cause = "it scales but does not add: abs, max, clip or a norm of the upstream gradient"
    return _problem(op, index, ("backward(4*v + w)", found), ("4*backward(v) + backward(w)", expected), cause)


def _not_zero(op: Operation, index: int, got: Array, of_v: Array) -> Problem:
    where = np.unravel_index(int(np.argmax(got != 0)), got.shape)
    if np.isnan(got[where]):
        cause = "0 * inf or 0 / 0: a local derivative that is not finite meets a zero gradient"
    elif close(got, of_v, magnitude(of_v)):
        cause = IGNORED
    else:
        cause = "a term that is not multiplied by the upstream gradient"
    return Problem(
        "linearity",
        f"{op.name}.{op.backward_name} of a zero upstream gradient is not zero for {op.label(index)}",
        details=(f"element {[int(k) for k in where]}: expected 0, got {got[where]:+.8g}",),
        cause=cause,
    )


def _scaling(scaled: Array, of_v: Array) -> str:
    """What the gradient of four times the upstream gradient says."""
    size = magnitude(of_v, scaled)
    if close(scaled, of_v, size):
        return IGNORED
    if close(scaled, 16 * of_v, size):
        return "the upstream gradient is multiplied in twice"
    return "a nonlinear function of the upstream gradient (clipping, a power, a bias)"


def _problem(
    op: Operation, index: int, got: tuple[str, Array], expected: tuple[str, Array], cause: str
) -> Problem:
    difference = np.nan_to_num(np.abs(got[1] - expected[1]))
    where = np.unravel_index(int(np.argmax(difference)), difference.shape)
    return Problem(
        "linearity",
        f"{op.name}.{op.backward_name} is not linear in the upstream gradient for {op.label(index)}",
        details=(
            (
                f"element {[int(k) for k in where]}: {got[0]} = {got[1][where]:+.8g}, "
                f"{expected[0]} = {expected[1][where]:+.8g}"
            ),
        ),
        cause=cause,
    )
