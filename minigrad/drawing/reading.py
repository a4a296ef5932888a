"""From a recorded graph to the structure of its picture: all its nodes, edges and modules, unfolded.

Every tensor of the graph gets a key, in the order in which it is met; what is measured later is filed under
it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad import tensor as tensors
from minigrad.drawing import text
from minigrad.drawing.picture import NUMBER, Edge, Kind, Node, Picture, Tensor, make_node
from minigrad.drawing.scopes import Calls
from minigrad.function import Function
from minigrad.graph import reachable
from minigrad.node import Node as Record
from minigrad.node import Output


class Reading(NamedTuple):
    """A picture's structure, and what it was read from."""

    picture: Picture
    data: dict[int, tensors.Array]  # by key; of a number none, nor where it is not held any more
    operations: dict[int, Record]  # by key
    keys: dict[int, int]  # from the number of a record
    leaves: dict[int, int]  # to key, from the id of a parameter or of a constant's array

    def inputs(self) -> dict[int, list[int]]:
        """The keys of each operation's inputs, by its own."""
        found: dict[int, list[int]] = {key: [] for key in self.operations}
        for _, target, key in self.picture.edges:
            user = self.picture.nodes[target]
            if user.kind == "operation":
                found[user.key].append(key)
        return found


def read(outputs: Sequence[tensors.Tensor], names: Mapping[int, str]) -> Reading:
    """The structure of what some Tensors were computed from.

    Args:
        outputs: the Tensors.
        names: names of arrays, by `id`.
    """
    reader = _Reader(names)
    for record in reachable(output._node for output in outputs):
        if isinstance(record, Output):
            reader.part(record)
        else:
            reader.operation(record)
    reader.outputs(outputs)
    return reader.reading()


class _Descriptions(dict[tuple[tuple[int, ...], np.dtype[Any], bool], Tensor]):
    """What is known of tensors without looking into them: one for each shape and dtype, with or without gradient."""

    def __missing__(self, kind: tuple[tuple[int, ...], np.dtype[Any], bool]) -> Tensor:
        shape, dtype, differentiable = kind
        tensor = self[kind] = Tensor(shape, str(dtype), math.prod(shape) * dtype.itemsize, differentiable)
        return tensor


class _Titles(dict[type[Function], str]):
    """What operations are called, by their kind."""

    def __missing__(self, kind: type[Function]) -> str:
        title = self[kind] = kind._name()
        return title


