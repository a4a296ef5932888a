"""`check_layer`: the checks for a layer written by hand in NumPy, which need not know minigrad."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

import numpy as np

from minigrad.testing.engine import check
from minigrad.testing.operation import Array, Arrays, Gradients, Operation, Pullback
from minigrad.testing.options import Options, OptionsGiven
from minigrad.testing.report import CheckError, Report
from minigrad.testing.selection import as_outputs, input_names, wanted


def check_layer(
    layer: Any,
    *inputs: Any,
    params: Mapping[str, str] | None = None,
    wrt: Sequence[int | str] | None = None,
    names: Sequence[str] | None = None,
    **options: Unpack[OptionsGiven],
) -> Report:
    """Check the gradients of a layer written by hand: an object with forward and backward, or the two functions.

    Args:
        layer: an object with `forward(*inputs)` and `backward(upstream)`; or the forward function, and then the
            backward function is the next argument. The backward function takes the upstream gradient; or the
            upstream gradient and the inputs; or, where forward returns `(output, cache)`, the two of them.
        *inputs: the arrays to check at, of any shapes.
        params: of an object, the attributes that hold parameters, each with the attribute that holds its gradient
            after backward: `{"W": "dW", "b": "db"}`.
        wrt: the inputs and parameters to check, by index or name; all that hold floats if None.
        names: names for the inputs; forward's own where it has them.
        **options: `at_kink`, `dtypes`, `layouts`, `min_resolution` and `seed`, as `check_rule` takes them.

    backward returns the gradient of its one input; a tuple, one per input; or a dict by name ("x" or "dx").

    Returns:
        The report.

    Raises:
        GradientError: a gradient is wrong, or the layer breaks the contract.
        CheckError: there is nothing to check.

    Example:
        >>> import numpy as np
        >>> class Sigmoid:
        ...     def forward(self, x):
        ...         self.y = 1 / (1 + np.exp(-x))
        ...         return self.y
        ...     def backward(self, upstream):
        ...         return upstream * self.y * (1 - self.y)
        >>> check_layer(Sigmoid(), np.array([-1.0, 0.5, 2.0])).ok
        True
    """
    given = Options(**options)
    if inputs and callable(inputs[0]):
        op = _from_functions(layer, inputs[0], _arrays(inputs[1:]), names, wrt)
        return check(op, given).raise_if_wrong()
    held = {name: getattr(layer, name) for name in params or {}}
    try:
        op = _from_object(layer, _arrays(inputs), dict(params or {}), names, wrt)
        report = Report(
            op.name, reproduce=f"check_layer({op.name}(...), {', '.join(op.names)}, seed={given.seed})"
        )
        return check(op, given, report).raise_if_wrong()
    finally:
        for name, value in held.items():
            setattr(layer, name, value)


def _arrays(values: Sequence[Any]) -> Arrays:
    return tuple(np.asarray(value) for value in values)


def _from_object(
    layer: Any,
    inputs: Arrays,
    params: dict[str, str],
    names: Sequence[str] | None,
    wrt: Sequence[int | str] | None,
) -> Operation:
    """The operation of a layer object; its parameters are inputs, set as attributes before each forward."""
    for method in ("forward", "backward"):
        if not callable(getattr(layer, method, None)):
            raise CheckError(f"check_layer: {type(layer).__name__} has no method '{method}'")
    own = len(inputs)
    all_names = (*input_names(layer.forward, own, names), *params)
    arrays = (*inputs, *(np.asarray(getattr(layer, name)) for name in params))

    def evaluate(values: Arrays) -> Arrays:
        for name, value in zip(params, values[own:], strict=True):
            setattr(layer, name, value)
        return as_outputs(layer.forward(*values[:own]))

    def record(values: Arrays) -> tuple[Arrays, Pullback]:
        outputs = evaluate(values)
        fresh = True

        def pullback(upstream: Arrays) -> Gradients:
            nonlocal fresh
            if not fresh:
                evaluate(values)
            fresh = False
            returned = layer.backward(*upstream)
            attributes = tuple(getattr(layer, attribute) for attribute in params.values())
            return _gradients(returned, all_names, attributes)

        return outputs, pullback

    name = type(layer).__name__
    return Operation(name, arrays, all_names, wanted(name, arrays, all_names, wrt), evaluate, record)


def _from_functions(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Arrays,
    names: Sequence[str] | None,
    wrt: Sequence[int | str] | None,
) -> Operation:
    """The operation of a forward and a backward function."""
    all_names = input_names(forward, len(inputs), names)
    takes = _required(backward)
    name = getattr(forward, "__name__", type(forward).__name__).removesuffix("_forward")

    def evaluate(values: Arrays) -> Arrays:
        returned = forward(*values)
        return as_outputs(returned[0] if _has_cache(returned, takes, len(inputs)) else returned)

    def record(values: Arrays) -> tuple[Arrays, Pullback]:
        returned = forward(*values)
        cached = _has_cache(returned, takes, len(inputs))
        outputs = as_outputs(returned[0] if cached else returned)
        extra = (returned[1],) if cached else values if takes == len(outputs) + len(values) else ()

        def pullback(upstream: Arrays) -> Gradients:
            return _gradients(backward(*upstream, *extra), all_names, ())

        return outputs, pullback

    return Operation(name, inputs, all_names, wanted(name, inputs, all_names, wrt), evaluate, record)


def _has_cache(returned: Any, takes: int, count: int) -> bool:
    """Whether forward returned (output, cache) for a backward of (upstream, cache)."""
    if not (isinstance(returned, tuple) and len(returned) == 2 and takes == 2):
        return False
    return not isinstance(returned[1], np.ndarray) or count != 1


def _required(function: Callable[..., Any]) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return sum(p.kind in kinds and p.default is p.empty for p in parameters)


def _gradients(returned: Any, names: tuple[str, ...], attributes: tuple[Array, ...]) -> Gradients:
    """What backward returned, one entry per input, parameters last."""
    if isinstance(returned, Mapping):
        found = [returned.get(name, returned.get(f"d{name}")) for name in names]
        count = len(names) - len(attributes)
        return (*found[:count], *(attributes or found[count:]))
    several = isinstance(returned, tuple) or (
        isinstance(returned, list) and all(isinstance(g, np.ndarray) for g in returned)
    )
    if not several:
        returned = (returned,)
    if len(returned) == len(names):
        return tuple(returned)
    return (*returned, *attributes)
