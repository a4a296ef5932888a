"""Pooling over windows of any number of spatial axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.errors import ShapeError
from minigrad.function import Function
from minigrad.rules.layers.windows import Sizes, Window, fold, unfold
from minigrad.rules.reductions import reach
from minigrad.tensor import Operand, Tensor


@dataclass(eq=False)
class Pool(Function):
    """What the poolings share: the windows of an image, each with its elements along axis 2, and the way back."""

    window: Window

    def windows(self, x: Any, fill: float) -> Any:
        """(N, C, elements, *positions)."""
        axes = len(self.window.kernel)
        if x.ndim != axes + 2:
            raise ShapeError(f"x must have {axes + 2} axes: (N, channels, ...)")
        windows = unfold(x, self.window, fill)
        self.sizes, self.shape = x.shape[2:], windows.shape
        return np.reshape(windows, (*x.shape[:2], math.prod(self.window.kernel), *windows.shape[2 + axes :]))

    def images(self, windows: Any) -> Any:
        """The gradient of windows, added up where their elements stood."""
        return fold(np.reshape(windows, self.shape), self.window, self.sizes)


class MaxPool(Pool):
    """The largest element of each window, or NaN, to which the gradient goes; tied elements share it equally."""

    def forward(self, x: Any) -> Any:
        windows = self.windows(x, -math.inf)
        y = windows.max(axis=2)
        self.winners = reach(windows, y[:, :, None])
        return y

    def backward(self, grad: Any) -> Any:
        share = grad / np.sum(self.winners, axis=2, dtype=grad.dtype)
        return self.images(self.winners * share[:, :, None])


class AvgPool(Pool):
    """The mean of each window; every element has an equal share of the gradient."""

    def forward(self, x: Any) -> Any:
        windows = self.windows(x, 0.0)
        self.n = windows.shape[2]
        return windows.mean(axis=2)

    def backward(self, grad: Any) -> Any:
        return self.images(np.repeat((grad / self.n)[:, :, None], self.n, axis=2))


def max_pool1d(x: Operand, kernel_size: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """The largest element of each window, along one axis, as in `max_pool2d`.

    Args:
        x: (N, C, L).
        kernel_size: the length of a window.
        stride: from one window to the next; by default the length, so that windows do not overlap.
        padding: elements added at each end, none of which is ever the largest; at most half of the length.

    Returns:
        (N, C, positions), with (L + 2 padding - kernel_size) // stride + 1 positions.

    Raises:
        ShapeError: x is not so shaped, no window fits, or the padding is too large.

    Example:
        >>> import minigrad as mg
        >>> mg.max_pool1d([[[1.0, 3.0, 2.0, 0.0]]], 2)
        Tensor([[[3., 2.]]])
    """
    return MaxPool(pool_window(1, kernel_size, stride, padding))(x)


def max_pool2d(
    x: Operand, kernel_size: int | Sizes, stride: int | Sizes | None = None, padding: int | Sizes = 0
) -> Tensor:
    """The largest element of each window; tied elements share the gradient equally.

    Args:
        x: (N, C, H, W).
        kernel_size: the height and width of a window; like what follows, one number for both axes or two.
        stride: from one window to the next; by default its size, so that windows do not overlap.
        padding: elements added at each side, never the largest; at most half of the window.

    Returns:
        (N, C, OH, OW), with OH = (H + 2 padding - kernel_size) // stride + 1, and OW alike.

    Raises:
        ShapeError: x is not so shaped, no window fits, or the padding is too large.

    Example:
        >>> import minigrad as mg
        >>> mg.max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
        Tensor([[[[ 5.,  7.],
                  [13., 15.]]]])
    """
    return MaxPool(pool_window(2, kernel_size, stride, padding))(x)


def avg_pool1d(x: Operand, kernel_size: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """The mean of each window, along one axis, as in `avg_pool2d`.

    Args:
        x: (N, C, L).
        kernel_size: the length of a window.
        stride: from one window to the next; by default the length, so that windows do not overlap.
        padding: zeros added at each end, which count in the mean; at most half of the length.

    Returns:
        (N, C, positions), with (L + 2 padding - kernel_size) // stride + 1 positions.

    Raises:
        ShapeError: x is not so shaped, no window fits, or the padding is too large.

    Example:
        >>> import minigrad as mg
        >>> mg.avg_pool1d([[[1.0, 3.0, 2.0, 0.0]]], 2)
        Tensor([[[2., 1.]]])
    """
    return AvgPool(pool_window(1, kernel_size, stride, padding))(x)


def avg_pool2d(
    x: Operand, kernel_size: int | Sizes, stride: int | Sizes | None = None, padding: int | Sizes = 0
) -> Tensor:
    """The mean of each window.

    Args:
        x: (N, C, H, W).
        kernel_size: the height and width of a window; like what follows, one number for both axes or two.
        stride: from one window to the next; by default its size, so that windows do not overlap.
        padding: zeros added at each side, which count in the mean; at most half of the window.

    Returns:
        (N, C, OH, OW), with OH = (H + 2 padding - kernel_size) // stride + 1, and OW alike.

    Raises:
        ShapeError: x is not so shaped, no window fits, or the padding is too large.

    Example:
        >>> import minigrad as mg
        >>> mg.avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
        Tensor([[[[ 2.5,  4.5],
                  [10.5, 12.5]]]])
    """
    return AvgPool(pool_window(2, kernel_size, stride, padding))(x)


def pool_window(
    axes: int, kernel_size: int | Sizes, stride: int | Sizes | None, padding: int | Sizes
) -> Window:
    """A window that by default moves on by its own size, and always holds an element of the image."""
    window = Window.of(kernel_size, axes, kernel_size if stride is None else stride, padding)
    if any(2 * p > k for p, k in zip(window.padding, window.kernel, strict=True)):
        raise ShapeError(f"padding={padding} is more than half of kernel_size={kernel_size}")
    return window
