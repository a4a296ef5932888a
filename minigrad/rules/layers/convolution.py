"""Convolution over any number of spatial axes: matrix products of filters and windows.

It is linear in the images and in the filters, and so are its gradients: the derivatives of the three
functions here, of any order, are these three again. As in every net, no filter is turned about: strictly
this is cross-correlation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.errors import ShapeError
from minigrad.function import Function
from minigrad.rules.declare import overridable, rule
from minigrad.rules.layers.windows import Sizes, Window, fold, unfold
from minigrad.tensor import Array, Operand, Tensor

BLOCK = 2**20  # bytes of windows laid out at once: about what a processor's own cache holds


@overridable
def convolution(x: Any, w: Any, b: Any, window: Window, groups: int) -> Any:
    """The product of every filter with every window.

    Args:
        x: images (N, C, *sizes).
        w: filters (F, C / groups, *kernel).
        b: (F,), or None.
        window: the kernel and how it slides.
        groups: how many groups channels and filters are divided into; a filter sees its own group's channels.

    Returns:
        (N, F, *positions)
    """
    positions = window.positions(x.shape[2:])
    filters = by_group(w, groups)
    y = np.empty((len(x), *filters.shape[:2], math.prod(positions)), np.result_type(x, w))
    for images, columns in columns_of(x, window, groups):
        np.matmul(filters, columns, out=y[images])
    y = np.reshape(y, (len(x), len(w), *positions))
    return y if b is None else y + np.reshape(b, (-1, *(1 for _ in positions)))


@overridable
def filters_gradient(x: Any, grad: Any, window: Window, groups: int) -> Any:
    """The gradient of `convolution` in the filters: the product of every gradient with every window.

    Args:
        x: images (N, C, *sizes).
        grad: (N, F, *positions).
        window: the kernel and how it slides.
        groups: as for `convolution`.

    Returns:
        (F, C / groups, *kernel)
    """
    rows = by_image(grad, groups)
    shape = (grad.shape[1], x.shape[1] // groups, *window.kernel)
    total = np.zeros((groups, shape[0] // groups, math.prod(shape[1:])), np.result_type(x, grad))
    for images, columns in columns_of(x, window, groups):
        total += np.matmul(rows[images], columns.mT).sum(axis=0)
    return np.reshape(total, shape)


@overridable
def images_gradient(w: Any, grad: Any, window: Window, groups: int, sizes: Sizes) -> Any:
    """The gradient of `convolution` in the images: every filter times its gradient, added where it stood.

    Args:
        w: filters (F, C / groups, *kernel).
        grad: (N, F, *positions).
        window: the kernel and how it slides.
        groups: as for `convolution`.
        sizes: of the images.

    Returns:
        (N, C, *sizes)
    """
    opposite = window.opposite()
    if opposite is not None:  # reading the windows of the gradient takes half the time of adding windows up
        return convolution(grad, turned(w, groups), None, opposite, groups)
    rows = by_image(grad, groups)
    columns_to = by_group(w, groups).mT
    shape = (w.shape[1] * groups, *window.kernel, *grad.shape[2:])
    dx = np.empty((len(grad), shape[0], *sizes), np.result_type(w, grad))
    for images in blocks(len(grad), dx.itemsize * math.prod(shape)):
        columns = np.matmul(columns_to, rows[images])
        dx[images] = fold(np.reshape(columns, (len(columns), *shape)), window, sizes)
    return dx


def blocks(n: int, size: int) -> Iterator[slice]:
    """The places of some images at a time, of n whose windows have this size in bytes."""
    step = max(1, BLOCK // max(1, size))
    return (slice(start, start + step) for start in range(0, n, step))


def columns_of(x: Array, window: Window, groups: int) -> Iterator[tuple[slice, Array]]:
    """Which images, and their windows as columns: (n, groups, channels · kernel, positions)."""
    windows = unfold(x, window)
    shape = (
        groups,
        x.shape[1] // groups * math.prod(window.kernel),
        math.prod(window.positions(x.shape[2:])),
    )
    for images in blocks(len(x), x.itemsize * math.prod(shape)):
        block = windows[images]
        yield images, np.reshape(block, (len(block), *shape))


def by_group(w: Array, groups: int) -> Array:
    """Filters as the rows of one matrix for each group: (groups, filters, channels · kernel)."""
    return np.reshape(w, (groups, len(w) // groups, math.prod(w.shape[1:])))


def by_image(grad: Array, groups: int) -> Array:
    """A gradient as one matrix for each image and group: (N, groups, filters, positions)."""
    n, filters, *positions = grad.shape
    return np.reshape(grad, (n, groups, filters // groups, math.prod(positions)))


def turned(w: Array, groups: int) -> Array:
    """Filters turned about, that lead from the filters back to the channels: (C, F / groups, *kernel)."""
    filters, channels, *kernel = w.shape
    w = np.reshape(w, (groups, filters // groups, channels, *kernel))
    w = np.flip(np.swapaxes(w, 1, 2), tuple(range(3, w.ndim)))
    return np.reshape(w, (groups * channels, filters // groups, *kernel))


@rule(convolution)
class Convolution(Function):
    """Y = X ⋆ W + b."""

    window: Window
    groups: int = 1

    def forward(self, x: Any, w: Any, b: Any = None) -> Any:
        self._check(x, w, b)
        self.x, self.w = x, w
        return convolution(x, w, b, self.window, self.groups)

    def backward(self, grad: Any) -> Any:
        dx = dw = db = None
        if self.needs[0]:
            dx = images_gradient(self.w, grad, self.window, self.groups, self.x.shape[2:])
        if self.needs[1]:
            dw = filters_gradient(self.x, grad, self.window, self.groups)
        if self.needs[2]:
            db = grad.sum(axis=(0, *range(2, grad.ndim)))
        return dx, dw, db

    def _check(self, x: Any, w: Any, b: Any) -> None:
        axes = len(self.window.stride)
        if x.ndim != axes + 2 or w.ndim != axes + 2:
            raise ShapeError(f"x (N, channels, ...) and w (filters, channels, ...) must have {axes + 2} axes")
        if x.shape[1] != w.shape[1] * self.groups or len(w) % self.groups:
            raise ShapeError(
                f"x has {x.shape[1]} channels, and {len(w)} filters in {self.groups} groups see {w.shape[1]} each: "
                "channels must be groups times as many, and groups divide filters"
            )
        if b is not None and b.shape != (len(w),):
            raise ShapeError(f"w has {len(w)} filters but b has shape {b.shape}")


@rule(filters_gradient)
class FiltersGradient(Function):
    """W' = X ⋆ G, linear in both."""

    window: Window
    groups: int

    def forward(self, x: Any, grad: Any) -> Any:
        self.x, self.grad = x, grad
        return filters_gradient(x, grad, self.window, self.groups)

    def backward(self, grad: Any) -> Any:
        return (
            images_gradient(grad, self.grad, self.window, self.groups, self.x.shape[2:]),
            convolution(self.x, grad, None, self.window, self.groups),
        )


