"""Losses beside the cross entropies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.errors import LabelError
from minigrad.function import Function, record
from minigrad.registry import registered
from minigrad.rules.declare import overridable
from minigrad.rules.layers.labels import matching, row_count
from minigrad.tensor import Operand, Tensor


class MeanSquaredError(Function):
    """½ Σ (y - t)²; ∂y = G (y - t)."""

    def forward(self, y: Any, t: Any) -> Any:
        self.difference = y - matching(y, t)
        return 0.5 * (self.difference * self.difference).sum()

    def backward(self, grad: Any) -> Any:
        d = grad * self.difference
        return d, -d


@overridable
def check_signs(targets: Any) -> Any:
    """The targets, each -1 or 1.

    Raises:
        LabelError: one is something else; the message says which, and where it stands.
    """
    wrong = np.flatnonzero(np.abs(targets) != 1)
    if wrong.size:
        place = wrong[0]
        raise LabelError(f"target {targets.flat[place]} at position {place} is neither -1 nor 1")
    return targets


@registered(check_signs)
def _check_signs(targets: Tensor) -> Tensor:
    check_signs(targets.numpy())
    return targets


class HingeLoss(Function):
    """The mean of max(0, 1 - t y); ∂y = -t / n inside the margin, where t y < 1, and ∂t = -y / n."""

    def forward(self, scores: Any, targets: Any) -> Any:
        self.y, self.t, self.n = scores, matching(scores, check_signs(targets)), max(1, scores.size)
        margin = np.maximum(1 - self.t * scores, 0)
        self.inside = np.greater(margin, 0)
        return margin.sum() / self.n

    def backward(self, grad: Any) -> Any:
        share = -(grad / self.n)
        return np.where(self.inside, share * self.t, 0), np.where(self.inside, share * self.y, 0)


@dataclass(eq=False)
class HuberLoss(Function):
    """The mean of c (d - c/2), with d = y - t and c = d clipped to ±δ; ∂y = c / n."""

    delta: float

    def forward(self, y: Any, t: Any) -> Any:
        self.n = max(1, y.size)
        d = y - matching(y, t)
        self.c = np.clip(d, -self.delta, self.delta)
        return (self.c * (d - 0.5 * self.c)).sum() / self.n

    def backward(self, grad: Any) -> Any:
        dy = grad / self.n * self.c
        return dy, -dy


class KLDivergence(Function):
    """The mean over the rows of Σ p (log p - log q); ∂log q = -p / N, ∂p = (log p + 1 - log q) / N."""

    def forward(self, log_q: Any, p: Any) -> Any:
        self.n = row_count(log_q)
        self.log_q, self.p = log_q, matching(log_q, p)
        self.log_p = np.log(np.where(np.greater(p, 0), p, 1))  # 0 log 0 is 0
        return (self.p * (self.log_p - log_q)).sum() / self.n

    def backward(self, grad: Any) -> Any:
        share = grad / self.n
        return -share * self.p, share * (self.log_p + 1 - self.log_q)


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


def hinge_loss(scores: Operand, targets: Operand) -> Tensor:
    """The mean of max(0, 1 - t y), the loss of support vector machines (Cortes and Vapnik 1995).

    Args:
        scores: y, of any shape.
        targets: t, of the same shape, each -1 or 1.

    Returns:
        The loss, a single value; where t y is 1 exactly, the gradient is 0.

    Raises:
        ShapeError: the shapes are not the same.
        LabelError: a target is neither -1 nor 1.

    Example:
        >>> import minigrad as mg
        >>> mg.hinge_loss([0.5, 3.0], [1, 1])
        Tensor(0.25)
    """
    return HingeLoss()(scores, targets)


def huber_loss(y: Operand, t: Operand, delta: float = 1.0) -> Tensor:
    """The mean of `d²/2` where `|d| ≤ delta`, else of `delta (|d| - delta/2)`, with d = y - t (Huber 1964).

    Args:
        y: of any shape.
        t: of the same shape.
        delta: where the parabola becomes a line, positive.

    Returns:
        The loss, a single value.

    Raises:
        ShapeError: the shapes are not the same.

    Example:
        >>> import minigrad as mg
        >>> mg.huber_loss([0.0, 3.0], [1.0, 0.0])
        Tensor(1.5)
    """
    return HuberLoss(delta)(y, t)


def kl_div(log_q: Operand, p: Operand) -> Tensor:
    """The Kullback-Leibler divergence Σ p (log p - log q) along the last axis, the mean over the rows.

    Args:
        log_q: (..., C), the logarithms of probabilities, as `log_softmax` gives them.
        p: of the same shape, probabilities; 0 log 0 is 0.

    Returns:
        The divergence, a single value: torch's `kl_div` with reduction "batchmean".

    Raises:
        ShapeError: the shapes are not the same.

    Example:
        >>> import minigrad as mg
        >>> print(f"{mg.kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]]).item():.4f}")
        0.6931
    """
    return KLDivergence()(log_q, p)
