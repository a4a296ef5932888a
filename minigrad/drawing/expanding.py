"""Opening fused operations: the graph computed once more, each rule run on Tensors, so that it records its primitives."""

from minigrad.errors import GraphError, NoRuleError
from minigrad.function import Function, Output
from minigrad.graph import Graph, Operation, Value, graph_of
from minigrad.state import Scope, enable_grad, state
from minigrad.tensor import Tensor, wrap


def expand(outputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The same outputs, computed from the same leaves by NumPy's own functions as far as the rules allow.

    Nothing of the old graph is changed. An operation whose rule uses what has no derivative stays as it is, and so does
    all of a graph that a backward pass has released.
    """
    graph = graph_of(*outputs)
    if any(operation.released for operation in graph.operations):
        return outputs
    made: dict[int, Tensor] = {}
    outer = state.scope
    try:
        with enable_grad():
            for operation in graph.operations:
                results = _again(operation, [_input(value, made) for value in operation.inputs])
                for value, result in zip(operation.outputs, results, strict=True):
                    made[id(value)] = result
    finally:
        state.scope = outer
    return _named(outputs, graph, made)


def _input(value: Value, made: dict[int, Tensor]) -> object:
    if value.maker is not None:
        return made[id(value)]
    if value.tensor is not None:
        return value.tensor
    if value.name is not None:
        constant = wrap(value.data)
        constant.name = value.name
        return constant
    return value.data


def _again(operation: Operation, inputs: list[object]) -> tuple[Tensor, ...]:
    function = operation.function
    again = function._copy(operation.static)
    state.scope = operation.scope
    if function.numpy_function is None:
        opened = _open(again, operation, inputs)
        if opened:
            return opened
        again = function._copy(operation.static)
    result = again(*inputs)
    return result if isinstance(result, tuple) else (result,)


def _open(function: Function, operation: Operation, inputs: list[object]) -> tuple[Tensor, ...] | None:
    """The primitives of a fused operation inside a scope of its name; None where its rule cannot be recorded."""
    outer = state.twin
    state.scope, state.twin = Scope(operation.name, "fused", operation.scope), True
    function.needs = operation.function.needs
    tensors = [wrap(x) if needed and not isinstance(x, Tensor) else x for x, needed in zip(inputs, function.needs, strict=True)]
    try:
        result = function.forward(*tensors)
    except (NoRuleError, GraphError):
        return None
    finally:
        state.scope, state.twin = operation.scope, outer
    results = result if isinstance(result, tuple) else (result,)
    recorded = all(isinstance(r, Tensor) and r._op is not None and not isinstance(r._op, Output) for r in results)
    return results if recorded else None


def _named(outputs: tuple[Tensor, ...], graph: Graph, made: dict[int, Tensor]) -> tuple[Tensor, ...]:
    found = []
    for output, value in zip(outputs, graph.outputs, strict=True):
        again = made.get(id(value), output)
        if again is not output:
            again.name = output.name
        found.append(again)
    return tuple(found)
