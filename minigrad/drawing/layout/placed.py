"""Where everything of a scene stands, whichever engine put it there. Points, x to the right, y downward."""

from itertools import pairwise
from typing import NamedTuple

Path = tuple[float, ...]
"""A chain of cubic Bézier curves: x0 y0, then for each curve its two controls and its end."""


class Box(NamedTuple):
    """A rectangle by its centre and its size."""

    x: float
    y: float
    width: float
    height: float


class Placement(NamedTuple):
    """`boxes` by card, `paths` and `labels` (left, top) by link, `ties` by leaf.

    `titles` is how far from its module's left border a title begins, and the room it has; by default all.
    """

    boxes: dict[int, Box]
    paths: list[Path]
    labels: dict[int, tuple[float, float]]
    ties: dict[int, Path]
    modules: dict[int, Box]
    titles: dict[int, tuple[float, float]]


def bounds(placement: Placement) -> tuple[float, float, float, float]:
    """The smallest rectangle around all boxes, modules and lines: left, top, right, bottom."""
    boxes = [*placement.boxes.values(), *placement.modules.values()]
    lines = [*placement.paths, *placement.ties.values()]
    xs = [
        min((b.x - b.width / 2 for b in boxes), default=0.0),
        max((b.x + b.width / 2 for b in boxes), default=0.0),
    ]
    ys = [
        min((b.y - b.height / 2 for b in boxes), default=0.0),
        max((b.y + b.height / 2 for b in boxes), default=0.0),
    ]
    for line in lines:
        xs += (min(line[::2]), max(line[::2]))
        ys += (min(line[1::2]), max(line[1::2]))
    return min(xs), min(ys), max(xs), max(ys)


def straight(x0: float, y0: float, x1: float, y1: float) -> Path:
    """A straight line as a curve."""
    return (
        x0,
        y0,
        x0 + (x1 - x0) / 3,
        y0 + (y1 - y0) / 3,
        x0 + (x1 - x0) * 2 / 3,
        y0 + (y1 - y0) * 2 / 3,
        x1,
        y1,
    )


def tie(leaf: Box, box: Box, direction: str) -> Path:
    """The line from a leaf to the operation it stands beside: across the flow, from border to border."""
    if direction == "LR":
        return tuple(c for pair in _pairs(_across(_turned(leaf), _turned(box))) for c in reversed(pair))
    return _across(leaf, box)


def _across(leaf: Box, box: Box) -> Path:
    side = 1 if leaf.x < box.x else -1
    x0, y0, x1, y1 = leaf.x + side * leaf.width / 2, leaf.y, box.x - side * box.width / 2, box.y
    middle = (x0 + x1) / 2
    return straight(x0, y0, x1, y1) if abs(y0 - y1) < 0.5 else (x0, y0, middle, y0, middle, y1, x1, y1)


def _turned(box: Box) -> Box:
    return Box(box.y, box.x, box.height, box.width)


def _pairs(path: Path) -> list[tuple[float, float]]:
    return list(zip(path[::2], path[1::2], strict=True))


def crossings(points: list[tuple[float, float]], top: float, bottom: float) -> list[float]:
    """The x of a line's points between two heights, and of those where it comes in and leaves."""
    found = []
    for (x0, y0), (x1, y1) in pairwise(points):
        if min(y0, y1) < bottom and max(y0, y1) > top:
            slope = (x1 - x0) / (y1 - y0) if y1 != y0 else 0.0
            found += [x + slope * (min(max(y, top), bottom) - y) for x, y in ((x0, y0), (x1, y1))]
    return found


def points_of(path: Path) -> list[tuple[float, float]]:
    """Points along a path, eight on each of its curves."""
    points = _pairs(path)
    along = points[:1]
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in zip(
        points[::3], points[1::3], points[2::3], points[3::3], strict=False
    ):
        for step in range(1, 9):
            t = step / 8
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            along.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return along
