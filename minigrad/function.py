"""Function: one operation. Calling it records it; the engine asks it to carry a gradient back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from minigrad.broadcasting import broadcasts_to, unbroadcast
from minigrad.describe import input_names, operand, explained
from minigrad.engine import Gradient
from minigrad.errors import GraphError, MinigradError, RuleError
from minigrad.lines import Line, Place, users_place
from minigrad.state import Scope, state
from minigrad.tensor import Array, Tensor, wrap

if TYPE_CHECKING:
    from minigrad.tensor import Hook

_numbers = count()


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
        "__dict__",
        "__weakref__",
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
    _sources: list[Function | Tensor | None]  # what made each input: an operation; a leaf or a named constant; unknown
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
        return record(self._copy(self.__dict__), inputs)

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
        return self._place.line

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

    def _vjp(self, grad: Gradient, create_graph: bool) -> Sequence[tuple[Function | Tensor, Gradient]]:
        """The gradient with respect to each input that requires one, paired with what made that input.

        Args:
            grad: the gradient with respect to the output; to several outputs, their `Parts`.
            create_graph: run the rule on Tensors, so that it is recorded.

        Raises:
            GraphError: what was saved is released, or an input was changed since.
            RuleError: the rule broke its contract.
        """
        inputs = self._inputs_not_released()
        grads = self._run_backward(grad, create_graph)
        if type(grads) is not tuple:
            grads = (grads,)
        if len(grads) != len(inputs):
            raise RuleError(f"{self._blame} returned {len(grads)} gradients for {len(inputs)} inputs")
        found = []
        for i, (x, source, g) in enumerate(zip(inputs, self._sources, grads)):  # noqa: B905  lengths checked above
            if source is None or not self.needs[i]:
                continue
            if type(source) is Tensor and source._data is not x:
                self._check_changed(i, source, create_graph)
            if type(g) is not np.ndarray or g.shape != x.shape or g.dtype is not x.dtype:
                g = self._fit(i, x, g, create_graph)
            found.append((source, g))
        return found

    def _run_backward(self, grad: Gradient, create_graph: bool) -> Any:
        try:
            if self._hooks is not None:
                grad = self._hooked(grad)
            if create_graph:
                return self._record_backward(grad)
            return self.backward(grad) if self._outputs is None else self.backward(*grad.filled(self._outputs))
        except Exception as error:
            error.add_note(f"in the backward pass of {self._label}, made at {self._line}")
            raise

    def _record_backward(self, grad: Gradient) -> Any:
        """Runs the rule on Tensors: a twin's forward saves Tensors, from which its backward computes."""
        twin = self._copy(self._static)
        twin.needs = self.needs
        twin._inputs = [
            x if source is None or not need else source if type(source) is Tensor else wrap(x, source)
            for x, source, need in zip(self._inputs_not_released(), self._sources, self.needs, strict=True)
        ]
        outer = state.scope, state.twin
        state.scope, state.twin = Scope("", self._name, self._scope, backward_of=self), True
        try:
            twin.forward(*twin._inputs)
            return twin.backward(grad) if self._outputs is None else twin.backward(*grad.filled(self._outputs))
        finally:
            state.scope, state.twin = outer

    def _copy(self, static: dict[str, Any]) -> Self:
        """An operation of the same static parameters that has computed nothing yet."""
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

    def _fit(self, i: int, x: Array, g: Gradient, create_graph: bool) -> Gradient:
        """The gradient in the shape and dtype of its input, or an error that says why it cannot be."""
        if g is None:
            raise RuleError(
                f"{self._blame} returned None for {self._described(i, x)}, which requires a gradient: "
                "return one, of zeros where nothing passes"
            )
        if isinstance(g, Tensor):
            g = g if create_graph else g._data
        elif not isinstance(g, np.ndarray):
            g = np.asarray(g)
        if g.dtype.kind not in "biufc":
            raise RuleError(f"{self._blame} returned dtype {g.dtype} for {self._described(i, x)}")
        if g.shape != x.shape:
            if not broadcasts_to(x.shape, g.shape):
                raise RuleError(
                    f"{self._blame} returned a gradient of shape {g.shape} for {self._described(i, x)}: "
                    "a gradient has the shape of its input"
                )
            g = unbroadcast(g, x.shape)
        if g.dtype == x.dtype:
            return g
        return (g.real if g.dtype.kind == "c" and x.dtype.kind != "c" else g).astype(x.dtype)

    def _check_changed(self, i: int, leaf: Tensor, create_graph: bool) -> None:
        """A leaf has a new value since: an error where this backward pass stands on the old one."""
        assert self._inputs is not None
        if create_graph or any(np.may_share_memory(self._inputs[i], array) for array in self._saved_arrays()):
            raise GraphError(
                f"{self._described(i, leaf._data)} was changed after {self._label} used it (at {self._line}) and before "
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

    @property
    def _blame(self) -> str:
        return f"{type(self).__name__}.backward (of the operation made at {self._line})"

    def _described(self, i: int, x: Array) -> str:
        assert self._inputs is not None
        source = self._sources[i]
        name = self._input_names(len(self._inputs))[i]
        return f"input {i} " + operand(name, x, source.name if isinstance(source, Tensor) else None)


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

    def _vjp(self, grad: Gradient, create_graph: bool) -> Sequence[tuple[Function | Tensor, Gradient]]:
        """Hands the gradient on, marked with the output's position."""
        self._inputs_not_released()
        if self._hooks is not None:
            grad = self._hooked(grad)
        (operation,) = self._sources
        assert operation is not None
        return [(operation, Parts({self.index: grad}))]


def record(op: Function, args: Sequence[Any]) -> Any:
    """Runs a Function, new and not called yet, on its arguments, and records it where a gradient is required.

    Returns:
        A Tensor, or a tuple of Tensors where `forward` returns a tuple.
    """
    inputs: list[Any] = []
    needs: list[bool] = []
    sources: list[Function | Tensor | None] = []
    recorded = False
    for arg in args:
        if type(arg) is Tensor:
            inputs.append(arg._data)
            needed = arg._requires_grad
            needs.append(needed)
            if needed:
                recorded = True
                sources.append(arg if arg._op is None else arg._op)
            else:
                sources.append(None if arg.name is None else _named_constant(arg))
        else:
            inputs.append(arg if type(arg) is np.ndarray else _plain(arg))
            needs.append(False)
            sources.append(None)
    op._static = op.__dict__.copy()
    op._inputs = inputs
    op.needs = needs
    op._scope = state.scope
    try:
        result = op.forward(*inputs)
    except MinigradError as error:
        raise _explained(error, op, args) from error
    except ValueError as error:
        if op.numpy_function is None:
            raise
        raise _explained(error, op, args) from error
    if not (recorded and state.recording):
        return tuple(wrap(np.asarray(y)) for y in result) if type(result) is tuple else wrap(np.asarray(result))
    op._sources = sources
    op._number = next(_numbers)
    op._place = users_place()
    op._hooks = None
    if type(result) is tuple:
        return _record_outputs(op, [np.asarray(y) for y in result])
    y = result if type(result) is np.ndarray else np.asarray(result)
    op._shape = y.shape
    op._dtype = y.dtype
    op._outputs = None
    return wrap(y, op if y.dtype.kind in "fc" else None)


def _record_outputs(op: Function, results: list[Array]) -> tuple[Tensor, ...]:
    op._outputs = [(y.shape, y.dtype) for y in results]
    outputs = []
    for i, y in enumerate(results):
        output = Output()
        output.index = i
        output._static = {}
        output._inputs, output.needs, output._sources = [y], [True], [op]
        output._number = next(_numbers)
        output._scope, output._place, output._hooks, output._outputs = op._scope, op._place, None, None
        output._shape, output._dtype = y.shape, y.dtype
        outputs.append(wrap(y, output if y.dtype.kind in "fc" else None))
    return tuple(outputs)


def _named_constant(tensor: Tensor) -> Tensor:
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
