"""Function: one operation. Calling it records it; the engine asks it to carry a gradient back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from minigrad.broadcasting import broadcasts_to, unbroadcast
from minigrad.describe import explained, input_names, operand
from minigrad.engine import LEAF, Gradient
from minigrad.errors import GraphError, MinigradError, RuleError
from minigrad.lines import Line, Place, line_of, users_place
from minigrad.state import Scope, here
from minigrad.tensor import Array, Tensor, wrap

if TYPE_CHECKING:
    from minigrad.tensor import Hook

_numbers = count()
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

    __slots__ = (
        "__weakref__",
        "_constants",
        "_dtype",
        "_hooks",
        "_inputs",
        "_number",
        "_outputs",
        "_place",
        "_scope",
        "_shape",
        "_sources",
        "_static",
        "needs",
    )

    numpy_function: ClassVar[Callable[..., Any] | None] = None  # what this is the rule of, if of anything

    _number: int  # the order of creation, over all operations
    _inputs: list[Any] | None  # what forward was handed; None once released
    needs: list[bool]  # whether each input requires a gradient
    _sources: list[Function | Tensor | None]  # what made each input: an operation, a leaf, or nothing with a gradient
    _constants: dict[int, Tensor] | None  # the inputs that are named constants, by position
    _scope: Scope | None  # the module being called
    _shape: tuple[int, ...]  # of the output
    _dtype: np.dtype[Any]
    _hooks: list[Hook] | None
    _outputs: list[tuple[tuple[int, ...], np.dtype[Any]]] | None  # shapes and dtypes, where there are several
    _place: Place
    _static: dict[str, Any]

    def forward(self, *inputs: Any) -> Any:
        """Computes the operation, arrays in and an array (or a tuple of arrays) out."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward")

    def backward(self, *grads: Any) -> Any:
        """Carries the gradient with respect to the output back to the inputs."""
        raise NotImplementedError(f"{type(self).__name__} defines no backward")

    def __call__(self, *inputs: Any) -> Any:
        """Computes the operation on Tensors, arrays and numbers, and records it where a gradient is required."""
        static = self.__dict__.copy()
        return record(self._new(static), inputs, static)

    # What it is

    @property
    def _name(self) -> str:
        """What errors and drawings call the operation."""
        function = self.numpy_function
        return type(self).__name__ if function is None else function.__name__.strip("_")

    @property
    def _label(self) -> str:
        """The name, and the path of the module in which it was recorded."""
        path = self._scope.path if self._scope is not None else ""
        return f"{self._name} '{path}'" if path else self._name

    @property
    def _line(self) -> Line:
        """The line of the user's code that made this operation."""
        return line_of(self._place)

    @property
    def _saved(self) -> dict[str, Any]:
        """What forward saved for backward; empty once released."""
        return {key: value for key, value in self.__dict__.items() if key not in self._static}

    @property
    def _released(self) -> bool:
        """Whether a backward pass has released what was saved."""
        return self._inputs is None

    def _release(self) -> None:
        """Forgets what was saved; the structure, names and shapes stay."""
        self.__dict__.clear()
        self._inputs = None

    # The backward pass

    def _vjp(self, grad: Gradient, create_graph: bool) -> list[Gradient]:
        """The gradient with respect to each input, None where none is required.

        Args:
            grad: the gradient with respect to the output; to several outputs, their `Parts`.
            create_graph: run the rule on Tensors, so that it is recorded.

        Raises:
            GraphError: what was saved is released, or an input was changed since.
            RuleError: the rule broke its contract.
        """
        inputs = self._inputs or self._inputs_not_released()
        try:
            if self._hooks is not None:
                grad = self._hooked(grad)
            if create_graph:
                grads = self._record_backward(grad)
            elif self._outputs is None:
                grads = self.backward(grad)
            else:
                grads = self.backward(*grad.filled(self._outputs))
        except Exception as error:
            error.add_note(f"in the backward pass of {self._label}, made at {self._line}")
            raise
        if type(grads) is not tuple:
            grads = (grads,)
        if len(grads) != len(inputs):
            raise RuleError(f"{self._blame} returned {len(grads)} gradients for {len(inputs)} inputs")
        fitted = []
        for x, source, g in zip(inputs, self._sources, grads):  # noqa: B905  of one length
            if source is None:
                g = None
            else:
                if source._number == LEAF and source._data is not x:  # type: ignore[union-attr]  # leaves are Tensors
                    self._check_changed(len(fitted), create_graph)
                if type(g) is not np.ndarray or g.shape != x.shape or g.dtype is not x.dtype:
                    g = self._fit(len(fitted), g, create_graph)
            fitted.append(g)
        return fitted

    def _record_backward(self, grad: Gradient) -> Any:
        """Runs the rule on Tensors: a twin's forward saves Tensors, from which its backward computes."""
        twin = self._new(self._static)
        twin.needs = self.needs
        twin._inputs = [
            x if source is None else wrap(x, source) if isinstance(source, Function) else source
            for x, source in zip(self._inputs_not_released(), self._sources, strict=True)
        ]
        thread = here()
        outer = thread.scope, thread.twin
        thread.scope, thread.twin = Scope("", self._name, self._scope, backward_of=self), True
        try:
            twin.forward(*twin._inputs)
            return twin.backward(grad) if self._outputs is None else twin.backward(*grad.filled(self._outputs))
        finally:
            thread.scope, thread.twin = outer

    def _new(self, static: dict[str, Any]) -> Self:
        """An operation of this kind that has computed nothing yet."""
        op = object.__new__(type(self))
        op.__dict__.update(static)
        return op

    def _inputs_not_released(self) -> list[Any]:
        if self._inputs is None:
            raise GraphError(
                f"what {self._label} saved was released by an earlier backward pass (it was made at {self._line}): "
                "pass retain_graph=True to the first backward if there shall be a second"
            )
        return self._inputs

    def _hooked(self, grad: Gradient) -> Gradient:
        recorded = isinstance(grad, Tensor)
        tensor = grad if recorded else wrap(np.asarray(grad))
        for hook in self._hooks or ():
            replaced = hook(tensor)
            tensor = tensor if replaced is None else replaced
        return tensor if recorded else tensor._data

    def _fit(self, i: int, g: Gradient, create_graph: bool) -> Gradient:
        """The gradient in the shape and dtype of its input, or an error that says why it cannot be."""
        x = self._inputs_not_released()[i]
        if g is None:
            raise RuleError(
                f"{self._blame} returned None for {self._described(i)}, which requires a gradient: "
                "return one, of zeros where nothing passes"
            )
        if isinstance(g, Tensor):
            g = g if create_graph else g._data
        elif not isinstance(g, np.ndarray):
            g = np.asarray(g)
        if g.dtype.kind not in "biufc":
            raise RuleError(f"{self._blame} returned dtype {g.dtype} for {self._described(i)}")
        if g.shape != x.shape:
            if not broadcasts_to(x.shape, g.shape):
                raise RuleError(
                    f"{self._blame} returned a gradient of shape {g.shape} for {self._described(i)}: "
                    "a gradient has the shape of its input"
                )
            g = unbroadcast(g, x.shape)
        if g.dtype == x.dtype:
            return g
        return (g.real if g.dtype.kind == "c" and x.dtype.kind != "c" else g).astype(x.dtype)

    def _check_changed(self, i: int, create_graph: bool) -> None:
        """A leaf has a new value since: an error where this backward pass stands on the old one."""
        old = self._inputs_not_released()[i]
        if create_graph or any(np.may_share_memory(old, array) for array in self._saved_arrays()):
            raise GraphError(
                f"{self._described(i)} was changed after {self._label} used it (at {self._line}) and before "
                "the backward pass that needs its old value: run backward first, or change a copy"
            )

    def _saved_arrays(self) -> list[Array]:
        """The arrays that backward will read."""
        arrays, unread = [], list(self._saved.values())
        while unread:
            value = unread.pop()
            if isinstance(value, np.ndarray):
                arrays.append(value)
            elif isinstance(value, (tuple, list)):
                unread.extend(value)
            elif isinstance(value, dict):
                unread.extend(value.values())
        return arrays

    def _input_names(self, count: int) -> list[str]:
        return input_names(self.forward, count)

    def _described(self, i: int) -> str:
        inputs, source = self._inputs_not_released(), self._sources[i]
        given_name = None if source is None or isinstance(source, Function) else source.name
        return f"input {i} " + operand(self._input_names(len(inputs))[i], inputs[i], given_name)

    @property
    def _blame(self) -> str:
        return f"{type(self).__name__}.backward (of the operation made at {self._line})"


