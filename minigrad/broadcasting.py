"""What broadcasting did to a shape, undone for the gradient."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from minigrad.tensor import Array, Tensor

AnyArray = TypeVar("AnyArray", Array, Tensor)


def broadcasts_to(shape: tuple[int, ...], larger: tuple[int, ...]) -> bool:
    """Whether an array of the first shape broadcasts to the second."""
    return len(shape) <= len(larger) and all(
        n in (1, m) for n, m in zip(reversed(shape), reversed(larger), strict=False)
    )


def unbroadcast(grad: AnyArray, shape: tuple[int, ...]) -> AnyArray:
    """Sums a gradient over the axes along which an array of `shape` was broadcast to the gradient's shape.

    Example:
        >>> import numpy as np
        >>> unbroadcast(np.ones((4, 3)), (3,))
        array([4., 4., 4.])
    """
    if grad.shape == shape:
        return grad
    new = grad.ndim - len(shape)
    stretched = [new + i for i, n in enumerate(shape) if n == 1 and grad.shape[new + i] != 1]
    return np.reshape(np.sum(grad, axis=(*range(new), *stretched)), shape)
