"""Functions that are integrals of exponentials: any of their derivatives is an integral of the same kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.declare import overridable, rule, times


@overridable
def sinc_derivative(x: Any, order: int) -> Any:
    """The derivative of some order of sin(πx) / πx = ∫₀¹ cos(πsx) ds.

    Near 0 it is the integral, by Gauss and Legendre: the quotient rule would lose all digits there. Elsewhere
    f⁽ⁿ⁾ = ((sin(πx) / π)⁽ⁿ⁾ - n f⁽ⁿ⁻¹⁾) / x.
    """
    nodes, weights = np.polynomial.legendre.leggauss(24)
    near = np.clip(x, -1 - order, 1 + order)
    integral = sum(
        0.5 * w * (np.pi * s) ** order * np.cos(np.pi * s * near + order * np.pi / 2)
        for s, w in zip(0.5 + 0.5 * nodes, weights, strict=True)
    )
    safe = np.where(np.equal(near, x), 1.0, x)
    quotient = np.sinc(safe)
    for n in range(1, order + 1):
        quotient = (np.pi ** (n - 1) * np.sin(np.pi * safe + n * np.pi / 2) - n * quotient) / safe
    return np.where(np.equal(near, x), integral, quotient).astype(np.result_type(x))


@overridable
def i0_derivative(x: Any, order: int) -> Any:
    """The derivative of some order of the Bessel function I₀(x) = 1/π ∫₀^π exp(x cos θ) dθ.

    The midpoint rule has no error left at 128 nodes for any x whose I₀ is a finite number.
    """
    cosines = np.cos(np.pi * (np.arange(128) + 0.5) / 128)
    return sum(c**order * np.exp(x * c) for c in cosines) / 128


@rule(sinc_derivative)
class SincDerivative(Function):
    """The next derivative follows."""

    order: int

    def forward(self, x: Any) -> Any:
        self.x = x
        return sinc_derivative(x, self.order)

    def backward(self, grad: Any) -> Any:
        return times(grad, sinc_derivative(self.x, self.order + 1))


@rule(i0_derivative)
class I0Derivative(Function):
    """The next derivative follows."""

    order: int

    def forward(self, x: Any) -> Any:
        self.x = x
        return i0_derivative(x, self.order)

    def backward(self, grad: Any) -> Any:
        return times(grad, i0_derivative(self.x, self.order + 1))
