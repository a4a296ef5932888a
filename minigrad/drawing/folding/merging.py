"""The one way in which a picture gets smaller: sets of its nodes, each replaced by one box.

A set must be convex: no path may leave it and come back, else the smaller picture would have a cycle. Two
kinds are: an interval of the operations in their order, which is topological, and a chain.
"""

from collections.abc import Sequence
from typing import NamedTuple

from minigrad.drawing.picture import BOXES, LEAVES, Edge, Kind, Module, Node, Picture


class Group(NamedTuple):
    """Boxes to become one box, in their order."""

    members: Sequence[int]
    kind: Kind
    name: str
    detail: str
    module: int


def merge(picture: Picture, groups: Sequence[Group]) -> Picture:
    """The picture with each group as one box, which has the key of its last operation and the parts of all.

    A leaf that only a group uses goes inside it.
    """
    if not groups:
        return picture
    group_of = [-1] * len(picture.nodes)
    for number, group in enumerate(groups):
        for member in group.members:
            group_of[member] = number
    _absorb_leaves(picture, group_of)
    nodes: list[Node] = []
    place: list[int] = []
    place_of_group: dict[int, int] = {}
    for index, node in enumerate(picture.nodes):
        number = group_of[index]
        if number >= 0 and number in place_of_group:
            place.append(place_of_group[number])
            continue
        if number >= 0 and node.kind in LEAVES:
            place.append(-1)
            continue
        place.append(len(nodes))
        if number >= 0:
            place_of_group[number] = len(nodes)
        nodes.append(_box(picture, groups[number]) if number >= 0 else node)
    edges = _edges(picture, place, group_of)
    return picture._replace(nodes=tuple(nodes), edges=edges)


def _absorb_leaves(picture: Picture, group_of: list[int]) -> None:
    users: dict[int, set[int]] = {}
    for source, target, _ in picture.edges:
        if picture.nodes[source].kind in LEAVES:
            users.setdefault(source, set()).add(group_of[target])
    for leaf, numbers in users.items():
        if len(numbers) == 1:
            group_of[leaf] = min(numbers)


def _box(picture: Picture, group: Group) -> Node:
    members = [picture.nodes[member] for member in group.members]
    parts = tuple(part for node in members for part in node.parts)
    return Node(members[-1].key, group.kind, group.name, group.detail, group.module, parts)


def _edges(picture: Picture, place: list[int], group_of: list[int]) -> tuple[Edge, ...]:
    """The edges between what is left, each tensor once between two boxes of which one is a group."""
    seen = set()
    edges = []
    for source, target, tensor in picture.edges:
        edge = place[source], place[target], tensor
        inside = group_of[source] >= 0 and group_of[source] == group_of[target]
        folded = group_of[source] >= 0 or group_of[target] >= 0
        if inside or (folded and edge in seen):
            continue
        seen.add(edge)
        edges.append(edge)
    return tuple(edges)


def boxes(picture: Picture) -> list[int]:
    """The places of what computes: operations and what is folded of them."""
    return [index for index, node in enumerate(picture.nodes) if node.kind in BOXES]


def depths(modules: Sequence[Module]) -> list[int]:
    """How many modules are around each module."""
    depth = [0] * len(modules)
    for index, module in enumerate(modules[1:], 1):
        depth[index] = depth[module.parent] + 1
    return depth