class _Reader:
    def __init__(self, names: Mapping[int, str]) -> None:
        self.names = names
        self.calls = Calls()
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        # Of the node that a tensor comes from: by key, as are the five after it.
        self.place_of: list[int] = []
        self.data: dict[int, tensors.Array] = {}
        self.tensors: dict[int, Tensor] = {}
        self.operations: dict[int, Record] = {}
        self.users: dict[int, list[int]] = {}  # of a leaf: their modules
        self.full_names: dict[int, str] = {}  # of a leaf
        self.parameters: list[tuple[list[int], int, int]] = []  # users, elements and bytes
        self.keys: dict[int, int] = {}
        self.leaves: dict[int, int] = {}
        self.known = _Descriptions()
        self.titles = _Titles()

    def operation(self, record: Record) -> None:
        """Add an operation, its module, and before it the leaves it is the first to use."""
        if record.scope is not self.calls.scope:
            self.calls.enter(record.scope)
        sources = []
        for position, source in enumerate(record.sources):
            if isinstance(source, Record):
                key = self.keys[source.number]
                if key not in self.data and record.inputs:
                    self.data[key] = record.inputs[position]
            elif source is not None:
                key = self._parameter(record, position, source)
            elif record.released or record.inputs[position] is not None:
                key = self._constant(record, position)
            else:
                continue  # an input that was not given
            sources.append(key)
        place = len(self.nodes)
        key = self.keys[record.number] = len(self.place_of)
        self.place_of.append(place)
        shape, dtype = record.outlines[0]
        self.tensors[key] = self.known[shape, dtype, True]
        self.operations[key] = record
        title, module = self.titles[record.kind], self.calls.module
        self.nodes.append(make_node((key, "operation", title, "", module, (key,), "")))
        for source_key in sources:
            self.edges.append((self.place_of[source_key], place, source_key))

    def part(self, output: Output) -> None:
        """Add one of an operation's several outputs; the first has the key of the operation."""
        (maker,) = output.sources
        assert isinstance(maker, Record)
        key = self.keys[maker.number]
        if output.index:
            self.place_of.append(self.place_of[key])
            key = len(self.place_of) - 1
            shape, dtype = output.outlines[0]
            self.tensors[key] = self.known[shape, dtype, True]
        self.keys[output.number] = key

    def _parameter(self, record: Record, position: int, tensor: tensors.Tensor) -> int:
        """The key of a Tensor with a gradient: one for all its uses."""
        key = self.leaves.get(id(tensor))
        if key is not None:
            self.users[key].append(self.calls.module)
            return key
        data = tensor._data
        name = self.names.get(id(data)) or tensor.name or record.input_names[position]
        return self._array(id(tensor), data, name, True)

    def _constant(self, record: Record, position: int) -> int:
        """The key of an input without a gradient: an array has one for all its uses, a number for each."""
        tensor = record.constants.get(position) if record.constants else None
        data = tensor._data if tensor is not None else record.inputs[position] if record.inputs else None
        key = self.leaves.get(id(data))
        if key is not None:
            self.users[key].append(self.calls.module)
            return key
        name = self.names.get(id(data)) or (tensor.name if tensor is not None else None)
        if isinstance(data, np.ndarray):
            return self._array(id(data), data, name or record.input_names[position], False)
        if data is None:
            return self._leaf("data", name or record.input_names[position])
        if not isinstance(data, np.generic):
            return self._leaf("data", name or _as_name(data), NUMBER)
        key = self._leaf("data", name or _as_name(data), NUMBER)
        self.data[key] = np.asarray(data)
        self.tensors[key] = self.known[(), data.dtype, False]
        return key

    def _array(self, identity: int, data: tensors.Array, name: str, differentiable: bool) -> int:
        """The key of a new leaf, a parameter where it has a gradient."""
        key = self.leaves[identity] = self._leaf("parameter" if differentiable else "data", name)
        self.data[key] = data
        self.tensors[key] = self.known[data.shape, data.dtype, differentiable]
        if differentiable:
            self.parameters.append((self.users[key], data.size, data.nbytes))
        return key

    def _leaf(self, kind: Kind, name: str, detail: str = "") -> int:
        """The key of a new leaf of which nothing is known yet but its name."""
        module = self.calls.module
        key = len(self.place_of)
        self.place_of.append(len(self.nodes))
        self.users[key] = [module]
        self.full_names[key] = name
        self.nodes.append(make_node((key, kind, self.calls.short(name, module), detail, module, (), "")))
        return key

    def outputs(self, outputs: Sequence[tensors.Tensor]) -> None:
        """Add a node for every output that an operation made, and the leaf for one that none made."""
        self.calls.enter(None)
        for number, output in enumerate(outputs, 1):
            data = output.data
            name = self.names.get(id(data)) or output.name
            if output._node is None:
                identity = id(output) if output.requires_grad else id(data)
                if not {identity, id(output)} & self.leaves.keys():
                    self._array(identity, data, name or "output", output.requires_grad)
                continue
            if name is None:
                name = f"output {number}" if len(outputs) > 1 else "loss" if data.shape == () else "output"
            key = self.keys[output._node.number]
            self.data[key] = data
            self.edges.append((self.place_of[key], len(self.nodes), key))
            self.nodes.append(Node(key, "output", name))

    def reading(self) -> Reading:
        """All of it, the leaves in the innermost modules around all their uses."""
        for key, users in self.users.items():
            if len(users) > 1:
                module = self.calls.innermost(users)
                name = self.calls.short(self.full_names[key], module)
                place = self.place_of[key]
                self.nodes[place] = self.nodes[place]._replace(name=name, module=module)
        modules = self.calls.modules(self.parameters)
        picture = Picture(tuple(self.nodes), tuple(self.edges), modules, self.tensors, {}, {}, "", ())
        return Reading(picture, self.data, self.operations, self.keys, self.leaves)


def _as_name(number: Any) -> str:
    """A number is its own name."""
    return text.exact(number) if isinstance(number, (int, float)) else str(number)
