"""Mutants of a rule: its gradients changed in one way, to see whether a test that passes would notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minigrad.testing.operation import Array, Arrays, Gradients, Operation, Pullback

SCALE = 1 + 1e-6


def _scaled(g: Array) -> Array:
    return g * SCALE


def _transposed(g: Array) -> Array:
    return g.swapaxes(-1, -2) if g.ndim > 1 and g.shape[-1] == g.shape[-2] else g


def _not_summed(g: Array) -> Array:
    """What is left of a sum when only its mean is taken."""
    return g / g.shape[0] if g.ndim and g.shape[0] > 1 else g


def _one_element(g: Array) -> Array:
    changed = np.array(g)
    if changed.size:
        changed.reshape(-1)[np.argmax(np.abs(changed))] *= 1.5
    return changed


CHANGES: dict[str, Callable[[Array], Array]] = {
    "scale": _scaled,
    "sign": np.negative,
    "transpose": _transposed,
    "dropped sum": _not_summed,
    "one element": _one_element,
    "zero": np.zeros_like,
}


@dataclass
class Mutation:
    """One change to the gradients of every rule that is checked while it is in force.

    Args:
        name: one of CHANGES.
        changed: the rules whose gradients it did change, as against transposing what is symmetric.
    """

    name: str
    changed: set[str] = field(default_factory=set)

    def of(self, op: Operation) -> Operation:
        """The operation, its gradients changed."""

        def record(values: Arrays) -> tuple[Arrays, Pullback]:
            outputs, pullback = op.record(values)
            return outputs, lambda upstream: self._change(op, pullback(upstream))

        return replace(op, record=record)

    def _change(self, op: Operation, gradients: Gradients) -> Gradients:
        return tuple(
            self._changed(op.name, g) if i in op.wrt and g is not None else g for i, g in enumerate(gradients)
        )

    def _changed(self, name: str, gradient: Any) -> Array:
        before = np.asarray(gradient)
        after = np.asarray(CHANGES[self.name](before))
        if not np.array_equal(before, after, equal_nan=True):
            self.changed.add(name)
        return after
