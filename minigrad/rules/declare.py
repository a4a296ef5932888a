"""How a rule is declared: a line of a table, one short class, or what a function is in terms of others."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar, TypeAlias, TypeVar, dataclass_transform

import numpy as np

from minigrad.describe import explained, input_names
from minigrad.describe import operand as described
from minigrad.errors import DtypeError, MinigradError
from minigrad.function import Function, record
from minigrad.registry import OPERATIONS, RULES, Rule, enter, lookup, name_of
from minigrad.rows import ROWWISE, Rows
from minigrad.rules.signatures import Signature, refuse
from minigrad.standin import StandIn, as_array
from minigrad.state import thread
from minigrad.tensor import Tensor, values, wrap

# With respect to one input: the local derivative in terms of the output and the inputs; its value where it is
# constant; None where the input has no gradient.
Derivative: TypeAlias = "Callable[..., Any] | complex | None"

AnyFunction = TypeVar("AnyFunction", bound=type[Function])
AnyCallable = TypeVar("AnyCallable", bound=Callable[..., Any])

NUMBERS = frozenset({bool, int, float, complex})
UFUNC_METHODS = ("reduce", "accumulate", "reduceat")


class Ufunc(Function):
    """The rule of a ufunc, which hands on to it what else NumPy was given, such as dtype= or casting=."""

    options: Mapping[str, Any] = {}

    def computed(self, *xs: Any) -> Any:
        """What NumPy's function gives."""
        return self.numpy_function(*xs, **self.options)  # type: ignore[misc]  # every subclass has one

    @classmethod
    def called(cls, *args: Any, **options: Any) -> Any:
        """The call with options."""
        static = {"options": options}
        return record(cls._new(static), args, static)


AnyUfunc = TypeVar("AnyUfunc", bound=type[Ufunc])


class Elementwise(Ufunc):
    """An operation on each element by itself: the gradient is the upstream one times the local derivative.

    For complex numbers it is times the conjugate of the local derivative, 2 ∂y/∂x for a y that is real: the convention
    of docs/complex.md. A real array's `conjugate()` is the array itself.
    """

    derivatives: ClassVar[tuple[Derivative, ...]]
    curved: ClassVar[bool]  # whether some derivative depends on where it is taken
    finite: ClassVar[bool]  # whether the derivatives are bounded
    singular: ClassVar[bool]  # whether computing them may divide by 0

    y: Any  # what forward gave and was given, kept where it is curved
    xs: Sequence[Any]

    def forward(self, *xs: Any) -> Any:
        y = self.computed(*xs)
        self._remember(xs, y)
        return y

    def _remember(self, inputs: Sequence[Any], output: Any) -> None:
        if self.curved:
            self.xs, self.y = inputs, output

    def backward(self, grad: Any) -> Any:
        if self.finite:
            return self._gradients(grad, operator.mul)
        if not self.singular:
            return self._gradients(grad, times)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._gradients(grad, times)

    def _gradients(self, grad: Any, product: Callable[[Any, Any], Any]) -> tuple[Any, ...]:
        gradients: list[Any] = []
        for needed, derivative in zip(self.needs, self.derivatives, strict=True):
            if not needed:
                gradients.append(None)
            elif callable(derivative):
                gradients.append(product(grad, derivative(self.y, *self.xs).conjugate()))
            elif derivative is None or derivative == 0:
                gradients.append(np.zeros_like(grad))
            else:
                gradients.append(grad if derivative == 1 else grad * derivative.conjugate())
        return tuple(gradients)

    @classmethod
    def _input_names(cls, count: int) -> list[str]:
        curves = [derivative for derivative in cls.derivatives if callable(derivative)]
        return input_names(curves[0], count + 1)[1:] if curves else ["a", "b"][:count]


