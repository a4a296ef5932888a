"""Finding the wrong elements of a gradient by bisection."""

from __future__ import annotations

import numpy as np

from minigrad.testing.operation import Array, Point
from minigrad.testing.richardson import LONG, SHORT, Estimate, confirm, residual

COUNTED = 8


def isolate(
    point: Point, index: int, direction: Array, whole: Estimate, resolution: float
) -> tuple[int, Estimate] | None:
    """The flat index of the one element that troubles the whole most, and the long look at it.

    None where the trouble shows on no single one. An element troubles by a residual beyond its bound, or by a bound
    that is coarse against the whole direction's size. Each halving keeps the half with more of it.

    Args:
        point: the operation and its gradients.
        index: the input.
        direction: the steps of its elements.
        whole: what was seen along the whole direction.
        resolution: the bound that is coarse.
    """
    flat = direction.reshape(-1)
    active = np.flatnonzero(flat)
    steps = _steps_for(whole)
    allowed = resolution * max(whole.scale, whole.size) + 2 * whole.floor
    inside = abs(whole.residual) if whole.differs else 0.0
    while active.size > 1:
        half = active.size // 2
        first = probe(point, index, flat, active[:half], steps)
        if first.differs and abs(first.residual) > 0.9 * inside > 0:
            active, inside = active[:half], abs(first.residual)
            continue
        if abs(first.residual) + first.bound < 0.1 * inside:
            active = active[half:]
            continue
        second = probe(point, index, flat, active[half:], steps)
        troubles = _trouble(first, allowed), _trouble(second, allowed)
        if max(troubles) == 0 and active.size <= 4:
            break
        chosen, active = (first, active[:half]) if troubles[0] >= troubles[1] else (second, active[half:])
        inside = abs(chosen.residual) if chosen.differs else 0.0
    for element in active.tolist():
        alone = settled_probe(point, index, flat, element)
        if _trouble(alone, allowed) > 0:
            return element, alone
    return None


def _steps_for(whole: Estimate) -> tuple[float, ...]:
    """Steps midway between the coarsest and those that noise would hide a difference at: few kinks lie within them."""
    if not whole.differs or whole.noise == 0:
        return SHORT
    start = int(min(24.0, max(0.0, np.log2(abs(whole.residual) / whole.noise) / 2 - 3)))
    return LONG[start:]


def settled_probe(point: Point, index: int, direction: Array, element: int) -> Estimate:
    """The long look at one element: many steps, and the fine ones to confirm a difference."""
    along = {index: only(direction.reshape(point.op.inputs[index].shape), element)}
    estimate = residual(point, along, LONG)
    return confirm(point, along, estimate) if estimate.differs else estimate


def probe(
    point: Point, index: int, direction: Array, elements: Array, steps: tuple[float, ...] = SHORT
) -> Estimate:
    """The residual along the given elements of a direction alone."""
    return residual(point, {index: only(direction.reshape(point.op.inputs[index].shape), elements)}, steps)


def only(direction: Array, elements: Array | int) -> Array:
    """A direction with all but the given (flat) elements zero."""
    part = np.zeros(direction.size, direction.dtype)
    part[elements] = direction.reshape(-1)[elements]
    return part.reshape(direction.shape)


def wrong_elements(point: Point, index: int, direction: Array, first: int) -> tuple[list[int], bool]:
    """The flat indices of the wrong elements, and whether that is all of them; at most COUNTED are counted."""
    rest = direction.reshape(-1).copy()
    found = [first]
    rest[first] = 0
    while len(found) < COUNTED:
        others = probe(point, index, rest, np.flatnonzero(rest), LONG)
        another = (
            isolate(point, index, rest.reshape(direction.shape), others, np.inf) if others.differs else None
        )
        if another is None:
            return found, True
        found.append(another[0])
        rest[another[0]] = 0
    return found, False


def _trouble(estimate: Estimate, allowed: float) -> float:
    if estimate.differs:
        return abs(estimate.residual)
    return estimate.bound if estimate.bound > allowed else 0.0
