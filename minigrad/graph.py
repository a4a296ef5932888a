"""A read-only view of a recorded graph: what drawing, compiling and exporting read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from minigrad.function import Function, Output
from minigrad.lines import Line
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
    """One recorded operation. `number` is its place in the order of creation."""

    number: int
    name: str
    function: Function
    scope: Scope | None
    static: dict[str, Any]
    inputs: tuple[Value, ...] = ()
    outputs: list[Value] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name with the path of the module in which it was recorded."""
        return self.function._label

    @property
    def line(self) -> Line:
        """The line of the user's code that made it."""
        return self.function._line

    @property
    def input_names(self) -> list[str]:
        """What the operation calls its inputs."""
        return self.function._input_names(len(self.inputs))

    @property
    def released(self) -> bool:
        """Whether a backward pass has released what was saved."""
        return self.function._released

    @property
    def saved(self) -> list[Array]:
        """The arrays kept for backward."""
        return self.function._saved_arrays()


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
    functions = _reachable(tensor._op for tensor in outputs)
    operations = [reader.operation(function) for function in functions if not isinstance(function, Output)]
    found = [reader.value(tensor if tensor._op is None else tensor._op, tensor._data) for tensor in outputs]
    for value, tensor in zip(found, outputs, strict=True):
        value.name = tensor.name if value.name is None else value.name
    return Graph(operations, found)


def _reachable(roots: Iterable[Function | None]) -> list[Function]:
    found: dict[int, Function] = {}
    unread: list[Function | Tensor | None] = list(roots)
    while unread:
        function = unread.pop()
        if isinstance(function, Function) and function._number not in found:
            found[function._number] = function
            unread.extend(function._sources)
    return [found[number] for number in sorted(found)]


class _Reader:
    """Makes each operation and each value once, the oldest first."""

    def __init__(self) -> None:
        self.operations: dict[int, Operation] = {}
        self.leaves: dict[int, Value] = {}

    def operation(self, function: Function) -> Operation:
        operation = Operation(
            function._number, function._name, function, function._scope, dict(function._static)
        )
        inputs = function._inputs or [None] * len(function._sources)
        operation.inputs = tuple(
            self.value(source, x) for source, x in zip(function._sources, inputs, strict=True)
        )
        for i, (shape, dtype) in enumerate(function._outputs or [(function._shape, function._dtype)]):
            operation.outputs.append(Value("result", None, shape, dtype, None, True, maker=operation, index=i))
        self.operations[function._number] = operation
        return operation

    def value(self, source: Function | Tensor | None, x: Any) -> Value:
        if isinstance(source, Function):
            return self._result(source, x)
        if isinstance(source, Tensor):
            if id(source) not in self.leaves:
                self.leaves[id(source)] = self._leaf(source)
            return self.leaves[id(source)]
        known = x if isinstance(x, (np.ndarray, np.generic)) else None
        return Value(
            "constant",
            None,
            () if known is None and x is not None else getattr(known, "shape", None),
            getattr(known, "dtype", None),
            x,
            False,
        )

    def _leaf(self, tensor: Tensor) -> Value:
        kind: Kind = "parameter" if tensor.requires_grad else "constant"
        return Value(kind, tensor.name, tensor.shape, tensor.dtype, tensor.data, tensor.requires_grad, tensor=tensor)

    def _result(self, function: Function, x: Any) -> Value:
        index = 0
        if isinstance(function, Output):
            index, (made_by,) = function.index, function._sources
            assert isinstance(made_by, Function)
            function = made_by
        value = self.operations[function._number].outputs[index]
        value.data = x if value.data is None else value.data
        return value
