"""The model of a picture: what is shown, and nothing of how it looks. Folding makes a new one.

Nodes, edges and modules are numbered by their place in the picture's tuples. A tensor is known by
`Node.key`, the number in the recorded graph of whatever made it; so numbers measured once are found however
the picture is folded.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int_]
Kind = Literal["operation", "parameter", "data", "output", "module", "chain", "tag"]
Heat = Literal["time", "memory", "grad"]

LEAVES = frozenset(("parameter", "data"))
BOXES = frozenset(("operation", "module", "chain"))
NUMBER = "number"  # the detail of a leaf that is no array


class Statistics(NamedTuple):
    """What is known of an array's elements. `histogram` counts between `minimum` and `maximum`."""

    rms: float
    mean: float
    minimum: float
    maximum: float
    not_finite: int
    histogram: tuple[int, ...]


class Tensor(NamedTuple):
    """The tensor on an edge: what the picture says about it."""

    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    differentiable: bool
    value: Statistics | None = None
    gradient: Statistics | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether it holds one element and can be shown as that number."""
        return all(extent == 1 for extent in self.shape)


class Cost(NamedTuple):
    """What an operation takes: bytes it saves for backward, and seconds where they were measured."""

    saved: int
    forward: float | None = None
    backward: float | None = None

    @property
    def seconds(self) -> float | None:
        """Forward and backward together; None where neither was measured."""
        if self.forward is None and self.backward is None:
            return None
        return (self.forward or 0.0) + (self.backward or 0.0)


class Node(NamedTuple):
    """A box of the picture.

    `module` is the innermost module around it; `parts` are the keys of the operations it stands
    for: its own, or all that are folded into it.
    """

    key: int
    kind: Kind
    name: str
    detail: str = ""
    module: int = 0
    parts: tuple[int, ...] = ()
    line: str = ""


# A Node of all its fields, made in half the time of a call: a picture is read and pruned node by node.
make_node: Callable[[tuple[int, Kind, str, str, int, tuple[int, ...], str]], Node] = partial(
    tuple.__new__, Node
)

# A tensor on its way: the node that made it, one that uses it, and its key. A plain tuple, since they are many.
Edge: TypeAlias = tuple[int, int, int]


class Module(NamedTuple):
    """One call of a module, or of `repeats` equal ones drawn once. Module 0 is the whole picture."""

    name: str
    type: str
    parent: int
    parameters: int = 0
    nbytes: int = 0
    repeats: int = 1


# As above.
make_module: Callable[[tuple[str, str, int, int, int, int]], Module] = partial(tuple.__new__, Module)


PARAMETER, OUTSIDE = -1, -2  # where an input comes from that no box made, or none that counts


class Columns(NamedTuple):
    """What decides which modules are equal. The boxes are in their order, those of each call of a module in a row."""

    # Of each box:
    boxes: Integers  # its id
    modules: Integers  # the innermost module around it
    labels: list[object]  # what it is
    # Of each input, those of one box after those of another:
    users: Integers  # the number of the box
    sources: Integers  # the number of the box that made it, PARAMETER or OUTSIDE
    types: list[object]  # shape and dtype


class Structure(Protocol):
    """What equal modules are found in: a picture, or a graph of which there is none yet. Ids of nodes rise in order."""

    @property
    def modules(self) -> tuple["Module", ...]:
        """All modules."""

    @property
    def ids(self) -> Integers:
        """Of all nodes."""

    def wiring(self) -> Integers:
        """All edges, a row each, between ids."""

    def columns(self) -> Columns:
        """What decides which modules are equal."""

    def whole(self) -> "Picture":
        """The picture of all of it."""

    def select(
        self, ids: Integers, edges: Integers, parts: Mapping[int, list[int]], modules: tuple["Module", ...]
    ) -> "Picture":
        """The picture of some nodes and of edges between them; `parts` are the nodes that some stand for."""


class Picture(NamedTuple):
    """A graph ready to be drawn. Edges are in the order of their targets' operands."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    modules: tuple[Module, ...]
    tensors: Mapping[int, Tensor]
    costs: Mapping[int, Cost]
    badges: Mapping[int, str]
    title: str
    facts: tuple[str, ...]
    heat: Heat | None = None
    legend: bool = True

    @property
    def ids(self) -> Integers:
        """The places of its nodes."""
        return np.arange(len(self.nodes))

    def wiring(self) -> Integers:
        """Its edges, a row each."""
        return np.array(self.edges, int).reshape(-1, 3)

    def columns(self) -> Columns:
        """What decides which of its modules are equal."""
        boxes = [(place, node) for place, node in enumerate(self.nodes) if node.kind in BOXES]
        places = np.array([place for place, _ in boxes], int)
        origins = np.array([PARAMETER if node.kind == "parameter" else OUTSIDE for node in self.nodes], int)
        origins[places] = np.arange(len(boxes))
        edges = self.wiring()
        edges = edges[np.argsort(edges[:, 1], kind="stable")]
        sources, users, keys = edges[origins[edges[:, 1]] >= 0].T
        return Columns(
            places,
            np.array([node.module for _, node in boxes], int),
            [(node.kind, node.name, len(node.parts)) for _, node in boxes],
            origins[users],
            origins[sources],
            [tensor and tensor[:2] for tensor in map(self.tensors.get, keys.tolist())],
        )

    def whole(self) -> "Picture":
        """Itself."""
        return self

    def select(
        self, ids: Integers, edges: Integers, parts: Mapping[int, list[int]], modules: tuple[Module, ...]
    ) -> "Picture":
        """The picture of some of its nodes and of edges between them; `parts` are the nodes that some stand for."""
        nodes = [self.nodes[place] for place in ids]
        for i, place in enumerate(ids.tolist()):
            if place in parts:
                own = [part for equal in parts[place] for part in self.nodes[equal].parts]
                nodes[i] = nodes[i]._replace(parts=tuple(own))
        return self._replace(nodes=tuple(nodes), edges=placed(ids, edges), modules=modules)

    def shown(self) -> set[int]:
        """The keys of all tensors that it says something about."""
        return {node.key for node in self.nodes} | {tensor for _, _, tensor in self.edges}

    def shares(self) -> dict[int, float]:
        """Each operation's share, 0 to 1, of the step or of the saved bytes, or its part of the largest gradient."""
        return {} if self.heat is None else heat_shares(self, self.heat)


