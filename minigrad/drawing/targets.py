"""What can be drawn: Tensors, or a function or a Module and the inputs to call it with."""

import inspect
from collections.abc import Callable, Iterator
from itertools import count, islice
from types import MappingProxyType
from typing import Any

import numpy as np

from minigrad.drawing.errors import DrawingError
from minigrad.nn import Module
from minigrad.tensor import Tensor


def find_tensors(outputs: tuple[Any, ...]) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """The Tensors to draw, and the names that a function's signature has for inputs without one."""
    if not outputs:
        raise DrawingError("draw: nothing to draw; pass a Tensor, or a function and its inputs")
    first, *inputs = outputs
    if callable(first) and not isinstance(first, Tensor):
        return _called(first, inputs)
    strangers = [type(output).__name__ for output in outputs if not isinstance(output, Tensor)]
    if strangers:
        raise DrawingError(f"draw: cannot draw a {strangers[0]}; pass Tensors, or a function and its inputs")
    return outputs, {}


def _called(function: Callable[..., Any], inputs: list[Any]) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """A function's outputs. Its floating-point inputs get gradients; a Module's do not, its parameters do."""
    names = list(islice(_argument_names(function), len(inputs)))
    if not isinstance(function, Module):
        inputs = [_differentiable(value, name) for value, name in zip(inputs, names, strict=True)]
    else:
        inputs = [value if isinstance(value, Tensor) else np.asarray(value) for value in inputs]
    result = function(*inputs)
    results = result if isinstance(result, tuple) else (result,)
    if not all(isinstance(output, Tensor) for output in results):
        raise DrawingError(
            f"draw: {function!r} returned a {type(result).__name__}; it must return Tensors to be drawn"
        )
    own = {
        name: value for name, value in zip(names, inputs, strict=True) if getattr(value, "name", None) is None
    }
    return results, own


def _differentiable(value: Any, name: str) -> Any:
    if isinstance(value, Tensor):
        return value
    array = np.asarray(value)
    return Tensor(array, requires_grad=True, name=name) if array.dtype.kind in "fc" else array


def _argument_names(function: Callable[..., Any]) -> Iterator[str]:
    """The names of a function's positional arguments; where it tells none, their numbers, without end."""
    try:
        parameters = inspect.signature(
            function.forward if isinstance(function, Module) else function
        ).parameters
    except ValueError:  # NumPy's own functions have no signature
        parameters = MappingProxyType({})
    for name, parameter in parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            yield from (f"{name}[{i}]" for i in count())
        yield name
    yield from (f"input {i}" for i in count(1))
