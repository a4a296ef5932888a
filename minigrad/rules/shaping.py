"""The derivatives of functions that only move elements: the gradient moves back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple
from numpy.lib.stride_tricks import sliding_window_view

from minigrad.errors import ArgumentError, ShapeError
from minigrad.function import Function
from minigrad.registry import RULES, enter
from minigrad.rules.declare import all_values, composed, named, operand, rule
from minigrad.rules.indexing import scatter
from minigrad.tensor import Axis, values


@rule(np.reshape)
class Reshape(Function):
    """The gradient takes the old shape again."""

    shape: Any
    order: Literal["A", "C", "F"] = "C"
    copy: bool | None = None  # a Tensor is a value: nobody can tell

    def forward(self, a: Any) -> Any:
        self.shape_in = np.shape(a)
        self.read = memory_order(a) if self.order == "A" else self.order
        return np.reshape(a, self.shape, order=self.read)

    def backward(self, grad: Any) -> Any:
        return np.reshape(grad, self.shape_in, order=self.read)


def memory_order(a: Any) -> Literal["C", "F"]:
    """The order in which the elements lie in memory: "F" where the first axis runs fastest."""
    array = values(a)
    return "F" if isinstance(array, np.ndarray) and array.flags.fnc else "C"


@rule(np.transpose)
class Transpose(Function):
    """The gradient's axes go back by the inverse permutation."""

    axes: tuple[int, ...] | None = None

    def forward(self, a: Any) -> Any:
        return np.transpose(a, self.axes)

    def backward(self, grad: Any) -> Any:
        if self.axes is None:
            return np.transpose(grad)
        n = len(self.axes)
        return np.transpose(grad, sorted(range(n), key=lambda i: self.axes[i] % n))  # type: ignore[index]


@rule(np.broadcast_to)
class BroadcastTo(Function):
    """The base class sums the gradient back."""

    shape: tuple[int, ...] | int
    subok: bool = False

    def forward(self, array: Any) -> Any:
        return np.broadcast_to(array, self.shape)

    def backward(self, grad: Any) -> Any:
        return grad


# Axes


@composed(np.ravel)
def ravel(a: Any, order: Literal["C", "F", "A", "K"] = "C") -> Any:
    """All elements in one axis; by "A" and "K" in the order in which they lie in memory."""
    if order != "K":
        return np.reshape(a, -1, order=order)
    strides = getattr(
        values(a), "strides", range(a.ndim, 0, -1)
    )  # what is traced lies in the order of its axes
    outermost_first = sorted(range(a.ndim), key=lambda i: -abs(strides[i]))
    return np.reshape(np.transpose(a, outermost_first), -1)


