"""What the array API standard (2024.12) has and NumPy's rules do not give under its name: creation, dtypes, sorting.

See https://data-apis.org/array-api/2024.12/.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.errors import ArgumentError
from minigrad.registry import lookup
from minigrad.tensor import Operand, Tensor, values, wrap


def _made(function: Callable[..., Any]) -> Callable[..., Tensor]:
    @functools.wraps(function)
    def create(*args: Any, **kwargs: Any) -> Tensor:
        return wrap(np.asarray(function(*args, **kwargs)))

    create.__doc__ = f"`np.{function.__name__}` as a Tensor, with its arguments."
    return create


arange = _made(np.arange)
empty = _made(np.empty)
eye = _made(np.eye)
ones = _made(np.ones)
zeros = _made(np.zeros)


def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """The frequencies of `fft`: of n samples, d apart; float64 by default."""
    _check_device(device)
    return wrap(np.fft.fftfreq(n, d).astype(dtype or np.float64, copy=False))


def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """The frequencies of `rfft`: of n samples, d apart; float64 by default."""
    _check_device(device)
    return wrap(np.fft.rfftfreq(n, d).astype(dtype or np.float64, copy=False))


def full(
    shape: int | tuple[int, ...],
    fill_value: Operand,
    *,
    dtype: DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """A Tensor of one value, whose gradient is the sum of all.

    Example:
        >>> import minigrad as mg
        >>> mg.full((2,), 1.5)
        Tensor([1.5, 1.5])
    """
    return lookup(np.full_like)(asarray(fill_value), fill_value, dtype=dtype, shape=shape, device=device)


def asarray(
    obj: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, copy: bool | None = None
) -> Tensor:
    """A Tensor of whatever holds numbers; a Tensor stays itself, if it may.

    Args:
        obj: a Tensor, an array, a number or nested lists of numbers.
        dtype: by default that of `obj`.
        device: "cpu", the only one.
        copy: True for a new Tensor in any case; False for an error where one is needed.

    Raises:
        ArgumentError: there is no such device, or `copy=False` of what must be copied.

    Example:
        >>> import minigrad as mg
        >>> t = mg.asarray([1.0, 2.0])
        >>> mg.asarray(t) is t
        True
    """
    _check_device(device)
    if isinstance(obj, Tensor):
        same = dtype is None or obj.dtype == dtype
        if same and not copy:
            return obj
        if copy is False:
            raise ArgumentError(f"asarray: {obj.dtype} cannot become {np.dtype(dtype)} without a copy")
        return obj.copy() if dtype is None or same else obj.astype(dtype)
    if copy is False and not isinstance(obj, np.ndarray):
        raise ArgumentError(f"asarray: {type(obj).__name__} cannot become a Tensor without a copy")
    return wrap(np.asarray(obj, dtype=dtype, copy=copy)) if copy is False else Tensor(obj, dtype=dtype)


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A Tensor over the memory of another library's array, by DLPack.

    Example:
        >>> import minigrad as mg
        >>> mg.from_dlpack(np.arange(3.0))
        Tensor([0., 1., 2.])
    """
    _check_device(device)
    return wrap(np.from_dlpack(x, copy=copy))


def argsort(x: Operand, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The indices that sort along an axis; a stable order keeps equal elements in theirs, downwards too.

    Example:
        >>> import minigrad as mg
        >>> mg.argsort([2.0, 3.0, 2.0], descending=True)
        Tensor([1, 0, 2])
    """
    array = np.asarray(values(x))
    if not descending:
        return wrap(np.argsort(array, axis=axis, stable=stable))
    from_the_end = np.argsort(np.flip(array, axis), axis=axis, stable=stable)
    return wrap(array.shape[axis] - 1 - np.flip(from_the_end, axis))


def sort(x: Operand, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The elements along an axis from the smallest, or from the largest; the gradient follows the order.

    Example:
        >>> import minigrad as mg
        >>> mg.sort([2.0, 3.0, 1.0], descending=True)
        Tensor([3., 2., 1.])
    """
    order = argsort(x, axis=axis, descending=descending, stable=stable)
    return lookup(np.take_along_axis)(x, order, axis)


def expand_dims(x: Operand, /, *, axis: int | tuple[int, ...] = 0) -> Tensor:
    """A new axis of length 1.

    Example:
        >>> import minigrad as mg
        >>> mg.expand_dims([1.0, 2.0]).shape
        (1, 2)
    """
    return lookup(np.expand_dims)(x, axis)


def finfo(type: DTypeLike | Operand, /) -> np.finfo[Any]:
    """The limits of a floating-point dtype, or of a Tensor's.

    Example:
        >>> import minigrad as mg
        >>> float(mg.finfo(mg.float32).eps)
        1.1920928955078125e-07
    """
    return np.finfo(_dtype_of(type))


def iinfo(type: DTypeLike | Operand, /) -> np.iinfo[Any]:
    """The limits of an integer dtype, or of a Tensor's.

    Example:
        >>> import minigrad as mg
        >>> mg.iinfo(mg.int8).max
        127
    """
    return np.iinfo(_dtype_of(type))


def _dtype_of(x: Any) -> Any:
    return x.dtype if isinstance(x, (Tensor, np.ndarray)) else x


def _check_device(device: str | None) -> None:
    if device not in (None, "cpu"):
        raise ArgumentError(f"there is no device {device!r}: minigrad computes on the cpu")


# What NumPy has and a Tensor needs nothing of: constants, dtypes, and what is asked about dtypes.
FROM_NUMPY = (
    "e inf nan newaxis pi bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128 "
    "isdtype broadcast_shapes __array_namespace_info__"
)

OWN: dict[str, Any] = {
    function.__name__: function
    for function in (
        arange,
        argsort,
        asarray,
        empty,
        expand_dims,
        eye,
        finfo,
        from_dlpack,
        full,
        iinfo,
        ones,
        sort,
        zeros,
    )
} | {name: getattr(np, name) for name in FROM_NUMPY.split()}
