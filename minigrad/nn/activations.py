"""Activations as modules, to stand among others in a `Sequential`; functions do as well."""

from __future__ import annotations

from minigrad.nn.module import Module
from minigrad.rules import layers
from minigrad.tensor import Operand, Tensor


class ReLU(Module):
    """max(x, 0)."""

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.relu(x)


class LeakyReLU(Module):
    """x where it is positive, else negative_slope · x."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.leaky_relu(x, self.negative_slope)


class ELU(Module):
    """x where it is positive, else alpha (eˣ - 1)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.elu(x, self.alpha)


class GELU(Module):
    """x Φ(x), Φ being the normal distribution."""

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.gelu(x)


class SiLU(Module):
    """x σ(x)."""

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.silu(x)


class Softplus(Module):
    """log(1 + eˣ)."""

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.softplus(x)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ)."""

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, x: Operand) -> Tensor:
        """Elementwise."""
        return layers.tanh(x)


class Softmax(Module):
    """e^x / Σ e^x along the last axis."""

    def forward(self, x: Operand) -> Tensor:
        """Row by row."""
        return layers.softmax(x)


class LogSoftmax(Module):
    """log(softmax(x)) along the last axis."""

    def forward(self, x: Operand) -> Tensor:
        """Row by row."""
        return layers.log_softmax(x)
