"""The fused operations that nets are made of, each as a textbook prints it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import DtypeError, LabelError, ShapeError
from minigrad.function import Function, record
from minigrad.tensor import Operand, Tensor


class Affine(Function):
    """Y = X W + b; ∂X = G Wᵀ, ∂W = Xᵀ G, ∂b = the sum of G's rows."""

    def forward(self, x: Any, w: Any, b: Any = None) -> Any:
        self.x_shape = x.shape
        if x.ndim != 2:
            x = x.reshape((x.shape[0], -1) if x.ndim > 2 else (1, -1))
        if x.shape[1:] != w.shape[:-1]:
            raise ShapeError(f"x has {x.shape[1]} columns but w has {w.shape[0] if w.ndim else 0} rows")
        self.x, self.w = x, w
        y = np.dot(x, w)
        if b is not None:
            if b.shape[-1:] != w.shape[1:] or b.size != w.shape[1]:
                raise ShapeError(f"w has {w.shape[1]} columns but b has shape {b.shape}")
            y = y + b
        return y if len(self.x_shape) > 1 else y[0]

    def backward(self, grad: Any) -> Any:
        grad = grad if grad.ndim == 2 else grad.reshape((1, -1))
        dx = np.dot(grad, self.w.T) if self.needs[0] else None
        if dx is not None and self.x_shape != self.x.shape:
            dx = dx.reshape(self.x_shape)
        dw = np.dot(self.x.T, grad) if self.needs[1] else None
        return (dx, dw) if len(self.needs) == 2 else (dx, dw, grad.sum(axis=0))


class ReLU(Function):
    """max(x, 0); the gradient passes where x is positive."""

    def forward(self, x: Any) -> Any:
        self.y = np.maximum(x, 0)
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad * (self.y > 0)


class Sigmoid(Function):
    """1 / (1 + e⁻ˣ), as (1 + tanh(x/2)) / 2, which cannot overflow; ∂x = G y (1 - y)."""

    def forward(self, x: Any) -> Any:
        self.y = 0.5 * np.tanh(0.5 * x) + 0.5
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad * self.y * (1 - self.y)


class Tanh(Function):
    """tanh x; ∂x = G (1 - y²)."""

    def forward(self, x: Any) -> Any:
        self.y = np.tanh(x)
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad * (1 - self.y * self.y)


class Softmax(Function):
    """e^x / Σ e^x along the last axis; ∂x = y (G - Σ G y)."""

    def forward(self, x: Any) -> Any:
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, grad: Any) -> Any:
        return self.y * (grad - (grad * self.y).sum(axis=-1, keepdims=True))


class LogSoftmax(Function):
    """x - log Σ e^x along the last axis; ∂x = G - softmax(x) Σ G."""

    def forward(self, x: Any) -> Any:
        shifted = x - x.max(axis=-1, keepdims=True)
        self.y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return self.y

    def backward(self, grad: Any) -> Any:
        return grad - np.exp(self.y) * grad.sum(axis=-1, keepdims=True)


