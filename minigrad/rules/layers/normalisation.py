"""Normalisation: numbers brought to mean 0 and variance 1, over the batch or within each sample."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from minigrad.broadcasting import unbroadcast
from minigrad.errors import ArgumentError, ShapeError
from minigrad.function import Function
from minigrad.tensor import Operand, Tensor

Shape: TypeAlias = tuple[int, ...]


@dataclass(eq=False)
class Normalisation(Function):
    """Y = γ X̂ + β with X̂ = (X - μ) / s and s = √(σ² + ε), the mean μ and the variance σ² over some axes.

    With D = γ G: ∂X = (D - mean D - X̂ mean(D X̂)) / s, ∂γ = the sum of G X̂, ∂β = the sum of G.
    """

    eps: float

    @abstractmethod
    def layout(self, x: Any, gamma: Any) -> tuple[Shape, Shape]:
        """The axes over which mean and variance are taken, and the shape in which γ broadcasts to x."""

    def forward(self, x: Any, gamma: Any, beta: Any) -> Any:
        self.axes, self.aligned = self.layout(x, gamma)
        if beta.shape != gamma.shape:
            raise ShapeError(f"gamma has shape {gamma.shape} but beta has shape {beta.shape}")
        self.gamma = np.reshape(gamma, self.aligned)
        self.shape = gamma.shape
        centred = x - x.mean(axis=self.axes, keepdims=True)
        self.s = np.sqrt((centred * centred).mean(axis=self.axes, keepdims=True) + self.eps)
        self.x_hat = centred / self.s
        return self.gamma * self.x_hat + np.reshape(beta, self.aligned)

    def backward(self, grad: Any) -> Any:
        d = self.gamma * grad
        along = (d * self.x_hat).mean(axis=self.axes, keepdims=True)
        dx = (d - d.mean(axis=self.axes, keepdims=True) - self.x_hat * along) / self.s
        return dx, self.parameter(grad * self.x_hat), self.parameter(grad)

    def parameter(self, grad: Any) -> Any:
        """The gradient of what was broadcast as γ is."""
        return np.reshape(unbroadcast(grad, self.aligned), self.shape)


class BatchNorm(Normalisation):
    """Each channel by its mean and variance over the batch."""

    def layout(self, x: Any, gamma: Any) -> tuple[Shape, Shape]:
        return (0, *range(2, x.ndim)), by_channel(x, gamma)


class LayerNorm(Normalisation):
    """Each sample by its own mean and variance over the last axes."""

    def layout(self, x: Any, gamma: Any) -> tuple[Shape, Shape]:
        first = x.ndim - gamma.ndim
        if gamma.ndim == 0 or first < 0 or x.shape[first:] != gamma.shape:
            raise ShapeError(f"gamma has shape {gamma.shape}, which are not the last axes of x {x.shape}")
        return tuple(range(first, x.ndim)), gamma.shape


@dataclass(eq=False)
class FixedBatchNorm(Function):
    """Y = γ X̂ + β with X̂ = (X - μ) / √(σ² + ε), each channel by a mean μ and variance σ² that are known."""

    eps: float

    def forward(self, x: Any, gamma: Any, beta: Any, mean: Any, var: Any) -> Any:
        self.aligned, self.shape = by_channel(x, gamma), gamma.shape
        if not gamma.shape == beta.shape == mean.shape == var.shape:
            shapes = f"{gamma.shape}, {beta.shape}, {mean.shape} and {var.shape}"
            raise ShapeError(f"gamma, beta, mean and var have the shapes {shapes}: they must be the same")
        self.gamma = np.reshape(gamma, self.aligned)
        self.s = np.reshape(np.sqrt(var + self.eps), self.aligned)
        self.x_hat = (x - np.reshape(mean, self.aligned)) / self.s
        return self.gamma * self.x_hat + np.reshape(beta, self.aligned)

    def backward(self, grad: Any) -> Any:
        dgamma, dbeta = (
            np.reshape(unbroadcast(g, self.aligned), self.shape) for g in (grad * self.x_hat, grad)
        )
        return grad * (self.gamma / self.s), dgamma, dbeta, None, None


def by_channel(x: Any, gamma: Any) -> Shape:
    """The shape in which one number for each channel broadcasts to x."""
    if x.ndim < 2 or gamma.shape != (x.shape[1],):
        raise ShapeError(
            f"gamma has shape {gamma.shape}: it must hold one number for each channel, axis 1 of x"
        )
    return (x.shape[1], *(1 for _ in x.shape[2:]))


def batch_norm(
    x: Operand,
    gamma: Operand,
    beta: Operand,
    mean: Operand | None = None,
    var: Operand | None = None,
    *,
    eps: float = 1e-5,
) -> Tensor:
    """Batch normalisation: γ (x - μ) / √(σ² + ε) + β, channel by channel (Ioffe and Szegedy 2015).

    Args:
        x: (N, C) or (N, C, d1, ..., dk).
        gamma: (C,), γ.
        beta: (C,), β.
        mean: (C,), a known μ; by default, as in training, that of this batch, over all axes but one.
        var: (C,), a known σ², given with the mean; by default that of this batch, divided by its size (not
            less 1). No gradient goes to a known mean or variance.
        eps: ε.

    Returns:
        The shape of x.

    Raises:
        ShapeError: the shapes do not fit.
        ArgumentError: of mean and var only one is given.

    Example:
        >>> import minigrad as mg
        >>> mg.batch_norm([[1.0, 5.0], [3.0, 5.0]], gamma=[1.0, 1.0], beta=[0.0, 9.0]).numpy().round(2)
        array([[-1.,  9.],
               [ 1.,  9.]])
    """
    if mean is None and var is None:
        return BatchNorm(eps)(x, gamma, beta)
    if mean is None or var is None:
        raise ArgumentError("batch_norm: give both mean and var, or neither")
    return FixedBatchNorm(eps)(x, gamma, beta, mean, var)


def layer_norm(x: Operand, gamma: Operand, beta: Operand, *, eps: float = 1e-5) -> Tensor:
    """Layer normalisation: γ (x - μ) / √(σ² + ε) + β, over the last axes of each sample (Ba et al. 2016).

    Args:
        x: (..., d1, ..., dk).
        gamma: (d1, ..., dk), γ; its axes are those that are normalised.
        beta: (d1, ..., dk), β.
        eps: ε.

    Returns:
        The shape of x.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import minigrad as mg
        >>> mg.layer_norm([[1.0, 3.0], [10.0, 30.0]], gamma=[1.0, 1.0], beta=[0.0, 0.0]).numpy().round(2)
        array([[-1.,  1.],
               [-1.,  1.]])
    """
    return LayerNorm(eps)(x, gamma, beta)
