"""Tensor: an array, its gradient, and the operation that made it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, Union
from weakref import ref

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from minigrad.array_methods import ArrayMethods
from minigrad.errors import ArgumentError, DtypeError, GraphError, ShapeError
from minigrad.operators import Operators
from minigrad.registry import OPERATIONS, RULES, VIEWS, lookup
from minigrad.standin import StandIn, as_array
from minigrad.state import thread

if TYPE_CHECKING:
    from minigrad.node import Node

API_VERSION = "2024.12"  # of the array API standard

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"
Operand: TypeAlias = Union["Tensor", ArrayLike]
Axis: TypeAlias = "int | tuple[int, ...] | None"
Hook: TypeAlias = "Callable[[Tensor], Tensor | None]"


class Tensor(Operators, ArrayMethods):
    """An array whose operations are recorded, so that gradients can be carried back through them.

    A Tensor is a value: `t += u` and `t[i] = u` bind `t` to a new recorded value and write into no array.

    Args:
        data: an array, a number or nested lists of numbers; copied.
        requires_grad: whether `backward` shall find the gradient with respect to this Tensor.
        dtype: NumPy's dtype; by default the one NumPy gives to `data`.
        name: what errors and drawings call it.

    Raises:
        GraphError: `data` is a list with Tensors that require a gradient, which would be lost.
        DtypeError: `data` holds no numbers, or `requires_grad` is asked of integers or booleans.
        ShapeError: `data` is ragged.

    Example:
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
        >>> y = (x * x).sum()
        >>> y.backward()
        >>> x.grad
        Tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_data", "_grad", "_hooks", "_node", "_requires_grad", "name")

    _data: Array
    _node: Node | None
    _hooks: list[Hook] | None
    _requires_grad: bool
    _grad: Tensor | Array | None
    name: str | None

    def __init__(
        self,
        data: Operand,
        *,
        requires_grad: bool = False,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        self._data = _as_data(data, dtype)
        self._node = None
        self._hooks = None
        self._requires_grad = False
        self._grad = None
        self.name = name
        if requires_grad:
            self.requires_grad = True

    # The value

    @property
    def data(self) -> Array:
        """The array of values. Assign a new array to replace it; the graph recorded so far keeps the old one."""
        trace = thread.state.trace
        if trace is not None:
            trace.lift(self)
        return self._data

    @data.setter
    def data(self, value: ArrayLike) -> None:
        array = as_array(value, self._data.dtype)
        if array.shape != self._data.shape:
            raise ShapeError(f"{self._described()} cannot take data of shape {array.shape}")
        # `t.data -= step` has written into the array already: a copy lets backward see that it is not the old one. So
        # does one of another view of the memory that a compiled step owns.
        known = array is self._data or (array.base is not None and array.base is self._data.base)
        self._data = array.copy() if known else array

    @property
    def requires_grad(self) -> bool:
        """Whether backward finds a gradient with respect to this Tensor."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if value and not np.issubdtype(self._data.dtype, np.inexact):
            raise DtypeError(
                f"{self._described()} cannot require a gradient: only floating-point and complex Tensors can; "
                "convert it with astype(float)"
            )
        if not value and self._node is not None:
            raise GraphError(f"{self._described()} was recorded as a result: use detach() to leave the graph")
        self._requires_grad = value

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the values, and of the gradient."""
        return self._data.dtype

    def numpy(self) -> Array:
        """The array of values, outside the graph and not copied."""
        return self.data

    def item(self) -> Any:
        """The single value as a Python number."""
        if self._data.size != 1:
            raise ShapeError(f"{self._described()} has {self._data.size} elements: item() needs exactly one")
        return self.data.item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        return self.data.tolist()

    def detach(self) -> Tensor:
        """The same values as a constant: no gradient passes it."""
        return wrap(self.data)

    # The gradient

    def backward(
        self, grad: Operand | None = None, *, retain_graph: bool = False, create_graph: bool = False
    ) -> None:
        """Carries a gradient back to every leaf that requires one, and adds it to the leaf's `grad`.

        Args:
            grad: the gradient with respect to this Tensor, of its shape; 1 by default for a single value.
            retain_graph: keep what was saved, for another backward pass.
            create_graph: record the backward pass too, for derivatives of higher order; the graph is retained.

        Raises:
            GraphError: no gradient is required here, the graph was released, or a Tensor was changed since.
            ShapeError: `grad` has another shape, or is missing where this Tensor is not a single value.
        """
        upstream = self._upstream(grad, create_graph)
        gradients: dict[Tensor, Any] = {self: upstream}
        if self._node is not None:
            gradients = self._node.run(upstream, retain_graph, create_graph)
        for leaf, gradient in gradients.items():
            if type(gradient) is np.ndarray and gradient.base is not None:
                gradient = gradient.copy()  # a view would keep, and share, the whole of another array
            if leaf._hooks is not None:
                gradient = leaf._hooked(gradient)
            so_far = leaf._grad
            leaf._grad = gradient if so_far is None else so_far + gradient

    @property
    def grad(self) -> Tensor | None:
        """The sum of the gradients that backward has found with respect to this Tensor; None where it found none."""
        if self._grad is None or isinstance(self._grad, Tensor):
            return self._grad
        self._grad = tensor = wrap(self._grad)  # most are read by an optimizer alone, and stay arrays
        return tensor

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        self._grad = value

    def _hooked(self, grad: Any) -> Tensor:
        tensor = grad if type(grad) is Tensor else wrap(grad)
        for hook in self._hooks or ():
            replaced = hook(tensor)
            tensor = tensor if replaced is None else replaced
        return tensor

    def _upstream(self, grad: Operand | None, create_graph: bool) -> Tensor | Array:
        if not self._requires_grad:
            raise GraphError(
                f"{self._described()} requires no gradient, so backward has nothing to do: "
                "make an input with requires_grad=True and compute outside no_grad"
            )
        if grad is None:
            if self._data.size != 1:
                raise ShapeError(
                    f"backward of {self._described()} needs the gradient with respect to it: "
                    f"pass backward(grad) with shape {self.shape}, or sum to a single value first"
                )
            if self._data.dtype.kind == "c":
                raise DtypeError(
                    f"backward of {self._described()} needs the gradient with respect to it, since a complex value "
                    "has no slope: pass backward(grad), or start from a real value such as abs(z)"
                )
            return np.array(1, self.dtype) if self._data.ndim == 0 else np.ones_like(self._data)
        if not isinstance(grad, Tensor):
            grad = wrap(_as_data(grad, None))
        if grad.shape != self.shape:
            raise ShapeError(f"backward of {self._described()} was given a gradient of shape {grad.shape}")
        if grad.dtype.kind == "c" and self._data.dtype.kind != "c":
            raise DtypeError(
                f"backward of {self._described()} was given a complex gradient: pass its real part"
            )
        if grad.dtype != self.dtype:
            grad = grad.astype(self.dtype)
        return grad if create_graph else grad._data

    def retain_grad(self) -> None:
        """Keeps the gradient of this Tensor in `grad` although it is no leaf."""
        if not self._requires_grad:
            raise GraphError(f"{self._described()} requires no gradient, so it can retain none")
        if self._node is None:
            return
        weak = ref(self)  # the operation must not own its result: that would be a cycle

        def keep(grad: Tensor) -> None:
            tensor = weak()
            if tensor is not None:
                tensor.grad = grad if tensor.grad is None else tensor.grad + grad

        self.register_hook(keep)

    def register_hook(self, hook: Hook) -> Callable[[], None]:
        """Calls `hook(grad)` when the gradient of this Tensor is complete; what it returns, if anything, replaces it.

        Returns:
            A function that takes the hook away again.
        """
        if not self._requires_grad:
            raise GraphError(f"{self._described()} requires no gradient, so a hook would never be called")
        if self._node is None:
            hooks = self._hooks = self._hooks or []
        else:
            hooks = self._node.hooks = self._node.hooks or []
        hooks.append(hook)

        def remove() -> None:
            if hook in hooks:
                hooks.remove(hook)

        return remove

    # How it shows itself

    def __repr__(self) -> str:
        values = np.array2string(self._data, separator=", ", prefix="Tensor(")
        facts = [values]
        if self._data.dtype not in (np.float64, np.int64, np.bool_):
            facts.append(f"dtype={self._data.dtype}")
        if self.name:
            facts.append(f"name={self.name!r}")
        if self._node is not None:
            facts.append(f"from {self._node.kind._name()}")
        elif self._requires_grad:
            facts.append("requires_grad=True")
        return f"Tensor({', '.join(facts)})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        """What a notebook shows: a small graph as a picture, and always the text."""
        bundle = {"text/plain": repr(self)}
        for view in VIEWS:
            bundle.update(view(self))
        return bundle

    def _described(self) -> str:
        name = f" '{self.name}'" if self.name else ""
        return f"Tensor{name} {self.shape} {self.dtype}"

    # As a Python object

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("a 0-d Tensor has no len()")
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        return self.data.__index__()

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __contains__(self, value: object) -> bool:
        return value in self.data

    def __copy__(self) -> Tensor:
        return RULES[np.copy](self)

    def __deepcopy__(self, memo: dict[int, object]) -> Tensor:
        if self._node is not None:
            raise GraphError(
                f"{self._described()} is a recorded result: copy the leaves, or detach() it first"
            )
        return Tensor(self._data, requires_grad=self._requires_grad, name=self.name)

    # NumPy's protocols

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        if dtype is not None and np.dtype(dtype) == object:
            raise DtypeError(
                f"{self._described()} cannot become an array of objects: those would leave the graph"
            )
        if thread.state.twin and self._requires_grad:
            raise GraphError(
                "a rule run on Tensors, for a recorded backward pass, asked for a plain array, which would cut the "
                "graph: use NumPy functions that take a Tensor, such as np.dot(x, w) instead of x.dot(w)"
            )
        return np.array(self.data, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs or method != "__call__" or ufunc not in OPERATIONS:
            return lookup(ufunc, method)(*inputs, **kwargs)
        return OPERATIONS[ufunc](inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        return lookup(function)(*args, **kwargs)

    @property
    def _mask(self) -> NoReturn:
        """NumPy's masked arrays ask for it, and would drop the gradient."""
        raise DtypeError("a masked array does not mix with Tensors: fill it first with array.filled(value)")

    # The array API standard

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        """The module with the standard's functions: minigrad."""
        if api_version is not None and not "2021.12" <= api_version <= API_VERSION:
            raise ArgumentError(
                f"minigrad has version {API_VERSION} of the array API standard, not {api_version}"
            )
        return sys.modules[__package__]

    @property
    def device(self) -> str:
        """The place of the values, always "cpu"."""
        return self._data.device

    def to_device(self, device: str, /, *, stream: object = None) -> Tensor:
        """This Tensor, which is on the cpu.

        Raises:
            ArgumentError: the device is another one.
        """
        if device != "cpu" or stream is not None:
            raise ArgumentError(f"there is no device {device!r}: minigrad computes on the cpu")
        return self

    def __dlpack__(self, **options: Any) -> Any:
        if self._requires_grad:
            raise GraphError(
                f"{self._described()} requires a gradient, which DLPack cannot carry: detach() it"
            )
        return self._data.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._data.__dlpack_device__()

    # Indexing, and assignment: the Tensor object takes a new recorded value; no array is written into.

    def __getitem__(self, index: Any) -> Tensor:
        return RULES[Tensor.__getitem__](self, index)

    def __setitem__(self, index: Any, value: Operand) -> None:
        self._rebind(RULES[Tensor.__setitem__](self, value, index))

    def _rebind(self, value: Tensor) -> Tensor:
        """Gives this Tensor object the value, and the place in the graph, of another."""
        if self._requires_grad and self._node is None and thread.state.recording:
            raise GraphError(
                f"{self._described()} is a leaf that requires a gradient and cannot be changed in place while "
                "operations are recorded: change it inside `with minigrad.no_grad():`, or make a new Tensor"
            )
        if value.shape != self.shape:
            raise ShapeError(
                f"{self._described()} cannot be changed in place to a result of shape {value.shape}"
            )
        if not np.can_cast(value.dtype, self.dtype, "same_kind"):
            raise DtypeError(
                f"{self._described()} cannot be changed in place to a result of dtype {value.dtype}"
            )
        if value.dtype != self.dtype:
            value = value.astype(self.dtype)
        self._data = value._data
        if thread.state.recording or self._node is not None:
            self._node = value._node
            self._requires_grad = value._requires_grad
        return self

    def astype(self, dtype: DTypeLike, **options: Any) -> Tensor:
        """The values in another dtype; to an integer or boolean dtype no gradient passes."""
        return RULES[Tensor.astype](self, dtype, **options)


def wrap(data: Array, node: Node | None = None) -> Tensor:
    """A Tensor around an array, without copying or checking: a constant, or the result of an operation."""
    tensor = _new(Tensor)
    tensor._data = data
    tensor._node = node
    tensor._requires_grad = node is not None
    tensor._hooks = None
    tensor._grad = None
    tensor.name = None
    return tensor


_new: Callable[[type[Tensor]], Tensor] = object.__new__


def values(x: Any) -> Any:
    """The array of a Tensor; anything else as it is."""
    return x._data if isinstance(x, Tensor) else x


def _as_data(data: Operand, dtype: DTypeLike | None) -> Array:
    if isinstance(values(data), StandIn):
        return as_array(values(data), dtype)  # type: ignore[no-any-return]  # it stands for an array
    if isinstance(data, np.ma.MaskedArray):
        raise DtypeError("a masked array cannot be a Tensor: fill it first with data.filled(value)")
    if isinstance(data, (list, tuple)) and any(isinstance(x, Tensor) and x._requires_grad for x in data):
        raise GraphError("a Tensor of Tensors would lose their gradients: join them with np.stack")
    try:
        array = np.array(values(data), dtype=dtype)
    except ValueError as error:
        raise ShapeError(f"a Tensor needs rows of equal length: {error}") from error
    if array.dtype.kind not in "biufc":
        raise DtypeError(f"a Tensor holds numbers, not dtype {array.dtype}")
    return array
