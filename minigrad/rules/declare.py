"""How a rule is declared: one line for an elementwise function, one short class for any other."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar, dataclass_transform

import numpy as np

from minigrad.describe import input_names
from minigrad.errors import NoRuleError
from minigrad.function import Function
from minigrad.registry import RULES, Rule, lookup, name_of
from minigrad.tensor import Tensor, values, wrap

# With respect to one input: the local derivative in terms of the output and the inputs; its value where it is
# constant; None where the input has no gradient.
Derivative: TypeAlias = "Callable[..., Any] | complex | None"

AnyFunction = TypeVar("AnyFunction", bound=type[Function])
AnyCallable = TypeVar("AnyCallable", bound=Callable[..., Any])


class Elementwise(Function):
    """An operation on each element by itself: the gradient is the upstream one times the local derivative.

    For complex numbers it is times the conjugate of the local derivative, 2 ∂y/∂x for a y that is real: the convention
    of docs/complex.md. A real array's `conjugate()` is the array itself.
    """

    derivatives: ClassVar[tuple[Derivative, ...]]
    curved: ClassVar[bool]  # whether some derivative depends on where it is taken

    def forward(self, *xs: Any) -> Any:
        y = type(self).numpy_function(*xs)  # type: ignore[misc]  # every subclass has one
        if self.curved:
            self.y, self.xs = y, xs
        return y

    @np.errstate(divide="ignore", invalid="ignore")
    def backward(self, grad: Any) -> Any:
        return tuple(
            self._through(grad, derivative) if need else None
            for need, derivative in zip(self.needs, self.derivatives, strict=True)
        )

    @classmethod
    def _input_names(cls, count: int) -> list[str]:
        curves = [derivative for derivative in cls.derivatives if callable(derivative)]
        return input_names(curves[0], count + 1)[1:] if curves else ["a", "b"][:count]

    def _through(self, grad: Any, derivative: Derivative) -> Any:
        if callable(derivative):
            return times(grad, derivative(self.y, *self.xs).conjugate())
        return grad if derivative == 1 else grad * derivative.conjugate()


def elementwise(function: Callable[..., Any], *derivatives: Derivative) -> None:
    """Declares the rule of an elementwise function by its local derivative with respect to each input.

    Example, as the table of rules has it:

        elementwise(np.tanh, lambda y, x: 1 - y * y)
        elementwise(np.subtract, 1, -1)
    """
    members = {
        "numpy_function": staticmethod(function),
        "derivatives": derivatives,
        "curved": any(map(callable, derivatives)),
        "__doc__": f"The rule of {name_of(function)}.",
    }
    cls = type(function.__name__.capitalize(), (Elementwise,), members)

    operation = cls()

    def apply(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            _refuse(function, kwargs)
        return operation(*args)

    RULES[function] = apply


@dataclass_transform(eq_default=False)
def rule(
    *functions: Callable[..., Any], parameters: str | None = None, stacked: bool = False
) -> Callable[[AnyFunction], AnyFunction]:
    """Declares a Function as the rule of NumPy functions, and its annotated fields as static parameters.

    The parameters of `forward` stand for NumPy's first ones; each field for NumPy's parameter of its name.

    Args:
        functions: what it is the rule of.
        parameters: NumPy's parameter names, where NumPy itself does not tell them.
        stacked: whether NumPy takes the inputs as one sequence, as `np.concatenate` does.
    """

    def declare(cls: AnyFunction) -> AnyFunction:
        dataclass(eq=False)(cls)
        cls.numpy_function = staticmethod(functions[0])
        for function in functions:
            names = parameters.split() if parameters else list(inspect.signature(function).parameters)
            RULES[function] = _binding(function, cls, names, stacked)
        return cls

    return declare


def _binding(function: Callable[..., Any], cls: type[Function], names: list[str], stacked: bool) -> Rule:
    """Takes a call in NumPy's signature apart into the inputs and the static parameters of a rule."""
    forward = list(inspect.signature(cls.forward).parameters.values())[1:]
    n = 1 if stacked else len(forward)
    required = 1 if stacked else sum(p.default is p.empty for p in forward)
    fields = set(inspect.signature(cls).parameters)

    def apply(*args: Any, **kwargs: Any) -> Any:
        given = dict(zip(names, args, strict=False)) | kwargs
        if any(name not in given for name in names[:required]):
            raise TypeError(f"{name_of(function)} needs {', '.join(names[:required])}")
        inputs = [given.pop(name, None) for name in names[:n]]
        static = {name: value for name, value in given.items() if name in fields}
        if len(static) < len(given):
            _refuse(function, {k: v for k, v in given.items() if k not in fields and v is not None})
        return cls(**static)(*(inputs[0] if stacked else inputs))

    return apply


def composed(*functions: Callable[..., Any]) -> Callable[[AnyCallable], AnyCallable]:
    """Declares what NumPy functions are in terms of others, with NumPy's own signature: those others have the rules."""

    def declare(composition: AnyCallable) -> AnyCallable:
        @functools.wraps(composition)
        def apply(*args: Any, **kwargs: Any) -> Any:
            result = composition(*args, **kwargs)
            return wrap(np.asarray(result)) if isinstance(result, (np.ndarray, np.generic)) else result

        for function in functions:
            RULES[function] = apply
        return composition

    return declare


def constant(*functions: Callable[..., Any]) -> None:
    """Declares that no gradient passes through NumPy functions: they compute on the values of Tensors."""
    for function in functions:
        RULES[function] = functools.partial(_on_values, function)


def _on_values(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    result = function(*map(values, args), **{name: values(value) for name, value in kwargs.items()})
    return wrap(np.asarray(result)) if isinstance(result, (np.ndarray, np.generic)) else result


def overridable(function: AnyCallable) -> AnyCallable:
    """Lets a function of our own, written in plain NumPy, dispatch as NumPy's do: a Tensor goes to its rule."""

    @functools.wraps(function)
    def dispatching(*args: Any) -> Any:
        if any(type(arg) is Tensor for arg in args):
            return lookup(dispatching)(*args)
        return function(*args)

    return dispatching  # type: ignore[return-value]  # wraps keeps the signature


def _refuse(function: Callable[..., Any], keywords: dict[str, Any]) -> None:
    if keywords:
        names = ", ".join(f"{name}=" for name in keywords)
        raise NoRuleError(f"{name_of(function)}: minigrad's rule does not take {names}")


@overridable
def times(grad: Any, local: Any) -> Any:
    """Upstream gradient times local derivative, where a zero gradient stays zero even if the other is infinite.

    Example:
        >>> with np.errstate(invalid="ignore"):
        ...     times(np.array([0.0, 1.0]), np.array([np.inf, 2.0]))
        array([0., 2.])
    """
    product = grad * local
    if np.isfinite(np.add.reduce(product, axis=None)):
        return product
    return np.where(np.equal(grad, 0), 0, product).astype(product.dtype)


elementwise(times, lambda y, grad, local: local, lambda y, grad, local: grad)
