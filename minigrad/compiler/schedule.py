"""The order of a step for the Numba target: elementwise calls over the same shape gathered into loops."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from minigrad.compiler.canonical import PRODUCTS, REDUCERS, REDUCTIONS, canonical
from minigrad.compiler.native import is_native, is_reshape, is_sum_of_rows
from minigrad.compiler.program import Call, Input, Program, Value
from minigrad.compiler.scalars import PYTHON, is_loop, is_plain, is_reduction

# A call that may overwrite an input in place: that input, and the calls that read it.
Readers: TypeAlias = "dict[Call, tuple[Value, set[Call]]]"
Kind: TypeAlias = Literal["loop", "scalar", "native", "view", "numpy"]


@dataclass(eq=False, slots=True)
class Group:
    """Calls that are made together: over the elements of a shape, or a single call of another kind."""

    kind: Kind
    shape: tuple[int, ...]
    calls: list[Call] = field(default_factory=list)


def kind_of(call: Call) -> tuple[Kind, tuple[int, ...]]:
    """How the Numba target makes a call, and over what shape."""
    if call.several or call.output.dtype == object:
        return "numpy", ()
    if is_native(call):
        return "native", ()
    if is_reduction(call) and (call.function != np.add.reduce or is_sum_of_rows(call)):
        return "loop", call.args[0].shape
    if call.output.weak and call.function in PYTHON:
        return "scalar", ()
    if is_loop(call):
        return ("loop" if call.output.shape else "scalar"), call.output.shape
    if is_reshape(call):
        return "view", ()
    if call.function is np.transpose and len(call.args) == 1 and not call.options and is_plain(call.args[0]):
        return ("view" if len(call.output.shape) == 2 else "numpy"), ()
    return "numpy", ()


def scheduled(program: Program) -> list[Group]:
    """The calls in groups. A call joins the group being filled if all that it reads is computed by then."""
    _copy_broadcasts(program)
    for call in program.calls:
        _drop_defaults(call)
    program.calls = [part for call in program.calls for part in _opened(call)]
    _name_constants(program)
    pending = list(program.calls)
    readers = _readers(program)
    done: set[Value] = {x.value for x in program.inputs}
    made: set[Call] = set()
    groups: list[Group] = []
    while pending:
        group = Group(*kind_of(pending[0]))
        local = _fill(group, pending, done, made, readers)
        done |= local
        groups.append(group)
    program.calls = [call for group in groups for call in group.calls]
    return groups


def _copy_broadcasts(program: Program) -> None:
    """A broadcast is a copy in the loop that reads it, or else a view."""
    for call in program.calls:
        if call.function is np.broadcast_to and is_plain(call.args[0]) and is_plain(call.output):
            call.function, call.args, call.options, call.view = np.copy, call.args[:1], {}, False


def _drop_defaults(call: Call) -> None:
    """A reduction without the options that change nothing, in its one spelling."""
    if call.function in REDUCTIONS or call.function in REDUCERS or call.function is np.mean:
        defaults: list[tuple[str, object]] = [("dtype", None), ("where", True), ("keepdims", False)]
        if call.function in (np.sum, np.add.reduce):
            defaults.append(("initial", 0))
        options = {name: x for name, x in call.options.items() if (name, x) not in defaults}
        call.function, call.args, call.options = canonical(call.function, call.args, options)


def _opened(call: Call) -> list[Call]:
    """A mean as the sum and the division that NumPy makes of it."""
    if call.function is not np.mean or not call.options.keys() <= {"axis", "keepdims"} or len(call.args) > 1:
        return [call]
    x, output, options = call.args[0], call.output, call.options
    if output.dtype.char not in "fd" or x.dtype != output.dtype or 0 in x.shape:
        return [call]
    summed = Value(output.shape, output.dtype)
    total = replace(
        call, function=np.add.reduce, args=(x,), options={"axis": None} | options, outputs=[summed]
    )
    summed.maker = total
    call.function, call.options = np.divide, {}
    call.args = (summed, math.prod(x.shape) // math.prod(output.shape))
    return [total, call]


def _name_constants(program: Program) -> None:
    """An array that is written into a product becomes an input."""
    named: dict[tuple[str, bytes], Value] = {}

    def operand(x: object) -> object:
        if not isinstance(x, np.ndarray) or x.ndim != 1:
            return x
        key = x.dtype.str, x.tobytes()
        if key not in named:
            constant = x.copy()
            constant.flags.writeable = False
            named[key] = Value(x.shape, x.dtype, name="array")
            program.inputs.append(Input(named[key], "object", constant))
        return named[key]

    for call in program.calls:
        if call.function in PRODUCTS:
            call.args = tuple(map(operand, call.args))


def _fill(
    group: Group, pending: list[Call], done: set[Value], made: set[Call], readers: Readers
) -> set[Value]:
    """Moves calls from pending into a group; gives what they compute."""
    inside: set[Value] = set()  # computed in the group, at the same element
    finished: set[Value] = set()  # known only after the group's loop
    before = set(made)
    for call in list(pending):
        kind, shape = kind_of(call)
        if (kind, shape) != (group.kind, group.shape):
            continue
        if not all(v in done or (v in inside and v.shape == shape) for v in call.reads()):
            continue
        if call in readers:
            old, waiting = readers[call]
            if not waiting <= before | {other for other in group.calls if old in other.reads()}:
                continue  # somebody has yet to read the values that this call may overwrite
        group.calls.append(call)
        pending.remove(call)
        made.add(call)
        elementwise = kind == "scalar" or (kind == "loop" and not is_reduction(call))
        (inside if elementwise else finished).update(call.outputs)
        if kind not in ("loop", "scalar"):
            break
    return inside | finished


def _readers(program: Program) -> Readers:
    """For each call that may overwrite an input in place: the calls that read its old value, also through views."""
    shows: dict[Value, set[Value]] = {}
    reading: dict[Value, set[Call]] = {}
    for call in program.calls:
        seen = set().union(*(shows.get(v, {v}) for v in call.reads()))
        for value in seen:
            reading.setdefault(value, set()).add(call)
        if call.view:
            for output in call.outputs:
                shows[output] = {output, *seen}
    makers = {call.outputs[0]: call for call in program.calls}
    order = {call: i for i, call in enumerate(program.calls)}
    return {
        makers[value]: (
            source.value,
            {call for call in reading.get(source.value, ()) if order[call] < order[makers[value]]},
        )
        for source, value in program.writes
        if value in makers
    }
