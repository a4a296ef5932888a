"""From a recorded graph to the structure of its picture: all its nodes, edges and modules, unfolded.

Every tensor of the graph gets a key, in the order in which it is met; what is measured later is filed under
it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np

from minigrad.drawing import text
from minigrad.drawing.picture import Edge, Kind, Module, Node, Picture, Tensor
from minigrad.graph import Graph, Operation, Value
from minigrad.state import Scope
from minigrad.tensor import Array


class Reading(NamedTuple):
    """A picture's structure, and what it was read from: by key the values and the operations."""

    picture: Picture
    values: list[Value]
    operations: dict[int, Operation]
    keys: dict[int, int]  # from id(value)

    def array(self, key: int) -> Array | None:
        """The elements of a tensor, if they are still held."""
        data = self.values[key].data
        return np.asarray(data) if isinstance(data, np.ndarray | np.generic) else None


def read(graph: Graph, names: Mapping[int, str]) -> Reading:
    """The structure of a graph.

    Args:
        graph: what was recorded.
        names: names of arrays, by `id`.
    """
    reader = _Reader(names)
    for operation in graph.operations:
        reader.operation(operation)
    reader.outputs(graph)
    return reader.reading()


class _Call(NamedTuple):
    """One call of a module: the numbers of all around it, from the outermost to its own, and how names in it begin."""

    scope: Scope
    path: tuple[int, ...]
    prefix: str


class _Leaf(NamedTuple):
    """A leaf, and the modules that use it, a module once for each use."""

    key: int
    kind: Kind
    name: str
    users: list[int]


