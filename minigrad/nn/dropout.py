"""Dropout, which draws its masks."""

from __future__ import annotations

import numpy as np

from minigrad.errors import MinigradError
from minigrad.nn.module import Module
from minigrad.rules import layers
from minigrad.state import drawn
from minigrad.tensor import Operand, Tensor


class DropoutError(MinigradError, ValueError):
    """A probability that is none, or that would drop everything."""


class Dropout(Module):
    """In training, sets each element to 0 with probability p and divides the others by 1 - p; else does nothing.

    Args:
        p: the probability, from 0 to less than 1.
        rng: the random generator of the masks; a fresh one by default.

    Raises:
        DropoutError: p is out of range.

    Example:
        >>> drop = Dropout(0.5, rng=np.random.default_rng(0))
        >>> drop(np.ones(6))
        Tensor([2., 0., 0., 0., 2., 2.])
        >>> drop.eval()(np.ones(6))
        Tensor([1., 1., 1., 1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | None = None) -> None:
        if not 0 <= p < 1:
            raise DropoutError(f"Dropout: p is {p}, and must be at least 0 and less than 1")
        self.p = p
        self.rng = np.random.default_rng() if rng is None else rng

    def forward(self, x: Operand) -> Tensor:
        """Any shape to the same shape."""
        x = x if isinstance(x, Tensor) else Tensor(x)
        return layers.dropout(x, drawn(self.rng.random, x.shape) >= self.p, self.p) if self.training else x
