"""Clipping: gradients kept within bounds, between `backward` and `step`."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from minigrad.errors import MinigradError
from minigrad.tensor import Tensor


class ClippingError(MinigradError, ValueError):
    """A bound that is not positive."""


def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """Scales all gradients by one factor, so that the norm of all together is at most `max_norm`.

    Args:
        params: Tensors; those without a gradient are left out.
        max_norm: the bound of the Euclidean norm, positive (Pascanu et al. 2013).

    Returns:
        The norm before.

    Raises:
        ClippingError: `max_norm` is not positive.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Tensor([0.0, 0.0], requires_grad=True)
        >>> (w * [3.0, 4.0]).sum().backward()
        >>> mg.optim.clip_grad_norm([w], 1.0)
        5.0
        >>> w.grad
        Tensor([0.6, 0.8])
    """
    _check(max_norm)
    grads = [(p, p.grad.data) for p in params if p.grad is not None]
    norm = math.sqrt(sum(float(np.vdot(grad, grad).real) for _, grad in grads))
    if norm > max_norm:
        for p, grad in grads:
            p.grad = Tensor(grad * (max_norm / norm))
    return norm


def clip_grad_value(params: Iterable[Tensor], limit: float) -> None:
    """Moves every element of every gradient into the range from -limit to limit.

    Args:
        params: Tensors; those without a gradient are left out.
        limit: the bound, positive.

    Raises:
        ClippingError: `limit` is not positive.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Tensor([0.0, 0.0], requires_grad=True)
        >>> (w * [3.0, -0.5]).sum().backward()
        >>> mg.optim.clip_grad_value([w], 1.0)
        >>> w.grad
        Tensor([ 1. , -0.5])
    """
    _check(limit)
    for p in params:
        if p.grad is not None:
            p.grad = Tensor(np.clip(p.grad.data, -limit, limit))


def _check(bound: float) -> None:
    if not bound > 0:
        raise ClippingError(f"the bound of a gradient is {bound}, and must be positive")