@composed(np.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """The last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


@composed(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    order = list(range(a.ndim))
    i, j = normalize_axis_index(axis1, a.ndim), normalize_axis_index(axis2, a.ndim)
    order[i], order[j] = j, i
    return np.transpose(a, order)


@composed(np.moveaxis)
def moveaxis(a: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """Some axes moved, the others in their order."""
    sources = normalize_axis_tuple(source, a.ndim, "source")
    destinations = normalize_axis_tuple(destination, a.ndim, "destination")
    if len(sources) != len(destinations):
        raise ShapeError(f"np.moveaxis: {len(sources)} axes to move, but {len(destinations)} places for them")
    order = [i for i in range(a.ndim) if i not in sources]
    for place, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(place, axis)
    return np.transpose(a, order)


@composed(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """An axis moved back until it stands before another."""
    axis = normalize_axis_index(axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


@composed(np.expand_dims)
def expand_dims(a: Any, axis: int | tuple[int, ...]) -> Any:
    """New axes of length 1."""
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    new = normalize_axis_tuple(axes, a.ndim + len(axes))
    lengths = iter(a.shape)
    return np.reshape(a, [1 if i in new else next(lengths) for i in range(a.ndim + len(axes))])


@composed(np.squeeze)
def squeeze(a: Any, axis: Axis = None) -> Any:
    """Axes of length 1 dropped."""
    if axis is None:
        return np.reshape(a, [n for n in a.shape if n != 1])
    dropped = normalize_axis_tuple(axis, a.ndim)
    if any(a.shape[i] != 1 for i in dropped):
        raise ShapeError(f"np.squeeze: not every axis of {dropped} has length 1 in shape {a.shape}")
    return np.reshape(a, [n for i, n in enumerate(a.shape) if i not in dropped])


def at_least(place: Callable[[tuple[int, ...]], tuple[int, ...]], *arrays: Any) -> Any:
    """Arrays with as many axes as it takes: one alone, or a tuple of several."""
    reshaped = tuple(RULES[np.reshape](a, place(np.shape(a))) for a in map(operand, arrays))
    return reshaped[0] if len(reshaped) == 1 else reshaped


AT_LEAST: dict[Callable[..., Any], Callable[[tuple[int, ...]], tuple[int, ...]]] = {
    np.atleast_1d: lambda shape: shape or (1,),
    np.atleast_2d: lambda shape: (1,) * (2 - len(shape)) + shape,
    np.atleast_3d: lambda shape: {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}.get(len(shape), shape),
}
for function, place in AT_LEAST.items():
    enter(function, functools.partial(at_least, place), "every order", "New axes of length 1.", None)


# Broadcasting


@composed(np.broadcast_arrays)
def broadcast_arrays(*arrays: Any, subok: bool = False) -> Any:  # noqa: ARG001  a Tensor has no subclass
    """Every array in the shape that all of them broadcast to."""
    arrays = tuple(map(operand, arrays))
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(np.broadcast_to(a, shape) for a in arrays)


@composed(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:  # noqa: ARG001
    """Each vector along an axis of its own."""
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"np.meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    n = len(xi)
    axes = [1 - i if indexing == "xy" and i < 2 <= n else i for i in range(n)]
    grids = [
        np.reshape(operand(x), [-1 if j == i else 1 for j in range(n)]) for x, i in zip(xi, axes, strict=True)
    ]
    return tuple(grids) if sparse else np.broadcast_arrays(*grids)


@composed(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",  # noqa: ARG001
    subok: bool = True,  # noqa: ARG001
    shape: Any = None,
    *,
    device: str | None = None,
) -> Any:
    """The fill value broadcast to the array's shape, in its dtype."""
    check_device("np.full_like", device)
    fill = operand(fill_value).astype(a.dtype if dtype is None else dtype)
    return np.copy(np.broadcast_to(fill, a.shape if shape is None else shape))


def check_device(name: str, device: str | None) -> None:
    """Raises an ArgumentError for any device but the only one."""
    if device not in (None, "cpu"):
        raise ArgumentError(f"{name}: there is no device {device!r}: minigrad computes on the cpu")


# Mirrors and turns


@composed(np.flip)
def flip(m: Any, axis: Axis = None) -> Any:
    """The order along some axes reversed."""
    axes = range(m.ndim) if axis is None else normalize_axis_tuple(axis, m.ndim)
    return m[tuple(slice(None, None, -1 if i in axes else None) for i in range(m.ndim))]


@composed(np.fliplr)
def fliplr(m: Any) -> Any:
    """Columns in the reverse order."""
    return np.flip(m, 1)


@composed(np.flipud)
def flipud(m: Any) -> Any:
    """Rows in the reverse order."""
    return np.flip(m, 0)


@composed(np.rot90)
def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turned by k right angles, from the first of two axes to the second."""
    first, second = normalize_axis_tuple(axes, m.ndim)
    if k % 2 == 0:
        return np.flip(m, (first, second)) if k % 4 else m
    turned = np.swapaxes(m, first, second)
    return np.flip(turned, first if k % 4 == 1 else second)


# Triangles and diagonals


def below_diagonal(m: Any, k: int) -> Any:
    """True on and below the k-th diagonal of m's last two axes; a vector stands for each row of a square.

    Raises:
        ShapeError: there is no axis.
    """
    if not m.ndim:
        raise ShapeError("a number has no triangle: np.tril and np.triu take one axis or more")
    return np.tri(m.shape[-2:][0], m.shape[-1], k, dtype=bool)


@composed(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """Zero above a diagonal."""
    return np.where(below_diagonal(m, k), m, 0)


@composed(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """Zero below a diagonal."""
    return np.where(below_diagonal(m, k - 1), 0, m)


@composed(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """A vector as the diagonal of a matrix, or a matrix's diagonal."""
    if v.ndim not in (1, 2):
        raise ShapeError(f"np.diag takes a vector or a matrix, not shape {v.shape}")
    if v.ndim == 2:
        return np.diagonal(v, k)
    n = len(v)
    rows = np.arange(n) + max(-k, 0)
    return scatter(v, (rows, rows + k), (n + abs(k), n + abs(k)))


@composed(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """All elements as the diagonal of a matrix."""
    return np.diag(np.reshape(v, -1), k)


# What moves, repeats or leaves out elements in any other pattern


def moved(function: Callable[..., Any], a: Any, *args: Any, **kwargs: Any) -> Any:
    """NumPy itself, run on the positions of the elements, tells where each comes from."""
    a = operand(a)
    try:
        places = function(np.arange(a.size).reshape(a.shape), *all_values(args), **kwargs)
    except (ValueError, IndexError) as error:
        raise named(error, function, a) from error
    return RULES[np.reshape](a, -1)[places]


for function in (np.roll, np.repeat, np.tile, np.delete, np.diagonal, sliding_window_view):
    enter(function, functools.partial(moved, function), "every order", "Elements in other places.", None)


@composed(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """All elements in their order, again from the first where they are too few; zeros where there is none."""
    return moved(np.resize, a, new_shape) if a.size else np.resize(np.zeros(0, a.dtype), new_shape)
