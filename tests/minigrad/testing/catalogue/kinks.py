"""Mistakes at kinks, ties and singular points."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array
from tests.minigrad.testing.catalogue.planting import plant
from tests.minigrad.testing.catalogue.right import Max, ReLU


@plant("at a kink or tie", inputs=lambda: (np.array([[-1.0, 0.0, 2.0], [0.0, 3.0, -2.0]]),))
class KinkSlope(ReLU):
    """ReLU with the slope 2 at zero."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return super().forward(x)

    def backward(self, grad: Array) -> Any:
        return np.where(self.x == 0, 2 * grad, grad * self.mask)


@plant("at a kink or tie", inputs=lambda: (np.array([[1.0, 2.0, 2.0], [0.5, -1.0, 0.25]]),))
class EveryTie(Max):
    """maximum, every tie gets the whole gradient."""

    def backward(self, grad: Array) -> Any:
        return grad[..., None] * self.mask


@plant("where the slopes are finite", inputs=lambda: (np.array([0.0, 1.0, 4.0]),))
class NaNAtZero:
    """x * sqrt(x), 0 * inf at zero."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return x * np.sqrt(np.abs(x))

    def backward(self, grad: Array) -> Any:
        with np.errstate(all="ignore"):
            return grad * (np.sqrt(np.abs(self.x)) + np.abs(self.x) * 0.5 / np.sqrt(np.abs(self.x)))
