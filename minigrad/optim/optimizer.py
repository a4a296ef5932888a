"""Optimizer: the walk over parameters. An update rule is plain NumPy: from old values to new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from minigrad.errors import MinigradError
from minigrad.optim.schedules import Schedule
from minigrad.state import thread
from minigrad.tensor import Array, Tensor


class OptimizerError(MinigradError, ValueError):
    """Parameters, settings or a saved state that an optimizer cannot work with."""


class Optimizer:
    """What optimizers share: the parameters, their state, and the walk over them. Subclasses define `update`.

    Args:
        params: Tensors that require a gradient, as `Module.parameters()` gives them.
        lr: the learning rate, or a schedule that gives it for each step, counted from 0.
        weight_decay: times the parameter, added to its gradient.

    Raises:
        OptimizerError: there are no parameters, one requires no gradient, or a setting is out of range.
    """

    slots: tuple[str, ...] = ()  # the names of the arrays kept for each parameter

    def __init__(self, params: Iterable[Tensor], lr: float | Schedule, weight_decay: float = 0.0) -> None:
        self.params = list(params)
        self.schedule = lr if callable(lr) else None
        self.lr = lr(0) if callable(lr) else lr
        self.weight_decay = weight_decay
        self.steps = 0
        if not self.params:
            raise OptimizerError(f"{type(self).__name__} was given no parameters")
        for i, p in enumerate(self.params):
            if not isinstance(p, Tensor) or not p.requires_grad:
                raise OptimizerError(
                    f"{type(self).__name__}: parameter {i} is no Tensor that requires a gradient: {p!r}"
                )
        for name, value in ("learning rate", self.lr), ("weight decay", weight_decay):
            if value < 0:
                raise OptimizerError(
                    f"{type(self).__name__}: the {name} is {value}, and must not be negative"
                )
        self.state = [[np.zeros_like(p.data) for _ in self.slots] for p in self.params]

    def update(self, p: Any, grad: Any, *state: Any) -> Any:
        """The new value of a parameter; where there is state, a tuple of it and the new state."""
        raise NotImplementedError(f"{type(self).__name__} defines no update")

    def step(self) -> None:
        """Updates every parameter that has a gradient."""
        trace = thread.state.trace
        if trace is None:
            self.advance()
        else:
            trace.advance(self)
        for p, state in zip(self.params, self.state, strict=True):
            grad = p._grad
            if grad is None:
                continue
            if type(grad) is Tensor:
                grad = grad._data
            if self.weight_decay:
                grad = grad + self.weight_decay * p._data
            if state:
                new, *state[:] = self.update(p._data, grad, *state)
            else:
                new = self.update(p._data, grad)
            if new.dtype is p._data.dtype:
                p._data = new
            else:
                p.data = new

    def advance(self) -> None:
        """Counts a step, and takes the learning rate that the schedule has for it."""
        if self.schedule is not None:
            self.lr = self.schedule(self.steps)
        self.steps += 1

    def zero_grad(self) -> None:
        """Forgets the gradient of every parameter."""
        for p in self.params:
            p._grad = None

    def state_dict(self) -> dict[str, Array]:
        """Copies of the state by name: `steps`, and `0.velocity` and the like for parameter 0."""
        arrays = {
            f"{i}.{slot}": array.copy()
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
            [np.array(arrays[f"{i}.{slot}"]) for slot in self.slots] for i in range(len(self.params))
        ]


def descended(p: Any, lr: float, direction: Any) -> Any:
    """P - lr · direction, made in the memory of lr · direction."""
    step = lr * direction
    return np.subtract(p, step, out=step) if step.ndim else p - step
