"""Windows that slide over the spatial axes of images: `unfold` reads them, `fold`, its adjoint, adds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from minigrad.errors import ShapeError
from minigrad.function import Function
from minigrad.rules.declare import overridable, rule

Sizes: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """A kernel and how it slides: one number for each spatial axis.

    Along an axis, element i of the kernel at position o meets element `stride o + dilation i - padding`.
    """

    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes

    @classmethod
    def of(
        cls,
        kernel: int | Sizes,
        axes: int,
        stride: int | Sizes = 1,
        padding: int | Sizes = 0,
        dilation: int | Sizes = 1,
    ) -> Self:
        """The window of numbers given once for all axes, or one for each.

        Raises:
            ShapeError: there are not as many as axes, or one is too small.
        """
        return cls(
            per_axis("kernel", kernel, axes, 1),
            per_axis("stride", stride, axes, 1),
            per_axis("padding", padding, axes, 0),
            per_axis("dilation", dilation, axes, 1),
        )

    @property
    def extent(self) -> Sizes:
        """How far the dilated kernel reaches."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    def padded(self, sizes: Sizes) -> Sizes:
        """The image with its margins."""
        return tuple(n + 2 * p for n, p in zip(sizes, self.padding, strict=True))

    def inside(self, sizes: Sizes) -> tuple[Any, ...]:
        """Where the image lies within its margins."""
        return (..., *(slice(p, p + n) for n, p in zip(sizes, self.padding, strict=True)))

    def positions(self, sizes: Sizes) -> Sizes:
        """How many places the kernel takes along each axis.

        Raises:
            ShapeError: it takes none, the kernel being larger than the image with its margins.
        """
        steps = zip(self.padded(sizes), self.extent, self.stride, strict=True)
        positions = tuple((n - e) // s + 1 for n, e, s in steps)
        if min(positions) < 1:
            raise ShapeError(
                f"a kernel that reaches over {self.extent} does not fit into {self.padded(sizes)}"
            )
        return positions

    def under(self, i: Sizes, positions: Sizes) -> tuple[Any, ...]:
        """What element i of the kernel meets in the padded image, over all positions."""
        places = zip(i, positions, self.stride, self.dilation, strict=True)
        return (..., *(slice(d * k, d * k + s * (n - 1) + 1, s) for k, n, s, d in places))

    def opposite(self) -> Self | None:
        """How the kernel, turned about, slides over a gradient to lead back to the image; for strides of 1."""
        padding = tuple(e - 1 - p for e, p in zip(self.extent, self.padding, strict=True))
        if max(self.stride) > 1 or min(padding) < 0:
            return None
        return replace(self, padding=padding)


def per_axis(name: str, value: int | Sizes, axes: int, least: int) -> Sizes:
    """One number for each axis, from a single one or a sequence.

    Raises:
        ShapeError: there are not as many as axes, or one is too small.
    """
    numbers = (value,) * axes if isinstance(value, (int, np.integer)) else tuple(value)
    if len(numbers) != axes or min(numbers) < least:
        raise ShapeError(f"{name}={value}: give {axes} numbers of at least {least}, or one for all axes")
    return numbers


@overridable
def unfold(x: Any, window: Window, fill: float = 0.0) -> Any:
    """What every element of a kernel meets at every position; known as im2col.

    Args:
        x: (N, C, *sizes).
        window: the kernel and how it slides.
        fill: the value of the margins.

    Returns:
        (N, C, *kernel, *positions), a read-only view where there is no margin.

    Example:
        >>> unfold(np.arange(4.0).reshape(1, 1, 4), Window((2,), (1,), (0,), (1,)))
        array([[[[0., 1., 2.],
                 [1., 2., 3.]]]])
    """
    sizes, axes = x.shape[2:], tuple(range(2, x.ndim))
    window.positions(sizes)  # fits
    if any(window.padding):
        padded = np.full((*x.shape[:2], *window.padded(sizes)), fill, x.dtype)
        padded[window.inside(sizes)] = x
        x = padded
    every: tuple[Any, ...] = (..., *(slice(None, None, n) for n in (*window.stride, *window.dilation)))
    view = sliding_window_view(x, window.extent, axes)[every]
    return np.transpose(view, (0, 1, *(axis + len(axes) for axis in axes), *axes))


@overridable
def fold(windows: Any, window: Window, sizes: Sizes) -> Any:
    """The adjoint of `unfold`: what every position saw is added back to where it stood; known as col2im.

    Args:
        windows: (N, C, *kernel, *positions).
        window: the kernel and how it slides.
        sizes: of the image.

    Returns:
        (N, C, *sizes)

    Example:
        >>> fold(np.ones((1, 1, 2, 3)), Window((2,), (1,), (0,), (1,)), (4,))
        array([[[1., 2., 2., 1.]]])
    """
    positions = window.positions(sizes)
    padded = np.zeros((*windows.shape[:2], *window.padded(sizes)), windows.dtype)
    for i in np.ndindex(window.kernel):
        padded[window.under(i, positions)] += windows[(slice(None), slice(None), *i)]
    return padded[window.inside(sizes)]


@rule(unfold)
class Unfold(Function):
    """A linear map: the gradient goes back by its adjoint."""

    window: Window
    fill: float = 0.0

    def forward(self, x: Any) -> Any:
        self.sizes = x.shape[2:]
        return unfold(x, self.window, self.fill)

    def backward(self, grad: Any) -> Any:
        return fold(grad, self.window, self.sizes)


@rule(fold)
class Fold(Function):
    """A linear map: the gradient goes back by its adjoint."""

    window: Window
    sizes: Sizes

    def forward(self, windows: Any) -> Any:
        return fold(windows, self.window, self.sizes)

    def backward(self, grad: Any) -> Any:
        return unfold(grad, self.window)
