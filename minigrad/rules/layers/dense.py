"""The affine map: what a layer of a net does to each row."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import ShapeError
from minigrad.function import Function, record
from minigrad.rules.layers.kept import ones
from minigrad.tensor import Operand, Tensor


class Affine(Function):
    """Y = X W + b; ∂X = G Wᵀ, ∂W = Xᵀ G, ∂b = 1ᵀ G."""

    def forward(self, x: Any, w: Any, b: Any = None) -> Any:
        self.x_shape = x.shape
        if x.ndim != 2:
            x = x.reshape((x.shape[0], -1) if x.ndim > 2 else (1, -1))
        if w.ndim != 2 or len(w) != x.shape[1]:
            raise ShapeError(f"x has {x.shape[1]} columns but w has {w.shape[0] if w.ndim else 0} rows")
        self.x, self.w = x, w
        y = np.dot(x, w)
        if b is not None:
            self.b_shape = b.shape
            if b.shape != y.shape[1:] and b.shape != (1, *y.shape[1:]):
                raise ShapeError(f"w has {w.shape[1]} columns but b has shape {b.shape}")
            y = y + b
        return y if len(self.x_shape) > 1 else y[0]

    def backward(self, grad: Any) -> Any:
        need_x, need_w, *need_b = self.needs
        if grad.ndim != 2:
            grad = grad.reshape((1, -1))
        dx = np.dot(grad, self.w.T) if need_x else None
        if dx is not None and len(self.x_shape) != 2:
            dx = dx.reshape(self.x_shape)
        dw = np.dot(self.x.T, grad) if need_w else None
        if not need_b:
            return dx, dw
        db = np.dot(ones(len(grad), grad.dtype), grad)
        return dx, dw, db if len(self.b_shape) == 1 else db.reshape(self.b_shape)


def affine(x: Operand, w: Operand, b: Operand | None = None) -> Tensor:
    """The affine map x W + b of every row of x.

    Args:
        x: (N, d1, ..., dk), laid out as (N, d1·...·dk), or one sample (D,).
        w: (D, M).
        b: (M,) or (1, M), or nothing.

    Returns:
        (N, M); (M,) for one sample.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import minigrad as mg
        >>> mg.affine([[1.0, 2.0]], [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], [10.0, 20.0, 30.0])
        Tensor([[11., 22., 33.]])
    """
    return record(Affine(), (x, w) if b is None else (x, w, b))
