"""The order within each rank: barycentre sweeps, which draw few crossings in little time."""

SWEEPS = 4
Neighbours = list[list[tuple[int, float, int]]]


def order_rows(rows: list[list[int]], above: Neighbours, below: Neighbours) -> None:
    """Sort every row in place by where its neighbours stand, downward and upward in turn."""
    if all(len(row) < 2 for row in rows):
        return
    place = [0.0] * len(above)
    for row in rows:
        _number(row, place)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        neighbours = above if downward else below
        for row in rows if downward else reversed(rows):
            if len(row) > 1:
                _sort(row, place, neighbours)


def _sort(row: list[int], place: list[float], neighbours: Neighbours) -> None:
    key = {}
    for item in row:
        near = neighbours[item]
        # A neighbour's place, and within it the spot that the line starts from: ports of one module keep their order.
        key[item] = (
            sum(place[other] + _fraction(shift) for other, shift, _ in near) / len(near) if near else place[item]
        )
    row.sort(key=key.__getitem__)
    _number(row, place)


def _number(row: list[int], place: list[float]) -> None:
    for position, item in enumerate(row):
        place[item] = float(position)


def _fraction(shift: float) -> float:
    """A distance squeezed into ±0.4 of a place."""
    return 0.4 * shift / (abs(shift) + 100.0)
