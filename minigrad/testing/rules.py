"""`check_rule`: all checks of one rule of minigrad, to any order of derivative."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigrad.errors import MinigradError
from minigrad.function import Function
from minigrad.state import no_grad
from minigrad.tensor import Tensor, wrap
from minigrad.testing.engine import check
from minigrad.testing.operation import (
    Array,
    Arrays,
    Gradients,
    Operation,
    Pullback,
    draw_upstream,
    is_real_or_complex,
)
from minigrad.testing.options import AtKink, Options
from minigrad.testing.report import CheckError, Problem, Report
from minigrad.testing.selection import as_outputs, input_names, wanted


def check_rule(
    op: Function | type[Function] | Callable[..., Any],
    *inputs: Any,
    wrt: Sequence[int | str] | None = None,
    order: int = 1,
    at_kink: AtKink = "subgradient",
    dtypes: tuple[str, ...] = ("f8", "f4"),
    layouts: bool = True,
    min_resolution: float = 1e-6,
    seed: int = 0,
) -> Report:
    """Check a rule: its contract, purity, linearity, layouts, and its numbers against differences with a bound.

    Args:
        op: a Function, as a class or with its static parameters as an instance; or a callable of Tensors.
        *inputs: what it is checked at: arrays, Tensors, floats or lists of them. Anything else (None, integers,
            slices) is handed to the rule as it is.
        wrt: the inputs whose gradient is checked, by index or name; all that hold floats if None.
        order: how many derivatives are checked; the second is that of the rule's backward.
        at_kink: what a gradient at a kink must be: a "subgradient", anything ("ignore"), or an "error".
        dtypes: "f8" judges the mathematics; with "f4" the rule is also run in float32 and compared.
        layouts: whether to rebuild the arrays in other memory layouts.
        min_resolution: a gradient proven only to more than this relative error is inconclusive.
        seed: what directions and upstream gradients are drawn from.

    Returns:
        The report, which prints itself; `.higher` is that of the next order.

    Raises:
        GradientError: a gradient is wrong, or the rule breaks the contract.
        CheckError: there is nothing to check: no float input, a NaN, or no Tensor returned.

    Example:
        >>> import numpy as np
        >>> import minigrad as mg
        >>> class Sigmoid(mg.Function):
        ...     def forward(self, x):
        ...         self.y = 1 / (1 + np.exp(-x))
        ...         return self.y
        ...     def backward(self, grad):
        ...         return grad * self.y * (1 - self.y)
        >>> check_rule(Sigmoid, np.array([-1.0, 0.5, 2.0]), order=2).ok
        True
    """
    options = Options(at_kink, dtypes, layouts, min_resolution, seed)
    call = _Call.of(op, inputs)
    first = call.operation(wrt)
    report = Report(first.name)
    report.reproduce = f"check_rule({call.shown}, {', '.join(first.names)}, seed={seed})"
    check(first, options, report)
    lower, f, last = first, call.on_tensors, report
    for k in range(2, order + 1):
        if not report.ok:
            break
        lower, f = differentiated(lower, f, k, seed)
        last.higher = Report(lower.name, order=k, reproduce=f"{report.reproduce[:-1]}, order={k})")
        last = _check_higher(lower, options, last.higher)
    return report.raise_if_wrong()


def _check_higher(op: Operation, options: Options, report: Report) -> Report:
    """Check the next order; what minigrad refuses to differentiate is a problem of the rule."""
    try:
        return check(op, options, report)
    except MinigradError as error:
        cause = "the rule leaves minigrad on its way: it must compute with NumPy functions that take a Tensor"
        report.problems.append(
            Problem(
                "order", f"{op.name} cannot be differentiated again", (str(error).splitlines()[0],), cause
            )
        )
        return report


@dataclass(frozen=True)
class _Call:
    """A rule and its arguments: the arrays among them, and what stays as it is."""

    op: Any
    arguments: tuple[Any, ...]
    places: tuple[int, ...]

    @classmethod
    def of(cls, op: Any, inputs: Sequence[Any]) -> _Call:
        if isinstance(op, type) and issubclass(op, Function):
            op = _instance(op)
        if not callable(op):
            raise CheckError(f"check_rule: {type(op).__name__} is neither a Function nor a callable")
        places = tuple(k for k, x in enumerate(inputs) if _is_array(x))
        return cls(op, tuple(inputs), places)

    @property
    def shown(self) -> str:
        """How the rule is written in the call that repeats the check."""
        if not isinstance(self.op, Function):
            return getattr(self.op, "__name__", type(self.op).__name__)
        fields = ", ".join(f"{name}={value!r}" for name, value in vars(self.op).items())
        return f"{type(self.op).__name__}({fields})"

    def filled(self, values: Sequence[Any]) -> list[Any]:
        """The arguments, with arrays (or Tensors) in their places."""
        arguments = list(self.arguments)
        for place, value in zip(self.places, values, strict=True):
            arguments[place] = value
        return arguments

    def operation(self, wrt: Sequence[int | str] | None) -> Operation:
        """The first order."""
        arrays = tuple(np.asarray(_plain(self.arguments[k])) for k in self.places)
        forward = self.op.forward if isinstance(self.op, Function) else self.op
        all_names = input_names(forward, len(self.arguments), None)
        names = tuple(all_names[k] for k in self.places)
        if isinstance(self.op, Function):
            name = type(self.op).__name__
            return _of_function(self, name, arrays, names, wanted(name, arrays, names, wrt))
        name = getattr(self.op, "__name__", type(self.op).__name__)
        return of_callable(self.on_tensors, name, arrays, names, wanted(name, arrays, names, wrt))

    def on_tensors(self, *tensors: Any) -> Any:
        """The rule, called."""
        return self.op(*self.filled(tensors))


def _instance(cls: type[Function]) -> Function:
    try:
        return cls()
    except TypeError as error:
        signature = str(inspect.signature(cls))
        raise CheckError(
            f"check_rule: {cls.__name__}{signature} needs its parameters; pass an instance, not the class"
        ) from error


def _is_array(value: Any) -> bool:
    if isinstance(value, (np.ndarray, np.generic, Tensor, float, complex)):
        return True
    return isinstance(value, (list, tuple)) and np.asarray(value).dtype.kind in "fciub"


def _plain(value: Any) -> Any:
    return value.numpy() if isinstance(value, Tensor) else value


def _of_function(
    call: _Call, name: str, arrays: Arrays, names: tuple[str, ...], wrt: tuple[int, ...]
) -> Operation:
    """A Function's own forward and backward, on arrays: the rule as it was written, before the base class helps it."""
    places = {call.places[i] for i in wrt}
    needs = [k in places for k in range(len(call.arguments))]
    latest: dict[str, Any] = {}
    static = set(vars(call.op))

    def fresh() -> Function:
        function: Function = call.op._new(vars(call.op))
        function.needs = needs.copy()
        return function

    def evaluate(values: Arrays) -> Arrays:
        return as_outputs(fresh().forward(*call.filled(values)))

    def record(values: Arrays) -> tuple[Arrays, Pullback]:
        function = fresh()
        outputs = as_outputs(function.forward(*call.filled(values)))
        latest.clear()
        latest.update((key, value) for key, value in vars(function).items() if key not in static)

        def pullback(upstream: Arrays) -> Gradients:
            raw = function.backward(*upstream)
            raw = raw if isinstance(raw, tuple) else (raw,)
            return tuple(raw[k] for k in call.places) if len(raw) == len(call.arguments) else raw

        return outputs, pullback

    return Operation(
        name, arrays, names, wrt, evaluate, record, lambda: _arrays_in(latest), unbroadcasts=True, widens=True
    )


