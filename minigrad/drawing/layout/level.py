"""One level of a picture: the units and closed submodules directly inside one module, laid out in ranks.

A level is laid out as if its flow went downward; whoever wants it to go to the right swaps the coordinates
afterwards.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from minigrad.drawing.layout.ordering import order_rows
from minigrad.drawing.layout.placement import place_rows
from minigrad.drawing.layout.ranks import rank_items

RANK_GAP = 28.0
THREAD_GAP = 9.0


class Item(NamedTuple):
    """What stands in a rank. Extents from its anchor: to the left, to the right, upward, downward.

    Lines enter `head` above the anchor and leave `tail` below it.
    """

    left: float
    right: float
    before: float
    after: float
    head: float
    tail: float


PORT = Item(0, 0, 0, 0, 0, 0)


class Segment(NamedTuple):
    """The part of a line in one level, with where it leaves and enters its items, from their anchors."""

    source: int
    target: int
    weight: int
    leaves_at: float
    enters_at: float


@dataclass(slots=True)
class Level:
    """The items of one module, the segments between them, and, once solved, their coordinates."""

    items: list[Item] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    entries: set[int] = field(default_factory=set)
    exits: set[int] = field(default_factory=set)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    paths: list[tuple[float, ...]] = field(default_factory=list)

    def add(self, item: Item) -> int:
        """Add an item; returns its number."""
        self.items.append(item)
        return len(self.items) - 1

    def solve(self, top: float, bottom: float, gap: float) -> None:
        """Find every coordinate.

        Args:
            top: the height kept free above the items, for the title.
            bottom: the height kept free below them.
            gap: the least distance between two items of a rank.
        """
        rank = rank_items(len(self.items), self.segments, self.entries, self.exits)
        threads = self._thread(rank)
        rows: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
        for item, its_rank in enumerate(rank):
            rows[its_rank].append(item)
        above, below = self._neighbours(threads)
        order_rows(rows, above, below)
        gaps = [gap] * len(self.items) + [THREAD_GAP] * (len(rank) - len(self.items))
        extents = [(i.left, i.right) for i in self.items] + [(0.0, 0.0)] * (len(rank) - len(self.items))
        self.x = place_rows(rows, extents, gaps, above, below)
        tops, bottoms = self._heights(rows, top, bottom)
        self.y = [(tops[r] + self._up(rows, r)) for r in rank]
        self._extent(extents)
        self.paths = [
            self._path(segment, thread, rank, tops, bottoms)
            for segment, thread in zip(self.segments, threads, strict=True)
        ]

    def _thread(self, rank: list[int]) -> list[range]:
        """For each segment that crosses ranks, a point in each of them; their ranks are added to `rank`."""
        threads = []
        for segment in self.segments:
            first = len(rank)
            rank.extend(range(rank[segment.source] + 1, rank[segment.target]))
            threads.append(range(first, len(rank)))
        return threads

    def _neighbours(
        self, threads: list[range]
    ) -> tuple[list[list[tuple[int, float, int]]], list[list[tuple[int, float, int]]]]:
        """For each item, what is above and below it: (item, how much further right it stands, weight)."""
        size = len(self.items) + sum(map(len, threads))
        above: list[list[tuple[int, float, int]]] = [[] for _ in range(size)]
        below: list[list[tuple[int, float, int]]] = [[] for _ in range(size)]
        for segment, thread in zip(self.segments, threads, strict=True):
            upper, offset = segment.source, segment.leaves_at
            for lower in thread:
                above[lower].append((upper, offset, segment.weight + 1))
                below[upper].append((lower, -offset, segment.weight + 1))
                upper, offset = lower, 0.0
            shift = offset - segment.enters_at
            above[segment.target].append((upper, shift, segment.weight))
            below[upper].append((segment.target, -shift, segment.weight))
        return above, below

    def _up(self, rows: list[list[int]], rank: int) -> float:
        return max((self.items[i].before for i in rows[rank] if i < len(self.items)), default=0.0)

    def _down(self, rows: list[list[int]], rank: int) -> float:
        return max((self.items[i].after for i in rows[rank] if i < len(self.items)), default=0.0)

    def _heights(self, rows: list[list[int]], top: float, bottom: float) -> tuple[list[float], list[float]]:
        """The top and the bottom of every rank."""
        tops, bottoms = [], []
        y = 0.0 if self.entries else top
        for rank in range(len(rows)):
            tops.append(y)
            bottoms.append(y + self._up(rows, rank) + self._down(rows, rank))
            entry = rank == 0 and self.entries
            leaving = rank == len(rows) - 2 and self.exits
            y = bottoms[-1] + (max(top, RANK_GAP) if entry else bottom if leaving else RANK_GAP)
        self.height = bottoms[-1] + (0.0 if self.exits else bottom) if rows else top + bottom
        return tops, bottoms

    def _extent(self, extents: list[tuple[float, float]]) -> None:
        self.left = min((x - e[0] for x, e in zip(self.x, extents, strict=True)), default=0.0)
        self.right = max((x + e[1] for x, e in zip(self.x, extents, strict=True)), default=0.0)

    def _path(
        self, segment: Segment, thread: range, rank: list[int], tops: list[float], bottoms: list[float]
    ) -> tuple[float, ...]:
        """Straight down inside a rank, an S between two ranks."""
        source, target = self.items[segment.source], self.items[segment.target]
        x = self.x[segment.source] + segment.leaves_at
        path = [x, self.y[segment.source] + source.tail]
        at = rank[segment.source]
        for stop in (*thread, segment.target):
            end = self.x[stop] + (segment.enters_at if stop == segment.target else 0.0)
            _down(path, x, bottoms[at])
            at += 1
            step_across(path, x, end, tops[at])
            x = end
        _down(path, x, self.y[segment.target] - target.head)
        return tuple(path)


def _down(path: list[float], x: float, y: float) -> None:
    start = path[-1]
    if y > start:
        path += (x, start + (y - start) / 3, x, y - (y - start) / 3, x, y)


def step_across(path: list[float], x0: float, x1: float, y: float) -> None:
    """Add an S to a path that runs along the flow, from one x to another."""
    middle = (path[-1] + y) / 2
    path += (x0, middle, x1, middle, x1, y)
