"""Terms and factors that are missing, or too many."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array
from tests.minigrad.testing.catalogue.inputs import GRID, ROWS, SQUARE, positive, repeated
from tests.minigrad.testing.catalogue.planting import plant
from tests.minigrad.testing.catalogue.right import LayerNorm, Multiply, Sigmoid, Softmax, Take


@plant("the upstream gradient is ignored", inputs=GRID)
class NoChainRule(Sigmoid):
    """sigmoid without the chain rule."""

    def backward(self, _grad: Array) -> Any:
        return self.y * (1 - self.y)


@plant("missing factor: expected == got * (1 - the output)", inputs=GRID)
class HalfSigmoid(Sigmoid):
    """sigmoid without its second factor."""

    def backward(self, grad: Array) -> Any:
        return grad * self.y


@plant("missing factor: expected == got * 'b'", inputs=SQUARE)
class NoFactor(Multiply):
    """product, the other factor left out."""

    def backward(self, grad: Array) -> Any:
        return grad, grad * self.a


@plant("missing factor: expected == got * 'x'", inputs=positive((3, 5)))
class LogSquared:
    """log with 1/x squared."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.log(x)

    def backward(self, grad: Array) -> Any:
        return grad / self.x**2


@plant("missing term: expected == got + the upstream gradient", inputs=GRID)
class Skip(Sigmoid):
    """a skip connection left out of backward."""

    def forward(self, x: Array) -> Array:
        return x + super().forward(x)


@plant("softmax", inputs=ROWS)
class SoftmaxDiagonal(Softmax):
    """softmax, only the diagonal of its Jacobian."""

    def backward(self, grad: Array) -> Any:
        return self.y * grad


@plant("constant along axis 1", inputs=ROWS)
class CentreForgotten:
    """rows minus their mean, the mean left out of backward."""

    def forward(self, x: Array) -> Array:
        return x - x.mean(axis=-1, keepdims=True)

    def backward(self, grad: Array) -> Any:
        return grad.copy()


@plant("forgotten eps", inputs=ROWS)
class ForgottenEps(LayerNorm):
    """layer norm, eps left out of backward."""

    eps = 1e-3

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.scale = 1 / x.std(axis=-1, keepdims=True)
        return y


@plant("forgotten eps", inputs=positive((3, 5)))
class LogEps:
    """log(x + 1e-3), backward 1 / x."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.log(x + 1e-3)

    def backward(self, grad: Array) -> Any:
        return grad / self.x


@plant("missing sum: elements that 'rows' names more than once", inputs=repeated)
class AssignedRows(Take):
    """rows of a table, assigned where they must add up."""

    def backward(self, grad: Array) -> Any:
        out = np.zeros(self.shape, grad.dtype)
        out[self.rows] = grad
        return out, None
