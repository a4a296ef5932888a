"""Several gradients proven at once: all inputs moved along one direction, so that a right rule costs few forwards."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from minigrad.testing.operation import Array, Point
from minigrad.testing.richardson import LONG, SHORT, Estimate, confirm, draw_direction, residual

Schedules: TypeAlias = tuple[tuple[float, ...], ...]
# Times the finest of SHORT no finer than the finest of LONG, so that steps stay exact.
FINEST_SCALE = 2.0**-30


def prove_together(
    point: Point, rng: np.random.Generator, resolution: float, schedules: Schedules = (SHORT,)
) -> dict[int, float]:
    """The inputs whose gradients one direction through all of them proves, each with its resolution.

    Args:
        point: the operation and the gradients to judge.
        rng: where the direction comes from.
        resolution: the relative error that an input's gradient must be proven to.
        schedules: the steps to try, one after the other.
    """
    op = point.op
    direction = {
        i: draw_direction(op.inputs[i], point.gradients[i], rng) for i in op.wrt if op.inputs[i].size
    }
    shares = {i: abs(float(np.vdot(point.gradients[i], u).real)) for i, u in direction.items()}  # signs agree
    for steps in schedules:
        scales = _balance(shares) if steps is SHORT else dict.fromkeys(shares, 1.0)
        estimate = _estimate(point, {i: scales[i] * u for i, u in direction.items()}, steps)
        if estimate.settles(resolution):
            errors = {i: estimate.bound / (scales[i] * share) for i, share in shares.items() if share > 0}
            return {i: error for i, error in errors.items() if error <= resolution}
    return {}


def _balance(shares: dict[int, float]) -> dict[int, float]:
    """Powers of two that make the inputs' shares of what is claimed alike: the largest would hide the smallest."""
    least = min((share for share in shares.values() if share > 0), default=0.0)
    return {
        i: float(np.clip(2.0 ** np.floor(np.log2(least / share)), FINEST_SCALE, 1.0)) if share > 0 else 1.0
        for i, share in shares.items()
    }


def _estimate(point: Point, direction: dict[int, Array], steps: tuple[float, ...]) -> Estimate:
    found = residual(point, direction, steps)
    return confirm(point, direction, found) if found.differs and steps is LONG else found