class Parts(dict[int, Gradient]):
    """Gradients with respect to some of an operation's several outputs, by position."""

    def __add__(self, other: Parts) -> Parts:
        return Parts({**self, **other})  # each output hands in its gradient once, complete

    def filled(self, outputs: list[tuple[tuple[int, ...], np.dtype[Any]]]) -> list[Gradient]:
        """One gradient for each output, zeros where none arrived."""
        return [self[i] if i in self else np.zeros(*output) for i, output in enumerate(outputs)]


class Output(Function):
    """One of an operation's several outputs, as a node of its own."""

    __slots__ = ("index",)

    index: int

    def _vjp(self, grad: Gradient, create_graph: bool) -> list[Gradient]:
        """Hands the gradient on, marked with the output's position."""
        self._inputs_not_released()
        return [Parts({self.index: grad if self._hooks is None else self._hooked(grad)})]


def record(op: Function, args: Sequence[Any], static: dict[str, Any] = _NOTHING) -> Any:
    """Runs a Function, new and not called yet, on its arguments, and records it where a gradient is required.

    Args:
        op: holds its static parameters, and nothing else yet.
        args: Tensors, arrays, numbers and lists of them.
        static: the static parameters, by name.

    Returns:
        A Tensor, or a tuple of Tensors where `forward` returns a tuple.
    """
    inputs: list[Any] = []
    needs: list[bool] = []
    sources: list[Function | Tensor | None] = []
    constants: dict[int, Tensor] | None = None
    for arg in args:
        if type(arg) is Tensor:
            inputs.append(arg._data)
            if arg._requires_grad:
                needs.append(True)
                sources.append(arg if arg._op is None else arg._op)
                continue
            if arg.name is not None:
                constants = {**(constants or {}), len(needs): _constant(arg)}
        else:
            inputs.append(arg if type(arg) is np.ndarray else _plain(arg))
        needs.append(False)
        sources.append(None)
    thread = here()
    op._inputs = inputs
    op._scope = thread.scope
    op.needs = needs
    try:
        result = op.forward(*inputs)
    except MinigradError as error:
        raise _explained(error, op, args) from error
    except ValueError as error:
        if op.numpy_function is None:
            raise
        raise _explained(error, op, args) from error
    if not thread.recording or True not in needs:
        return tuple(wrap(np.asarray(y)) for y in result) if type(result) is tuple else wrap(np.asarray(result))
    op._constants = constants
    op._hooks = None
    op._number = next(_numbers)
    op._place = users_place()
    op._sources = sources
    op._static = static
    if type(result) is tuple:
        return _record_outputs(op, [np.asarray(y) for y in result])
    y = result if type(result) is np.ndarray else np.asarray(result)
    op._outputs = None
    op._dtype = dtype = y.dtype
    op._shape = y.shape
    return wrap(y, op if dtype.kind in "fc" else None)


