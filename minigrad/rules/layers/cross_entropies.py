"""Cross entropies: how badly probabilities, or the logits they come from, predict the labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.function import Function, record
from minigrad.rules.layers.labels import as_rows, matching, row_count
from minigrad.tensor import Operand, Tensor


class SoftmaxWithLoss(Function):
    """The mean over the rows of -Σ t log softmax(logits); ∂logits = (softmax(logits) Σ t - t) / N, ∂t the rest."""

    def forward(self, logits: Any, labels: Any) -> Any:
        self.n = row_count(logits)
        self.targets = as_rows(labels, logits)
        shifted = logits - logits.max(axis=-1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=-1, keepdims=True)
        self.y = e / total
        if np.shape(labels) == logits.shape:
            self.y = self.y * self.targets.sum(axis=-1, keepdims=True)  # one-hot rows sum to 1
        self.surprise = np.log(total) - shifted  # -log softmax(logits)
        return np.vdot(self.targets, self.surprise) / self.n

    def backward(self, grad: Any) -> Any:
        share = grad / self.n
        return (self.y - self.targets) * share, self.surprise * share if self.needs[1] else None


class CrossEntropyError(Function):
    """The mean over the rows of -Σ t log(y + 10⁻⁷), for probabilities y; ∂y = -t / (y + 10⁻⁷) / N, ∂t the rest."""

    def forward(self, y: Any, labels: Any) -> Any:
        self.n = row_count(y)
        self.targets = as_rows(labels, y)
        self.y = y + 1e-7  # log(0) would be infinite
        self.log_y = np.log(self.y)
        return -np.vdot(self.targets, self.log_y) / self.n

    def backward(self, grad: Any) -> Any:
        share = -(grad / self.n)
        return share * self.targets / self.y, share * self.log_y if self.needs[1] else None


class BinaryCrossEntropyWithLogits(Function):
    """The mean of log(1 + eˣ) - t x, the cross entropy of σ(x) and t; ∂x = (σ(x) - t) / n, ∂t = -x / n."""

    def forward(self, logits: Any, targets: Any) -> Any:
        self.x, self.t, self.n = logits, matching(logits, targets), max(1, logits.size)
        softplus = np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits)))
        return (softplus - self.t * logits).sum() / self.n

    def backward(self, grad: Any) -> Any:
        share = grad / self.n
        sigmoid = 0.5 * np.tanh(0.5 * self.x) + 0.5
        return share * (sigmoid - self.t), -share * self.x


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


def binary_cross_entropy_with_logits(logits: Operand, targets: Operand) -> Tensor:
    """The cross entropy of sigmoid(logits) and the targets, the mean over all elements; without overflow.

    Args:
        logits: of any shape.
        targets: of the same shape, probabilities from 0 to 1.

    Returns:
        The loss, a single value.

    Raises:
        ShapeError: the shapes are not the same.

    Example:
        >>> import minigrad as mg
        >>> print(f"{mg.binary_cross_entropy_with_logits([0.0, 1000.0], [1.0, 1.0]).item():.4f}")
        0.3466
    """
    return BinaryCrossEntropyWithLogits()(logits, targets)
