"""Where everything of a scene stands, whichever engine put it there. Points, x to the right, y downward."""

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
    """``boxes`` by card, ``paths`` and ``labels`` (left, top) by link, ``ties`` by leaf."""

    boxes: dict[int, Box]
    paths: list[Path]
    labels: dict[int, tuple[float, float]]
    ties: dict[int, Path]
    modules: dict[int, Box]


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
        if line:
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
    """The line from a leaf to the operation it stands beside: rightward, or down in a flow to the right."""
    if direction == "LR":
        x0, y0, x1, y1 = leaf.x, leaf.y + leaf.height / 2, box.x, box.y - box.height / 2
        middle = (y0 + y1) / 2
        return straight(x0, y0, x1, y1) if abs(x0 - x1) < 0.5 else (x0, y0, x0, middle, x1, middle, x1, y1)
    x0, y0, x1, y1 = leaf.x + leaf.width / 2, leaf.y, box.x - box.width / 2, box.y
    middle = (x0 + x1) / 2
    return straight(x0, y0, x1, y1) if abs(y0 - y1) < 0.5 else (x0, y0, middle, y0, middle, y1, x1, y1)
