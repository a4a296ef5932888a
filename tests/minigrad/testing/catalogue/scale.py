"""Mistakes of scale and sign."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array
from tests.minigrad.testing.catalogue.inputs import AFFINE, GRID, labelled
from tests.minigrad.testing.catalogue.planting import plant
from tests.minigrad.testing.catalogue.right import Affine, Sigmoid, SoftmaxWithLoss


@plant("c = 1.01", inputs=GRID)
class Percent(Sigmoid):
    """sigmoid, 1 % too large."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) * 1.01


@plant("c = 1.000000001", inputs=GRID)
class Billionth(Sigmoid):
    """sigmoid, a billionth too large."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) * (1 + 1e-9)


@plant("a factor 2 is missing", inputs=GRID)
class Square:
    """square without its factor 2."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return x * x

    def backward(self, grad: Array) -> Any:
        return grad * self.x


@plant("added twice", inputs=GRID)
class HalfSquare(Square):
    """half a square with a factor 2."""

    def forward(self, x: Array) -> Array:
        return 0.5 * super().forward(x)

    def backward(self, grad: Array) -> Any:
        return 2 * grad * self.x


@plant("sign", inputs=GRID)
class Cosine:
    """cos with the wrong sign."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.cos(x)

    def backward(self, grad: Array) -> Any:
        return grad * np.sin(self.x)


@plant("N * expected", inputs=labelled)
class LossSum(SoftmaxWithLoss):
    """softmax with mean loss, backward of the sum."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad)[0] * len(self.p), None


@plant("expected / N (N = 3): mean over axis 0", inputs=AFFINE)
class MeanBias(Affine):
    """affine, bias gradient a mean over the batch."""

    def backward(self, grad: Array) -> Any:
        dx, dw, _ = super().backward(grad)
        return dx, dw, grad.mean(axis=0)
