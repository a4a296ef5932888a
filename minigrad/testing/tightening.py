"""Where differences of float64 are coarse: a complex step, and differences of long doubles.

The imaginary part of f(x + ih u) / h is the derivative along u, without a difference and its noise (Squire and Trapp
1998, "Using complex variables to estimate derivatives of real functions"), where f can be continued to complex
numbers as it is written. Long doubles, where the machine has them and f keeps them, carry 11 bits more. Neither ever
accuses: each only makes a bound smaller, where it agrees.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from minigrad.errors import MinigradError
from minigrad.testing.operation import EPS, Arrays, Point, inner
from minigrad.testing.richardson import SHORT, Direction, Estimate, Line, residual

STEP = 2.0**-100
MARGIN = 8.0
LONG_EPS = float(np.finfo(np.longdouble).eps)


def tightened(point: Point, direction: Direction, found: Estimate) -> Estimate:
    """An estimate with a smaller bound, where a complex step or long doubles give one that agrees; else `found`.

    Args:
        point: the operation and the gradients to judge.
        direction: the steps of the inputs.
        found: what differences in float64 gave.
    """
    if found.differs or any(x.dtype.kind == "c" for x in (*point.op.inputs, *point.outputs)):
        return found
    for look in (_complex_step, _long_double):
        seen = look(point, direction)
        alike = np.isnan(found.residual) or abs(seen.residual - found.residual) <= found.bound
        if seen.agrees and alike and seen.bound < found.bound:
            return seen
    return found


def _outputs(point: Point, inputs: Arrays) -> Arrays | None:
    """What f gives for inputs of an unusual dtype; None where it takes none."""
    try:
        with warnings.catch_warnings(action="ignore", category=np.exceptions.ComplexWarning):
            return point.op.evaluate(inputs)
    except (TypeError, ValueError, ArithmeticError, MinigradError):
        return None


def _complex_step(point: Point, direction: Direction) -> Estimate:
    """The residual by a complex step; its bound is the rounding of the derivative."""
    line = Line(point, direction)
    h = STEP / max(1.0, *(float(np.abs(u).max()) for u in direction.values()))
    inputs = list(point.op.inputs)
    for i, u in direction.items():
        inputs[i] = np.asarray(inputs[i] + 1j * (h * u))
    outputs = _outputs(point, tuple(inputs))
    if outputs is None:
        return Estimate(np.nan, np.inf, line.scale, 0.0, 0.0, line.rounding)
    slope = inner(point.upstream, [out.imag / h for out in outputs])
    return Estimate(slope - line.claimed, MARGIN * line.rounding, line.scale, 0.0, 0.0, line.rounding)


def _long_double(point: Point, direction: Direction) -> Estimate:
    """The residual by differences of long doubles, where f keeps them."""
    wide = tuple(x.astype(np.longdouble) if x.dtype.kind == "f" else x for x in point.op.inputs)
    outputs = _outputs(point, wide) if LONG_EPS < EPS else None
    if outputs is None or any(out.dtype != np.longdouble for out in outputs):
        return Estimate(np.nan, np.inf, 0.0, 0.0, 0.0, 0.0)
    there = replace(point, op=point.op.at(wide), outputs=outputs, eps=LONG_EPS, _responses={})
    found = residual(there, direction, SHORT)
    return replace(found, bound=MARGIN * found.bound)