def placed(ids: Integers, edges: Integers) -> tuple[Edge, ...]:
    """Edges between the ids of nodes as edges between their places."""
    places = np.zeros(ids[-1] + 1 if len(ids) else 0, int)
    places[ids] = np.arange(len(ids))
    sources, targets, keys = edges.T
    return tuple(zip(places[sources].tolist(), places[targets].tolist(), keys.tolist(), strict=True))


def heat_shares(picture: Picture, heat: Heat) -> dict[int, float]:
    """The share of each box, by its place in the picture; empty where nothing was measured.

    An output's own gradient, which backward begins with, is none of the net's: it would dwarf them all.
    """
    boxes = [(index, node.key) for index, node in enumerate(picture.nodes) if node.kind in BOXES]
    if heat == "grad":
        outputs = {node.key for node in picture.nodes if node.kind == "output"}
        amounts = {index: _gradient(picture.tensors.get(key)) for index, key in boxes if key not in outputs}
        whole = max(amounts.values(), default=0.0)
    else:
        amounts = {index: _amount(picture.costs[key], heat) for index, key in boxes}
        whole = sum(amounts.values())
    return {index: amount / whole for index, amount in amounts.items()} if whole > 0 else {}


def _amount(cost: Cost, heat: Heat) -> float:
    return (cost.seconds or 0.0) if heat == "time" else float(cost.saved)


def _gradient(tensor: Tensor | None) -> float:
    rms = tensor.gradient.rms if tensor and tensor.gradient else 0.0
    return rms if rms < float("inf") else 0.0  # NaN compares false too: it has a badge, not a share
