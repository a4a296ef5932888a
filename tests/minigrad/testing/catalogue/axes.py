"""Mistakes of axes and arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array
from tests.minigrad.testing.catalogue.inputs import AFFINE, GRID, SQUARE, normal
from tests.minigrad.testing.catalogue.planting import plant
from tests.minigrad.testing.catalogue.right import Affine, Conv1d, MatMul, Multiply, Sigmoid


@plant("transpose", inputs=SQUARE)
class MatMulTransposed(MatMul):
    """matmul, gradient of b transposed."""

    def backward(self, grad: Array) -> Any:
        return grad @ self.b.T, (self.a.T @ grad).T


@plant("transpose", inputs=normal((3, 4), (4, 5)))
class MatMulShape(MatMul):
    """matmul, gradient of b of the transposed shape."""

    def backward(self, grad: Array) -> Any:
        return grad @ self.b.T, grad.T @ self.a


@plant("is wrong for input 0 'a'", inputs=SQUARE)
class MatMulNotTransposed(MatMul):
    """matmul, b not transposed in the gradient of a."""

    def backward(self, grad: Array) -> Any:
        return grad @ self.b, self.a.T @ grad


@plant("swapped arguments", inputs=SQUARE)
class Swapped(Multiply):
    """product, its two gradients swapped."""

    def backward(self, grad: Array) -> Any:
        return grad * self.a, grad * self.b


@plant("sign", inputs=SQUARE)
class Subtract:
    """subtract, both signs positive."""

    def forward(self, a: Array, b: Array) -> Array:
        return a - b

    def backward(self, grad: Array) -> Any:
        return grad, grad.copy()


@plant("wrong axis", inputs=normal((4, 4), (4, 4), (4,)))
class WrongAxis(Affine):
    """affine, bias gradient summed over the wrong axis."""

    def backward(self, grad: Array) -> Any:
        dx, dw, _ = super().backward(grad)
        return dx, dw, grad.sum(axis=1)


@plant("missing sum: only one slice", inputs=AFFINE)
class FirstRow(Affine):
    """affine, bias gradient of the first row only."""

    def backward(self, grad: Array) -> Any:
        dx, dw, _ = super().backward(grad)
        return dx, dw, grad[0].copy()


@plant("missing sum: the input was broadcast", inputs=normal((3, 4), (4,)))
class NoUnbroadcast(Multiply):
    """product of broadcast arrays, not summed back."""


@plant("only broadcasts", inputs=GRID)
class ShapeThatBroadcasts(Sigmoid):
    """sigmoid, gradient summed to a shape that broadcasts."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).sum(axis=0, keepdims=True)


@plant("missing reshape", inputs=GRID)
class Flat(Sigmoid):
    """sigmoid, gradient flattened."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).reshape(-1)


@plant("reversed along axis 0", inputs=normal((3, 8), (4,)))
class FlippedKernel(Conv1d):
    """convolution, the kernel's gradient flipped."""

    def backward(self, grad: Array) -> Any:
        dx, dk = super().backward(grad)
        return dx, dk[::-1].copy()


@plant("off by one", inputs=normal((3, 8), (4,)))
class ShiftedConv(Conv1d):
    """convolution, the input's gradient one place off."""

    def backward(self, grad: Array) -> Any:
        dx, dk = super().backward(grad)
        return np.roll(dx, 1, axis=-1), dk


@plant("only at index 7 (the last) of axis 1", inputs=normal((3, 8), (4,)))
class LastColumn(Conv1d):
    """convolution, the last column of the gradient left out."""

    def backward(self, grad: Array) -> Any:
        dx, dk = super().backward(grad)
        dx[:, -1] = 0
        return dx, dk
