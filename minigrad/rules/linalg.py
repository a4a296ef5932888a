"""The derivatives of matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.declare import rule


@rule(np.matmul, parameters="x1 x2")
class MatMul(Function):
    """For Y = A B: ∂A = G Bᵀ and ∂B = Aᵀ G, over any stack of matrices; a vector is a row on the left, a column right."""

    def forward(self, x1: Any, x2: Any) -> Any:
        self.a, self.b = x1, x2
        return np.matmul(x1, x2)

    def backward(self, grad: Any) -> Any:
        a, b = self.a, self.b
        if b.ndim == 1:
            grad = grad[..., None]
        if a.ndim == 1:
            grad = grad[..., None, :]
        grad_a = grad_b = None
        if self.needs[0]:
            grad_a = product(grad, flipped(b) if b.ndim > 1 else b[None, :])
        if self.needs[1]:
            grad_b = product(flipped(a) if a.ndim > 1 else a[:, None], grad)
            grad_b = grad_b[..., 0] if b.ndim == 1 else grad_b
        return grad_a, grad_b


@rule(np.dot, parameters="a b")
class Dot(Function):
    """The product of matrices over the last axis of a and the last but one of b; other axes are laid out flat."""

    def forward(self, a: Any, b: Any) -> Any:
        self.a, self.b = a, b
        return np.dot(a, b)

    def backward(self, grad: Any) -> Any:
        a, b = self.a, self.b
        if np.ndim(a) == 0 or np.ndim(b) == 0:
            return grad * b, grad * a
        columns = b if b.ndim == 1 else np.transpose(b, (b.ndim - 2, *range(b.ndim - 2), b.ndim - 1))
        rows = np.reshape(a, (-1, a.shape[-1]))
        flat = np.reshape(columns, (a.shape[-1], -1))
        grad = np.reshape(grad, (rows.shape[0], flat.shape[1]))
        grad_a = np.reshape(np.dot(grad, flat.T), a.shape)
        grad_b = np.reshape(np.dot(rows.T, grad), columns.shape)
        if b.ndim > 2:
            grad_b = np.transpose(grad_b, (*range(1, b.ndim - 1), 0, b.ndim - 1))
        return grad_a, grad_b


@rule(np.vdot, parameters="a b")
class VDot(Function):
    """The sum of the products of all elements."""

    def forward(self, a: Any, b: Any) -> Any:
        self.a, self.b = a, b
        return np.vdot(a, b)

    def backward(self, grad: Any) -> Any:
        return grad * self.b, grad * self.a


def flipped(a: Any) -> Any:
    """The last two axes exchanged."""
    return a.T if a.ndim == 2 else np.transpose(a, (*range(a.ndim - 2), a.ndim - 1, a.ndim - 2))


def product(a: Any, b: Any) -> Any:
    """A matrix product by the faster call: for two matrices, one of them narrow, np.dot still reaches BLAS."""
    return np.dot(a, b) if a.ndim == b.ndim == 2 else np.matmul(a, b)
