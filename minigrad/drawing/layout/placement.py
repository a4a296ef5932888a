"""Coordinates within the ranks: each item goes where its heaviest lines want it, as far as its neighbours let it.

Wishes that collide are settled for a whole row at once. With the least distance to the left neighbour subtracted, the
coordinates of a row must not decrease; the nearest such row in least squares is found by pooling adjacent violators
(isotonic regression), in linear time.
"""

from statistics import median

from minigrad.drawing.layout.ordering import Neighbours

SWEEPS = 6
STIFFNESS = 1e4  # of an item on a heavy line, against 1 of one on a light line


def place_rows(
    rows: list[list[int]], extents: list[tuple[float, float]], gaps: list[float], above: Neighbours, below: Neighbours
) -> list[float]:
    """The x of every item, its row's order kept and no two nearer than their extents and gap."""
    x = [0.0] * len(extents)
    for row in rows:
        _pack(row, x, extents, gaps)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        neighbours = above if downward else below
        for row in rows if downward else reversed(rows):
            wishes = [_wish(x, item, neighbours[item]) for item in row]
            if len(row) == 1:
                x[row[0]] = wishes[0][0]
            else:
                _settle(row, x, wishes, extents, gaps)
    return x


def _pack(row: list[int], x: list[float], extents: list[tuple[float, float]], gaps: list[float]) -> None:
    for left, right in zip(row, row[1:], strict=False):
        x[right] = x[left] + _distance(left, right, extents, gaps)
    middle = (x[row[0]] + x[row[-1]]) / 2 if row else 0.0
    for item in row:
        x[item] -= middle


def _distance(left: int, right: int, extents: list[tuple[float, float]], gaps: list[float]) -> float:
    return extents[left][1] + min(gaps[left], gaps[right]) + extents[right][0]


def _wish(x: list[float], item: int, neighbours: list[tuple[int, float, int]]) -> tuple[float, float]:
    """Where an item wants to stand, and how much: below the median of what its heaviest lines come from."""
    if not neighbours:
        return x[item], 0.1
    if len(neighbours) == 1:
        other, shift, weight = neighbours[0]
        return x[other] + shift, STIFFNESS if weight > 2 else float(weight)
    heaviest = max(weight for _, _, weight in neighbours)
    wanted = median([x[other] + shift for other, shift, weight in neighbours if weight == heaviest])
    return wanted, STIFFNESS if heaviest > 2 else float(heaviest)


def _settle(
    row: list[int],
    x: list[float],
    wishes: list[tuple[float, float]],
    extents: list[tuple[float, float]],
    gaps: list[float],
) -> None:
    """Pool adjacent violators: blocks of (mean, weight, count) whose means rise from left to right."""
    shift = 0.0
    shifts = []
    blocks: list[tuple[float, float, int]] = []
    for position, item in enumerate(row):
        if position:
            shift += _distance(row[position - 1], item, extents, gaps)
        shifts.append(shift)
        wanted, weight = wishes[position]
        block = (wanted - shift, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, mass, count = blocks.pop()
            total = mass + block[1]
            block = ((mean * mass + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    position = 0
    for mean, _, count in blocks:
        for item in row[position : position + count]:
            x[item] = mean + shifts[position]
            position += 1
