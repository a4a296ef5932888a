"""A derivative and its transpose agree without differences: <u, J^T v> = <v, J u>.

The backward of an operation maps an upstream gradient v to J^T v. Differentiated by v, with u for its upstream
gradient, it gives J u (Townsend 2017, "A new trick for calculating Jacobian vector products"). So one run of the
second order holds both sides.
"""

from __future__ import annotations

import numpy as np

from minigrad.testing.agreement import ULPS
from minigrad.testing.operation import EPS, Arrays, Operation, Point, inner, intermediates, magnitude
from minigrad.testing.purity import Run
from minigrad.testing.report import Problem


def check(op: Operation, run: Run) -> tuple[Problem | None, str]:
    """Compare the two sides in a run of a derivative of the second order or higher.

    Returns:
        The problem, if they differ by more than rounding; and what to say in the report.
    """
    gradients = op.finish(run.gradients)
    pushed, v = tuple(gradients[i] for i in op.linear), tuple(op.inputs[i] for i in op.linear)
    left, right = inner(run.upstream, run.outputs), inner(v, pushed)
    gap, size = abs(left - right), _size(run.upstream, run.outputs) + _size(v, pushed)
    if not np.isfinite(gap) or Point(op, run.outputs, run.upstream, gradients).extreme:
        return None, "not compared: beyond what floats resolve"
    if gap > ULPS * EPS * (size + intermediates(op, run.upstream, run.outputs)):
        return _problem(op, left, right), ""
    return None, f"<u, J^T v> = <v, J u> to {gap / size if size else 0.0:.0e}"


def _size(a: Arrays, b: Arrays) -> float:
    return sum(p.size * magnitude(p * q) for p, q in zip(a, b, strict=True))


def _problem(op: Operation, left: float, right: float) -> Problem:
    names = " and ".join(f"'{op.names[i]}'" for i in op.linear)
    return Problem(
        "transpose",
        f"{op.name}.{op.backward_name} does not agree with the backward that it is the derivative of, for {names}",
        details=(f"<u, J^T v> = {left:+.8g}, <v, J u> = {right:+.8g}",),
        cause="backward takes a part of the upstream gradient out of minigrad (detach, .numpy(), np.asarray)",
    )
