"""What a rule must return: how many gradients, of which shapes and dtypes, and none of them NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array, Gradients, Operation, unbroadcasts_to
from minigrad.testing.report import Problem


def check_gradients(op: Operation, gradients: Gradients) -> Problem | None:
    """The first breach of the contract by raw gradients; None where there is none."""
    where = f"{op.name}.{op.backward_name}"
    if len(gradients) != len(op.inputs):
        return Problem(
            "contract",
            f"{where} returned {len(gradients)} gradient{'s' * (len(gradients) != 1)} for {len(op.inputs)} inputs "
            f"({', '.join(op.names)})",
            cause="return one gradient per input, in the order of forward's arguments; None where none is wanted",
        )
    for index in op.wrt:
        problem = _check_one(op, index, gradients[index])
        if problem is not None:
            return problem
    return None


def _check_one(op: Operation, index: int, gradient: Any) -> Problem | None:
    where, x = f"{op.name}.{op.backward_name}", op.inputs[index]
    if gradient is None:
        return Problem(
            "contract",
            f"{where} returned None for {op.label(index)}, which wants a gradient",
            cause="the gradient for this input is missing",
        )
    if not isinstance(gradient, (np.ndarray, np.generic)):
        kind = type(gradient).__name__
        if not isinstance(gradient, (int, float, complex)) or x.shape != ():
            return Problem("contract", f"{where} returned a {kind}, not an array, for {op.label(index)}")
    gradient = np.asarray(gradient)
    return _check_shape(op, index, gradient) or _check_dtype(op, index, gradient)


def _check_shape(op: Operation, index: int, gradient: Array) -> Problem | None:
    shape = op.inputs[index].shape
    if gradient.shape == shape or (op.unbroadcasts and unbroadcasts_to(gradient.shape, shape)):
        return None
    return Problem(
        "contract",
        f"{op.name}.{op.backward_name} returned a gradient of shape {gradient.shape} for {op.label(index)}",
        cause=_shape_cause(gradient.shape, shape),
    )


def _shape_cause(got: tuple[int, ...], shape: tuple[int, ...]) -> str:
    if unbroadcasts_to(got, shape):
        lead = len(got) - len(shape)
        axes = [*range(lead), *(lead + k for k, n in enumerate(shape) if n == 1 and got[lead + k] != 1)]
        return f"missing sum: the input was broadcast, so sum its gradient over axis {_listed(axes)}"
    if got == shape[::-1]:
        return "transpose: the gradient has the input's shape reversed"
    if sorted(got) == sorted(shape):
        return "transpose: the gradient has the input's axes in another order"
    if unbroadcasts_to(shape, got):
        return "the gradient only broadcasts to the input's shape: an axis was summed, or dropped, that the input has"
    if int(np.prod(got)) == int(np.prod(shape)):
        return "missing reshape: the gradient has the input's size in another shape"
    return ""


def _listed(axes: list[int]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def _precise(dtype: np.dtype[Any]) -> int:
    """How many digits a real or complex dtype keeps."""
    return int(np.finfo(dtype).precision)


def _check_dtype(op: Operation, index: int, gradient: Array) -> Problem | None:
    wanted, got = op.inputs[index].dtype, gradient.dtype
    if got == wanted or (op.widens and got.kind in "fc" and _precise(got) >= _precise(wanted)):
        return None
    if wanted.kind == "f" and got.kind == "c":
        cause = "the real part is what a real input's gradient keeps"
    elif got.kind in "fc" and np.can_cast(wanted, got, "safe"):
        cause = f"a {got} constant or array in the rule widens the gradient"
    elif got.kind in "fc":
        cause = f"the rule computes in {got}, which loses the input's precision"
    else:
        cause = f"the rule computes in {got}, which holds no fractions"
    return Problem(
        "contract",
        f"{op.name}.{op.backward_name} returned {got} for {op.label(index)}, which is {wanted}",
        cause=f"wrong dtype: {cause}",
    )