def elementwise(
    function: Callable[..., Any], *derivatives: Derivative, finite: bool = False, singular: bool = True
) -> None:
    """Declares the rule of an elementwise function by its local derivative with respect to each input.

    Args:
        function: what is declared.
        derivatives: with respect to each input.
        finite: whether the derivatives are bounded, so that no zero gradient can meet an infinite one.
        singular: whether a derivative is computed by what may divide by 0, of which NumPy shall not warn.

    Example, as the table of rules has it:

        elementwise(np.tanh, lambda y, x: 1 - y * y)
        elementwise(np.subtract, 1, -1)
    """
    curved = any(map(callable, derivatives))
    members = {
        "numpy_function": staticmethod(function),
        "_compute": staticmethod(function),
        "derivatives": derivatives,
        "curved": curved,
        "finite": finite or not curved,
        "singular": singular,
        "__doc__": f"The rule of {name_of(function)}.",
    }
    cls: type[Elementwise] = type(function.__name__.capitalize(), (Elementwise,), members)
    _enter_ufunc(function, cls, len(derivatives), "zero" if set(derivatives) == {0} else "every order")


def ufunc(function: np.ufunc) -> Callable[[AnyUfunc], AnyUfunc]:
    """Declares a Ufunc, whose forward asks `computed`, as the rule of a ufunc with all of its keywords."""

    def declare(cls: AnyUfunc) -> AnyUfunc:
        cls.numpy_function = function
        _enter_ufunc(function, cls, function.nin, "every order")
        return cls

    return declare


