"""The order within each rank: barycentre sweeps, which draw few crossings in little time."""

from itertools import pairwise

SWEEPS = 4
Neighbours = list[list[tuple[int, float, int]]]


def order_rows(rows: list[list[int]], above: Neighbours, below: Neighbours) -> None:
    """Sort every row in place by where its neighbours stand, downward and upward, until nothing moves."""
    place = [0.0] * len(above)
    for row in rows:
        for position, item in enumerate(row):
            place[item] = float(position)
    wide = [row for row in rows if len(row) > 1]
    unmoved = 0
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        neighbours = above if downward else below
        moved = [_sort(row, place, neighbours) for row in (wide if downward else reversed(wide))]
        unmoved = 0 if any(moved) else unmoved + 1
        if unmoved == 2:
            return


def _sort(row: list[int], place: list[float], neighbours: Neighbours) -> bool:
    """Sort a row; whether that changed it."""
    keys = []
    for item in row:
        near = neighbours[item]
        # A neighbour's place and, within it, where the line starts: ports of one module keep their order.
        keys.append(sum([place[o] + _fraction(s) for o, s, _ in near]) / len(near) if near else place[item])
    if all(a <= b for a, b in pairwise(keys)):
        return False
    key_of = dict(zip(row, keys, strict=True))
    row.sort(key=key_of.__getitem__)
    for position, item in enumerate(row):
        place[item] = float(position)
    return True


def _fraction(shift: float) -> float:
    """A distance squeezed into ±0.4 of a place."""
    return 0.4 * shift / (abs(shift) + 100.0) if shift else 0.0
