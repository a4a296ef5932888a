"""The methods an ndarray has: each is NumPy's function of that name, with the Tensor as its first argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.registry import lookup, name_of

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return lookup(function)(self, *args, **kwargs)

    method.__name__ = method.__qualname__ = function.__name__
    method.__doc__ = f"`{name_of(function)}` of this Tensor, with its arguments."
    return method


def _in_place(function: Callable[..., Any]) -> Callable[..., None]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> None:
        self._rebind(lookup(function)(self, *args, **kwargs))

    method.__name__ = method.__qualname__ = function.__name__
    method.__doc__ = f"Binds this Tensor to `{name_of(function)}` of it."
    return method


class ArrayMethods:
    """What a Tensor has in common with an ndarray beside its operators."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def dtype(self) -> np.dtype[Any]: ...  # noqa: D102

    # Reductions and scans

    sum = _method(np.sum)
    prod = _method(np.prod)
    mean = _method(np.mean)
    var = _method(np.var)
    std = _method(np.std)
    max = _method(np.max)
    min = _method(np.min)
    cumsum = _method(np.cumsum)
    cumprod = _method(np.cumprod)
    all = _method(np.all)
    any = _method(np.any)
    argmax = _method(np.argmax)
    argmin = _method(np.argmin)

    # Elements

    clip = _method(np.clip)
    round = _method(np.round)
    copy = _method(np.copy)

    # Shape

    ravel = _method(np.ravel)
    flatten = ravel
    squeeze = _method(np.squeeze)
    swapaxes = _method(np.swapaxes)
    repeat = _method(np.repeat)
    diagonal = _method(np.diagonal)

    def reshape(self, *shape: int | tuple[int, ...], **options: Any) -> Tensor:
        """`np.reshape` of this Tensor, the shape as a tuple or as separate numbers."""
        return lookup(np.reshape)(self, shape[0] if len(shape) == 1 else shape, **options)

    def transpose(self, *axes: int | tuple[int, ...] | None) -> Tensor:
        """`np.transpose` of this Tensor, the axes as a tuple or as separate numbers."""
        return lookup(np.transpose)(self, (axes[0] if len(axes) == 1 else axes) if axes else None)

    @property
    def T(self) -> Tensor:  # noqa: N802  NumPy's name
        """All axes reversed."""
        return lookup(np.transpose)(self)

    @property
    def mT(self) -> Tensor:  # noqa: N802  NumPy's name
        """The last two axes exchanged.

        Raises:
            ShapeError: there are fewer than two axes.
        """
        return lookup(np.matrix_transpose)(self)

    # Complex numbers

    @property
    def real(self) -> Tensor:
        """The real part; of a real Tensor the Tensor itself."""
        return lookup(np.real)(self) if self.dtype.kind == "c" else self  # type: ignore[return-value]  # a Tensor

    @property
    def imag(self) -> Tensor:
        """The imaginary part; zeros for a real Tensor."""
        return lookup(np.imag)(self)

    def conjugate(self) -> Tensor:
        """The complex conjugate; of a real Tensor the Tensor itself."""
        return lookup(np.conjugate)(self) if self.dtype.kind == "c" else self  # type: ignore[return-value]  # a Tensor

    conj = conjugate

    # Products

    dot = _method(np.dot)
    trace = _method(np.trace)

    # Indices and order

    take = _method(np.take)
    choose = _method(np.choose)
    put = _method(np.put)
    nonzero = _method(np.nonzero)
    searchsorted = _method(np.searchsorted)
    argsort = _method(np.argsort)
    argpartition = _method(np.argpartition)
    sort = _in_place(np.sort)
    partition = _in_place(np.partition)
    fill = _in_place(np.full_like)

    def compress(self, condition: Any, axis: int | None = None, out: Tensor | None = None) -> Tensor:
        """`np.compress` of this Tensor."""
        return lookup(np.compress)(condition, self, axis, out)