def _enter_ufunc(function: Callable[..., Any], cls: type[Ufunc], inputs: int, slopes: str) -> None:
    """Enters the rule of a ufunc, or of a function that NumPy made of ufuncs."""
    taken = ufunc_signature(cls._input_names(inputs)) if isinstance(function, np.ufunc) else None
    taken = taken or inspect.signature(function)
    names = list(taken.parameters)[:inputs]

    def operation(args: Sequence[Any]) -> Any:
        return record(cls(), args)

    if cls._compute is not None:  # it saves nothing of its own, so that one serves every call
        operation = functools.partial(record, cls())
    OPERATIONS[function] = operation

    def apply(*args: Any, **kwargs: Any) -> Any:
        return with_others(args, kwargs) if kwargs or len(args) != inputs else operation(args)

    def with_others(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given = [*args[:inputs], *(kwargs.pop(name) for name in names if name in kwargs)]
        if len(given) < inputs:
            raise TypeError(f"{name_of(function)} needs {', '.join(names[len(given) :])}")
        if len(args) > inputs:
            kwargs["out"] = args[inputs:]
        return with_keywords(cls.called, *given, **kwargs)

    enter(function, apply, slopes, cls.__doc__ if cls.__base__ is Ufunc else "Elementwise.", taken)


def ufunc_signature(names: Iterable[str]) -> inspect.Signature:
    """The parameters of a ufunc with these inputs."""
    inputs = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    return inspect.Signature([*inputs, *list(inspect.signature(with_keywords).parameters.values())[2:]])


def with_keywords(
    compute: Callable[..., Any], *args: Any, out: Any = None, where: Any = True, **options: Any
) -> Any:
    """A ufunc's call with keywords: `compute` takes the arguments and all options but where= and out=."""
    if where is True:
        return into(out, compute(*args, **options))
    return into(out, _where_true(compute, args, out, as_array(values(where), bool), options))


def _where_true(
    compute: Callable[..., Any], args: Sequence[Any], out: Any, where: Any, options: Mapping[str, Any]
) -> Any:
    """The results for the elements that `where` chooses; elsewhere what `out` holds, or 0."""
    *xs, where = np.broadcast_arrays(*args, where)
    chosen = compute(*(x[where] for x in xs), **options)
    if not isinstance(chosen, tuple):
        (base,) = out if isinstance(out, tuple) else (out,)
        return _filled(base, where, chosen)
    bases = (None,) * len(chosen) if out is None else out
    return tuple(_filled(base, where, part) for base, part in zip(bases, chosen, strict=True))


def _filled(base: Any, where: Any, chosen: Any) -> Any:
    """A copy of the base, or zeros, with what was chosen in its places."""
    y = wrap(np.zeros(where.shape, chosen.dtype)) if base is None else np.copy(base)
    y[where] = chosen
    return y


def into(out: Any, result: Any) -> Any:
    """Hands the result of a call to its `out=`: a Tensor is bound to it, an array gets its values.

    Raises:
        ShapeError: `out` has another shape.
        DtypeError: `out` has a dtype that the result cannot be cast to, or is an array and would lose a gradient.
    """
    if isinstance(out, tuple):
        results = result if isinstance(result, tuple) else (result,)
        done = tuple(map(into, out, results))
        return done if isinstance(result, tuple) else done[0]
    if out is None:
        return result
    result = result if isinstance(result, Tensor) else wrap(as_array(result))
    if isinstance(out, Tensor):
        return out._rebind(result)
    if result.requires_grad:
        raise DtypeError("an array cannot take what requires a gradient: give a Tensor to write into")
    wrap(out)._rebind(result)  # checks shape and dtype
    np.copyto(out, result._data, casting="same_kind")
    return out


@dataclass_transform(eq_default=False)
def rule(
    *functions: Callable[..., Any], parameters: str | None = None, stacked: bool = False
) -> Callable[[AnyFunction], AnyFunction]:
    """Declares a Function as the rule of NumPy functions, and its annotated fields as static parameters.

    The parameters of `forward` stand for NumPy's first ones; each field for NumPy's parameter of its name. The
    keyword `out=`, where NumPy has it, is taken care of.

    Args:
        functions: what it is the rule of.
        parameters: NumPy's parameter names, where NumPy itself does not tell them.
        stacked: whether NumPy takes the inputs as one sequence, as `np.concatenate` does.
    """

    def declare(cls: AnyFunction) -> AnyFunction:
        dataclass(eq=False)(cls)
        cls.numpy_function = staticmethod(functions[0])
        for function in functions:
            signature = Signature.of(function, cls, parameters, stacked)
            enter(function, _binding(cls, signature, stacked), "every order", cls.__doc__, signature.taken())
        return cls

    return declare


def _binding(cls: type[Function], signature: Signature, stacked: bool) -> Rule:
    """The function for Tensors, in NumPy's signature."""
    n, needed, known, defaults = signature.inputs, signature.needed, signature.known, signature.defaults

    def apply(*args: Any, **kwargs: Any) -> Any:
        inputs, given = (args, kwargs) if len(args) == n else signature.apart(args, kwargs)
        if stacked:
            inputs = tuple(inputs[0])
        if not (given or needed):
            return record(cls._new(defaults), inputs, defaults)
        if needed <= given.keys() <= known and Tensor not in map(type, given.values()):
            fields = defaults | given
            return record(cls._new(fields), inputs, fields)
        return with_any(inputs, **given)

    def with_any(inputs: Sequence[Any], *, out: Any = None, **given: Any) -> Any:
        fields = defaults | signature.fields(given)
        return into(out, record(cls._new(fields), inputs, fields))

    return apply


def composed(*functions: Callable[..., Any], stacked: bool = False) -> Callable[[AnyCallable], AnyCallable]:
    """Declares what NumPy functions are in terms of others: the body, plain NumPy in NumPy's signature, records itself.

    A body without a parameter `out` has the keyword taken care of.

    Args:
        functions: what is declared.
        stacked: whether the first argument is a sequence of arrays, as that of `np.hstack`.
    """

    def declare(body: AnyCallable) -> AnyCallable:
        parameters = inspect.signature(body).parameters
        known = {
            name for name, p in parameters.items() if p.kind not in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL)
        }
        takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        hidden = takes_any or any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
        takes_out = "out" in known or takes_any

        def apply(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            out = None if takes_out else kwargs.pop("out", None)
            if kwargs and not takes_any:
                refuse(function, [name for name in kwargs if name not in known])
            if args:
                first = [operand(x) for x in args[0]] if stacked else operand(args[0])
                args = (first, *args[1:])
            try:
                return into(out, tensors(body(*args, **kwargs)))
            except MinigradError:
                raise  # it names the operation that failed already
            except (ValueError, IndexError) as error:
                raise explained(error, function.__name__, _operands(parameters, args)) from error

        for function in functions:
            bound = functools.partial(apply, function)
            taken = None if hidden and not isinstance(function, np.ufunc) else inspect.signature(body)
            enter(function, bound, "every order", body.__doc__, taken)
        return body

    return declare


def _operands(names: Iterable[str], args: Sequence[Any]) -> list[str]:
    """The arguments that are arrays, in words."""
    given = [(name, x) for name, x in zip(names, args, strict=False) if isinstance(x, (np.ndarray, Tensor))]
    return [described(name, values(x), x.name if isinstance(x, Tensor) else None) for name, x in given]


def operand(x: Any) -> Any:
    """A Tensor or an array as it is, and what holds no numbers; numbers and lists of them as an array."""
    if x is None or isinstance(x, (Tensor, np.ndarray, str, StandIn)):
        return x
    return Tensor(x)._data


def tensors(result: Any) -> Any:
    """Arrays, also those in a tuple or list, as Tensors; anything else as it is."""
    if isinstance(result, (np.ndarray, np.generic, StandIn)):
        return wrap(as_array(result))
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*map(tensors, result))
    if isinstance(result, (tuple, list)):
        return type(result)(map(tensors, result))
    return result


