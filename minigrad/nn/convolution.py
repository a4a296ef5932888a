"""Convolutions that own their filters."""

from __future__ import annotations

import math
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from minigrad.errors import ShapeError
from minigrad.nn.initialisers import Initialiser, he
from minigrad.nn.module import Module
from minigrad.rules.layers.convolution import Convolution
from minigrad.rules.layers.windows import Window
from minigrad.tensor import Operand, Tensor

Sizes: TypeAlias = int | tuple[int, ...]


class ConvNd(Module):
    """Convolution over some number of axes, with filters w (F, C / groups, *kernel_size) and biases b (F,)."""

    axes: ClassVar[int]

    w: Tensor
    b: Tensor | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        *,
        stride: Sizes = 1,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        weight: Initialiser = he,
        bias: bool = True,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if in_channels % groups or out_channels % groups:
            raise ShapeError(f"{groups} groups do not divide {in_channels} and {out_channels} channels")
        rng = np.random.default_rng() if rng is None else rng
        self.window = Window.of(kernel_size, self.axes, stride, padding, dilation)
        self.groups = groups
        shape = (in_channels // groups, *self.window.kernel)
        filters = weight(rng, (math.prod(shape), out_channels)).T.reshape(out_channels, *shape)
        self.w = Tensor(filters, dtype=dtype, requires_grad=True)
        self.b = Tensor(np.zeros(out_channels), dtype=dtype, requires_grad=True) if bias else None

    def forward(self, x: Operand) -> Tensor:
        """(N, C, *sizes) to (N, F, *positions)."""
        return Convolution(self.window, self.groups)(x, self.w, self.b)


class Conv1d(ConvNd):
    """Convolution along one axis, (N, C, L) to (N, F, positions): `conv1d` with its own w (F, C / groups, K) and b.

    The arguments are those of `Conv2d`.

    Example:
        >>> Conv1d(4, 8, 3, padding=1)(np.zeros((2, 4, 100), np.float32)).shape
        (2, 8, 100)
    """

    axes = 1


class Conv2d(ConvNd):
    """Convolution of images, (N, C, H, W) to (N, F, OH, OW): `conv2d` with its own w (F, C / groups, KH, KW) and b.

    Args:
        in_channels: C.
        out_channels: F, the number of filters.
        kernel_size: of the filters; like what follows, one number for all axes or one for each.
        stride: how far a filter moves from one position to the next.
        padding: zeros added at each side.
        dilation: the distance between the elements that a filter sees.
        groups: how many groups channels and filters are divided into; a filter sees its own group's channels.
        weight: how filters are drawn, fan_in being the number of elements that one sees; `he` by default.
        bias: whether there are biases; they start at 0.
        rng: the random generator; a fresh one by default.
        dtype: of the parameters.

    Raises:
        ShapeError: groups do not divide the channels or the filters, or a number is too small.

    Example:
        >>> Conv2d(3, 8, 5, stride=2, padding=2)(np.zeros((10, 3, 32, 32), np.float32)).shape
        (10, 8, 16, 16)
    """

    axes = 2
