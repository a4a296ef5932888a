"""The derivatives of the functions that take a complex number apart.

The gradient with respect to a complex z = x + iy is ∂L/∂x + i ∂L/∂y, as in PyTorch; see docs/complex.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.declare import Ufunc, elementwise, rule, ufunc


def nonzero(x: Any) -> Any:
    """What may be divided by: 1 in place of 0."""
    return np.where(np.equal(x, 0), 1, x)


elementwise(np.real, 1)
elementwise(np.imag, -1j)


@ufunc(np.conjugate)
class Conjugate(Ufunc):
    """The one function that turns the gradient around: it is conjugated too."""

    def forward(self, x: Any) -> Any:
        return self.computed(x)

    def backward(self, grad: Any) -> Any:
        return grad.conjugate()


@ufunc(np.sign)
class Sign(Ufunc):
    """For y = x / |x|: only what of the gradient lies across y moves it, for a real sign nothing. 0 at 0."""

    def forward(self, x: Any) -> Any:
        self.x = x
        self.y = self.computed(x)
        return self.y

    def backward(self, grad: Any) -> Any:
        across = grad - self.y * (self.y.conjugate() * grad).real
        return np.where(np.equal(self.x, 0), 0, across / nonzero(np.absolute(self.x)))


@rule(np.angle)
class Angle(Function):
    """Turning z by a small angle moves it along iz. The gradient is 0 at 0."""

    deg: bool = False

    def forward(self, z: Any) -> Any:
        self.z = z
        return np.angle(z, self.deg)

    def backward(self, grad: Any) -> Any:
        unit = 180 / np.pi if self.deg else 1
        return np.where(np.equal(self.z, 0), 0, grad * (1j * unit) / nonzero(self.z).conjugate())
