"""The derivatives of indexing: what was read from a place sends its gradient back to that place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from minigrad.describe import explained
from minigrad.describe import operand as described
from minigrad.errors import ArgumentError, DtypeError
from minigrad.function import Function, record
from minigrad.registry import RULES, registered
from minigrad.rows import ROWWISE, Rows, row_index
from minigrad.rules.declare import all_values, composed, into, operand, overridable, rule
from minigrad.standin import as_array
from minigrad.tensor import Operand, Tensor, values


def along(axis: int, index: Any) -> tuple[Any, ...]:
    """An index for one axis, counted from the front, that leaves the others whole."""
    return (slice(None),) * axis + (index,)


def reads_once(index: Any) -> bool:
    """Whether an index reads every element at most once: it has no arrays of integers, which may repeat."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None
        or part is Ellipsis
        or isinstance(part, (int, np.integer, slice))
        or (isinstance(part, np.ndarray) and part.dtype == bool)
        for part in parts
    )


@overridable
def scatter(grad: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of a shape, with the gradient added at an index; what is indexed twice gets both.

    Example:
        >>> scatter(np.array([1.0, 2.0, 4.0]), [0, 0, 2], (3,))
        array([3., 0., 4.])
    """
    zeros = np.zeros(shape, grad.dtype)
    if reads_once(index):
        zeros[index] = grad
    else:
        np.add.at(zeros, index, grad)
    return zeros


def scatter_rows(grad: Rows, index: Any, shape: tuple[int, ...]) -> Rows:
    """`scatter` for each row."""
    return Rows(scatter(grad.data, row_index(index), (len(grad.data), *shape)))


def replaced_rows(x: Rows, value: Any, index: Any) -> Rows:
    """`replaced` for each row, with one value for all."""
    return Rows(replaced(x.data, value, row_index(index)))


class GetItem(Function):
    """The gradient goes back to where the elements were read."""

    numpy_function = staticmethod(Tensor.__getitem__)
    index: Any

    def forward(self, x: Any) -> Any:
        self.shape_in = x.shape
        return x[self.index]

    def backward(self, grad: Any) -> Any:
        return scatter(grad, self.index, self.shape_in)


@registered(Tensor.__getitem__)
def getitem(x: Operand, index: Any) -> Tensor:
    """The elements at an index, in any of NumPy's forms; of Tensors in it, the values."""
    static = {"index": all_values(index)}
    try:
        return record(GetItem._new(static), (x,), static)
    except IndexError as error:
        raise out_of_bounds(error, x) from error


def out_of_bounds(error: IndexError, x: Operand) -> Exception:
    """The error that names what was indexed."""
    name = x.name if isinstance(x, Tensor) else None
    return explained(error, "index", [described("x", values(x), name)])


@rule(scatter)
class Scatter(Function):
    """The reverse of reading: its gradient is read where it was written."""

    index: Any
    shape: Any

    def forward(self, grad: Any) -> Any:
        return scatter(grad, self.index, self.shape)

    def backward(self, grad: Any) -> Any:
        return grad[self.index]


@overridable
def replaced(x: Any, value: Any, index: Any) -> Any:
    """A copy with a value written at an index.

    Example:
        >>> replaced(np.zeros(3), 1.0, [0, 2])
        array([1., 0., 1.])
    """
    y = np.copy(x)
    y[index] = value
    return y


ROWWISE[scatter] = scatter_rows
ROWWISE[replaced] = replaced_rows


class SetItem(Function):
    """What was overwritten has no gradient; what was written has that of its place.

    Where an index names a place twice, NumPy keeps the last value, and so does the gradient.
    """

    numpy_function = staticmethod(Tensor.__setitem__)
    index: Any

    def forward(self, x: Any, value: Any) -> Any:
        self.value_ndim = np.ndim(value)
        return replaced(x, value, self.index)

    def backward(self, grad: Any) -> Any:
        return replaced(grad, 0, self.index), self.of_value(grad) if self.needs[1] else None

    def of_value(self, grad: Any) -> Any:
        """The gradient of each written value: 0 for one that was overwritten at once."""
        written = grad[self.index]
        if not reads_once(self.index):
            writer = np.empty(np.shape(grad), int)
            order = np.arange(written.size).reshape(written.shape)
            writer[self.index] = order
            written = np.where(writer[self.index] == order, written, 0)
        return written[(None,) * (self.value_ndim - written.ndim)]  # NumPy drops leading axes of length 1


@registered(Tensor.__setitem__, replaced)
def setitem(x: Operand, value: Operand, index: Any) -> Tensor:
    """A copy of x with a value written at an index, in any of NumPy's forms."""
    static = {"index": all_values(index)}
    try:
        return record(SetItem._new(static), (x, value), static)
    except IndexError as error:
        raise out_of_bounds(error, x) from error


# Reading at indices


@composed(np.take)
def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """The elements at indices along an axis; "wrap" and "clip" say what an index outside means."""
    if axis is None:
        a, axis = np.reshape(a, -1), 0
    axis = normalize_axis_index(axis, a.ndim)
    indices = as_array(all_values(indices), np.intp if isinstance(indices, list) and not indices else None)
    if mode == "wrap":
        indices = indices % a.shape[axis]
    elif mode == "clip":
        indices = np.clip(indices, 0, a.shape[axis] - 1)
    elif mode != "raise":
        raise ArgumentError(f"np.take: mode is 'raise', 'wrap' or 'clip', not {mode!r}")
    return into(out, a[along(axis, indices)])


def lane_index(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that reads, in every lane along an axis, at the lane's own indices."""
    return tuple(indices if i == axis else grid for i, grid in enumerate(np.indices(shape, sparse=True)))


@composed(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """The elements at each lane's own indices along an axis, as np.argsort gives them."""
    if axis is None:
        arr, axis = np.reshape(arr, -1), 0
    axis = normalize_axis_index(axis, arr.ndim)
    return arr[lane_index(arr.shape, as_array(all_values(indices)), axis)]


@composed(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """The elements along an axis where the condition is true."""
    return into(out, np.take(a, np.flatnonzero(all_values(condition)), axis))


@composed(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The elements, in their order, where the condition is true."""
    return np.take(np.reshape(operand(arr), -1), np.flatnonzero(all_values(condition)))


@composed(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number stands in x, or the sum of the weights that stand there."""
    x = np.asarray(all_values(x))
    counts = np.bincount(x, minlength=minlength)
    return counts if weights is None else scatter(operand(weights).astype(np.float64), x, counts.shape)


# Choosing among arrays


@composed(np.select, stacked=True)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """From the first choice whose condition is true, or else the default."""
    if any(as_array(all_values(condition)).dtype != bool for condition in condlist):
        raise ArgumentError("np.select: conditions are arrays of booleans")
    if not len(condlist):
        raise ArgumentError("np.select needs a condition at least")
    y = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        y = np.where(condition, choice, y)
    return y


@overridable
def within(numbers: Any, n: int) -> Any:
    """The numbers as they are, each from 0 to n - 1.

    Raises:
        ArgumentError: one is none of them.
    """
    if np.any(numbers < 0) or np.any(numbers >= n):
        raise ArgumentError(f"np.choose: a number outside 0 to {n - 1}")
    return numbers


@composed(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """Each element from the array whose number stands in a."""
    n, a = len(choices), as_array(all_values(a)) + 0  # booleans are 0 and 1
    a = within(a, n) if mode == "raise" else a % n if mode == "wrap" else np.clip(a, 0, n - 1)
    dtype = np.result_type(*all_values(list(choices)))
    stacked = np.stack(np.broadcast_arrays(*choices, a)[:-1], dtype=dtype)
    a = np.broadcast_to(a, stacked.shape[1:])
    return into(out, np.take_along_axis(stacked, a[None], 0)[0])


@composed(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Each element through the function of the last condition that is true there; through one more where none is."""
    condlist = all_values(condlist)
    conditions = as_array(np.stack(condlist) if isinstance(condlist, (list, tuple)) else condlist, bool)
    if conditions.ndim < x.ndim + 1:
        conditions = conditions[None]
    if len(funclist) == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    if len(funclist) != len(conditions):
        raise ArgumentError(f"np.piecewise: {len(conditions)} conditions for {len(funclist)} functions")
    y = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        y[condition] = function(x[condition], *args, **kw) if callable(function) else function
    return y


# Writing in place: the Tensor is bound to the new value


@registered(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Operand, axis: int | None) -> None:
    """Writes at each lane's own indices along an axis."""
    if axis is None:
        return put(arr, indices, values)
    axis = normalize_axis_index(axis, np.ndim(arr))
    return write(arr, lane_index(np.shape(arr), as_array(all_values(indices)), axis), values)


@registered(np.put)
def put(a: Any, ind: Any, v: Operand, mode: str = "raise") -> None:
    """Writes at places counted over all elements, repeating the values as needed."""
    places = RULES[np.take](np.arange(np.size(a)), ind, mode=mode)._data.reshape(-1)
    write(a, np.unravel_index(places, np.shape(a)), RULES[np.resize](v, places.shape))


@registered(np.putmask)
def putmask(a: Any, /, mask: Any, values: Operand) -> None:
    """Writes where the mask is true, each place from its own position in the values, repeated as needed."""
    mask = as_array(all_values(mask), bool)
    write(a, mask, RULES[np.resize](values, np.shape(a))[mask])


@registered(np.place)
def place(arr: Any, mask: Any, vals: Operand) -> None:
    """Writes the values in their order where the mask is true, repeating them as needed."""
    mask = as_array(all_values(mask), bool)
    write(arr, mask, RULES[np.resize](vals, (np.count_nonzero(mask),)))


@registered(np.copyto)
def copyto(dst: Any, src: Operand, casting: str = "same_kind", where: Any = True) -> None:
    """Writes src, broadcast, where the mask is true."""
    if not np.can_cast(np.result_type(all_values(src)), np.result_type(dst.dtype), casting):  # type: ignore[arg-type]
        raise DtypeError(f"np.copyto: cannot cast to {dst.dtype} by the rule {casting!r}")
    mask = np.broadcast_to(all_values(where), np.shape(dst))
    write(dst, mask, RULES[np.broadcast_to](operand(src), np.shape(dst))[mask])


@registered(np.fill_diagonal)
def fill_diagonal(a: Any, val: Operand, wrap: bool = False) -> None:
    """Writes along the main diagonal, repeating the values as needed."""
    marked = np.zeros(np.shape(a), bool)
    np.fill_diagonal(marked, True, wrap)
    place(a, marked, val)


def write(a: Any, index: Any, value: Operand) -> None:
    """a[index] = value, for a Tensor or for an array, which no gradient may enter."""
    into(a, setitem(a, value, index))
