"""Rows: many gradients carried through one backward pass together, by the rules as they are written."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.lib.mixins import NDArrayOperatorsMixin

Array: TypeAlias = "np.ndarray[Any, Any]"


class NotRowwiseError(AttributeError):
    """A rule does what is not known for all rows at once: it is then run on one row after the other."""


class Rows(NDArrayOperatorsMixin):
    """Arrays of one shape, which a rule handles as if they were one: their first axis is out of its sight.

    Whatever is not in the table below raises NotRowwiseError, so that nothing is computed with a wrong meaning.

    Example:
        >>> rows = Rows(np.arange(6.0).reshape(3, 2))
        >>> rows.shape, (rows * np.array([1.0, 10.0])).sum().data
        ((2,), array([10., 32., 54.]))
    """

    __slots__ = ("data",)

    def __init__(self, data: Array) -> None:
        self.data = data

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one row."""
        shape: tuple[int, ...] = self.data.shape
        return shape[1:]

    @property
    def ndim(self) -> int:
        """The number of axes of one row."""
        return self.data.ndim - 1

    @property
    def size(self) -> int:
        """The number of elements of one row."""
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of every row."""
        dtype: np.dtype[Any] = self.data.dtype
        return dtype

    @property
    def real(self) -> Rows:
        """The real parts."""
        return Rows(self.data.real)

    @property
    def T(self) -> Rows:  # noqa: N802  NumPy's name
        """Each row transposed."""
        return transpose(self)

    def reshape(self, *shape: Any) -> Rows:
        """Each row in another shape."""
        return reshape(self, shape[0] if len(shape) == 1 else shape)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Rows:
        """The sum of each row along axes."""
        return reduced(np.add, self, axis, keepdims=keepdims)

    def astype(self, dtype: Any) -> Rows:
        """Each row in another dtype."""
        return Rows(self.data.astype(dtype))

    def conjugate(self) -> Rows:
        """Each row conjugated."""
        return Rows(self.data.conjugate())

    def each(self, f: Callable[[Array], Array]) -> Rows:
        """What a function gives for every row."""
        return Rows(np.stack([f(row) for row in self.data]))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Rows:
        return Rows(self.data[row_index(index)])

    def __bool__(self) -> bool:
        if not self.ndim and self.data.all():
            return True
        if not self.ndim and not self.data.any():
            return False
        raise NotRowwiseError("the rows disagree")

    def __getattr__(self, name: str) -> NoReturn:
        raise NotRowwiseError(name)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        raise NotRowwiseError("__array__")

    def __float__(self) -> NoReturn:
        raise NotRowwiseError("__float__")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Rows:
        if method == "reduce" and len(args) == 1 and kwargs.keys() <= {"axis", "dtype", "keepdims"}:
            return reduced(ufunc, *args, **kwargs)
        if method != "__call__" or ufunc.nout != 1 or kwargs:
            raise NotRowwiseError(ufunc.__name__)
        if ufunc is np.matmul:
            return matmul(*args)
        if ufunc.signature is not None:
            raise NotRowwiseError(ufunc.__name__)
        return Rows(ufunc(*aligned(*args)))

    def __array_function__(
        self, function: Callable[..., Any], types: Sequence[type], args: Any, kwargs: Any
    ) -> Any:
        if function not in ROWWISE:
            raise NotRowwiseError(function.__name__)
        try:
            return ROWWISE[function](*args, **kwargs)
        except TypeError as error:  # a keyword more than it knows
            raise NotRowwiseError(function.__name__) from error


def aligned(*operands: Any) -> list[Any]:
    """Operands that broadcast as one row of each would: rows get axes of length 1 behind their first one."""
    ndim = max(map(np.ndim, operands))
    return [
        x.data.reshape(len(x.data), *(1,) * (ndim - x.ndim), *x.shape) if type(x) is Rows else x
        for x in operands
    ]


def reduced(ufunc: np.ufunc, x: Rows, axis: Any = 0, dtype: Any = None, keepdims: bool = False) -> Rows:
    """A ufunc's reduction along axes of each row."""
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return Rows(ufunc.reduce(x.data, axis=tuple(i + 1 for i in axes), dtype=dtype, keepdims=keepdims))


def reshape(x: Rows, shape: Any, order: str = "C") -> Rows:
    """Each row in another shape."""
    if order != "C":
        raise NotRowwiseError("the order in memory")
    return Rows(x.data.reshape(len(x.data), *(shape if isinstance(shape, (tuple, list)) else (shape,))))


def transpose(x: Rows, axes: Sequence[int] | None = None) -> Rows:
    """Each row's axes in another order."""
    order = range(x.ndim)[::-1] if axes is None else normalize_axis_tuple(axes, x.ndim)
    return Rows(x.data.transpose(0, *(i + 1 for i in order)))


def broadcast_to(x: Rows, shape: tuple[int, ...]) -> Rows:
    """Each row broadcast to a shape."""
    data, _ = aligned(x, np.empty((1,) * len(shape)))
    return Rows(np.broadcast_to(data, (len(x.data), *shape)))


def where(condition: Any, x: Any, y: Any) -> Rows:
    """From one or the other, element by element."""
    return Rows(np.where(*aligned(condition, x, y)))


def matmul(a: Any, b: Any) -> Rows:
    """Each row times a matrix or a vector, or the other way about: one product for all rows."""
    if type(a) is Rows and type(b) is not Rows and np.ndim(b) in (1, 2) and a.ndim:
        flat = np.dot(a.data.reshape(-1, a.shape[-1]), b)
        return Rows(flat.reshape(*a.data.shape[:-1], *np.shape(b)[1:]))
    if type(b) is Rows and type(a) is not Rows and np.ndim(a) in (1, 2) and b.ndim in (1, 2):
        return matmul(b.T, np.transpose(a)).T if np.ndim(a) == 2 else matmul(b.T, a)
    raise NotRowwiseError("matmul")


def row_index(index: Any) -> tuple[Any, ...]:
    """The index that reads of every row what the given one reads of an array.

    Several arrays in an index, or one beside an integer, put their axes first where a slice stands between them.
    """
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [part for part in parts if isinstance(part, (np.ndarray, list))]
    integers = [part for part in parts if isinstance(part, (int, np.integer))]
    if len(arrays) > 1 or (arrays and integers) or any(isinstance(part, (bool, np.bool)) for part in parts):
        raise NotRowwiseError("the order of axes")
    return (slice(None), *parts)


# What NumPy's functions do with rows.
ROWWISE: dict[Callable[..., Any], Callable[..., Any]] = {
    np.broadcast_to: broadcast_to,
    np.dot: matmul,
    np.ndim: operator.attrgetter("ndim"),
    np.reshape: reshape,
    np.shape: operator.attrgetter("shape"),
    np.size: operator.attrgetter("size"),
    np.transpose: transpose,
    np.where: where,
    np.zeros_like: lambda x: Rows(np.zeros_like(x.data)),
}
