"""Optimizers that scale each element's step by the gradients it has had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
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

    slots = ("square",)

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float | Schedule = 1e-2,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.eps = eps

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of AdaGrad."""
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
        >>> rmsprop = RMSprop([w], lr=0.01)
        >>> (w * w).backward()
        >>> rmsprop.step()
        >>> print(f"{w.item():.4f}")
        0.9000
    """

    slots = ("square",)

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float | Schedule = 1e-2,
        decay: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.decay = decay
        self.eps = eps

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of RMSprop."""
        square = self.decay * state[0] + (1 - self.decay) * grad * grad
        return p - self.lr * grad / (np.sqrt(square) + self.eps), square


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): steps of size lr along the mean gradient over its root mean square.

    Args:
        params: Tensors that require a gradient.
        lr: the learning rate, or a schedule.
        betas: how much of the mean of gradients, and of that of their squares, stays at each step.
        eps: added to the root.
        weight_decay: times the parameter, added to the gradient.

    Example:
        >>> w = Tensor(1.0, requires_grad=True)
        >>> adam = Adam([w], lr=0.1)
        >>> (w * w).backward()
        >>> adam.step()
        >>> print(f"{w.item():.4f}")
        0.9000
    """

    slots = ("mean", "square")

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float | Schedule = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.betas = betas
        self.eps = eps

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of Adam, the means corrected for their start at zero."""
        mean, square = state
        beta1, beta2 = self.betas
        mean = beta1 * mean + (1 - beta1) * grad
        square = beta2 * square + (1 - beta2) * grad * grad
        corrected = mean / (1 - beta1**self.steps)
        scale = np.sqrt(square / (1 - beta2**self.steps)) + self.eps
        return p - self.lr * corrected / scale, mean, square


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019): p ← (1 - lr weight_decay) p, then Adam's step.

    Args:
        params: Tensors that require a gradient.
        lr: the learning rate, or a schedule.
        betas: how much of the mean of gradients, and of that of their squares, stays at each step.
        eps: added to the root.
        weight_decay: how much of the parameter is lost at each step, times the learning rate.

    Example:
        >>> w = Tensor(1.0, requires_grad=True)
        >>> adamw = AdamW([w], lr=0.1, weight_decay=0.5)
        >>> (w * w).backward()
        >>> adamw.step()
        >>> print(f"{w.item():.4f}")
        0.8500
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float | Schedule = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)
        self.weight_decay, self.decay = 0.0, weight_decay

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of Adam from the decayed parameter."""
        return super().update((1 - self.lr * self.decay) * p, grad, *state)
