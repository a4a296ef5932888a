"""Ranks: every item below all that it depends on, by the longest path, in time linear in the segments."""

from collections.abc import Sequence
from typing import Protocol


class _Segment(Protocol):
    @property
    def source(self) -> int: ...
    @property
    def target(self) -> int: ...


def rank_items(count: int, segments: Sequence[_Segment], entries: set[int], exits: set[int]) -> list[int]:
    """The rank of each item, from 0. Entries have the first rank for themselves, exits the last.

    An item that depends on nothing, or only on such an item that nothing else uses, stands right above its
    first use.
    """
    targets: list[list[int]] = [[] for _ in range(count)]
    waits = [0] * count
    for segment in segments:
        targets[segment.source].append(segment.target)
        waits[segment.target] += 1
    first = 1 if entries else 0
    rank = [0 if item in entries else first for item in range(count)]
    ready = [item for item in range(count) if waits[item] == 0]
    for item in ready:  # grows while it is walked: Kahn's order
        below = rank[item] + 1
        for target in targets[item]:
            rank[target] = max(rank[target], below)
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    _pull_down(rank, targets, ready, entries)
    inner = max((rank[item] for item in range(count) if item not in exits), default=-1)
    for item in exits:
        rank[item] = inner + 1
    return rank


def _pull_down(rank: list[int], targets: list[list[int]], order: list[int], entries: set[int]) -> None:
    """Move what hangs from nothing down to what it feeds."""
    held = [item in entries for item in range(len(rank))]
    seen: set[int] = set()
    for item in order:
        for target in targets[item]:
            held[target] = held[target] or held[item] or len(targets[item]) > 1 or target in seen
            seen.add(target)
    for item in reversed(order):
        if not held[item] and targets[item]:
            rank[item] = max(rank[item], min(rank[target] for target in targets[item]) - 1)
