"""Small arrays that every step needs anew: made once, and read-only."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from minigrad.tensor import Array


@lru_cache(maxsize=64)
def ones(n: int, dtype: np.dtype[Any]) -> Array:
    """A row of n ones: a product with it sums the rows of a matrix faster than a sum over the long axis does."""
    row = np.ones(n, dtype)
    row.flags.writeable = False
    return row


@lru_cache(maxsize=64)
def indices(n: int) -> Array:
    """The numbers from 0 to n - 1."""
    row = np.arange(n)
    row.flags.writeable = False
    return row