class _Reader:
    def __init__(self, names: Mapping[int, str]) -> None:
        self.names = names
        self.nodes: list[Node | _Leaf] = []
        self.edges: list[Edge] = []
        self.values: list[Value] = []  # by key
        self.place_of: list[int] = []  # by key: of the node that it comes from
        self.tensors: dict[int, Tensor] = {}
        self.operations: dict[int, Operation] = {}
        self.keys: dict[int, int] = {}  # from id(value)
        self.leaves: dict[int, _Leaf] = {}  # by key
        self.constants: dict[int, int] = {}  # from id(array) to key
        self.kinds: dict[tuple[Any, ...], Tensor] = {}  # one Tensor for each shape and dtype
        self.calls: list[_Call] = [_Call(Scope("", ""), (0,), "")]  # by module; the first is the whole picture
        self.scope: Scope | None = None  # of the last operation, and its module
        self.module = 0
        self.open: dict[Scope, int] = {}  # the scopes around the last operation, outermost first

    def operation(self, operation: Operation) -> None:
        """Add an operation, its module, and before it the leaves it is the first to use."""
        node = operation.node
        if node.scope is not self.scope:
            self._enter(node.scope)
        sources = [self._source(operation, i, value) for i, value in enumerate(operation.inputs)]
        place = len(self.nodes)
        first, *others = [self._key(value, place) for value in operation.outputs]
        self.operations[first] = operation
        self.nodes.append(Node(first, "operation", operation.name, "", self.module, (first,)))
        self.edges += [Edge(self.place_of[key], place, key) for key in sources if key is not None]

    def _enter(self, scope: Scope | None) -> None:
        """Leave the modules that the new operation is not in; enter those that it is in."""
        entered = []
        around = scope
        while around is not None and around not in self.open:
            entered.append(around)
            around = around.parent
        while self.open and next(reversed(self.open)) is not around:
            self.open.popitem()
        module = 0 if around is None else self.open[around]
        for inner in reversed(entered):
            outer, module = self.calls[module], len(self.calls)
            prefix = f"{outer.prefix}{inner.name}." if inner.name else outer.prefix
            self.calls.append(_Call(inner, (*outer.path, module), prefix))
            self.open[inner] = module
        self.scope, self.module = scope, module

    def _key(self, value: Value, place: int) -> int:
        key = self.keys[id(value)] = len(self.values)
        self.values.append(value)
        self.place_of.append(place)
        if value.shape is not None and value.dtype is not None:
            kind = value.shape, value.dtype, value.requires_grad
            self.tensors[key] = self.kinds.get(kind) or self.kinds.setdefault(kind, _tensor(*kind))
        return key

    def _source(self, operation: Operation, position: int, value: Value) -> int | None:
        """The key of an input; None for an argument that is left out."""
        key = self.keys.get(id(value))
        if key is None and value.kind == "constant":
            if value.data is None and not operation.released:
                return None
            if isinstance(value.data, np.ndarray):
                key = self.constants.get(id(value.data))
        if key is None:
            return self._leaf(value, self._name(value) or operation.input_names[position])
        if key in self.leaves:
            self.leaves[key].users.append(self.module)
        return key

    def _leaf(self, value: Value, name: str) -> int:
        key = self._key(value, len(self.nodes))
        kind: Kind = "parameter" if value.kind == "parameter" else "data"
        if kind == "data" and isinstance(value.data, np.ndarray):
            self.constants[id(value.data)] = key
        leaf = self.leaves[key] = _Leaf(key, kind, name, [self.module])
        self.nodes.append(leaf)
        return key

    def _name(self, value: Value) -> str | None:
        """What the user calls a value; a number is its own name."""
        data = value.data
        name = self.names.get(id(data)) or value.name
        if name is None and data is not None and not isinstance(data, np.ndarray):
            return text.exact(data) if isinstance(data, (int, float)) else str(data)
        return name

    def outputs(self, graph: Graph) -> None:
        """Add a node for every output that an operation made, and the leaf for one that none made."""
        several = len(graph.outputs) > 1
        self._enter(None)
        for number, value in enumerate(graph.outputs, 1):
            name = self._name(value)
            if value.maker is None:
                if id(value) not in self.keys:
                    self._leaf(value, name or "output")
                continue
            if name is None:
                name = f"output {number}" if several else "loss" if value.shape == () else "output"
            key = self.keys[id(value)]
            self.edges.append(Edge(self.place_of[key], len(self.nodes), key))
            self.nodes.append(Node(key, "output", name))

    def reading(self) -> Reading:
        """All of it, the leaves placed in the modules that use them."""
        modules = self._modules()
        nodes = [node if isinstance(node, Node) else self._placed(node) for node in self.nodes]
        picture = Picture(tuple(nodes), tuple(self.edges), modules, self.tensors, {}, {}, "", ())
        return Reading(picture, self.values, self.operations, self.keys)

    def _placed(self, leaf: _Leaf) -> Node:
        """A leaf as a node of the innermost module around all its uses, without what that says of its name."""
        path = self.calls[leaf.users[0]].path
        if len(leaf.users) > 1:
            paths = [self.calls[user].path for user in leaf.users]
            path = tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, zip(*paths)))
        name = leaf.name
        for module in reversed(path):
            prefix = self.calls[module].prefix
            if name.startswith(prefix):
                name = name[len(prefix) :]
                break
        return Node(leaf.key, leaf.kind, name, "", path[-1])

    def _modules(self) -> tuple[Module, ...]:
        """The modules, each with the parameters that are used in it or deeper."""
        sizes, nbytes = [0] * len(self.calls), [0] * len(self.calls)
        for leaf in self.leaves.values():
            tensor = self.tensors.get(leaf.key)
            if leaf.kind == "parameter" and tensor is not None:
                size = math.prod(tensor.shape)
                around: Iterable[int] = self.calls[leaf.users[0]].path
                if len(leaf.users) > 1:
                    around = set(around).union(*(self.calls[user].path for user in leaf.users))
                for module in around:
                    sizes[module] += size
                    nbytes[module] += tensor.nbytes
        whole = [Module("", "", 0, sizes[0], nbytes[0])]
        inner = zip(self.calls[1:], sizes[1:], nbytes[1:], strict=True)
        whole += [Module(*_title(call.scope), call.path[-2], size, total) for call, size, total in inner]
        return tuple(whole)


def _tensor(shape: tuple[int, ...], dtype: np.dtype[Any], requires_grad: bool) -> Tensor:
    return Tensor(shape, str(dtype), math.prod(shape) * dtype.itemsize, requires_grad)


def _title(scope: Scope) -> tuple[str, str]:
    """What a module is called, and its type."""
    if scope.backward_of is not None:
        return f"∂ {scope.module}", "backward"
    return (scope.name, scope.module) if scope.name else (scope.module, "")
