"""Function: one operation, as a rule that computes it and carries a gradient back. Calling it records it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from sys import _getframe
from typing import Any, ClassVar, Self

import numpy as np
from numpy import ndarray

from minigrad.describe import explained, input_names, operand
from minigrad.errors import DtypeError, MinigradError
from minigrad.lines import users_place
from minigrad.node import Node, Output
from minigrad.standin import StandIn, as_array
from minigrad.state import Tracing, label, thread
from minigrad.tensor import Array, Tensor, wrap

_numbers = count()
_PLAIN = frozenset({ndarray, float, int})  # the commonest that forward gets as they are
_NOTHING: dict[str, Any] = {}


class Function:
    """One operation: `forward` computes it, `backward` carries a gradient back through it.

    Both are plain NumPy. `forward` takes arrays and returns one array (or a tuple of several); what `backward`
    will need it saves on `self`. `backward` takes the gradient with respect to each output and returns the gradient
    with respect to each input: one array, or a tuple with one for each input and None where no gradient is wanted
    (`self.needs[i]` tells). Neither changes an array that it was handed. What the instance holds before it is
    called, such as an axis, is static: calling it leaves it alone, and every call records an operation of its own.

    The base class sums a gradient back over broadcast axes, casts it to its input's dtype, and checks it. Handed
    Tensors, the same code records itself, which gives derivatives of any order.

    Example:
        >>> import numpy as np
        >>> class Sigmoid(Function):
        ...     def forward(self, x):
        ...         self.y = 1 / (1 + np.exp(-x))
        ...         return self.y
        ...
        ...     def backward(self, grad):
        ...         return grad * self.y * (1 - self.y)
        >>> x = Tensor([0.0, 1.0], requires_grad=True)
        >>> Sigmoid()(x).sum().backward()
        >>> x.grad
        Tensor([0.25      , 0.19661193])
    """

    __slots__ = ("__dict__", "__weakref__", "needs")  # so that an instance's dict holds what it saves alone

    numpy_function: ClassVar[Callable[..., Any] | None] = None  # what this is the rule of, if of anything
    # A forward that saves nothing but its inputs and output, and gives floats where it was given nothing else.
    _compute: ClassVar[Callable[..., Any] | None] = None

    needs: list[bool]  # whether each input requires a gradient

    def forward(self, *inputs: Any) -> Any:
        """Computes the operation, arrays in and an array (or a tuple of arrays) out."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward")

    def backward(self, *grads: Any) -> Any:
        """Carries the gradient with respect to the output back to the inputs."""
        raise NotImplementedError(f"{type(self).__name__} defines no backward")

    def __call__(self, *inputs: Any) -> Tensor:
        """Computes the operation on Tensors, arrays and numbers, and records it where a gradient is required.

        Returns:
            A Tensor; where `forward` returns a tuple, a tuple of them.
        """
        static = self.__dict__.copy()
        return record(self._new(static), inputs, static)

    # What its nodes ask of it

    @classmethod
    def _name(cls) -> str:
        """What errors and drawings call the operation."""
        function = cls.numpy_function
        return cls.__name__ if function is None else function.__name__.strip("_")

    @classmethod
    def _input_names(cls, count: int) -> list[str]:
        """What the operation calls its first inputs."""
        return input_names(cls.forward, count + 1)[1:]

    @classmethod
    def _new(cls, static: dict[str, Any]) -> Self:
        """An instance of the same static parameters that has computed nothing yet."""
        function = object.__new__(cls)
        if static:
            function.__dict__.update(static)
        return function

    def _remember(self, inputs: Sequence[Any], output: Any) -> None:
        """Saves what forward would have, where `_compute` stood in for it."""


