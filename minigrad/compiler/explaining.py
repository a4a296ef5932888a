"""A plan in words."""

from __future__ import annotations

import numpy as np

from minigrad.compiler.canonical import PRODUCTS, REDUCERS
from minigrad.compiler.plan import Plan, takes_out
from minigrad.compiler.program import Call
from minigrad.compiler.scalars import is_plain_dtype
from minigrad.compiler.schedule import Group
from minigrad.compiler.words import function_text


def explained(plan: Plan, groups: list[Group] | None = None) -> str:
    """The number of calls, the buffers, estimated work, what NumPy makes, and what allocates anew in every step.

    Args:
        plan: of the step.
        groups: the calls that Numba's functions make together; by default NumPy makes each by itself.
    """
    calls = plan.program.calls
    moved = sum(_bytes(call) for call in calls if not call.view)
    work = sum(_operations(call) for call in calls)
    kept = max((buffer.end for buffer in plan.buffers), default=0)
    lines = [
        f"{len(calls)} calls, {len(plan.buffers)} buffers in {kept:,} bytes",
        f"about {moved:,} bytes moved and {work:,} floating-point operations in a step",
    ]
    in_place = [x.value.name for x, _ in plan.program.writes if (x, _) not in plan.copies]
    if in_place:
        lines.append(f"updated in place: {', '.join(in_place)}")
    lines += [f"copied at the end: {x.value.name}" for x, _ in plan.copies]
    lines += [f"{run.rows} of {run.shape[0]} rows at a time: {_functions(run.calls)}" for run in plan.runs]
    by_numpy = calls
    if groups is None:
        lines.append("nothing is fused: NumPy makes every call by itself")
    else:
        loops, native = ([group for group in groups if group.kind == kind] for kind in ("loop", "native"))
        by_numpy = [call for group in groups if group.kind == "numpy" for call in group.calls]
        lines.append(f"compiled: {len(loops)} loops, and {len(native)} calls of NumPy's own loops and BLAS")
        lines += [f"one loop over {group.shape}: {_functions(group.calls)}" for group in loops]
        lines += [f"by itself, as NumPy makes it: {_functions(group.calls)}" for group in native]
        lines += [
            f"made by NumPy between compiled functions: {function_text(call.function)}, {_why_not(call)}"
            for call in by_numpy
        ]
    anew = [
        call for call in by_numpy if call.output.shape and call.output not in plan.places and not call.view
    ]
    lines += [f"allocated in each step: {call.output.name}, {_why(call)}" for call in anew]
    return "\n".join(lines)


def _functions(calls: list[Call]) -> str:
    return ", ".join(function_text(call.function) for call in calls)


def _why(call: Call) -> str:
    return (
        "which is returned"
        if takes_out(call)
        else f"since {function_text(call.function)} takes no place to write to"
    )


def _why_not(call: Call) -> str:
    """Why a call is in no compiled function."""
    values = [*call.reads(), *call.outputs]
    strange = [v.dtype for v in values if not is_plain_dtype(v.dtype)]
    if strange:
        return f"since Numba's loops take no {strange[0]}"
    if isinstance(call.function, np.ufunc) or call.function in REDUCERS or call.function in PRODUCTS:
        shapes = ", ".join(dict.fromkeys(f"{v.shape} {v.dtype}" for v in values))
        return f"since its loop is not known here for {shapes}"
    return "which has no loop here"


def _bytes(call: Call) -> int:
    return sum(int(np.prod(v.shape)) * v.dtype.itemsize for v in (*call.reads(), *call.outputs))


def _operations(call: Call) -> int:
    size = max(int(np.prod(v.shape)) for v in (*call.reads(), *call.outputs))
    if call.function in PRODUCTS:
        left = next(call.reads())
        return 2 * int(np.prod(call.output.shape)) * (left.shape[-1] if left.shape else 1)
    return 0 if call.view else size
