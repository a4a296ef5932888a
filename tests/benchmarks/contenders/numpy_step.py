"""The step as a textbook writes it in NumPy, and its matrix products alone."""

import math

import numpy as np

from tests.benchmarks.contenders.problem import LEARNING_RATE, Problem, Training


def by_hand(problem: Problem) -> Training:
    """The derivatives worked out on paper: what an automatic one is measured against."""
    x, t, n = problem.x, problem.labels, len(problem.x)
    w1, b1, w2, b2 = parameters = problem.parameters()

    def step() -> np.float32:
        nonlocal w1, b1, w2, b2
        a = x @ w1 + b1
        h = np.maximum(a, 0)
        logits = h @ w2 + b2
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss: np.float32 = -np.log(p[np.arange(n), t]).sum() / n

        d_logits = p.copy()
        d_logits[np.arange(n), t] -= 1
        d_logits /= n
        d_w2 = h.T @ d_logits
        d_b2 = d_logits.sum(axis=0)
        d_a = (d_logits @ w2.T) * (a > 0)
        d_w1 = x.T @ d_a
        d_b1 = d_a.sum(axis=0)

        w1 -= LEARNING_RATE * d_w1
        b1 -= LEARNING_RATE * d_b1
        w2 -= LEARNING_RATE * d_w2
        b2 -= LEARNING_RATE * d_b2
        return loss

    return Training(step, lambda: parameters)


def products_alone(problem: Problem) -> Training:
    """The five matrix products of the step, into buffers: a bound for any step that leaves them to BLAS."""
    x = problem.x
    w1, _, w2, _ = problem.parameters()
    h = np.maximum(x @ w1, 0)
    d_logits = h @ w2
    a, logits, d_h, d_w1, d_w2 = map(np.empty_like, (h, d_logits, h, w1, w2))

    def step() -> float:
        np.dot(x, w1, out=a)
        np.dot(h, w2, out=logits)
        np.dot(h.T, d_logits, out=d_w2)
        np.dot(d_logits, w2.T, out=d_h)
        np.dot(x.T, d_h, out=d_w1)
        return math.nan  # it has no loss

    return Training(step, None)
