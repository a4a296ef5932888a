"""Mistakes at some elements only."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array
from tests.minigrad.testing.catalogue.inputs import GRID, normal
from tests.minigrad.testing.catalogue.planting import plant
from tests.minigrad.testing.catalogue.right import Sigmoid
from tests.minigrad.testing.catalogue.scale import Square


@plant("only one element is wrong", inputs=normal((5, 8)))
class OneElement(Sigmoid):
    """sigmoid, one element wrong."""

    def backward(self, grad: Array) -> Any:
        g = super().backward(grad)
        g[2, 3] *= 1.5
        return g


@plant("1 of 8,192 elements", inputs=normal((64, 128)))
class OneOfMany(Sigmoid):
    """sigmoid, one element of 8,192 a ten-millionth wrong."""

    def backward(self, grad: Array) -> Any:
        g = super().backward(grad)
        g[17, 40] *= 1 + 1e-7
        return g


@plant("wrong only where the input is negative", inputs=GRID)
class NegativeInputs:
    """abs, wrong for negative inputs."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.abs(x)

    def backward(self, grad: Array) -> Any:
        return grad * np.ones_like(self.x)


@plant("wrong only where the input is negative", inputs=GRID)
class LeakyForgotten:
    """leaky ReLU with the slope of ReLU."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.where(x > 0, x, 0.1 * x)

    def backward(self, grad: Array) -> Any:
        return np.where(self.x > 0, grad, 0.0)


@plant("got is zero", inputs=lambda: (np.full((3, 2), 0.5),))
class SmallGradient:
    """a true gradient of 2e-6 x returned as zero."""

    def forward(self, x: Array) -> Array:
        return 1e-6 * x * x

    def backward(self, grad: Array) -> Any:
        return np.zeros_like(grad)


@plant("clipped", inputs=lambda: (np.linspace(-3, 3, 12).reshape(3, 4),))
class ClippedLocal(Square):
    """square, its local derivative clipped."""

    def backward(self, grad: Array) -> Any:
        return grad * np.clip(2 * self.x, -2, 2)


@plant("rounded to float32", inputs=GRID)
class RoundedToFloat32(Sigmoid):
    """sigmoid, backward computed in float32."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).astype(np.float32).astype(np.float64)
