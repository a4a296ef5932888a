"""A recorded graph as pictures need it: its operations and leaves, how they are wired, and their modules.

Every tensor of the graph gets a key, in the order in which it is met; what is measured later is filed under
it. Nodes are made only of what a picture is made of: a large one leaves most of a graph out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from minigrad import tensor as tensors
from minigrad.drawing import text
from minigrad.drawing.picture import (
    NUMBER,
    OUTSIDE,
    PARAMETER,
    Columns,
    Integers,
    Kind,
    Module,
    Node,
    Picture,
    Tensor,
    make_node,
    placed,
)
from minigrad.drawing.scopes import Calls
from minigrad.function import Function
from minigrad.graph import reachable
from minigrad.node import Node as Record
from minigrad.node import Outline, Output

# The Tensor that a leaf is, if it is one; its data, None once released; its first user, and which input it is there.
Leaf: TypeAlias = tuple[tensors.Tensor | None, Any, Record | None, int]


def read(outputs: Sequence[tensors.Tensor], names: Mapping[int, str]) -> Reading:
    """The structure of what some Tensors were computed from.

    Args:
        outputs: the Tensors.
        names: names of arrays, by `id`.
    """
    reading = Reading(names)
    for record in reachable(output._node for output in outputs):
        if isinstance(record, Output):
            reading.add_part(record)
        else:
            reading.add_operation(record)
    reading.add_outputs(outputs)
    return reading


class Reading:
    """A graph by the keys of its tensors; a node has the key of its (first) tensor."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.operations: dict[int, Record] = {}
        self.inputs: dict[int, list[int]] = {}  # of an operation, by its key: those that it was given
        self.leaves: dict[int, Leaf] = {}
        self.data: dict[int, tensors.Array] = {}  # that operations made, where they are still held
        self.keys: dict[object, int] = {}  # from a record, a parameter, or the id of a constant's array
        self._parameters: dict[int, tensors.Array] = {}  # the leaves with a gradient
        self._names = names  # of arrays, by their id
        self._calls = Calls()
        self._types: list[Outline | None] = []  # by key; None is an unknown one
        self._around: list[int] = []  # the module around each operation
        self._makers: dict[int, int] = {}  # from an operation's further outputs to its key
        self._outputs: list[tuple[int, str]] = []  # those made by operations, and their names
        self._titles = _Titles()

    # What it is made from

    def add_operation(self, record: Record) -> None:
        """Add an operation, its module, and before it the leaves it is the first to use."""
        if record.scope is not self._calls.scope:
            self._calls.enter(record.scope)
        keys, types, data, leaves, inputs = self.keys, self._types, self.data, self.leaves, []
        known = record.inputs
        for position, source in enumerate(record.sources):
            key = keys.get(source)
            if key is None:
                key = self._leaf(source, record, position)
                if key is None:
                    continue  # an input that was not given
            elif known and key not in data and key not in leaves:
                data[key] = known[position]
            inputs.append(key)
        key = keys[record] = len(types)
        types.append(record.outlines[0])
        self.operations[key] = record
        self.inputs[key] = inputs
        self._around.append(self._calls.module)

    def add_part(self, output: Output) -> None:
        """Add one of an operation's several outputs; the first has the key of the operation."""
        (maker,) = output.sources
        key = first = self.keys[maker]
        if output.index:
            key = len(self._types)
            self._types.append(output.outlines[0])
            self._makers[key] = first
        self.keys[output] = key

    def add_outputs(self, outputs: Sequence[tensors.Tensor]) -> None:
        """Add every output that an operation made, and the leaf for one that none made."""
        for number, output in enumerate(outputs, 1):
            data = output.data
            if output._node is None:
                identity: object = output if output.requires_grad else id(data)
                if not {identity, output} & self.keys.keys():
                    self._array(identity, (output, data, None, 0))
                continue
            name = self._names.get(id(data)) or output.name
            if name is None:
                name = f"output {number}" if len(outputs) > 1 else self._only_name(data.shape)
            key = self.keys[output._node]
            self.data[key] = data
            self._outputs.append((key, name))

    def _only_name(self, shape: tuple[int, ...]) -> str:
        """What the only output is called: one number that arrays came down to is a loss."""
        return "loss" if shape == () and any(known and known[0] for known in self._types) else "output"

    def _leaf(self, source: Record | tensors.Tensor | None, user: Record, position: int) -> int | None:
        """The key of a parameter at its first use, or of a constant: an array has one for all uses, a number none.

        None is for an input that was not given.
        """
        if isinstance(source, tensors.Tensor):
            return self._array(source, (source, source._data, user, position))
        tensor = user.constants.get(position) if user.constants else None
        data = tensor._data if tensor is not None else user.inputs[position] if user.inputs else None
        if data is None and user.inputs:
            return None
        leaf = tensor, data, user, position
        if isinstance(data, np.ndarray):
            key = self.keys.get(id(data))
            return self._array(id(data), leaf) if key is None else key
        key = len(self._types)
        self._types.append(((), data.dtype) if isinstance(data, np.generic) else None)
        self.leaves[key] = leaf
        return key

    def _array(self, identity: object, leaf: Leaf) -> int:
        """The key of a new leaf; a Tensor that is known by itself is a parameter."""
        tensor, data, _, _ = leaf
        key = self.keys[identity] = len(self._types)
        self._types.append((data.shape, data.dtype))
        self.leaves[key] = leaf
        if identity is tensor:
            self._parameters[key] = data
        return key

    # Its columns

    @cached_property
    def _boxes(self) -> Integers:
        """The keys of the operations."""
        return np.fromiter(self.operations, int)

    @cached_property
    def _operands(self) -> Integers:
        """The keys of all inputs, operation by operation."""
        return np.fromiter(chain.from_iterable(self.inputs.values()), int)

    @cached_property
    def _users(self) -> Integers:
        """Of each of these, which operation's it is."""
        inputs = self.inputs.values()
        return np.repeat(np.arange(len(inputs)), np.fromiter(map(len, inputs), int))

    @cached_property
    def _met(self) -> Integers:
        """The module that each tensor was met in, by key: that of an operation, or of a leaf's first user."""
        around = np.fromiter(self._around, int)
        met = np.zeros(len(self._types), int)
        met[self._operands[::-1]] = around[self._users[::-1]]  # what is written last, stays
        met[self._boxes] = around
        return met

    @cached_property
    def _shared(self) -> dict[int, list[int]]:
        """The leaves that several modules use: these, the first one first."""
        is_leaf = np.zeros(len(self._types), bool)
        is_leaf[list(self.leaves)] = True
        keys, using = self._operands, self._met[self._boxes][self._users]
        elsewhere = is_leaf[keys] & (self._met[keys] != using)
        users: dict[int, list[int]] = {}
        for key, user in zip(keys[elsewhere].tolist(), using[elsewhere].tolist(), strict=True):
            users.setdefault(key, [int(self._met[key])]).append(user)
        return users

    @cached_property
    def _modules(self) -> list[int]:
        """The module around each node, by key: around a leaf the innermost around all that use it."""
        modules: list[int] = self._met.tolist()
        for key, users in self._shared.items():
            modules[key] = self._calls.innermost(users)
        return modules

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """All modules."""
        parameters = self._parameters
        first = zip(self._met[list(parameters)].tolist(), parameters.values(), strict=True)
        shared = [(users, parameters[key]) for key, users in self._shared.items() if key in parameters]
        return self._calls.modules(first, shared)

    # What is made from it

    def tensor(self, key: int) -> Tensor | None:
        """What is known of a tensor without looking into it; None of one that is released, or a number's own."""
        known = self._types[key]
        if known is None:
            return None
        return _described(*known, key not in self.leaves or key in self._parameters)

    def held(self, keys: Collection[int]) -> dict[int, tensors.Array]:
        """The arrays that leaves are, of those among some keys."""
        found = {key: self.leaves[key][1] for key in keys if key in self.leaves}
        return {
            key: np.asarray(data) for key, data in found.items() if isinstance(data, (np.ndarray, np.generic))
        }

    @property
    def ids(self) -> Integers:
        """The keys of all operations and leaves; then numbers for the outputs, which share the keys of their makers."""
        nodes = np.ones(len(self._types) + len(self._outputs), bool)
        nodes[list(self._makers)] = False
        return np.flatnonzero(nodes)

    def wiring(self) -> Integers:
        """All edges, a row each, between nodes by their ids."""
        last = len(self._types)
        nodes = np.arange(last)
        for key, maker in self._makers.items():
            nodes[key] = maker
        made = np.array([key for key, _ in self._outputs], int)
        keys = np.append(self._operands, made)
        users = np.append(self._boxes[self._users], np.arange(last, last + len(made)))
        return np.stack([nodes[keys], users, keys], axis=1)

    def columns(self) -> Columns:
        """What decides which modules are equal."""
        types = self._types
        origins = np.full(len(types), OUTSIDE)
        origins[self._boxes] = np.arange(len(self._boxes))
        origins[list(self._parameters)] = PARAMETER
        for key, maker in self._makers.items():
            origins[key] = origins[maker]
        return Columns(
            self._boxes,
            self._met[self._boxes],
            [self._titles[record.kind] for record in self.operations.values()],
            self._users,
            origins[self._operands],
            [types[key] for keys in self.inputs.values() for key in keys],
        )

    def whole(self) -> Picture:
        """The picture of everything."""
        return self.select(self.ids, self.wiring(), {}, self.modules)

    def select(
        self, ids: Integers, edges: Integers, parts: Mapping[int, list[int]], modules: tuple[Module, ...]
    ) -> Picture:
        """The picture of some nodes, by their ids, and of edges between them; `parts` are those that some stand for."""
        nodes = [self._node(key, parts) for key in ids.tolist()]
        keys = {node.key for node in nodes}.union(edges[:, 2].tolist())
        tensors = {key: tensor for key in keys if (tensor := self.tensor(key)) is not None}
        return Picture(tuple(nodes), placed(ids, edges), modules, tensors, {}, {}, "", ())

    def _node(self, key: int, parts: Mapping[int, list[int]]) -> Node:
        if key in self.operations:
            title = self._titles[self.operations[key].kind]
            own = tuple(parts[key]) if key in parts else (key,)
            return make_node((key, "operation", title, "", self._modules[key], own, ""))
        if key in self.leaves:
            data, module = self.leaves[key][1], self._modules[key]
            detail = "" if data is None or isinstance(data, np.ndarray) else NUMBER
            kind: Kind = "parameter" if key in self._parameters else "data"
            return make_node((key, kind, self._calls.short(self._name(key), module), detail, module, (), ""))
        key, name = self._outputs[key - len(self._types)]
        return Node(key, "output", name)

    def _name(self, key: int) -> str:
        """What a leaf is called: the name given for it, its own, or the one that its user has for this input."""
        tensor, data, user, position = self.leaves[key]
        name = self._names.get(id(data)) or (tensor.name if tensor is not None else None)
        if name or user is None:
            return name or "output"
        if data is None or isinstance(data, np.ndarray):
            return user.input_names[position]
        real = isinstance(data, (int, float, np.integer, np.floating))
        return text.exact(data) if real else str(data)


class _Titles(dict[type[Function], str]):
    """What operations are called, by their kind."""

    def __missing__(self, kind: type[Function]) -> str:
        title = self[kind] = kind._name()
        return title


@lru_cache(maxsize=4096)
def _described(shape: tuple[int, ...], dtype: np.dtype[Any], differentiable: bool) -> Tensor:
    """One object for each shape and dtype, with or without gradient."""
    return Tensor(shape, str(dtype), math.prod(shape) * dtype.itemsize, differentiable)
