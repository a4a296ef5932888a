"""Traced: an array in a trace. Every NumPy call on it is computed and noted."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from sys import _getframe
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from minigrad.compiler.errors import CompileError
from minigrad.compiler.program import Value
from minigrad.lines import line_of, users_place
from minigrad.standin import StandIn
from minigrad.tensor import Tensor

if TYPE_CHECKING:
    from minigrad.compiler.trace import Trace

# Methods that are a function of NumPy by another name.
METHODS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in (
        *(
            "all",
            "any",
            "argmax",
            "argmin",
            "argsort",
            "clip",
            "copy",
            "cumsum",
            "cumprod",
            "diagonal",
        ),
        *(
            "dot",
            "max",
            "mean",
            "min",
            "nonzero",
            "prod",
            "ravel",
            "repeat",
            "round",
            "searchsorted",
            "squeeze",
        ),
        *("std", "sum", "swapaxes", "take", "trace", "var"),
    )
} | {"flatten": np.ravel}


def assigned(y: Any, index: Any, value: Any) -> Any:
    """A copy of y with the elements at an index replaced."""
    y = np.copy(y)
    y[index] = value
    return y


class Traced(StandIn):
    """Stands for an array, or a number, while a function is traced: it has values but shows none.

    Whatever would let a value decide what the program does, such as `bool`, is an error.
    """

    __slots__ = ("concrete", "trace", "value")

    def __init__(self, trace: Trace, value: Value, concrete: Any) -> None:
        self.trace = trace
        self.value = value
        self.concrete = concrete

    # What is static

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.value.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.size(self.concrete))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype."""
        return self.value.dtype

    @property
    def nbytes(self) -> int:
        """The size in bytes."""
        return self.size * self.dtype.itemsize

    base = None

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Traced({self.shape} {self.dtype})"

    # NumPy's protocols, methods and operators

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        if any(isinstance(x, Tensor) for x in inputs):
            return NotImplemented
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self._into(out, self.trace.call(function, inputs, options))

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        if any(issubclass(kind, Tensor) for kind in types):
            return NotImplemented
        options = dict(options)
        return self._into(options.pop("out", None), self.trace.call(function, args, options))

    def _into(self, out: Any, result: Any) -> Any:
        (target,) = out if isinstance(out, tuple) else (out,)
        if target is None:
            return result
        if not isinstance(target, Traced):
            raise CompileError(
                f"a compiled function cannot write into an array of its surroundings, at {here()}"
            )
        return target._become(result)

    def _become(self, result: Any) -> Any:
        """Takes new values in place: those who hold this object see them."""
        self.trace.check_writable(self)
        result = result if result.dtype == self.dtype else result.astype(self.dtype)
        if result.shape != self.shape:
            result = np.broadcast_to(result, self.shape)
        self.value, self.concrete = result.value, result.concrete
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        self._become(self.trace.call(assigned, (self, index, value), {}))

    def __getitem__(self, index: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        if any(isinstance(part, Traced) and part.dtype == bool for part in parts):
            refuse("the shape of what a mask selects depends on values", "np.where(mask, a, b)")
        return self.trace.call(operator.getitem, (self, index), {})

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            return lambda *args, **options: _apply(METHODS[name], self, *args, **options)
        raise AttributeError(f"an array that is being compiled has no attribute {name!r}")

    def astype(self, dtype: Any, **options: Any) -> Any:  # noqa: ARG002  an array's signature
        """The same in another dtype."""
        return (
            self if self.dtype == dtype else self.trace.call(np.ndarray.astype, (self, np.dtype(dtype)), {})
        )

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """The shape as a tuple or as separate numbers."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, **options)

    def transpose(self, *axes: Any) -> Any:
        """The axes as a tuple or as separate numbers."""
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) if axes else None)

    def conjugate(self) -> Any:
        """The complex conjugate; of real numbers themselves."""
        return np.conjugate(self) if self.dtype.kind == "c" else self

    conj = conjugate

    @property
    def T(self) -> Any:  # noqa: N802  NumPy's name
        """All axes reversed."""
        return np.transpose(self) if self.ndim > 1 else self

    @property
    def mT(self) -> Any:  # noqa: N802  NumPy's name
        """The last two axes exchanged."""
        return np.matrix_transpose(self)

    @property
    def real(self) -> Any:
        """The real part."""
        return np.real(self) if self.dtype.kind == "c" else self

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return np.imag(self)

    # What would let a value decide

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        refuse(
            "a plain array of its values is asked for",
            "NumPy functions of the Tensor itself, and mg.Tensor(table)[index] for table[index]",
        )

    def __bool__(self) -> NoReturn:  # noqa: PLE0304  it never returns
        refuse("a value decides what happens", "np.where, or decide outside the compiled function")

    def __float__(self) -> NoReturn:
        refuse("a value becomes a Python number", "the array itself, or return it and convert it outside")

    __int__ = __index__ = __complex__ = item = tolist = __float__


def _apply(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    return function(*args, **options)


def refuse(what: str, instead: str) -> NoReturn:
    """Raises the error for what a trace cannot do."""
    raise CompileError(f"in a function being compiled, {what}, at {here()}: use {instead}")


def here() -> str:
    """The user's line."""
    return str(line_of(users_place(_getframe(1))))


def _operator(name: str, ufunc: np.ufunc) -> None:
    python = getattr(operator, name)

    def forward(self: Traced, *others: Any) -> Any:
        return _operate(python, ufunc, self, *others)

    def backward(self: Traced, other: Any) -> Any:
        return _operate(python, ufunc, other, self)

    def in_place(self: Traced, other: Any) -> Any:
        return self._become(_operate(python, ufunc, self, other))

    bare = name.strip("_")
    setattr(Traced, f"__{bare}__", forward)
    if ufunc.nin == 2 and bare not in ("eq", "ne", "lt", "le", "gt", "ge"):
        setattr(Traced, f"__r{bare}__", backward)
        setattr(Traced, f"__i{bare}__", in_place)


def _operate(python: Callable[..., Any], ufunc: np.ufunc, *operands: Any) -> Any:
    """Python's own arithmetic between Python numbers, NumPy's wherever an array takes part."""
    if any(isinstance(x, Tensor) for x in operands):
        return NotImplemented
    if all(x.value.weak if isinstance(x, Traced) else type(x) in (int, float, bool) for x in operands):
        (traced,) = [x for x in operands if isinstance(x, Traced)][:1]
        return traced.trace.call(python, operands, {})
    return ufunc(*operands)


for _name, _ufunc in {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "pow": np.power,
    "matmul": np.matmul,
    "and_": np.bitwise_and,
    "or_": np.bitwise_or,
    "xor": np.bitwise_xor,
    "neg": np.negative,
    "pos": np.positive,
    "abs": np.absolute,
    "invert": np.invert,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}.items():
    _operator(_name, _ufunc)
Traced.__hash__ = object.__hash__  # type: ignore[method-assign]  # comparison is elementwise
