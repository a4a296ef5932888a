"""The right layers, of which the bugs are made."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array


class Sigmoid:
    """A right sigmoid."""

    def forward(self, x: Array) -> Array:
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, grad: Array) -> Any:
        return grad * self.y * (1 - self.y)


class Affine:
    """A right affine layer."""

    def forward(self, x: Array, w: Array, b: Array) -> Array:
        self.x, self.w = x, w
        return x @ w + b

    def backward(self, grad: Array) -> Any:
        return grad @ self.w.T, self.x.T @ grad, grad.sum(axis=0)


class ReLU:
    """A right ReLU."""

    def forward(self, x: Array) -> Array:
        self.mask = x > 0
        return np.where(self.mask, x, 0.0)

    def backward(self, grad: Array) -> Any:
        return grad * self.mask


class LayerNorm:
    """A right layer norm, without parameters."""

    eps = 1e-5

    def forward(self, x: Array) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        self.scale = 1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.eps)
        self.y = centred * self.scale
        return self.y

    def backward(self, grad: Array) -> Any:
        inner = (grad * self.y).mean(axis=-1, keepdims=True)
        return self.scale * (grad - grad.mean(axis=-1, keepdims=True) - self.y * inner)


class Softmax:
    """A right softmax."""

    def forward(self, x: Array) -> Array:
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, grad: Array) -> Any:
        return self.y * (grad - (grad * self.y).sum(axis=-1, keepdims=True))


class Max:
    """A right maximum over the last axis; ties share."""

    def forward(self, x: Array) -> Array:
        y = x.max(axis=-1)
        self.mask = x == y[..., None]
        return y

    def backward(self, grad: Array) -> Any:
        return grad[..., None] * self.mask / self.mask.sum(axis=-1, keepdims=True)


class Take:
    """Rows of a table, right."""

    def forward(self, table: Array, rows: Array) -> Array:
        self.shape, self.rows = table.shape, rows
        return table[rows]

    def backward(self, grad: Array) -> Any:
        out = np.zeros(self.shape, grad.dtype)
        np.add.at(out, self.rows, grad)
        return out, None


class Multiply:
    """A right product of two arrays of one shape."""

    def forward(self, a: Array, b: Array) -> Array:
        self.a, self.b = a, b
        return a * b

    def backward(self, grad: Array) -> Any:
        return grad * self.b, grad * self.a


class MatMul:
    """A right matrix product."""

    def forward(self, a: Array, b: Array) -> Array:
        self.a, self.b = a, b
        return a @ b

    def backward(self, grad: Array) -> Any:
        return grad @ self.b.T, self.a.T @ grad


class Conv1d:
    """A right convolution of rows with one kernel, valid."""

    def forward(self, x: Array, k: Array) -> Array:
        self.x, self.k = x, k
        self.windows = np.lib.stride_tricks.sliding_window_view(x, k.shape[0], axis=-1)
        return self.windows @ k

    def backward(self, grad: Array) -> Any:
        dx = np.zeros(self.x.shape, grad.dtype)
        n = grad.shape[-1]
        for j in range(self.k.shape[0]):
            dx[..., j : j + n] += grad * self.k[j]
        return dx, np.tensordot(grad, self.windows, axes=grad.ndim)


class SoftmaxWithLoss:
    """A right softmax with mean cross-entropy; labels are integers."""

    def forward(self, logits: Array, labels: Array) -> Array:
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p, self.labels = e / e.sum(axis=1, keepdims=True), labels
        rows = np.arange(len(labels))
        shifted = logits - logits.max(axis=1, keepdims=True)
        return np.asarray((np.log(e.sum(axis=1)) - shifted[rows, labels]).mean())

    def backward(self, grad: Array) -> Any:
        d = self.p.copy()
        d[np.arange(len(self.labels)), self.labels] -= 1
        return grad * d / len(d), None
