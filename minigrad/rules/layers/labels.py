"""Labels and targets: what a net ought to give."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import DtypeError, LabelError, ShapeError
from minigrad.rules.declare import overridable
from minigrad.rules.layers.kept import indices
from minigrad.tensor import Array


@overridable
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


@overridable
def one_hot_rows(labels: Any, classes: int, out: Array | None = None) -> Array:
    """A row of booleans for each label, True in its place; or rows of the dtype of `out`, written there.

    Raises:
        LabelError: a label is out of range.
        DtypeError: they are no integers.
    """
    labels = np.asarray(labels)
    rows: Array = np.equal(labels[..., None], indices(classes), out=out)
    if labels.dtype.kind not in "iu" or np.count_nonzero(rows) != labels.size:
        check_labels(labels, classes)
    return rows


def row_count(scores: Any) -> int:
    """How many rows of classes there are; 1 for none of them, since it is divided by.

    Raises:
        ShapeError: there are no classes.
    """
    if not scores.ndim or not scores.shape[-1]:
        raise ShapeError(f"shape {scores.shape} has no classes: give (N, C), or (C,) for one sample")
    return max(1, int(scores.size) // int(scores.shape[-1]))


def as_rows(labels: Any, scores: Any) -> Any:
    """Labels as rows of the scores' shape: rows in the scores' dtype, or indices as one-hot rows.

    Raises:
        ShapeError: the labels are neither rows of the scores' shape nor one index for each.
        LabelError: an index is no class.
        DtypeError: the indices are no integers.
    """
    given = labels if hasattr(labels, "shape") else np.asarray(labels)  # the index of one sample is a number
    shape = scores.shape
    if given.shape == shape:
        return given if given.dtype == scores.dtype else given.astype(scores.dtype)
    if given.shape != shape[:-1]:
        raise ShapeError(f"labels have shape {given.shape}: give {shape[:-1]} indices or {shape} rows")
    return one_hot_rows(given, shape[-1]).astype(scores.dtype)


def matching(y: Any, t: Any) -> Any:
    """The targets t of y, if they have its shape; integers and booleans in its dtype, so that they widen nothing."""
    if y.shape != np.shape(t):
        raise ShapeError(f"shapes {y.shape} and {np.shape(t)} are not the same")
    return t if t.dtype.kind == "f" else t.astype(y.dtype)
