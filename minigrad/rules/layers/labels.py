"""Labels: indices of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import DtypeError, LabelError
from minigrad.tensor import Array


def check_labels(labels: Any, classes: int) -> Array:
    """The labels as an array, each an integer from 0 to classes - 1.

    Raises:
        LabelError: one is out of range; the message says which, and where it stands.
        DtypeError: they are no integers.
    """
    indices: Array = np.asarray(labels)
    if indices.dtype.kind not in "iu":
        raise DtypeError(f"labels are indices of classes and must be integers, not {indices.dtype}")
    wrong = np.flatnonzero((indices < 0) | (indices >= classes))
    if wrong.size:
        place = wrong[0]
        raise LabelError(
            f"label {indices.flat[place]} at position {place} is not a class from 0 to {classes - 1}"
        )
    return indices
