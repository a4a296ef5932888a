"""Optimizers that scale each element's step by the gradients it has had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from minigrad.optim.optimizer import Adam, Optimizer
from minigrad.optim.schedules import Schedule
from minigrad.tensor import Tensor


class AdaGrad(Optimizer):
    """AdaGrad (Duchi et al. 2011): steps of size lr over the root of the sum of all squared gradients.

    Args:
        params: Tensors that require a gradient.
        lr: the learning rate, or a schedule.
        eps: added to the root.
        weight_decay: times the parameter, added to the gradient.

    Example:
        >>> w = Tensor(1.0, requires_grad=True)
        >>> adagrad = AdaGrad([w], lr=0.1)
        >>> (w * w).backward()
        >>> adagrad.step()
        >>> print(f"{w.item():.4f}")
        0.9000
    """

    slots: ClassVar[tuple[str, ...]] = ("square",)

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float | Schedule = 1e-2,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.eps = eps
        self.weight_decay = weight_decay

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of AdaGrad."""
        grad = grad + self.weight_decay * p if self.weight_decay else grad
        square = state[0] + grad * grad
        return p - self.lr * grad / (np.sqrt(square) + self.eps), square


class RMSprop(Optimizer):
    """RMSprop (Tieleman and Hinton 2012): steps of size lr over the root of the mean of squared gradients.

    The mean forgets: square ← decay square + (1 - decay) ∂p².

    Args:
        params: Tensors that require a gradient.
        lr: the learning rate, or a schedule.
        decay: how much of the mean stays at each step.
        eps: added to the root.
        weight_decay: times the parameter, added to the gradient.

    Example:
        >>> w = Tensor(1.0, requires_grad=True)
        >>> rmsprop = RMSprop([w], lr=0.1)
        >>> (w * w).backward()
        >>> rmsprop.step()
        >>> print(f"{w.item():.4f}")
        -0.0000
    """

    slots: ClassVar[tuple[str, ...]] = ("square",)

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float | Schedule = 1e-2,
        decay: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.decay = decay
        self.eps = eps
        self.weight_decay = weight_decay

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of RMSprop."""
        grad = grad + self.weight_decay * p if self.weight_decay else grad
        square = self.decay * state[0] + (1 - self.decay) * grad * grad
        return p - self.lr * grad / (np.sqrt(square) + self.eps), square