def _record_outputs(op: Function, results: list[Array]) -> tuple[Tensor, ...]:
    op._outputs = [(y.shape, y.dtype) for y in results]
    outputs = []
    for i, y in enumerate(results):
        output = Output()
        output.index = i
        output._inputs, output.needs, output._sources = [y], [True], [op]
        output._static, output._constants, output._hooks, output._outputs = _NOTHING, None, None, None
        output._number, output._scope, output._place = next(_numbers), op._scope, op._place
        output._shape, output._dtype = y.shape, y.dtype
        outputs.append(wrap(y, output if y.dtype.kind in "fc" else None))
    return tuple(outputs)


def _constant(tensor: Tensor) -> Tensor:
    """The constant as it is now: the Tensor object itself may be given another value later."""
    constant = wrap(tensor._data)
    constant.name = tensor.name
    return constant


def _plain(arg: Any) -> Any:
    """An argument that is no Tensor, as forward gets it: numbers as they are, so that they widen no dtype."""
    if arg is None or isinstance(arg, (bool, int, float, complex, np.generic)):
        return arg
    return Tensor(arg)._data


def _explained(error: Exception, op: Function, args: Sequence[Any]) -> Exception:
    """What went wrong in forward, with the operation and its operands."""
    names = op._input_names(len(args))
    given = [arg.name if isinstance(arg, Tensor) else None for arg in args]
    return explained(error, op._label, list(map(operand, names, op._inputs or (), given)))
