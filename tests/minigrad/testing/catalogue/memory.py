"""Mistakes of memory and state."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array
from tests.minigrad.testing.catalogue.inputs import GRID, normal
from tests.minigrad.testing.catalogue.planting import plant
from tests.minigrad.testing.catalogue.right import ReLU, Sigmoid


@plant("'x' lies in memory", inputs=GRID)
class InputInMemoryOrder(Sigmoid):
    """sigmoid, the input read in memory order."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return super().forward(x)

    def backward(self, grad: Array) -> Any:
        y = 1 / (1 + np.exp(-self.x.ravel(order="K").reshape(self.x.shape)))
        return grad * y * (1 - y)


@plant("the upstream gradient lies in memory", inputs=GRID)
class UpstreamInMemoryOrder(Sigmoid):
    """sigmoid, the upstream gradient read in memory order."""

    def backward(self, grad: Array) -> Any:
        return grad.ravel(order="K").reshape(grad.shape) * self.y * (1 - self.y)


@plant("not linear in the upstream gradient", inputs=GRID)
class ClippedUpstream(Sigmoid):
    """sigmoid, the upstream gradient clipped."""

    def backward(self, grad: Array) -> Any:
        return np.clip(grad, -1, 1) * self.y * (1 - self.y)


@plant("multiplied in twice", inputs=GRID)
class UpstreamTwice(Sigmoid):
    """sigmoid, the upstream gradient multiplied in twice."""

    def backward(self, grad: Array) -> Any:
        return grad * grad * self.y * (1 - self.y)


@plant("not multiplied by the upstream gradient", inputs=GRID)
class WeightDecay(Sigmoid):
    """sigmoid, a constant added to the gradient."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) + 1e-3


@plant("writes into the upstream gradient", inputs=GRID)
class WritesUpstream(ReLU):
    """ReLU that zeroes the upstream gradient in place."""

    def backward(self, grad: Array) -> Any:
        grad[~self.mask] = 0
        return grad


@plant("writes into input 0 'x'", inputs=GRID)
class WritesInput:
    """ReLU in place on its input."""

    def forward(self, x: Array) -> Array:
        self.mask = x > 0
        x *= self.mask
        return x

    def backward(self, grad: Array) -> Any:
        return grad * self.mask


@plant("writes into", inputs=GRID)
class WritesOutput(Sigmoid):
    """sigmoid that reuses its saved output's memory."""

    def backward(self, grad: Array) -> Any:
        self.y *= 1 - self.y
        return grad * self.y


@plant("aliasing", inputs=GRID)
class Aliased:
    """half a square of which backward returns the input itself."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return 0.5 * x * x

    def backward(self, grad: Array) -> Any:
        return self.x if grad.size else grad


@plant("adds to it (+=)", inputs=GRID)
class Accumulates(Sigmoid):
    """sigmoid that adds to the gradient of the last call."""

    def backward(self, grad: Array) -> Any:
        cls = type(self)
        cls.total = vars(cls).get("total", 0) + super().backward(grad)
        return cls.total


@plant("forward is not deterministic", inputs=normal((8, 8)))
class RandomForward:
    """dropout that draws its own mask."""

    rng = np.random.default_rng(0)

    def forward(self, x: Array) -> Array:
        self.mask = self.rng.random(x.shape) < 0.5
        return x * self.mask

    def backward(self, grad: Array) -> Any:
        return grad * self.mask


@plant("is not deterministic", inputs=GRID)
class RandomBackward(Sigmoid):
    """sigmoid with noise in its gradient."""

    rng = np.random.default_rng(0)

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) * (1 + 1e-7 * self.rng.random(grad.shape))
