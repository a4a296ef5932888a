"""The derivatives of Fourier transforms: they are linear, so a gradient goes back through the adjoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from minigrad.errors import ArgumentError, AxisError, ShapeError
from minigrad.function import Function
from minigrad.rules.declare import composed, into
from minigrad.rules.indexing import scatter

Norm: TypeAlias = Literal["backward", "ortho", "forward"] | None

# The adjoint of a transform is the inverse one, with the factor of 1/n put where it was not.
ADJOINT_NORM: dict[Norm, Norm] = {
    None: "forward",
    "backward": "forward",
    "ortho": "ortho",
    "forward": "backward",
}


class Fourier(Function):
    """A transform of complex numbers along axes, or its inverse: up to a factor, the other's adjoint."""

    numpy_function = staticmethod(np.fft.fftn)

    def __init__(self, axes: Sequence[int], norm: Norm, *, inverse: bool) -> None:
        self.axes = axes
        self.norm = norm
        self.inverse = inverse

    def forward(self, a: Any) -> Any:
        transform = np.fft.ifftn if self.inverse else np.fft.fftn
        return transform(a, axes=self.axes, norm=self.norm)

    def backward(self, grad: Any) -> Any:
        adjoint = np.fft.fftn if self.inverse else np.fft.ifftn
        return adjoint(grad, axes=self.axes, norm=ADJOINT_NORM[self.norm])


class RealFourier(Function):
    """The half of the transform of real numbers that tells all; `n` is how many they are.

    An element that has a double in the other half has half of the gradient, since `irfft` counts it twice.
    """

    numpy_function = staticmethod(np.fft.rfft)

    def __init__(self, n: int, axis: int, norm: Norm) -> None:
        self.n = n
        self.axis = axis
        self.norm = norm

    def forward(self, a: Any) -> Any:
        return np.fft.rfft(a, self.n, self.axis, self.norm)

    def backward(self, grad: Any) -> Any:
        half = grad / doubled(self.n, self.axis, grad)
        return np.fft.irfft(half, self.n, self.axis, ADJOINT_NORM[self.norm])


class InverseRealFourier(Function):
    """`n` real numbers from the half of their transform; every element that has a double counts twice."""

    numpy_function = staticmethod(np.fft.irfft)

    def __init__(self, n: int, axis: int, norm: Norm) -> None:
        self.n = n
        self.axis = axis
        self.norm = norm

    def forward(self, a: Any) -> Any:
        return np.fft.irfft(a, self.n, self.axis, self.norm)

    def backward(self, grad: Any) -> Any:
        half = np.fft.rfft(grad, self.n, self.axis, ADJOINT_NORM[self.norm])
        return half * doubled(self.n, self.axis, half)


