"""The derivatives of sorting and of what reads a table in order: the gradient follows the permutation."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from minigrad.errors import ArgumentError, ShapeError
from minigrad.rules.declare import all_values, composed, operand, tensors


@composed(np.sort)
def sort(
    a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None
) -> Any:
    """From the smallest to the largest; equal elements keep their order, which serves every kind of sorting."""
    np.sort(np.empty(0), kind=kind, order=order, stable=stable)  # refuses what NumPy does not know
    return np.take_along_axis(a, np.argsort(all_values(a), axis, kind="stable"), axis)


@composed(np.partition)
def partition(
    a: Any, kth: Any, axis: int | None = -1, kind: Literal["introselect"] = "introselect", order: None = None
) -> Any:
    """The kth elements where sorting would put them, smaller ones before, larger ones after."""
    return np.take_along_axis(a, np.argpartition(all_values(a), all_values(kth), axis, kind, order), axis)


@composed(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None) -> Any:
    """The value at x of the straight lines through the points (xp, fp); outside, that of the nearest, or as given."""
    fp = tensors(operand(fp))
    x, xp = x.astype(np.float64), tensors(operand(xp).astype(np.float64))  # as NumPy computes it
    fp = fp.astype(np.complex128 if fp.dtype.kind == "c" else np.float64)
    if xp.ndim != 1 or xp.shape != fp.shape or not len(xp):
        raise ShapeError(f"np.interp: xp {xp.shape} and fp {fp.shape} are no vectors of as many points")
    if period is not None:
        if period == 0:
            raise ArgumentError("np.interp: the period must not be 0")
        x, xp = np.remainder(x, abs(period)), np.remainder(xp, abs(period))
        order = np.argsort(all_values(xp), kind="stable")
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - abs(period), xp, xp[:1] + abs(period)])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    if len(xp) == 1:
        inside = np.broadcast_to(fp, x.shape)
    else:
        i = np.clip(np.searchsorted(all_values(xp), all_values(x), side="right") - 1, 0, len(xp) - 2)
        slope = (fp[1:] - fp[:-1]) / (xp[1:] - xp[:-1])
        inside = fp[i] + slope[i] * (x - xp[i])
    y = np.where(np.less(x, xp[0]), fp[0] if left is None else left, inside)
    return np.where(np.greater(x, xp[-1]), fp[-1] if right is None else right, y)
