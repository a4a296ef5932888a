"""What broadcasting did to a shape, undone for the gradient."""

from __future__ import annotations

from typing import Any


def broadcasts_to(shape: tuple[int, ...], larger: tuple[int, ...]) -> bool:
    """Whether an array of the first shape broadcasts to the second."""
    return len(shape) <= len(larger) and all(
        n in (1, m) for n, m in zip(reversed(shape), reversed(larger), strict=False)
    )


def unbroadcast(grad: Any, shape: tuple[int, ...]) -> Any:
    """Sums a gradient, array or Tensor, over the axes along which `shape` was broadcast to the gradient's.

    Example:
        >>> import numpy as np
        >>> unbroadcast(np.ones((4, 3)), (3,))
        array([4., 4., 4.])
    """
    if grad.shape == shape:
        return grad
    new = grad.ndim - len(shape)
    stretched = [new + i for i, n in enumerate(shape) if n == 1 and grad.shape[new + i] != 1]
    return grad.sum(axis=(*range(new), *stretched)).reshape(shape)
