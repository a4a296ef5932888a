"""Gradient descent, with momentum and without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad.optim.optimizer import Optimizer, OptimizerError, descended
from minigrad.optim.schedules import Schedule
from minigrad.tensor import Tensor


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p - lr (∂p + weight_decay p), with momentum and Nesterov's look ahead.

    Momentum keeps a velocity v ← momentum v + ∂p and steps along it (Sutskever et al. 2013, in PyTorch's form).

    Args:
        params: Tensors that require a gradient.
        lr: the learning rate, or a schedule.
        momentum: how much of the velocity stays at each step; 0 for none.
        nesterov: step along ∂p + momentum v instead, the velocity a step ahead.
        weight_decay: times the parameter, added to the gradient.

    Example:
        >>> w = Tensor(1.0, requires_grad=True)
        >>> sgd = SGD([w], lr=0.1)
        >>> (w * w).backward()
        >>> sgd.step()
        >>> w
        Tensor(0.8, requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float | Schedule,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        if momentum < 0 or (nesterov and not momentum):
            raise OptimizerError(f"SGD: momentum is {momentum}: not negative, and positive for Nesterov")
        self.momentum = momentum
        self.nesterov = nesterov
        self.slots = ("velocity",) if momentum else ()  # plain SGD keeps nothing
        super().__init__(params, lr, weight_decay)

    def update(self, p: Any, grad: Any, *state: Any) -> Any:
        """One step of gradient descent."""
        if not self.momentum:
            return descended(p, self.lr, grad)
        velocity = self.momentum * state[0] + grad
        ahead = grad + self.momentum * velocity if self.nesterov else velocity
        return descended(p, self.lr, ahead), velocity
