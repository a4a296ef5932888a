"""The layout of an array in memory is no part of its value: rebuilt in another, it gives the same result.

A `.copy()` loses the layout, so each one is rebuilt here. The gaps of a strided array are filled with NaN: who reads
memory instead of elements reads one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from minigrad.testing.agreement import ULPS, close, rounding_noise, run_rule
from minigrad.testing.operation import Array, Arrays, Operation, is_real_or_complex, magnitude
from minigrad.testing.purity import Run
from minigrad.testing.report import Problem


def fortran(x: Array) -> Array:
    """Column-major."""
    return x.copy(order="F")


def reversed_strides(x: Array) -> Array:
    """A view with a negative stride on every axis."""
    if x.ndim == 0:
        return x.copy()
    turn = (slice(None, None, -1),) * x.ndim
    return x[turn].copy(order="C")[turn]


def strided(x: Array) -> Array:
    """A view of every other element of the last axis; NaN lies between them."""
    if x.ndim == 0:
        return x.copy()
    fill = np.nan if is_real_or_complex(x) else 0
    buffer = np.full((*x.shape[:-1], 2 * x.shape[-1]), fill, dtype=x.dtype)
    buffer[..., ::2] = x
    return buffer[..., ::2]


def zero_strided(x: Array) -> Array:
    """The first element broadcast to the whole shape: every stride is zero. The one layout with other values."""
    return np.broadcast_to(x.reshape(-1)[0], x.shape) if x.size else x


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "Fortran order": fortran,
    "negative strides": reversed_strides,
    "strides with gaps": strided,
}


def check(op: Operation, run: Run) -> Problem | None:
    """The first layout and operand that change what a run gave; None where none does.

    Zero strides are looked at where linearity is, as they take other values.
    """
    expected = (*run.outputs, *op.finish(run.gradients))
    sizes = [magnitude(result) for result in expected]
    for name, build in LAYOUTS.items():
        inputs, upstream = (tuple(build(a) for a in arrays) for arrays in (op.inputs, run.upstream))
        found = _compare(op, expected, run_rule(op, inputs, upstream), run.upstream, sizes)
        if found is not None:
            return _blame(op, name, build, run.upstream, found)
    return None


def _compare(
    op: Operation, expected: Arrays, got: Arrays, upstream: Arrays, sizes: list[float]
) -> int | None:
    """Which result differs by more than rounding, given how large each is."""
    for k, (a, b, size) in enumerate(zip(expected, got, sizes, strict=True)):
        if close(a, b, size):
            continue
        noise = rounding_noise(op, upstream, partial(run_rule, op))[k]
        if (
            a.shape != b.shape
            or not magnitude(a - b) <= ULPS * noise
            or np.isnan(b).any() > np.isnan(a).any()
        ):
            return k
    return None


def _blame(
    op: Operation, name: str, build: Callable[[Array], Array], upstream: Arrays, result: int
) -> Problem:
    """The operand whose layout alone changes the result."""
    outputs = len(upstream)
    arrays = (*op.inputs, *upstream)
    operand = "its operands"
    for k in range(len(arrays)):
        relaid = tuple(build(a) if j == k else a for j, a in enumerate(arrays))
        plain = tuple(a.copy() for a in relaid)
        split = len(op.inputs)
        expected = run_rule(op, plain[:split], plain[split:])
        sizes = [magnitude(result) for result in expected]
        if _compare(op, expected, run_rule(op, relaid[:split], relaid[split:]), upstream, sizes) is not None:
            operand = f"input {k} '{op.names[k]}'" if k < split else "the upstream gradient"
            break
    return memory_problem(op, operand, result, outputs, name)


def memory_problem(op: Operation, operand: str, result: int, outputs: int, layout: str) -> Problem:
    """The problem of a result that changes with how an operand lies in memory.

    Args:
        op: the operation.
        operand: what is read in memory order.
        result: which result changes: outputs come first, then the inputs' gradients.
        outputs: how many outputs there are.
        layout: the layout it changes with.
    """
    what = f"output {result}" if result < outputs else f"the gradient for {op.label(result - outputs)}"
    method = "forward" if result < outputs else op.backward_name
    return Problem(
        "layout",
        f"{op.name}.{method} depends on how {operand} lies in memory: {what} changes with {layout}",
        cause=f"{operand} is read in memory order (ravel(order='K'), strides, .data, a C routine); "
        "read it by index, or make it contiguous first",
    )
