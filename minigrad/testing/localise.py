"""Finding the wrong elements of a gradient by bisection."""

from __future__ import annotations

import numpy as np

from minigrad.testing.operation import Array, Point
from minigrad.testing.richardson import LONG, SHORT, Estimate, residual

COUNTED = 8


def isolate(point: Point, index: int, direction: Array) -> int | None:
    """The flat index of one element whose own residual is beyond its bound; None where isolation loses it.

    Each halving keeps the half with the larger residual in units of its bound.
    """
    flat = direction.reshape(-1)
    active = np.flatnonzero(flat)
    while active.size > 1:
        half = active.size // 2
        parts = active[:half], active[half:]
        first = probe(point, index, flat, parts[0])
        if first.wrong and abs(first.residual) > 8 * first.bound:
            active = parts[0]
            continue
        second = probe(point, index, flat, parts[1])
        best = 0 if _excess(first) >= _excess(second) else 1
        if not (first, second)[best].wrong and active.size <= 4:
            return _isolate_singly(point, index, flat, active)
        active = parts[best]
    return _isolate_singly(point, index, flat, active)


def probe(
    point: Point, index: int, direction: Array, elements: Array, steps: tuple[float, ...] = SHORT
) -> Estimate:
    """The residual along the given elements of a direction alone."""
    x = point.op.inputs[index]
    part = np.zeros(x.size, direction.dtype)
    part[elements] = direction.reshape(-1)[elements]
    return residual(point, {index: part.reshape(x.shape)}, steps)


def wrong_elements(point: Point, index: int, direction: Array, first: int) -> tuple[list[int], bool]:
    """The flat indices of the wrong elements, and whether that is all of them; at most COUNTED are counted."""
    rest = direction.reshape(-1).copy()
    found = [first]
    rest[first] = 0
    while len(found) < COUNTED:
        if not probe(point, index, rest, np.flatnonzero(rest), LONG).wrong:
            return found, True
        another = isolate(point, index, rest.reshape(direction.shape))
        if another is None:
            return found, True
        found.append(another)
        rest[another] = 0
    return found, False


def _isolate_singly(point: Point, index: int, direction: Array, active: Array) -> int | None:
    for element in active:
        if probe(point, index, direction, np.array([element]), LONG).wrong:
            return int(element)
    return None


def _excess(estimate: Estimate) -> float:
    if not np.isfinite(estimate.residual) or not estimate.bound > 0:
        return 0.0 if not abs(estimate.residual) > 0 else np.inf
    return abs(estimate.residual) / estimate.bound
