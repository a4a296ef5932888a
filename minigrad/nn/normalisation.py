"""Normalisation with a learned scale and shift."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from minigrad.errors import ShapeError
from minigrad.nn.module import Module
from minigrad.rules import layers
from minigrad.standin import as_array
from minigrad.tensor import Operand, Tensor, values


class BatchNorm(Module):
    """Batch normalisation of channels, axis 1, with a learned scale gamma (C,) and shift beta (C,).

    In training each batch is normalised by its own mean and variance, and they are taken into the running ones:
    running ← (1 - momentum) running + momentum batch, the batch's variance divided by its size less 1. In
    evaluation the running ones are used. They are part of the module's state, and are no parameters.

    Args:
        channels: C.
        momentum: the weight of the newest batch in the running mean and variance.
        eps: added to the variance.
        dtype: of the parameters and of the running statistics.

    Example:
        >>> norm = BatchNorm(3)
        >>> norm(np.ones((8, 3, 4, 4), np.float32)).shape
        (8, 3, 4, 4)
        >>> norm.running_mean
        Tensor([0.1, 0.1, 0.1], dtype=float32, name='running_mean')
        >>> [name for name, _ in norm.named_parameters()]
        ['gamma', 'beta']
    """

    def __init__(
        self, channels: int, *, momentum: float = 0.1, eps: float = 1e-5, dtype: DTypeLike = np.float32
    ) -> None:
        self.gamma = Tensor(np.ones(channels), dtype=dtype, requires_grad=True)
        self.beta = Tensor(np.zeros(channels), dtype=dtype, requires_grad=True)
        self.running_mean = Tensor(np.zeros(channels), dtype=dtype, name="running_mean")
        self.running_var = Tensor(np.ones(channels), dtype=dtype, name="running_var")
        self.momentum = momentum
        self.eps = eps

    def forward(self, x: Operand) -> Tensor:
        """(N, C) or (N, C, d1, ..., dk) to the same shape.

        Raises:
            ShapeError: in training, there are not two elements of each channel.
        """
        if not self.training:
            return layers.batch_norm(
                x, self.gamma, self.beta, self.running_mean, self.running_var, eps=self.eps
            )
        y = layers.batch_norm(x, self.gamma, self.beta, eps=self.eps)
        self._take_in(as_array(values(x)))
        return y

    def _take_in(self, x: np.ndarray) -> None:
        """Moves the running statistics towards those of a batch."""
        axes = (0, *range(2, x.ndim))
        if x.size < 2 * x.shape[1]:
            raise ShapeError(
                f"BatchNorm in training needs two elements of each channel, but x has shape {x.shape}"
            )
        keep, new = 1 - self.momentum, self.momentum
        self.running_mean.data = keep * self.running_mean.data + new * x.mean(axis=axes)
        self.running_var.data = keep * self.running_var.data + new * x.var(axis=axes, ddof=1)


class LayerNorm(Module):
    """Layer normalisation over the last axes, with a learned scale gamma and shift beta of their shape.

    Args:
        shape: the lengths of the last axes, or the length of the last one.
        eps: added to the variance.
        dtype: of the parameters.

    Example:
        >>> LayerNorm(16)(np.ones((2, 5, 16), np.float32)).shape
        (2, 5, 16)
    """

    def __init__(
        self, shape: int | tuple[int, ...], *, eps: float = 1e-5, dtype: DTypeLike = np.float32
    ) -> None:
        self.gamma = Tensor(np.ones(shape), dtype=dtype, requires_grad=True)
        self.beta = Tensor(np.zeros(shape), dtype=dtype, requires_grad=True)
        self.eps = eps

    def forward(self, x: Operand) -> Tensor:
        """`(..., *shape)` to the same shape."""
        return layers.layer_norm(x, self.gamma, self.beta, eps=self.eps)
