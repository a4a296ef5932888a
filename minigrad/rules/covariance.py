"""The derivatives of covariances and correlation coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import ShapeError
from minigrad.rules.declare import composed
from minigrad.rules.products import adjoint


@composed(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """The covariance matrix of variables, each a row, or a column where not `rowvar`.

    Args:
        m: observations, (variables, observations), or (observations,) of one variable.
        y: more variables, of the same form.
        rowvar: whether a variable is a row.
        bias: divide by n and not by n - 1.
        ddof: divide by n - ddof, whatever `bias` says.
        fweights: how often each observation is counted.
        aweights: the weight of each observation.
        dtype: of the result.

    Raises:
        ShapeError: an array has more than two axes.
    """
    dtype = np.result_type(*(z for z in (m, y) if z is not None), np.float64) if dtype is None else dtype
    x = _variables(m, rowvar).astype(dtype)
    if y is not None:
        x = np.concatenate([x, _variables(y, rowvar or np.shape(y)[0] == 1).astype(dtype)], axis=0)
    ddof = int(not bias) if ddof is None else ddof
    if fweights is None and aweights is None:
        centred = x - np.mean(x, axis=1, keepdims=True)
        return np.squeeze(np.matmul(centred, adjoint(centred)) / max(x.shape[1] - ddof, 0))
    weights = np.multiply(1.0 if fweights is None else fweights, 1.0 if aweights is None else aweights)
    total = np.sum(weights)
    lost = ddof if aweights is None else ddof * np.sum(np.multiply(weights, aweights)) / total
    centred = x - np.sum(x * weights, axis=1, keepdims=True) / total
    return np.squeeze(np.matmul(centred * weights, adjoint(centred)) / np.maximum(total - lost, 0))


def _variables(x: Any, rowvar: bool) -> Any:
    if np.ndim(x) > 2:
        raise ShapeError(
            f"np.cov takes variables and observations, two axes at most, not shape {np.shape(x)}"
        )
    if np.ndim(x) < 2:
        return np.reshape(x, (1, -1))
    return x if rowvar else x.T


@composed(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """The covariance matrix, divided by the standard deviation of either variable."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    deviations = np.sqrt(np.diagonal(c).real)
    return c / deviations[:, None] / deviations[None, :]
