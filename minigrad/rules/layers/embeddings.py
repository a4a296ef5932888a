"""Indices and the rows they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.errors import ShapeError
from minigrad.function import Function
from minigrad.rules.indexing import scatter
from minigrad.rules.layers.labels import check_labels, one_hot_rows
from minigrad.tensor import Operand, Tensor, values, wrap


class Embedding(Function):
    """The rows of W at the indices; each row's gradient goes back to where it was read."""

    def forward(self, indices: Any, w: Any) -> Any:
        if w.ndim != 2:
            raise ShapeError(f"w must have a row for each index, (rows, columns), but has shape {w.shape}")
        self.indices = check_labels(indices, len(w))
        self.shape = w.shape
        return w[self.indices]

    def backward(self, grad: Any) -> Any:
        return None, scatter(grad, self.indices, self.shape)


def embedding(indices: Operand, w: Operand) -> Tensor:
    """The rows of a matrix at indices, such as the vectors of words.

    Args:
        indices: integers of any shape, from 0 to V - 1.
        w: (V, D).

    Returns:
        The shape of the indices, and D.

    Raises:
        LabelError: an index is no row of w.
        DtypeError: the indices are no integers.

    Example:
        >>> import minigrad as mg
        >>> mg.embedding([[0, 2]], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        Tensor([[[1., 2.],
                 [5., 6.]]])
    """
    return Embedding()(indices, w)


def one_hot(labels: Operand, classes: int, dtype: DTypeLike = np.float32) -> Tensor:
    """Rows with a single 1, in the place of the label; no gradient passes.

    Args:
        labels: integers of any shape, from 0 to classes - 1.
        classes: the length of a row.
        dtype: of the rows.

    Returns:
        The shape of the labels, and classes.

    Raises:
        LabelError: a label is no class.
        DtypeError: the labels are no integers.

    Example:
        >>> import minigrad as mg
        >>> mg.one_hot([2, 0], 3)
        Tensor([[0., 0., 1.],
                [1., 0., 0.]], dtype=float32)
    """
    return wrap(one_hot_rows(values(labels), classes).astype(dtype))
