"""The edge of a function's domain, and points where the slope is rightly infinite."""

from __future__ import annotations

from math import isfinite

import numpy as np

from minigrad.testing.operation import Array, Point, inner
from minigrad.testing.richardson import element_scale

FAR, NEAR = 2.0**-10, 2.0**-40


def singular_elements(point: Point, index: int, elements: Array) -> int | None:
    """The first of some elements with a gradient that is not finite although the slopes there are; None if none.

    A slope that grows as the step falls (sqrt at 0) is rightly infinite; and at extreme inputs overflow is no mistake.
    """
    if point.extreme:
        return None
    for element in elements:
        if not _grows(point, index, int(element)):
            return int(element)
    return None


def _grows(point: Point, index: int, element: int) -> bool:
    """Whether a one-sided slope grows without bound as the step falls, on a side where f is finite.

    A slope too large for a float does.
    """
    for side in (1.0, -1.0):
        far, near = (abs(_slope(point, index, element, side * h)) for h in (FAR, NEAR))
        if isfinite(far) and isfinite(near) and near > 4 * far:
            return True
    return False


def _slope(point: Point, index: int, element: int, h: float) -> float:
    x = point.op.inputs[index]
    step = np.zeros(x.size, x.dtype)
    step[element] = h * element_scale(np.abs(x)).reshape(-1)[element]
    inputs = list(point.op.inputs)
    inputs[index] = np.asarray(x + step.reshape(x.shape))
    moved = point.op.evaluate(tuple(inputs))
    change = [a - b for a, b in zip(moved, point.outputs, strict=True)]
    return inner(point.upstream, change) / float(abs(step[element]))


def edge_elements(point: Point, index: int, direction: Array) -> Array:
    """The elements whose smallest step alone, either way, makes f not finite: the edge of its domain."""
    flat = direction.reshape(-1)
    edges: list[int] = []
    groups = [np.flatnonzero(flat)]
    while groups:
        group = groups.pop()
        if not group.size or _finite(point, index, flat, group):
            continue
        if group.size == 1:
            edges.append(int(group[0]))
        else:
            groups += [group[: group.size // 2], group[group.size // 2 :]]
    return np.array(sorted(edges), dtype=int)


def _finite(point: Point, index: int, flat: Array, group: Array) -> bool:
    x = point.op.inputs[index]
    step = np.zeros(x.size, flat.dtype)
    step[group] = NEAR * flat[group]
    for side in (step, -step):
        inputs = list(point.op.inputs)
        inputs[index] = np.asarray(x + side.reshape(x.shape))
        if not all(
            np.isfinite(out).all() for out in point.op.evaluate(tuple(inputs)) if out.dtype.kind in "fc"
        ):
            return False
    return True