def constant(*functions: Callable[..., Any]) -> None:
    """Declares that no gradient passes through NumPy functions: they compute on the values of Tensors."""
    for function in functions:
        compute: Callable[..., Any] = functools.partial(_on_values, function)
        if isinstance(function, np.ufunc):
            compute = functools.partial(with_keywords, compute)
            for method in UFUNC_METHODS if function.nin == 2 else ():
                RULES[function, method] = functools.partial(_on_values, getattr(function, method))
        enter(function, compute, "none", "Computed on the values.", None)


def _on_values(function: Callable[..., Any], *args: Any, out: Any = None, **kwargs: Any) -> Any:
    plain = [all_values(arg) for arg in args]
    try:
        result = function(*plain, **{name: all_values(value) for name, value in kwargs.items()})
    except (ValueError, IndexError) as error:
        raise named(error, function, *plain) from error
    return into(out, tensors(result))


def named(error: Exception, function: Callable[..., Any], *args: Any) -> Exception:
    """The error of a NumPy function that was run on values, or on positions, with its name and its arrays."""
    arrays = [x for x in args if isinstance(x, (np.ndarray, Tensor))]
    return explained(error, name_of(function), [described(f"input {i}", x) for i, x in enumerate(arrays)])


def all_values(x: Any) -> Any:
    """The arrays of Tensors, also of those in a tuple or list; anything else as it is."""
    return type(x)(map(all_values, x)) if type(x) in (tuple, list) else values(x)


def overridable(function: AnyCallable) -> AnyCallable:
    """Lets a function of our own, written in plain NumPy, dispatch as NumPy's do: a Tensor goes to its rule."""

    @functools.wraps(function)
    def dispatching(*args: Any) -> Any:
        if Tensor in map(type, args):
            return lookup(dispatching)(*args)
        if type(args[0]) is Rows and dispatching in ROWWISE:
            return ROWWISE[dispatching](*args)
        trace = thread.state.trace
        return function(*args) if trace is None else trace.call(function, args, {})

    return dispatching  # type: ignore[return-value]  # wraps keeps the signature


@overridable
def times(grad: Any, local: Any) -> Any:
    """Upstream gradient times local derivative, where a zero gradient stays zero even if the other is infinite.

    Example:
        >>> times(np.array([0.0, 1.0]), np.array([np.inf, 2.0]))
        array([0., 2.])
    """
    if is_finite(local):
        return grad * local
    with np.errstate(invalid="ignore"):
        product = grad * local
        return np.where(np.equal(grad, 0), 0, product).astype(product.dtype)


def is_finite(x: Any) -> bool:
    """Whether all elements are finite, by one pass over them; huge ones, whose square is infinite, are not."""
    if type(x) in NUMBERS:
        return isfinite(abs(x))
    flat = x.ravel("K")
    return isfinite(abs(flat.dot(flat)))


elementwise(times, lambda y, grad, local: local, lambda y, grad, local: grad, singular=False)
