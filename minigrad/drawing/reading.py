"""From a recorded graph to the structure of its picture: all its nodes, edges and modules, unfolded.

Every tensor of the graph gets a key, in the order in which it is met; what is measured later is filed under
it.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from minigrad.drawing import text
from minigrad.drawing.picture import Edge, Kind, Module, Node, Picture, Tensor
from minigrad.graph import Graph, Operation, Value
from minigrad.state import Scope
from minigrad.tensor import Array


class Reading(NamedTuple):
    """A picture's structure, and by key what it was read from: the arrays still held, and the operations."""

    picture: Picture
    arrays: dict[int, Array]
    operations: dict[int, Operation]
    keys: dict[int, int]  # from id(value)


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


class _Reader:
    def __init__(self, names: Mapping[int, str]) -> None:
        self.names = names
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.modules = [Module("", "", 0)]
        self.tensors: dict[int, Tensor] = {}
        self.arrays: dict[int, Array] = {}
        self.operations: dict[int, Operation] = {}
        self.keys: dict[int, int] = {}
        self.node_of: dict[int, int] = {}  # by key
        self.dtypes: dict[np.dtype[Any], str] = {}
        self.constants: dict[int, int] = {}  # from id(array) to key
        self.open: list[tuple[Scope, int]] = []  # the scopes around the last operation, and their modules
        self.chains: dict[int, list[Scope]] = {}
        self.prefixes: dict[int, list[str]] = {}  # from id(scope)
        self.last_scope: Scope | None = None
        self.scopes: list[Scope | None] = [None]  # by module

    def operation(self, operation: Operation) -> None:
        """Add an operation, its module, and before it the leaves it is the first to use."""
        if operation.scope is not self.last_scope:
            self._enter(operation.scope)
        module = self.open[-1][1] if self.open else 0
        sources = [self._input(operation, i, value) for i, value in enumerate(operation.inputs)]
        place = len(self.nodes)
        for value in operation.outputs:
            key = self._key(value)
            self.node_of[key] = place
        key = self.keys[id(operation.outputs[0])]
        self.operations[key] = operation
        self.nodes.append(Node(key, "operation", operation.name, "", module, (key,)))
        self.edges += [Edge(self.node_of[source], place, source) for source in sources if source is not None]

    def _enter(self, scope: Scope | None) -> None:
        """Leave the modules that the new operation is not in; enter those that it is in."""
        chain = self._chain(scope)
        shared = 0
        while shared < min(len(chain), len(self.open)) and self.open[shared][0] is chain[shared]:
            shared += 1
        del self.open[shared:]
        for inner in chain[shared:]:
            parent = self.open[-1][1] if self.open else 0
            self.open.append((inner, len(self.modules)))
            name = inner.name or inner.module
            kind = inner.module if inner.name else ""
            if inner.backward_of is not None:
                name, kind = f"∂ {inner.module}", "backward"
            self.modules.append(Module(name, kind, parent))
            self.scopes.append(inner)
        self.last_scope = scope

    def _chain(self, scope: Scope | None) -> list[Scope]:
        if scope is None:
            return []
        if id(scope) not in self.chains:
            chain = []
            around: Scope | None = scope
            while around is not None:
                chain.append(around)
                around = around.parent
            self.chains[id(scope)] = chain[::-1]
        return self.chains[id(scope)]

    def _key(self, value: Value) -> int:
        key = self.keys[id(value)] = len(self.keys)
        data = value.data
        shape, dtype = value.shape, value.dtype
        if shape is not None and dtype is not None:
            name = self.dtypes.get(dtype) or self.dtypes.setdefault(dtype, str(dtype))
            self.tensors[key] = Tensor(shape, name, math.prod(shape) * dtype.itemsize, value.requires_grad)
        if isinstance(data, (np.ndarray, np.generic)):
            self.arrays[key] = np.asarray(data)
        return key

    def _input(self, operation: Operation, position: int, value: Value) -> int | None:
        """The key of an input; None for an argument that is left out."""
        if id(value) in self.keys:
            return self.keys[id(value)]
        if value.kind == "constant" and value.data is None and not operation.released:
            return None
        shared = isinstance(value.data, np.ndarray) and value.kind == "constant"
        if shared and id(value.data) in self.constants:
            return self.constants[id(value.data)]
        key = self._leaf(value, lambda: operation.input_names[position])
        if shared:
            self.constants[id(value.data)] = key
        return key

    def _leaf(self, value: Value, fallback: Callable[[], str]) -> int:
        key = self._key(value)
        given = self.names.get(id(value.data)) or value.name
        if given is None and not isinstance(value.data, np.ndarray) and value.data is not None:
            given = text.exact(value.data) if isinstance(value.data, (int, float)) else str(value.data)
        kind: Kind = "parameter" if value.kind == "parameter" else "data"
        self.node_of[key] = len(self.nodes)
        self.nodes.append(Node(key, kind, given or fallback()))
        return key

    def outputs(self, graph: Graph) -> None:
        """Add a node for every output that an operation made, and the leaf for one that none made."""
        several = len(graph.outputs) > 1
        for number, value in enumerate(graph.outputs, 1):
            name = self.names.get(id(value.data)) or value.name
            if value.maker is None:
                if id(value) not in self.keys:
                    self._leaf(value, lambda: "output")
                continue
            if name is None:
                name = f"output {number}" if several else "loss" if value.shape == () else "output"
            key = self.keys[id(value)]
            self.edges.append(Edge(self.node_of[key], len(self.nodes), key))
            self.nodes.append(Node(key, "output", name))

    def reading(self) -> Reading:
        """All of it, the leaves placed in the modules that use them."""
        nodes, modules = self._place_leaves()
        picture = Picture(tuple(nodes), tuple(self.edges), tuple(modules), self.tensors, {}, {}, "", ())
        return Reading(picture, self.arrays, self.operations, self.keys)

    def _place_leaves(self) -> tuple[list[Node], list[Module]]:
        """A leaf belongs to the innermost module around all its uses; a parameter counts in all of them."""
        users: dict[int, list[int]] = {}
        for source, target, _ in self.edges:
            if self.nodes[source].kind in ("parameter", "data"):
                users.setdefault(source, []).append(self.nodes[target].module)
        nodes = list(self.nodes)
        parameters = [0] * len(self.modules)
        nbytes = [0] * len(self.modules)
        paths = self._paths()
        prefixes = [self._prefixes(scope) for scope in self.scopes]
        for leaf, inside in users.items():
            shared, around = inside[0], paths[inside[0]]
            if len(inside) > 1:
                shared = [module for module in around if all(module in paths[other] for other in inside)][-1]
                around = tuple({module for other in inside for module in paths[other]})
            node, tensor = nodes[leaf], self.tensors.get(nodes[leaf].key)
            name = next((node.name[len(p) :] for p in prefixes[shared] if node.name.startswith(p)), node.name)
            nodes[leaf] = node._replace(module=shared, name=name)
            if node.kind == "parameter" and tensor:
                size = math.prod(tensor.shape)
                for module in around:
                    parameters[module] += size
                    nbytes[module] += tensor.nbytes
        modules = [
            m._replace(parameters=p, nbytes=b)
            for m, p, b in zip(self.modules, parameters, nbytes, strict=True)
        ]
        return nodes, modules

    def _paths(self) -> list[tuple[int, ...]]:
        """For each module, all around it from the outermost, and itself."""
        paths: list[tuple[int, ...]] = [(0,)]
        for index, module in enumerate(self.modules[1:], 1):
            paths.append((*paths[module.parent], index))
        return paths

    def _prefixes(self, scope: Scope | None) -> list[str]:
        """What a parameter's name may begin with that the module it is drawn in says already, the longest first."""
        if scope is None:
            return []
        if id(scope) not in self.prefixes:
            outer = self._prefixes(scope.parent)
            name = f"{outer[0] if outer else ''}{scope.name}."
            self.prefixes[id(scope)] = [name, *outer] if scope.name else outer
        return self.prefixes[id(scope)]
