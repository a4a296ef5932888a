"""A read-only view of a recorded graph: what drawing, compiling and exporting read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal, TypeAlias

import numpy as np

from minigrad.function import Function
from minigrad.lines import Line
from minigrad.node import Node, Output
from minigrad.state import Scope
from minigrad.tensor import Array, Tensor

Kind: TypeAlias = Literal["parameter", "constant", "result"]


@dataclass(eq=False, slots=True)
class Value:
    """What flows along an edge: a leaf that requires a gradient, a constant, or the result of an operation.

    `data` is its array (a number stays one), or None where a backward pass has released it; `shape` and `dtype` of
    a released constant are unknown, and None.
    """

    kind: Kind
    name: str | None
    shape: tuple[int, ...] | None
    dtype: np.dtype[Any] | None
    data: Any
    requires_grad: bool
    tensor: Tensor | None = None  # the leaf itself, for a parameter
    maker: Operation | None = None  # the operation, for a result
    index: int = 0  # which of the maker's outputs


@dataclass(eq=False, slots=True)
class Operation:
    """One recorded operation, and the values it took and gave."""

    node: Node
    inputs: tuple[Value, ...] = ()
    outputs: list[Value] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Its place in the order of creation."""
        return self.node.number

    @property
    def kind(self) -> type[Function]:
        """The Function that computed it."""
        return self.node.kind

    @property
    def name(self) -> str:
        """What errors and drawings call it."""
        return self.node.kind._name()

    @property
    def label(self) -> str:
        """The name with the path of the module in which it was recorded."""
        return self.node.label

    @property
    def scope(self) -> Scope | None:
        """The module in which it was recorded."""
        return self.node.scope

    @property
    def static(self) -> dict[str, Any]:
        """The Function's parameters, such as an axis."""
        return dict(self.node.static)

    @property
    def line(self) -> Line:
        """The line of the user's code that made it."""
        return self.node.line

    @property
    def input_names(self) -> list[str]:
        """What the operation calls its inputs."""
        return self.node.input_names

    @property
    def released(self) -> bool:
        """Whether a backward pass has released what was saved."""
        return self.node.released

    @property
    def saved(self) -> list[Array]:
        """The arrays kept for backward."""
        return self.node.saved_arrays


@dataclass(eq=False, slots=True)
class Graph:
    """Everything that some Tensors were computed from, the operations in the order of their creation."""

    operations: list[Operation]
    outputs: list[Value]

    @property
    def values(self) -> list[Value]:
        """Every value, inputs before the results that stand on them, each once."""
        found: dict[int, Value] = {}
        for operation in self.operations:
            for value in (*operation.inputs, *operation.outputs):
                found.setdefault(id(value), value)
        for value in self.outputs:
            found.setdefault(id(value), value)
        return list(found.values())

    @property
    def parameters(self) -> list[Value]:
        """The leaves that require a gradient."""
        return [value for value in self.values if value.kind == "parameter"]


def graph_of(*outputs: Tensor) -> Graph:
    """The graph that some Tensors were computed from.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Tensor(2.0, requires_grad=True, name="x")
        >>> graph = graph_of((x * 3 + 1).sum())
        >>> [operation.name for operation in graph.operations]
        ['multiply', 'add', 'sum']
        >>> [value.name for value in graph.parameters]
        ['x']
    """
    reader = _Reader()
    operations = [
        reader.operation(node)
        for node in reachable(tensor._node for tensor in outputs)
        if not isinstance(node, Output)
    ]
    found = [
        reader.value(tensor if tensor._node is None else tensor._node, tensor._data) for tensor in outputs
    ]
    for value, tensor in zip(found, outputs, strict=True):
        value.name = tensor.name if value.name is None else value.name
    return Graph(operations, found)


def reachable(roots: Iterable[Node | None]) -> list[Node]:
    """These records and all that they stand on, in the order of their creation."""
    found = {root for root in roots if root is not None}
    unread = list(found)
    while unread:
        for source in unread.pop().sources:
            if isinstance(source, Node) and source not in found:
                found.add(source)
                unread.append(source)
    return sorted(found, key=attrgetter("number"))


class _Reader:
    """Makes each operation and each value once, the oldest first."""

    def __init__(self) -> None:
        self.operations: dict[int, Operation] = {}
        self.leaves: dict[int, Value] = {}

    def operation(self, node: Node) -> Operation:
        operation = Operation(node)
        inputs = node.inputs or [None] * len(node.sources)
        constants = node.constants or {}
        operation.inputs = tuple(
            self.value(constants.get(i, source), x)
            for i, (source, x) in enumerate(zip(node.sources, inputs, strict=True))
        )
        for i, (shape, dtype) in enumerate(node.outlines):
            operation.outputs.append(
                Value("result", None, shape, dtype, None, True, maker=operation, index=i)
            )
        self.operations[node.number] = operation
        return operation

    def value(self, source: Node | Tensor | None, x: Any) -> Value:
        if isinstance(source, Node):
            return self._result(source, x)
        if isinstance(source, Tensor):
            if id(source) not in self.leaves:
                self.leaves[id(source)] = self._leaf(source)
            return self.leaves[id(source)]
        if isinstance(x, (np.ndarray, np.generic)):
            return Value("constant", None, x.shape, x.dtype, x, False)
        return Value("constant", None, None if x is None else (), None, x, False)

    def _leaf(self, tensor: Tensor) -> Value:
        kind: Kind = "parameter" if tensor.requires_grad else "constant"
        return Value(
            kind, tensor.name, tensor.shape, tensor.dtype, tensor.data, tensor.requires_grad, tensor=tensor
        )

    def _result(self, node: Node, x: Any) -> Value:
        index = 0
        if isinstance(node, Output):
            (made_by,) = node.sources
            assert isinstance(made_by, Node)
            index, node = node.index, made_by
        value = self.operations[node.number].outputs[index]
        value.data = x if value.data is None else value.data
        return value