class SoftmaxWithLoss(Function):
    """The mean over the rows of -log softmax(logits)[label]; ∂logits = (softmax(logits) - targets) / N."""

    def forward(self, logits: Any, labels: Any) -> Any:
        self.targets = one_hot_rows(labels, logits)
        self.n = max(1, logits.size // logits.shape[-1])
        shifted = logits - logits.max(axis=-1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=-1, keepdims=True)
        self.y = e / total
        return np.vdot(self.targets, np.log(total) - shifted) / self.n

    def backward(self, grad: Any) -> Any:
        return (self.y - self.targets) * (grad / self.n), None


class MeanSquaredError(Function):
    """½ Σ (y - t)²; ∂y = G (y - t)."""

    def forward(self, y: Any, t: Any) -> Any:
        if y.shape != np.shape(t):
            raise ShapeError(f"y has shape {y.shape} but t has shape {np.shape(t)}")
        self.difference = y - t
        return 0.5 * (self.difference * self.difference).sum()

    def backward(self, grad: Any) -> Any:
        d = grad * self.difference
        return d, -d


class CrossEntropyError(Function):
    """The mean over the rows of -Σ t log(y + 10⁻⁷), for probabilities y; ∂y = -t / (y + 10⁻⁷) / N."""

    def forward(self, y: Any, labels: Any) -> Any:
        self.targets = one_hot_rows(labels, y)
        self.n = max(1, y.size // y.shape[-1])
        self.y = y + 1e-7  # log(0) would be infinite
        return -np.vdot(self.targets, np.log(self.y)) / self.n

    def backward(self, grad: Any) -> Any:
        return -(grad / self.n) * self.targets / self.y, None


def one_hot_rows(labels: Any, scores: Any) -> Any:
    """Labels as rows of the scores' shape and dtype: rows stay as they are, an index becomes a row with a single 1.

    Raises:
        ShapeError: the labels are neither rows of the scores' shape nor one index for each.
        LabelError: an index is no class; the message says which, and where it stands.
        DtypeError: the indices are no integers.
    """
    labels = np.asarray(labels)
    shape = scores.shape
    if labels.shape == shape:
        return labels
    if labels.shape != shape[:-1]:
        raise ShapeError(f"labels have shape {labels.shape}: give {shape[:-1]} indices or {shape} rows")
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"labels are indices of classes and must be integers, not {labels.dtype}")
    rows = labels[..., None] == np.arange(shape[-1])
    if np.count_nonzero(rows) != labels.size:
        place = np.flatnonzero((labels < 0) | (labels >= shape[-1]))[0]
        raise LabelError(
            f"label {labels.flat[place]} at position {place} is not a class from 0 to {shape[-1] - 1}"
        )
    return rows


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


def relu(x: Operand) -> Tensor:
    """max(x, 0), elementwise; the gradient at 0 is 0.

    Example:
        >>> import minigrad as mg
        >>> mg.relu([-1.0, 0.0, 2.0])
        Tensor([0., 0., 2.])
    """
    return record(ReLU(), (x,))


def sigmoid(x: Operand) -> Tensor:
    """1 / (1 + e⁻ˣ), elementwise, without overflow for any x.

    Example:
        >>> import minigrad as mg
        >>> mg.sigmoid([-1000.0, 0.0, 1000.0])
        Tensor([0. , 0.5, 1. ])
    """
    return record(Sigmoid(), (x,))


def tanh(x: Operand) -> Tensor:
    """The hyperbolic tangent, elementwise.

    Example:
        >>> import minigrad as mg
        >>> mg.tanh([0.0])
        Tensor([0.])
    """
    return record(Tanh(), (x,))


def softmax(x: Operand) -> Tensor:
    """e^x / Σ e^x along the last axis, without overflow: every row becomes probabilities.

    Example:
        >>> import minigrad as mg
        >>> mg.softmax([[1000.0, 1000.0]])
        Tensor([[0.5, 0.5]])
    """
    return record(Softmax(), (x,))


def log_softmax(x: Operand) -> Tensor:
    """log(softmax(x)) along the last axis, exact where softmax would round to 0.

    Example:
        >>> import minigrad as mg
        >>> mg.log_softmax([[0.0, 1000.0]])
        Tensor([[-1000.,     0.]])
    """
    return record(LogSoftmax(), (x,))


def softmax_with_loss(logits: Operand, labels: Operand) -> Tensor:
    """The cross entropy of softmax(logits) and the labels, the mean over the rows.

    Args:
        logits: (N, C), or (C,) for one sample; any finite values, as large as they come.
        labels: N indices of classes, or rows (N, C) of probabilities such as one-hot ones.

    Returns:
        The loss, a single value.

    Raises:
        LabelError: an index is no class.
        ShapeError: labels and logits do not fit.

    Example:
        >>> import minigrad as mg
        >>> print(f"{mg.softmax_with_loss([[0.0, 0.0]], [1]).item():.4f}")
        0.6931
    """
    return record(SoftmaxWithLoss(), (logits, labels))


def mean_squared_error(y: Operand, t: Operand) -> Tensor:
    """½ Σ (y - t)², the error of "Deep Learning from Scratch": a sum, over whatever is given.

    Raises:
        ShapeError: y and t have different shapes.

    Example:
        >>> import minigrad as mg
        >>> mg.mean_squared_error([1.0, 2.0], [0.0, 0.0])
        Tensor(2.5)
    """
    return record(MeanSquaredError(), (y, t))


def cross_entropy_error(y: Operand, labels: Operand) -> Tensor:
    """The mean over the rows of -log of the label's probability, for y that are probabilities already.

    Args:
        y: (N, C) probabilities, or (C,) for one sample.
        labels: N indices of classes, or rows (N, C).

    Raises:
        LabelError: an index is no class.
        ShapeError: labels and probabilities do not fit.

    Example:
        >>> import minigrad as mg
        >>> print(f"{mg.cross_entropy_error([[0.5, 0.5]], [0]).item():.4f}")
        0.6931
    """
    return record(CrossEntropyError(), (y, labels))