def record(function: Function, args: Sequence[Any], static: dict[str, Any] = _NOTHING) -> Tensor:
    """Runs a Function on its arguments, and records it where a gradient is required.

    Called by what the user calls: two frames up is the user's line.

    Args:
        function: new and not called yet; but one whose kind has a `_compute` is left as it is.
        args: Tensors, arrays, numbers and lists of them.
        static: the parameters that the Function holds, by name.

    Returns:
        A Tensor; where `forward` returns a tuple, a tuple of them, which those who call such a Function know.
    """
    state = thread.state
    if state.trace is not None:
        _lift(state.trace, args)
    inputs: list[Any] = []
    needs: list[bool] = []
    sources: list[Node | Tensor | None] = []
    constants: dict[int, Tensor] | None = None
    foreign = False
    for arg in args:
        if type(arg) is Tensor:
            inputs.append(arg._data)
            if arg._requires_grad:
                needs.append(True)
                sources.append(arg._node or arg)
                continue
            if arg.name is not None:
                constants = {**(constants or {}), len(needs): _constant(arg)}
        else:
            foreign = True  # it may be an array of anything
            inputs.append(arg if type(arg) in _PLAIN else _plain(arg))
        needs.append(False)
        sources.append(None)
    kept = None
    kind = type(function)
    compute = kind._compute
    if compute is None or static:
        kept = function
        function.needs = needs
        compute = function.forward
    try:
        result = compute(*inputs)
    except (MinigradError, ValueError) as error:
        _explain(error, kind, args, inputs)
        raise
    if not state.recording or True not in needs:
        return _constants(kind, result)
    node = Node()
    node.constants = constants
    node.function = kept
    node.hooks = None
    node.inputs = inputs
    node.kind = kind
    node.needs = needs
    node.number = next(_numbers)
    node.outputs = None
    node.place = users_place(_getframe(2))
    node.scope = state.scope
    node.sources = sources
    node.static = static
    if state.watch is not None:
        state.watch.forward(node, result if type(result) is tuple else (result,))
    if type(result) is tuple:
        return _record_outputs(node, [as_array(y) for y in result])  # type: ignore[return-value]
    node.output = result = result if type(result) is ndarray else as_array(result)
    if (foreign or kept is not None) and result.dtype.kind not in "fc":
        return _constants(kind, result)
    return wrap(result, node)


def _lift(trace: Tracing, args: Sequence[Any]) -> None:
    """Tells the running trace which Tensors are about to be read."""
    for arg in args:
        if type(arg) is Tensor:
            trace.lift(arg)


def _record_outputs(node: Node, results: list[Array]) -> tuple[Tensor, ...]:
    node.outputs = [(y.shape, y.dtype) for y in results]
    tensors = []
    for i, y in enumerate(results):
        output = Output(node, i, y, next(_numbers))
        tensors.append(wrap(y, output if y.dtype.kind in "fc" else None))
    return tuple(tensors)


def _constant(tensor: Tensor) -> Tensor:
    """The constant as it is now: the Tensor object itself may be given another value later."""
    constant = wrap(tensor._data)
    constant.name = tensor.name
    return constant


def _plain(arg: Any) -> Any:
    """An argument that is no Tensor, as forward gets it: numbers as they are, so that they widen no dtype."""
    if arg is None or isinstance(arg, (bool, int, float, complex, np.generic, StandIn)):
        return arg
    return Tensor(arg)._data


def _constants(kind: type[Function], result: Any) -> Tensor:
    """What forward gave, with no operation behind it.

    Raises:
        DtypeError: it is no array of numbers, and so was an operand.
    """
    if type(result) is tuple:
        return tuple(_constants(kind, y) for y in result)  # type: ignore[return-value]  # see `record`
    y = as_array(result)
    if y.dtype.kind not in "biufc":
        raise DtypeError(f"{kind._name()} gave dtype {y.dtype}: a Tensor holds numbers, and so do operands")
    return wrap(y)


def _explain(error: Exception, kind: type[Function], args: Sequence[Any], inputs: list[Any]) -> None:
    """Raises what went wrong in forward, with the operands, unless it is an error of the user's own."""
    numpys = kind.numpy_function is not None or isinstance(error, np.exceptions.AxisError)
    if numpys or isinstance(error, MinigradError):
        given = [arg.name if isinstance(arg, Tensor) else None for arg in args]
        operands = map(operand, kind._input_names(len(args)), inputs, given)
        raise explained(error, label(kind._name(), thread.state.scope), list(operands)) from error
