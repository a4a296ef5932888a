"""A picture in a style: its cards, which of them the layout moves together, and the lines between them."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple

from minigrad.drawing.cards import Card, Row, book_card, book_label, edge_card, network_card
from minigrad.drawing.picture import BOXES, LEAVES, NUMBER, Edge, Node, Picture, Tensor

Style = Literal["network", "book"]
Direction = Literal["TB", "LR"]

BESIDE = LEAVES | {"tag"}  # the kinds that may stand beside an operation
SPINE_WEIGHT = 20
# In inches: the least distance of two boxes of a rank, and of two ranks.
GAPS: dict[Style, tuple[float, float]] = {"network": (0.42, 0.26), "book": (0.12, 0.18)}
UNGRADED_WIDTH = 1.2
PARAMETER_WIDTH = 1.1


class Unit(NamedTuple):
    """What moves as one: a card and, left of it, the leaves that only it uses (as places in `cards`)."""

    card: int
    stack: tuple[int, ...]
    module: int
    spine: bool


class Link(NamedTuple):
    """A line between two units. `tensor` is its key; `label` stands beside its beginning."""

    source: int
    target: int
    tensor: int
    role: str
    width: float
    dashed: bool
    arrow: bool
    weight: int
    label: Card | None


class Scene(NamedTuple):
    """All that a layout and a writer need. The first cards are the picture's nodes, in its order."""

    picture: Picture
    style: Style
    direction: Direction
    cards: tuple[Card, ...]
    units: tuple[Unit, ...]
    links: tuple[Link, ...]


def walk(scene: Scene) -> Iterator[int | Unit | None]:
    """All units, each inside its module: a module's number where it begins, its units, None where it ends."""
    modules = scene.picture.modules
    children: list[list[int]] = [[] for _ in modules]
    for inner, module in enumerate(modules[1:], 1):
        children[module.parent].append(inner)
    units: list[list[Unit]] = [[] for _ in modules]
    for unit in scene.units:
        units[unit.module].append(unit)
    waiting: list[int | None] = [0]
    while waiting:
        index = waiting.pop()
        if index is None:
            yield None
            continue
        if index:
            yield index
            waiting.append(None)
        yield from units[index]
        waiting += reversed(children[index])


def spine_backward(scene: Scene) -> list[str]:
    """What Graphviz must read first where modules lie in modules: the nodes of the spine, from its end.

    Otherwise it bends the spine inside of an inner cluster, if a skip line enters that from outside.
    """
    if not any(module.parent for module in scene.picture.modules):
        return []
    return ["; ".join([f"n{unit.card}" for unit in reversed(scene.units) if unit.spine])]


def tie_line(picture: Picture, leaf: int) -> tuple[str, float, bool]:
    """Colour, width and dashes of the line from a leaf or a tag to the operation that it stands beside."""
    node = picture.nodes[leaf]
    return _line(picture.tensors.get(node.key), node.kind)


def make_scene(picture: Picture, style: Style, direction: Direction, *, room: bool = False) -> Scene:
    """The scene of a picture: top to bottom or left to right, in either style.

    `room` keeps a place for a share in every operation, to be written into it later.
    """
    return _book_scene(picture, direction) if style == "book" else _network_scene(picture, direction, room)


def _network_scene(picture: Picture, direction: Direction, room: bool) -> Scene:
    shares = picture.shares()
    cards = [network_card(picture, node, shares.get(i), room) for i, node in enumerate(picture.nodes)]
    stacks = _stacks(picture)
    beside = {leaf for stack in stacks.values() for leaf in stack}
    edges = [edge for edge in picture.edges if edge[0] not in beside]
    spine = _spine(picture, edges)
    number = {node: i for i, node in enumerate([n for n in range(len(cards)) if n not in beside])}
    units = [Unit(n, stacks.get(n, ()), picture.nodes[n].module, n in spine) for n in number]
    links = _network_links(picture, edges, number, spine)
    return Scene(picture, "network", direction, tuple(cards), tuple(units), tuple(links))


def _network_links(
    picture: Picture, edges: list[Edge], number: dict[int, int], spine: dict[int, int]
) -> list[Link]:
    links = []
    labelled = set()
    kinds = [node.kind for node in picture.nodes]
    for source, target, key in _spine_first(edges, spine):
        tensor, kind = picture.tensors.get(key), kinds[source]
        label = None
        if tensor is not None and kind not in ("parameter", "tag") and (source, key) not in labelled:
            labelled.add((source, key))
            label = edge_card(tensor, kinds[target] == "output")
        role, width, dashed = _line(tensor, kind)
        weight = SPINE_WEIGHT if spine.get(source) == target else 1
        links.append(Link(number[source], number[target], key, role, width, dashed, True, weight, label))
    return links


