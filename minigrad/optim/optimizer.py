"""Optimizers. An update rule is plain NumPy, written once: from old values and a gradient to new values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from minigrad.errors import MinigradError
from minigrad.tensor import Array, Tensor


class OptimizerError(MinigradError, ValueError):
    """Parameters, settings or a saved state that an optimizer cannot work with."""


class Optimizer:
    """What optimizers share: the parameters, their state, and the walk over them. Subclasses define `update`.

    Args:
        params: Tensors that require a gradient, as `Module.parameters()` gives them.
        lr: the learning rate.

    Raises:
        OptimizerError: there are no parameters, one requires no gradient, or a setting is out of range.
    """

    slots: ClassVar[tuple[str, ...]] = ()  # the names of the arrays kept for each parameter

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        self.params = list(params)
        self.lr = lr
        self.steps = 0
        if not self.params:
            raise OptimizerError(f"{type(self).__name__} was given no parameters")
        for i, p in enumerate(self.params):
            if not isinstance(p, Tensor) or not p.requires_grad:
                raise OptimizerError(
                    f"{type(self).__name__}: parameter {i} is no Tensor that requires a gradient: {p!r}"
                )
        if lr < 0:
            raise OptimizerError(
                f"{type(self).__name__}: the learning rate is {lr}, and must not be negative"
            )
        self.state = [tuple(np.zeros_like(p.data) for _ in self.slots) for p in self.params]

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """The new value of a parameter, followed by its new state."""
        raise NotImplementedError(f"{type(self).__name__} defines no update")

    def step(self) -> None:
        """Updates every parameter that has a gradient."""
        self.steps += 1
        for i, p in enumerate(self.params):
            if p.grad is not None:
                p.data, *state = self.update(p.data, p.grad.data, *self.state[i])
                self.state[i] = tuple(state)

    def zero_grad(self) -> None:
        """Forgets the gradient of every parameter."""
        for p in self.params:
            p.grad = None

    def state_dict(self) -> dict[str, Array]:
        """The state as arrays by name: `steps`, and `0.velocity` and the like for parameter 0."""
        arrays = {
            f"{i}.{slot}": array
            for i, state in enumerate(self.state)
            for slot, array in zip(self.slots, state, strict=True)
        }
        return {"steps": np.array(self.steps), **arrays}

    def load_state_dict(self, arrays: Mapping[str, Array]) -> None:
        """Takes back what `state_dict` gave.

        Raises:
            OptimizerError: the names or shapes are not those of this optimizer.
        """
        expected = self.state_dict()
        if {k: v.shape for k, v in expected.items()} != {k: np.shape(v) for k, v in arrays.items()}:
            raise OptimizerError(f"the state is not that of {type(self).__name__} with these parameters")
        self.steps = int(arrays["steps"])
        self.state = [
            tuple(np.array(arrays[f"{i}.{slot}"]) for slot in self.slots) for i in range(len(self.params))
        ]


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p - lr (∂p + weight_decay p), with momentum and Nesterov's look ahead.

    Momentum keeps a velocity v ← momentum v + ∂p and steps along it (Sutskever et al. 2013, in PyTorch's form).

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
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        if momentum < 0 or (nesterov and not momentum):
            raise OptimizerError(f"SGD: momentum is {momentum}: not negative, and positive for Nesterov")
        self.momentum = momentum
        self.nesterov = nesterov
        self.weight_decay = weight_decay
        self.slots = ("velocity",) if momentum else ()  # type: ignore[misc]  # plain SGD keeps nothing
        super().__init__(params, lr)

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of gradient descent."""
        if self.weight_decay:
            grad = grad + self.weight_decay * p
        if not self.momentum:
            return (p - self.lr * grad,)
        velocity = self.momentum * state[0] + grad
        ahead = grad + self.momentum * velocity if self.nesterov else velocity
        return p - self.lr * ahead, velocity


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): steps of size lr along the mean gradient over its root mean square.

    Example:
        >>> w = Tensor(1.0, requires_grad=True)
        >>> adam = Adam([w], lr=0.1)
        >>> (w * w).backward()
        >>> adam.step()
        >>> print(f"{w.item():.4f}")
        0.9000
    """

    slots: ClassVar[tuple[str, ...]] = ("mean", "square")

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay

    def update(self, p: Any, grad: Any, *state: Any) -> tuple[Any, ...]:
        """One step of Adam, the means corrected for their start at zero."""
        mean, square = state
        beta1, beta2 = self.betas
        if self.weight_decay:
            grad = grad + self.weight_decay * p
        mean = beta1 * mean + (1 - beta1) * grad
        square = beta2 * square + (1 - beta2) * grad * grad
        corrected = mean / (1 - beta1**self.steps)
        scale = np.sqrt(square / (1 - beta2**self.steps)) + self.eps
        return p - self.lr * corrected / scale, mean, square