def _arrays_in(saved: Mapping[str, Any]) -> dict[str, Array]:
    """The arrays in what a rule saved, by the attribute that holds them."""
    found: dict[str, Array] = {}
    unread = list(saved.items())
    while unread:
        name, value = unread.pop()
        if isinstance(value, np.ndarray):
            found[name] = value
        elif isinstance(value, (tuple, list)):
            unread += [(f"{name}[{k}]", part) for k, part in enumerate(value)]
        elif isinstance(value, dict):
            unread += [(f"{name}[{k!r}]", part) for k, part in value.items()]
    return found


def of_callable(
    f: Callable[..., Any],
    name: str,
    arrays: Arrays,
    names: tuple[str, ...],
    wrt: tuple[int, ...],
    held: tuple[Tensor, ...] = (),
) -> Operation:
    """A callable of Tensors, which minigrad records and carries back.

    Args:
        f: takes as many Tensors as there are arrays, less those that it holds itself.
        name: what messages call it.
        arrays: the values of what it takes, and then of what it holds.
        names: their names.
        wrt: the indices of those that are checked.
        held: the Tensors it holds, such as a module's parameters; they are given other values.
    """
    taken = len(arrays) - len(held)

    def hold(values: Arrays) -> None:
        for tensor, value in zip(held, values[taken:], strict=True):
            tensor._data = value  # not through .data, which keeps the dtype: checks compute in float64

    def evaluate(values: Arrays) -> Arrays:
        hold(values)
        with no_grad():
            return tuple(y.numpy() for y in _tensors(f(*map(wrap, values[:taken])), name))

    def record(values: Arrays) -> tuple[Arrays, Pullback]:
        hold(values)
        tensors = _required([*map(wrap, values[:taken]), *held], wrt)
        results = _tensors(f(*tensors[:taken]), name)

        def pullback(upstream: Arrays) -> Gradients:
            hold(values)
            gradients = _carried(results, [wrap(v) for v in upstream], tensors, create_graph=False)
            return tuple(g.numpy() for g in gradients)

        return tuple(y.numpy() for y in results), pullback

    return Operation(name, arrays, names, wrt, evaluate, record)