def _spine_first(edges: list[Edge], spine: dict[int, int]) -> list[Edge]:
    """The edges, of each source those of the spine first: a tensor's label stands on its first edge."""
    return sorted(edges, key=lambda edge: (edge[0], spine.get(edge[0]) != edge[1]))


def _line(tensor: Tensor | None, source_kind: str) -> tuple[str, float, bool]:
    """Colour, width and dashes of the line that a tensor runs along."""
    if source_kind == "parameter":
        return "parameter", PARAMETER_WIDTH, False
    if tensor is None or not tensor.differentiable:
        return "edge", UNGRADED_WIDTH, True
    return "edge", _width(tensor.nbytes), False


@lru_cache(maxsize=4096)
def _width(nbytes: int) -> float:
    """The width of a line: it grows with the number of digits."""
    width = 0.4 + 0.75 * math.log10(max(nbytes, 1) / 10)
    return round(min(max(width, 1.0), 4.0), 2)


def _stacks(picture: Picture) -> dict[int, tuple[int, ...]]:
    """For each box, the leaves and tags that stand beside it: those that nothing else uses.

    A box that has no other input keeps one of its leaves above it: data before a parameter, a number last.
    """
    uses = Counter([source for source, _, _ in picture.edges])
    beside: dict[int, list[int]] = defaultdict(list)
    flowing = set()
    kinds = [node.kind for node in picture.nodes]
    for source, target, _ in picture.edges:
        if kinds[source] in BESIDE and uses[source] == 1 and kinds[target] in BOXES:
            beside[target].append(source)
        else:
            flowing.add(target)
    for target in beside.keys() - flowing:
        beside[target].remove(min(beside[target], key=lambda leaf: _rank(picture.nodes[leaf])))
    return {target: tuple(leaves) for target, leaves in beside.items() if leaves}


def _rank(leaf: Node) -> int:
    """The lower, the more a leaf is what its operation works on."""
    return 2 if leaf.detail == NUMBER else 0 if leaf.kind == "data" else 1


def _spine(picture: Picture, edges: list[Edge]) -> dict[int, int]:
    """The longest path that ends in the first output, drawn as one straight line: what follows each node of it."""
    depth = [0] * len(picture.nodes)
    deepest: dict[int, int] = {}
    for source, target, _ in sorted(edges, key=itemgetter(1)):
        if depth[source] + 1 > depth[target]:
            depth[target] = depth[source] + 1
            deepest[target] = source
    node = next((i for i, node in enumerate(picture.nodes) if node.kind == "output"), len(depth) - 1)
    spine = {node: -1}
    while node in deepest:
        spine[deepest[node]] = node
        node = deepest[node]
    return spine


def _book_scene(picture: Picture, direction: Direction) -> Scene:
    """Every line of the book picture runs through a card of its own, between the value and the gradient."""
    cards = [book_card(picture, node) for node in picture.nodes]
    units = [Unit(i, (), node.module, False) for i, node in enumerate(picture.nodes)]
    links = []
    lines: dict[tuple[int, int], int] = {}
    for source, target, key in picture.edges:
        tensor = picture.tensors.get(key)
        role, _, dashed = _line(tensor, "operation")
        if tensor is None:
            links.append(Link(source, target, key, role, 1.0, True, True, 1, None))
            continue
        line = lines.get((source, key))
        if line is None:
            line = lines[source, key] = len(units)
            units.append(Unit(len(cards), (), picture.nodes[source].module, False))
            cards.append(_line_card(book_label(tensor), dashed))
            links.append(Link(source, line, key, role, 1.0, dashed, False, 1, None))
        links.append(Link(line, target, key, role, 1.0, dashed, True, 1, None))
    return Scene(picture, "book", direction, tuple(cards), tuple(units), tuple(links))


LINE_ROW = 18.0
LINE_WIDTH = 52.0


def _line_card(rows: tuple[Row, Row], dashed: bool) -> Card:
    width = max(LINE_WIDTH, *(math.ceil(row.left_width) + 8 for row in rows))
    assert all(row.height <= LINE_ROW for row in rows)
    return Card("plain", "line dash" if dashed else "line", rows, width, 2 * LINE_ROW + 1)
