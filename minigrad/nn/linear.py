"""Modules that are linear in what they own: the affine map and the embedding."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from minigrad.nn.initialisers import Initialiser, he, normal
from minigrad.nn.module import Module
from minigrad.rules import layers
from minigrad.tensor import Operand, Tensor


class Affine(Module):
    """The affine map x W + b, with weights W (fan_in, fan_out) and biases b (fan_out,).

    Args:
        fan_in: the number of inputs.
        fan_out: the number of outputs.
        weight: how weights are drawn; `he` by default.
        bias: how biases are drawn, zeros by default; False for none.
        rng: the random generator; a fresh one by default.
        dtype: of the parameters.

    Example:
        >>> import minigrad as mg
        >>> layer = Affine(784, 50, weight=mg.nn.normal(0.01), rng=np.random.default_rng(0))
        >>> layer(np.zeros((100, 28, 28), np.float32)).shape
        (100, 50)
    """

    w: Tensor
    b: Tensor | None

    def __init__(
        self,
        fan_in: int,
        fan_out: int,
        *,
        weight: Initialiser = he,
        bias: Initialiser | bool = True,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        rng = np.random.default_rng() if rng is None else rng
        self.w = Tensor(weight(rng, (fan_in, fan_out)), dtype=dtype, requires_grad=True)
        if bias is False:
            self.b = None
        else:
            values = np.zeros(fan_out) if bias is True else bias(rng, (fan_out,))
            self.b = Tensor(values, dtype=dtype, requires_grad=True)

    def forward(self, x: Operand) -> Tensor:
        """(N, d1, ..., dk) to (N, fan_out)."""
        return layers.affine(x, self.w, self.b)


Linear = Affine


class Embedding(Module):
    """A row of W (rows, columns) for each index, such as a vector for each word.

    Args:
        rows: how many indices there are.
        columns: the length of each row.
        weight: how the rows are drawn, from N(0, 1) by default.
        rng: the random generator; a fresh one by default.
        dtype: of W.

    Example:
        >>> Embedding(1000, 16)(np.array([[3, 1, 4], [1, 5, 9]])).shape
        (2, 3, 16)
    """

    w: Tensor

    def __init__(
        self,
        rows: int,
        columns: int,
        *,
        weight: Initialiser = normal(1.0),  # noqa: B008  it is a function without state
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        rng = np.random.default_rng() if rng is None else rng
        self.w = Tensor(weight(rng, (rows, columns)), dtype=dtype, requires_grad=True)

    def forward(self, indices: Operand) -> Tensor:
        """Integers of any shape to that shape and columns."""
        return layers.embedding(indices, self.w)