def _required(tensors: Sequence[Tensor], wrt: Sequence[int]) -> list[Tensor]:
    """The tensors, of which the given ones require a gradient."""
    for i in wrt:
        if not tensors[i].requires_grad:
            tensors[i].requires_grad = True
    return list(tensors)


def _tensors(returned: Any, name: str) -> tuple[Tensor, ...]:
    results = returned if isinstance(returned, tuple) else (returned,)
    for result in results:
        if not isinstance(result, Tensor):
            raise CheckError(
                f"{name} returned a {type(result).__name__}, not a Tensor, so there is no gradient to check"
            )
    return results


def _carried(
    results: Sequence[Tensor], upstream: Sequence[Tensor], leaves: Sequence[Tensor], create_graph: bool
) -> list[Tensor]:
    """The gradients of the leaves for upstream gradients of all results; zeros for a leaf that none depends on."""
    for leaf in leaves:
        leaf.grad = None
    for result, v in zip(results, upstream, strict=True):
        if result.requires_grad:
            result.backward(v, retain_graph=True, create_graph=create_graph)
    gradients = [leaf.grad if leaf.grad is not None else wrap(np.zeros_like(leaf.numpy())) for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    return gradients


def differentiated(
    lower: Operation, f: Callable[..., Any], order: int, seed: int
) -> tuple[Operation, Callable[..., tuple[Tensor, ...]]]:
    """The next order: inputs and upstream gradients of `lower` to its gradients, as an operation and on Tensors.

    Args:
        lower: the operation of the order below.
        f: the same on Tensors.
        order: the order of the derivative that the new operation's backward is.
        seed: what the upstream gradients are drawn from, which are inputs now.
    """
    upstream = draw_upstream(lower.evaluate(lower.inputs), np.random.default_rng(seed + order))
    split = len(lower.inputs)
    arrays = (*lower.inputs, *upstream)
    stem = "grad" + "'" * (order - 2)
    names = (*lower.names, *(stem if len(upstream) == 1 else f"{stem}{k}" for k in range(len(upstream))))
    linear = tuple(split + k for k, v in enumerate(upstream) if is_real_or_complex(v))

    def backward(*tensors: Tensor) -> tuple[Tensor, ...]:
        leaves = _required(tensors[:split], lower.wrt)
        gradients = _carried(_tensors(f(*leaves), lower.name), tensors[split:], leaves, create_graph=True)
        return tuple(gradients[i] for i in lower.wrt)

    def evaluate(values: Arrays) -> Arrays:
        return tuple(g.numpy() for g in backward(*map(wrap, values)))

    op = of_callable(backward, lower.name, arrays, names, (*lower.wrt, *linear))
    named = f"backward (derivative {order})"
    return replace(op, evaluate=evaluate, backward_name=named, order=order, linear=linear), backward
