"""A backward is linear in the upstream gradient.

backward(0) = 0, backward(2v) = 2 backward(v), and backward(v + w) = backward(v) + backward(w).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from minigrad.testing.agreement import ULPS, close, magnitude, rounding_noise, run_rule
from minigrad.testing.operation import Array, Arrays, Operation, Point, draw_upstream
from minigrad.testing.purity import Run
from minigrad.testing.report import Problem

IGNORED = "the upstream gradient is ignored, or only its sign is used: multiply by it (the chain rule)"


def check(op: Operation, run: Run, rng: np.random.Generator) -> Problem | None:
    """The first input for which the pullback of a run is not linear; None where all are."""
    pullback, v = run.pullback, run.upstream
    zero = op.finish(pullback(tuple(np.zeros(o.shape, o.dtype) for o in run.outputs)))
    of_v = op.finish(run.gradients)
    for i in op.wrt:
        left = np.where(np.isfinite(of_v[i]), zero[i], 0)
        if np.any(left != 0):
            return _not_zero(op, i, left, of_v[i])
    if Point(op, run.outputs, v, of_v).extreme:
        return None  # twice a gradient may overflow
    doubled = op.finish(pullback(tuple(2 * p for p in v)))
    for i in op.wrt:
        if not close(doubled[i], 2 * of_v[i], magnitude(of_v[i])):
            return _problem(
                op,
                i,
                ("backward(2*v)", doubled[i]),
                ("2*backward(v)", 2 * of_v[i]),
                _scaling(doubled[i], of_v[i]),
            )
    return _check_sum(op, run, of_v, rng)


def _check_sum(op: Operation, run: Run, of_v: Arrays, rng: np.random.Generator) -> Problem | None:
    """backward(v + w) = backward(v) + backward(w), up to the rounding inside backward."""
    w = draw_upstream(run.outputs, rng)
    together = tuple(np.asarray(p + q, dtype=p.dtype) for p, q in zip(run.upstream, w, strict=True))
    of_w, of_both = (op.finish(run.pullback(u)) for u in (w, together))
    noise: list[float] = []
    for i in op.wrt:
        expected = of_v[i] + of_w[i]
        if close(of_both[i], expected, magnitude(of_v[i], of_w[i])):
            continue
        noise = noise or rounding_noise(op, run.upstream, partial(run_rule, op))
        if not magnitude(of_both[i] - expected) <= ULPS * noise[len(w) + i]:
            cause = "it scales but does not add: abs, max, clip or a norm of the upstream gradient"
            return _problem(
                op, i, ("backward(v + w)", of_both[i]), ("backward(v) + backward(w)", expected), cause
            )
    return None


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


def _scaling(doubled: Array, of_v: Array) -> str:
    """What the gradient of twice the upstream gradient says."""
    size = magnitude(of_v, doubled)
    if close(doubled, of_v, size):
        return IGNORED
    if close(doubled, 4 * of_v, size):
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