def doubled(n: int, axis: int, half: Any) -> Any:
    """How often each element of half a transform of n numbers is in the whole: once at the ends, or twice."""
    counts = np.full(n // 2 + 1, 2, np.finfo(half.dtype).dtype)
    counts[0] = 1
    if n % 2 == 0:
        counts[-1] = 1
    return np.reshape(counts, [-1 if i == axis % half.ndim else 1 for i in range(half.ndim)])


def resized(a: Any, lengths: dict[int, int]) -> Any:
    """An array cut, or filled up with zeros, at the end of each axis to a length."""
    for axis, n in lengths.items():
        ahead = (slice(None),) * (axis % a.ndim)
        if n < a.shape[axis]:
            a = a[(*ahead, slice(n))]
        elif n > a.shape[axis]:
            shape = [*a.shape]
            shape[axis] = n
            a = scatter(a, (*ahead, slice(a.shape[axis])), tuple(shape))
    return a


def lengths_and_axes(name: str, a: Any, s: Any, axes: Any, norm: Norm) -> tuple[list[int], list[int]]:
    """How long to transform along which axes, as NumPy takes `s` and `axes`.

    Raises:
        AxisError: the array has no such axis.
        ShapeError: `s` and `axes` differ in length, or there is nothing to transform.
        ArgumentError: there is no such `norm`.
    """
    shape = np.shape(a)
    if norm not in ADJOINT_NORM:
        raise ArgumentError(f"{name}: norm must be 'backward', 'ortho' or 'forward', not {norm!r}")
    if axes is None:
        axes = range(len(shape)) if s is None else range(-len(s), 0)
    for axis in axes:
        if not -len(shape) <= axis < len(shape):
            raise AxisError(f"{name}: axis {axis} is none of a {shape}")
    s = [-1] * len(axes) if s is None else s
    if len(s) != len(axes):
        raise ShapeError(f"{name}: {len(s)} lengths s={s} are given for {len(axes)} axes")
    lengths = [shape[axis] if n in (None, -1) else n for n, axis in zip(s, axes, strict=True)]
    if any(n < 1 for n in lengths):
        raise ShapeError(f"{name} of a {shape}: cannot transform {min(lengths)} numbers")
    return lengths, [*axes]


def complex_transform(name: str, a: Any, s: Any, axes: Any, norm: Norm, *, inverse: bool) -> Any:
    """The transform of complex numbers along axes, or its inverse."""
    lengths, axes = lengths_and_axes(name, a, s, axes, norm)
    return Fourier(axes, norm, inverse=inverse)(resized(a, dict(zip(axes, lengths, strict=True))))


def real_transform(name: str, a: Any, s: Any, axes: Any, norm: Norm) -> Any:
    """The transform of real numbers along the last of the axes, and of complex ones along the others."""
    (*others, n), (*along, last) = lengths_and_axes(name, a, s, axes, norm)
    half = RealFourier(n, last, norm)(resized(a, {last: n}))
    return complex_transform(name, half, others, along, norm, inverse=False) if along else half


def inverse_real_transform(name: str, a: Any, s: Any, axes: Any, norm: Norm) -> Any:
    """Real numbers from the transform: the inverse along all axes but the last, and then along that."""
    (*others, n), (*along, last) = lengths_and_axes(name, a, s, axes, norm)
    if s is None:
        n = 2 * (n - 1)
    half = complex_transform(name, a, others, along, norm, inverse=True) if along else a
    if n < 1:
        raise ShapeError(f"{name} of a {np.shape(a)}: cannot give {n} numbers")
    return InverseRealFourier(n, last, norm)(resized(half, {last: n // 2 + 1}))


@composed(np.fft.fft)
def fft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    """The discrete Fourier transform."""
    return into(out, complex_transform("np.fft.fft", a, _only(n), [axis], norm, inverse=False))


@composed(np.fft.ifft)
def ifft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    """The inverse of `fft`."""
    return into(out, complex_transform("np.fft.ifft", a, _only(n), [axis], norm, inverse=True))


@composed(np.fft.fftn)
def fftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None, out: Any = None) -> Any:
    """The discrete Fourier transform along several axes."""
    return into(out, complex_transform("np.fft.fftn", a, s, axes, norm, inverse=False))


@composed(np.fft.ifftn)
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None, out: Any = None) -> Any:
    """The inverse of `fftn`."""
    return into(out, complex_transform("np.fft.ifftn", a, s, axes, norm, inverse=True))


@composed(np.fft.fft2)
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    """The discrete Fourier transform along two axes."""
    return into(out, complex_transform("np.fft.fft2", a, s, axes, norm, inverse=False))


@composed(np.fft.ifft2)
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    """The inverse of `fft2`."""
    return into(out, complex_transform("np.fft.ifft2", a, s, axes, norm, inverse=True))


@composed(np.fft.rfft)
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    """The half that tells all of the transform of real numbers."""
    return into(out, real_transform("np.fft.rfft", a, _only(n), [axis], norm))


@composed(np.fft.irfft)
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    """The inverse of `rfft`; `n` real numbers, by default an even number."""
    return into(out, inverse_real_transform("np.fft.irfft", a, _only(n), [axis], norm))


@composed(np.fft.rfftn)
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None, out: Any = None) -> Any:
    """`rfft` along the last of several axes, `fft` along the others."""
    return into(out, real_transform("np.fft.rfftn", a, s, axes, norm))


@composed(np.fft.irfftn)
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None, out: Any = None) -> Any:
    """The inverse of `rfftn`."""
    return into(out, inverse_real_transform("np.fft.irfftn", a, s, axes, norm))


@composed(np.fft.rfft2)
def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    """`rfft` along the second of two axes, `fft` along the first."""
    return into(out, real_transform("np.fft.rfft2", a, s, axes, norm))


@composed(np.fft.irfft2)
def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    """The inverse of `rfft2`."""
    return into(out, inverse_real_transform("np.fft.irfft2", a, s, axes, norm))


@composed(np.fft.hfft)
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    """The transform, which is real, of numbers of which the other half repeats the conjugates."""
    return into(
        out,
        inverse_real_transform("np.fft.hfft", a.conjugate(), _only(n), [axis], ADJOINT_NORM.get(norm, norm)),
    )


@composed(np.fft.ihfft)
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    """The inverse of `hfft`."""
    return into(
        out, real_transform("np.fft.ihfft", a, _only(n), [axis], ADJOINT_NORM.get(norm, norm)).conjugate()
    )


@composed(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    """Rolls the frequency 0 to the middle."""
    return _shifted(x, axes, 1)


@composed(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """The inverse of `fftshift`."""
    return _shifted(x, axes, -1)


def _shifted(x: Any, axes: Any, sign: int) -> Any:
    axes = normalize_axis_tuple(range(np.ndim(x)) if axes is None else axes, np.ndim(x))
    return np.roll(x, [sign * (np.shape(x)[axis] // 2) for axis in axes], axes)


def _only(n: int | None) -> list[int] | None:
    return None if n is None else [n]
