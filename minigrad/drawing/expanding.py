"""Opening fused operations: the graph computed again, each rule run on Tensors, so that it records itself."""

from typing import Any

from minigrad.errors import GraphError, NoRuleError
from minigrad.function import Function
from minigrad.graph import Operation, Value, graph_of
from minigrad.node import Output
from minigrad.state import Scope, enable_grad, thread
from minigrad.tensor import Tensor


def expand(outputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The same outputs, computed from the same leaves by NumPy's own functions as far as the rules allow.

    Nothing of the old graph is changed. An operation whose rule uses what has no derivative stays as it is,
    and so does all of a graph that a backward pass has released.
    """
    graph = graph_of(*outputs)
    if any(operation.released for operation in graph.operations):
        return outputs
    made: dict[int, Tensor] = {}
    scope = thread.state.scope
    try:
        with enable_grad():
            for operation in graph.operations:
                results = _again(operation, [_input(value, made) for value in operation.inputs])
                for value, result in zip(operation.outputs, results, strict=True):
                    made[id(value)] = result
    finally:
        thread.state.scope = scope
    return tuple(_renamed(made.get(id(v), old), old) for v, old in zip(graph.outputs, outputs, strict=True))


def _input(value: Value, made: dict[int, Tensor]) -> Any:
    """An input as it is now; one that carries no gradient as the array that the rule was handed."""
    if value.maker is not None:
        return made[id(value)]
    return value.tensor if value.kind == "parameter" else value.data


def _again(operation: Operation, inputs: list[Any]) -> tuple[Tensor, ...]:
    thread.state.scope = operation.scope
    if operation.kind.numpy_function is None:
        opened = _open(operation, inputs)
        if opened is not None:
            return opened
    result: Any = operation.kind._new(operation.static)(*inputs)
    return result if isinstance(result, tuple) else (result,)


def _open(operation: Operation, inputs: list[Any]) -> tuple[Tensor, ...] | None:
    """The primitives of a fused operation in a scope of its name; None where its rule cannot be recorded."""
    state = thread.state
    function: Function = operation.kind._new(operation.static)
    function.needs = [isinstance(x, Tensor) for x in inputs]
    state.scope, state.twin = Scope(operation.name, "fused", operation.scope), True
    try:
        result = function.forward(*inputs)
    except (NoRuleError, GraphError):
        return None
    finally:
        state.scope, state.twin = operation.scope, False
    results = result if isinstance(result, tuple) else (result,)
    return results if all(_recorded(r) for r in results) else None


def _recorded(result: Any) -> bool:
    return isinstance(result, Tensor) and result._node is not None and not isinstance(result._node, Output)


def _renamed(tensor: Tensor, like: Tensor) -> Tensor:
    if tensor is not like:
        tensor.name = like.name
    return tensor
