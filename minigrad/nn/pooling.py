"""Poolings as modules."""

from __future__ import annotations

from typing import TypeAlias

from minigrad.nn.module import Module
from minigrad.rules import layers
from minigrad.tensor import Operand, Tensor

Sizes: TypeAlias = int | tuple[int, ...]


class MaxPool1d(Module):
    """The largest element of each window along one axis; see `max_pool1d`."""

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Operand) -> Tensor:
        """(N, C, L) to (N, C, positions)."""
        return layers.max_pool1d(x, self.kernel_size, self.stride, self.padding)


class MaxPool2d(Module):
    """The largest element of each window of an image; see `max_pool2d`."""

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Operand) -> Tensor:
        """(N, C, H, W) to (N, C, OH, OW)."""
        return layers.max_pool2d(x, self.kernel_size, self.stride, self.padding)


class AvgPool1d(Module):
    """The mean of each window along one axis; see `avg_pool1d`."""

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Operand) -> Tensor:
        """(N, C, L) to (N, C, positions)."""
        return layers.avg_pool1d(x, self.kernel_size, self.stride, self.padding)


class AvgPool2d(Module):
    """The mean of each window of an image; see `avg_pool2d`."""

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Operand) -> Tensor:
        """(N, C, H, W) to (N, C, OH, OW)."""
        return layers.avg_pool2d(x, self.kernel_size, self.stride, self.padding)
