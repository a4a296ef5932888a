"""backward is linear in the upstream gradient: backward(0) = 0, backward(a*v + b*w) = a*backward(v) + b*backward(w)."""

from __future__ import annotations

import numpy as np

from minigrad.testing.agreement import ULPS, close, jitter_noise, magnitude
from minigrad.testing.operation import Array, Arrays, Operation, Pullback, draw_upstream
from minigrad.testing.purity import Run
from minigrad.testing.report import Problem

A, B = 0.75, -1.25
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
    w = draw_upstream(run.outputs, rng)
    mixed = tuple(np.asarray(A * p + B * q, dtype=p.dtype) for p, q in zip(v, w, strict=True))
    of_w, of_mixed = (op.finish(pullback(u)) for u in (w, mixed))
    for i in op.wrt:
        expected = A * of_v[i] + B * of_w[i]
        size = magnitude(of_v[i], of_w[i])
        if not close(of_mixed[i], expected, size) and not _is_noise(op, i, v, of_mixed[i] - expected):
            return _not_linear(op, i, expected, of_mixed[i], of_v[i], pullback, v)
    return None


def _is_noise(op: Operation, index: int, upstream: Arrays, difference: Array) -> bool:
    def gradients(inputs: Arrays, v: Arrays) -> Arrays:
        with np.errstate(all="ignore"):
            _, pullback = op.record(inputs)
            return op.finish(pullback(v))

    noise = jitter_noise(op, upstream, gradients)[index]
    return bool(np.isfinite(magnitude(difference))) and magnitude(difference) <= ULPS * noise


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


def _not_linear(
    op: Operation, index: int, expected: Array, got: Array, of_v: Array, pullback: Pullback, v: Arrays
) -> Problem:
    doubled = op.finish(pullback(tuple(2 * p for p in v)))[index]
    size = magnitude(of_v, doubled)
    if close(doubled, of_v, size):
        cause = IGNORED
    elif got.dtype == np.float64 and np.array_equal(got.astype(np.float32), got):
        cause = "precision: got is rounded to float32 (a cast, or an array of float32, in the rule)"
    elif close(doubled, 4 * of_v, size):
        cause = "the upstream gradient is multiplied in twice"
    elif close(doubled, 2 * of_v, size):
        cause = "it scales but does not add: abs, max, clip or a norm of the upstream gradient"
    else:
        cause = "a nonlinear function of the upstream gradient (clipping, a power, a bias)"
    with np.errstate(all="ignore"):
        k = int(np.nanargmax(np.abs(got - expected))) if np.isfinite(got - expected).any() else 0
    where = np.unravel_index(k, got.shape)
    return Problem(
        "linearity",
        f"{op.name}.{op.backward_name} is not linear in the upstream gradient for {op.label(index)}",
        details=(
            f"element {[int(k) for k in where]}: {A:g}*backward(v) {B:+g}*backward(w) = {expected[where]:+.8g}, "
            f"backward({A:g}*v {B:+g}*w) = {got[where]:+.8g}",
        ),
        cause=cause,
    )
