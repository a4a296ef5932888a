"""Coordinates within the ranks: each item goes where its heaviest lines want it, if its neighbours let it.

Wishes that collide are settled for a whole row at once. With the least distance to the left neighbour
subtracted, the coordinates of a row must not decrease; the nearest such row in least squares is found by
pooling adjacent violators (isotonic regression), in linear time.
"""

from itertools import pairwise
from statistics import median

from minigrad.drawing.layout.ordering import Neighbours

SWEEPS = 4
STIFFNESS = 1e4  # of an item on a heavy line, against 1 of one on a light line
AT_REST = 0.5  # points


def place_rows(
    rows: list[list[int]],
    extents: list[tuple[float, float]],
    gaps: list[float],
    above: Neighbours,
    below: Neighbours,
) -> list[float]:
    """The x of every item, its row's order kept and no two nearer than their extents and gap."""
    x = [0.0] * len(extents)
    shifts = [_shifts(row, extents, gaps) for row in rows]
    for row, row_shifts in zip(rows, shifts, strict=True):
        middle = row_shifts[-1] / 2
        for item, shift in zip(row, row_shifts, strict=True):
            x[item] = shift - middle
    unmoved = 0
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        neighbours = above if downward else below
        order = (
            zip(rows, shifts, strict=True) if downward else zip(reversed(rows), reversed(shifts), strict=True)
        )
        moved = 0.0
        for row, row_shifts in order:
            moved = max(moved, _place_row(row, row_shifts, x, neighbours))
        unmoved = unmoved + 1 if moved < AT_REST else 0
        if unmoved == 2:
            break
    return x


def _shifts(row: list[int], extents: list[tuple[float, float]], gaps: list[float]) -> list[float]:
    """How far right of the first item each of a row stands when they are packed."""
    shifts = [0.0]
    for left, right in pairwise(row):
        shifts.append(shifts[-1] + extents[left][1] + min(gaps[left], gaps[right]) + extents[right][0])
    return shifts


def _place_row(row: list[int], shifts: list[float], x: list[float], neighbours: Neighbours) -> float:
    """Move a row to where it wants to be; how far its furthest item moved."""
    wishes = [_wish(x, item, neighbours[item]) for item in row]
    settled = [wishes[0][0]] if len(row) == 1 else _settle(wishes, shifts)
    furthest = 0.0
    for item, to in zip(row, settled, strict=True):
        furthest = max(furthest, abs(x[item] - to))
        x[item] = to
    return furthest


def _wish(x: list[float], item: int, neighbours: list[tuple[int, float, int]]) -> tuple[float, float]:
    """Where an item wants to stand, and how much: below the median of what its heaviest lines come from."""
    if not neighbours:
        return x[item], 0.1
    if len(neighbours) == 1:
        other, shift, weight = neighbours[0]
        return x[other] + shift, STIFFNESS if weight > 2 else float(weight)
    heaviest = max([weight for _, _, weight in neighbours])
    wanted = [x[other] + shift for other, shift, weight in neighbours if weight == heaviest]
    return wanted[0] if len(wanted) == 1 else median(wanted), STIFFNESS if heaviest > 2 else float(heaviest)


def _settle(wishes: list[tuple[float, float]], shifts: list[float]) -> list[float]:
    """Pool adjacent violators: blocks of (mean, weight, count) whose means rise from left to right."""
    blocks: list[tuple[float, float, int]] = []
    for (wanted, weight), shift in zip(wishes, shifts, strict=True):
        block = (wanted - shift, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, mass, count = blocks.pop()
            total = mass + block[1]
            block = ((mean * mass + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + shift for mean, shift in zip(means, shifts, strict=True)]
