"""Checkpoints: memory saved by computing again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.graph import graph_of
from minigrad.linearised import Linearised
from minigrad.state import enable_grad, no_grad
from minigrad.tensor import Tensor, values
from minigrad.trees import is_module


def checkpoint(
    f: Callable[..., Any], *, generators: Sequence[np.random.Generator] = ()
) -> Callable[..., Any]:
    """`f` as one operation that saves its inputs alone, and computes the rest again when its gradient is asked for.

    The gradients are the same, for the arguments and for every leaf that `f` uses besides. Random numbers are the same
    too: NumPy's global state, and that of the generators named here or held by a module, are put back for the second
    computation.

    Args:
        f: takes Tensors and gives one.
        generators: what `f` draws from.

    Example:
        >>> import numpy as np
        >>> x = Tensor(1.0, requires_grad=True)
        >>> checkpoint(lambda x: np.exp(np.sin(x)))(x).backward()
        >>> print(f"{x.grad.item():.6f}")
        1.253381
    """
    drawn_from = [*generators, *_generators_of(f)]

    def once(*args: Any) -> Any:
        states = _random_states(drawn_from)
        with enable_grad():
            inside = [Tensor(x, requires_grad=x.requires_grad) if isinstance(x, Tensor) else x for x in args]
            own = {id(x) for x in inside}
            reached = [leaf.tensor for leaf in graph_of(f(*inside)).parameters]
            used = [leaf for leaf in reached if leaf is not None and id(leaf) not in own]
        after = _random_states(drawn_from)
        _restore(drawn_from, states)
        result = Checkpoint(f, drawn_from, states, used)(*args, *used)
        _restore(drawn_from, after)
        return result

    return once


class Checkpoint(Function):
    """A function whose inside is computed again on the way back."""

    def __init__(
        self,
        f: Callable[..., Any],
        generators: list[np.random.Generator],
        states: list[Any],
        used: list[Tensor],
    ) -> None:
        self.f, self.generators, self.states, self.used = f, generators, states, used

    def forward(self, *inputs: Any) -> Any:
        """The function's value; the inputs alone are saved."""
        self.given = inputs[: len(inputs) - len(self.used)]
        with no_grad():
            return values(self._again(*self.given))

    def backward(self, grad: Any) -> Any:
        """The function again, this time recorded, and back through it."""
        run = Linearised(self._again, self.given, range(len(self.given)))
        found = run.gradients(grad, run.nested or isinstance(grad, Tensor), [*run.inputs, *self.used])
        return tuple(found)

    def _again(self, *inputs: Any) -> Any:
        now = _random_states(self.generators)
        _restore(self.generators, self.states)
        try:
            return self.f(*inputs)
        finally:
            _restore(self.generators, now)


def _generators_of(f: Any) -> list[np.random.Generator]:
    modules = [module for _, module in f.named_modules()] if is_module(f) else []
    return [
        held for module in modules for held in vars(module).values() if isinstance(held, np.random.Generator)
    ]


def _random_states(generators: Sequence[np.random.Generator]) -> list[Any]:
    return [np.random.get_state(), *(g.bit_generator.state for g in generators)]  # noqa: NPY002  others may use it


def _restore(generators: Sequence[np.random.Generator], states: Sequence[Any]) -> None:
    np.random.set_state(states[0])  # noqa: NPY002  others may use it
    for generator, state in zip(generators, states[1:], strict=True):
        generator.bit_generator.state = state
