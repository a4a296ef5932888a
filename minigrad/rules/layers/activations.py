"""Activations: what a net bends its numbers with, elementwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.function import Function, record
from minigrad.rules.layers.normal import normal_cdf, normal_density
from minigrad.tensor import Operand, Tensor


class ReLU(Function):
    """y = max(x, 0); ∂x = G sign(y): the gradient passes where x is positive."""

    def forward(self, x: Any) -> Any:
        self.y = np.maximum(x, 0)
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad * np.sign(self.y)


class Sigmoid(Function):
    """1 / (1 + e⁻ˣ), as (1 + tanh(x/2)) / 2, which cannot overflow; ∂x = G y (1 - y)."""

    def forward(self, x: Any) -> Any:
        self.y = 0.5 * np.tanh(0.5 * x) + 0.5
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad * self.y * (1 - self.y)


class Tanh(Function):
    """tanh x; ∂x = G (1 - y²)."""

    def forward(self, x: Any) -> Any:
        self.y = np.tanh(x)
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad * (1 - self.y * self.y)


@dataclass(eq=False)
class LeakyReLU(Function):
    """x, times the slope a where x is not positive; so is the gradient."""

    negative_slope: float

    def forward(self, x: Any) -> Any:
        positive = np.greater(x, 0).astype(x.dtype)
        self.slope = positive + self.negative_slope * (1 - positive)
        return x * self.slope

    def backward(self, grad: Any) -> Any:
        return grad * self.slope


@dataclass(eq=False)
class ELU(Function):
    """x, or a (eˣ - 1) where x is not positive; ∂x = G, or G a eˣ."""

    alpha: float

    def forward(self, x: Any) -> Any:
        self.positive = np.greater(x, 0)
        self.curve = self.alpha * np.expm1(np.minimum(x, 0))  # 0 where x is positive
        return np.maximum(x, 0) + self.curve

    def backward(self, grad: Any) -> Any:
        return np.where(self.positive, grad, grad * (self.curve + self.alpha))


class GELU(Function):
    """x Φ(x), Φ being the normal distribution; ∂x = G (Φ + x φ)."""

    def forward(self, x: Any) -> Any:
        self.x = x
        self.cumulative = normal_cdf(x)
        return x * self.cumulative

    def backward(self, grad: Any) -> Any:
        return grad * (self.cumulative + self.x * normal_density(self.x))


class SiLU(Function):
    """x σ(x); ∂x = G σ (1 + x (1 - σ))."""

    def forward(self, x: Any) -> Any:
        self.x = x
        self.sigmoid = 0.5 * np.tanh(0.5 * x) + 0.5
        return x * self.sigmoid

    def backward(self, grad: Any) -> Any:
        return grad * self.sigmoid * (1 + self.x * (1 - self.sigmoid))


class Softplus(Function):
    """log(1 + eˣ), as max(x, 0) + log(1 + e^-|x|), which cannot overflow; ∂x = G σ(x)."""

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def backward(self, grad: Any) -> Any:
        return grad * (0.5 * np.tanh(0.5 * self.x) + 0.5)


@dataclass(eq=False)
class Dropout(Function):
    """x / (1 - p) where the mask holds, else 0; so is the gradient."""

    p: float

    def forward(self, x: Any, mask: Any) -> Any:
        self.mask = mask
        return np.where(mask, x / (1 - self.p), 0)

    def backward(self, grad: Any) -> Any:
        return np.where(self.mask, grad / (1 - self.p), 0), None


def relu(x: Operand) -> Tensor:
    """max(x, 0), elementwise; the gradient at 0 is 0.

    Example:
        >>> import minigrad as mg
        >>> mg.relu([-1.0, 0.0, 2.0])
        Tensor([0., 0., 2.])
    """
    return record(ReLU(), (x,))


def sigmoid(x: Operand) -> Tensor:
    """1 / (1 + e⁻ˣ), elementwise, without overflow for any x.

    Example:
        >>> import minigrad as mg
        >>> mg.sigmoid([-1000.0, 0.0, 1000.0])
        Tensor([0. , 0.5, 1. ])
    """
    return record(Sigmoid(), (x,))


def tanh(x: Operand) -> Tensor:
    """The hyperbolic tangent, elementwise.

    Example:
        >>> import minigrad as mg
        >>> mg.tanh([0.0])
        Tensor([0.])
    """
    return record(Tanh(), (x,))


def leaky_relu(x: Operand, negative_slope: float = 0.01) -> Tensor:
    """The leaky ReLU: x where it is positive, else negative_slope · x; elementwise (Maas et al. 2013).

    Example:
        >>> import minigrad as mg
        >>> mg.leaky_relu([-1.0, 0.0, 2.0], 0.1)
        Tensor([-0.1,  0. ,  2. ])
    """
    return LeakyReLU(negative_slope)(x)


def elu(x: Operand, alpha: float = 1.0) -> Tensor:
    """The exponential linear unit: x where it is positive, else alpha (eˣ - 1) (Clevert et al. 2016).

    Example:
        >>> import minigrad as mg
        >>> mg.elu([-1000.0, 0.0, 2.0])
        Tensor([-1.,  0.,  2.])
    """
    return ELU(alpha)(x)


def gelu(x: Operand) -> Tensor:
    """The Gaussian error linear unit: x Φ(x), Φ being the normal distribution (Hendrycks and Gimpel 2016).

    Example:
        >>> import minigrad as mg
        >>> mg.gelu([-100.0, 0.0, 1.0]).numpy().round(4)
        array([-0.    ,  0.    ,  0.8413])
    """
    return GELU()(x)


def silu(x: Operand) -> Tensor:
    """The sigmoid linear unit, or swish: x σ(x), elementwise (Elfwing et al. 2018).

    Example:
        >>> import minigrad as mg
        >>> mg.silu([0.0, 1.0]).numpy().round(4)
        array([0.    , 0.7311])
    """
    return SiLU()(x)


def softplus(x: Operand) -> Tensor:
    """A smooth max(x, 0): log(1 + eˣ), elementwise, without overflow (Dugas et al. 2001).

    Example:
        >>> import minigrad as mg
        >>> mg.softplus([-1000.0, 0.0, 1000.0]).numpy().round(4)
        array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    return Softplus()(x)


def dropout(x: Operand, mask: Operand, p: float = 0.5) -> Tensor:
    """Dropout: x / (1 - p) where the mask holds, else 0, which keeps the mean (Srivastava et al. 2014).

    The caller draws the mask, so that computing again gives the same; `nn.Dropout` draws a new one at each
    call.

    Args:
        x: of any shape.
        mask: booleans of x's shape, each True with probability 1 - p: `rng.random(x.shape) >= p`.
        p: the probability with which an element is dropped, less than 1.

    Returns:
        The shape of x.

    Example:
        >>> import minigrad as mg
        >>> mg.dropout([1.0, 2.0, 3.0], [True, False, True], 0.5)
        Tensor([2., 0., 6.])
    """
    return Dropout(p)(x, mask)
