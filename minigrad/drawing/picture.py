"""The model of a picture: what is shown, and nothing of how it looks. Folding makes a new one.

Nodes, edges and modules are numbered by their place in the picture's tuples. A tensor is known by
`Node.key`, the number in the recorded graph of whatever made it; so numbers measured once are found however
the picture is folded.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

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

    def shown(self) -> set[int]:
        """The keys of all tensors that it says something about."""
        return {node.key for node in self.nodes} | {tensor for _, _, tensor in self.edges}

    def shares(self) -> dict[int, float]:
        """Each operation's share, 0 to 1, of the step or of the saved bytes, or its part of the largest gradient."""
        return {} if self.heat is None else heat_shares(self, self.heat)


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