@rule(images_gradient)
class ImagesGradient(Function):
    """X' = Wᵀ ⋆ G, linear in both."""

    window: Window
    groups: int
    sizes: Sizes

    def forward(self, w: Any, grad: Any) -> Any:
        self.w, self.grad = w, grad
        return images_gradient(w, grad, self.window, self.groups, self.sizes)

    def backward(self, grad: Any) -> Any:
        return (
            filters_gradient(grad, self.grad, self.window, self.groups),
            convolution(grad, self.w, None, self.window, self.groups),
        )


def conv1d(
    x: Operand,
    w: Operand,
    b: Operand | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution along one axis, by filters that are not turned about (cross-correlation), as in `conv2d`.

    Args:
        x: (N, C, L).
        w: filters (F, C / groups, K).
        b: (F,), or nothing.
        stride: how far a filter moves from one position to the next.
        padding: zeros added at each end.
        dilation: the distance between the elements that a filter sees.
        groups: how many groups channels and filters are divided into; a filter sees its own group's channels.

    Returns:
        (N, F, positions), with (L + 2 padding - dilation (K - 1) - 1) // stride + 1 positions.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import minigrad as mg
        >>> mg.conv1d([[[1.0, 2.0, 4.0, 8.0]]], [[[-1.0, 1.0]]])
        Tensor([[[1., 2., 4.]]])
    """
    window = Window.of(np.shape(w)[2:], 1, stride, padding, dilation)
    return Convolution(window, groups)(x, w, b)


def conv2d(
    x: Operand,
    w: Operand,
    b: Operand | None = None,
    *,
    stride: int | Sizes = 1,
    padding: int | Sizes = 0,
    dilation: int | Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution of images by filters that are not turned about (cross-correlation), as in every net.

    Y[n, f, i, j] = b[f] + Σ X[n, c, s i + d k - p, s j + d l - p] W[f, c, k, l], the sum over c, k and l
    (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning").

    Args:
        x: images (N, C, H, W).
        w: filters (F, C / groups, KH, KW).
        b: (F,), or nothing.
        stride: s, how far a filter moves from one position to the next; like what follows, one number for
            both axes or one for each.
        padding: p, zeros added at each side.
        dilation: d, the distance between the elements that a filter sees.
        groups: how many groups channels and filters are divided into; a filter sees its own group's channels.

    Returns:
        (N, F, OH, OW), with OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1, and OW alike.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import minigrad as mg
        >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
        >>> mg.conv2d(x, np.ones((1, 1, 2, 2)), [0.5])
        Tensor([[[[ 8.5, 12.5],
                  [20.5, 24.5]]]])
    """
    window = Window.of(np.shape(w)[2:], 2, stride, padding, dilation)
    return Convolution(window, groups)(x, w, b)
