"""The plan of a step: what is computed at all, once each, and the place where every result is kept."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.compiler.blocks import Run, runs
from minigrad.compiler.canonical import PRODUCTS, REDUCERS, is_elementwise, may_raise
from minigrad.compiler.program import Call, Input, Program, Value, replaced
from minigrad.compiler.scalars import ONE_HOT
from minigrad.compiler.schedule import Group
from minigrad.compiler.traced import assigned

_LINE = 64  # bytes of a line of the cache


@dataclass(eq=False, slots=True)
class Buffer:
    """An array that is allocated once and holds one result after another."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    name: str = ""
    spans: list[tuple[int, float]] = field(
        default_factory=list
    )  # from the call that writes it to the last read
    offset: int = 0  # in the memory of the NumPy target's buffers

    @property
    def nbytes(self) -> int:
        """Its size."""
        return int(np.prod(self.shape)) * self.dtype.itemsize

    @property
    def end(self) -> int:
        """Where it ends in that memory, rounded up to a line of the cache."""
        return self.offset + -(-self.nbytes // _LINE) * _LINE

    def meets(self, other: Buffer) -> bool:
        """Whether both hold something at the same time."""
        return any(a <= d and c <= b for a, b in self.spans for c, d in other.spans)


@dataclass(eq=False, slots=True)
class Plan:
    """A program, and where each result is kept: in a buffer, in place of an input, or else in a new array."""

    program: Program
    places: dict[Value, Buffer | Input] = field(default_factory=dict)
    buffers: list[Buffer] = field(default_factory=list)
    copies: list[tuple[Input, Value]] = field(default_factory=list)  # writes that no call makes in place
    runs: list[Run] = field(default_factory=list)  # calls that are made block by block


def simplified(program: Program) -> Program:
    """The program without what is computed twice, and without what nobody reads; updates come last."""
    calls = _once(program)
    program.calls, needed = _needed(calls, program.kept(), lambda call: not call.pure)
    first, _ = _needed(program.calls, program.results(), lambda call: not call.pure or may_raise(call))
    leading = set(first)
    program.calls = [*first, *(call for call in program.calls if call not in leading)]
    # Those that need not be given come last, as Python has it.
    program.inputs = sorted((x for x in program.inputs if x.value in needed), key=lambda x: x.is_constant)
    return program


def _needed(
    calls: list[Call], values: list[Value], also: Callable[[Call], bool]
) -> tuple[list[Call], set[Value]]:
    """The calls that values depend on, and the others that are wanted, in their order; and all that they read."""
    needed = set(values)
    kept = []
    for call in reversed(calls):
        if also(call) or needed.intersection(call.outputs):
            kept.append(call)
            needed.update(call.reads())
    return kept[::-1], needed


def _once(program: Program) -> list[Call]:
    """Every call once: a second one of the same function on the same values is the first."""
    same: dict[Value, Value] = {}
    first: dict[Any, Call] = {}
    calls = []

    def current(leaf: Any) -> Any:
        return same.get(leaf, leaf) if isinstance(leaf, Value) else leaf

    for call in program.calls:
        call.args, call.options = replaced(call.args, current), replaced(call.options, current)
        key = (call.function, _key(call.args), _key(call.options))
        earlier = first.setdefault(key, call) if call.pure else call
        if call.function is np.reshape and call.args[0].shape == call.output.shape:
            same[call.output] = call.args[0]
        elif earlier is call:
            calls.append(call)
        else:
            same.update(zip(call.outputs, earlier.outputs, strict=True))
    program.outputs = list(map(current, program.outputs))
    program.writes = [(x, current(v)) for x, v in program.writes]
    program.grads = [(tensor, current(v)) for tensor, v in program.grads]
    return calls


def _key(tree: Any) -> Any:
    if isinstance(tree, (tuple, list)):
        return (type(tree), *map(_key, tree))
    if isinstance(tree, dict):
        return tuple((name, _key(tree[name])) for name in sorted(tree))
    if isinstance(tree, slice):
        return ("slice", _key(tree.start), _key(tree.stop), _key(tree.step))
    if isinstance(tree, np.ndarray):
        return (tree.shape, tree.dtype.str, tree.tobytes())
    return (type(tree), repr(tree) if isinstance(tree, (float, complex, np.generic)) else tree)


def takes_out(call: Call) -> bool:
    """Whether a call can write its result to a given place."""
    if call.several or not call.output.shape or call.output.dtype == object:
        return False
    function = call.function
    return (
        is_elementwise(call)
        or function in REDUCERS
        or function in PRODUCTS
        or function in (np.where, np.mean, np.ndarray.astype, np.copy, assigned, ONE_HOT)
    ) and not (call.view and function not in (np.copy,))


def planned(program: Program, groups: list[Group] | None = None) -> Plan:
    """Gives every result its place. A buffer is free again when nothing reads it, or a view of it, any more.

    Args:
        program: what is to be computed.
        groups: the calls that are made together, in loops; by default each is made by itself, by NumPy.
    """
    plan = Plan(program)
    at = {call: i for i, group in enumerate(groups) for call in group.calls} if groups else _numbered(program)
    roots = _roots(program)
    last = _last_reads(program, roots, at)
    fresh = set() if groups else set(program.outputs)  # a new array, which is handed out
    lasting = {v for _, v in program.grads if v is not None}
    in_place = _in_place(program, last, at)
    plan.copies = [(x, v) for x, v in program.writes if in_place.get(v) is not x]
    plan.runs = [] if groups else runs(program, in_place)
    blocks = {call: run.block for run in plan.runs for call in run.calls}
    for run in plan.runs:  # whose calls are made over and over
        for root in set().union(*(roots.get(v, {v}) for v in run.whole())):
            last[root] = max(last[root], at[run.calls[-1]])
    free: list[Buffer] = []
    until: dict[int, list[Buffer]] = {}
    for call in program.calls:
        i, value = at[call], call.outputs[0]
        for past in [n for n in until if n < i or (n == i and not groups and _may_overwrite(call))]:
            free += until.pop(past)
        if value in in_place:
            plan.places[value] = in_place[value]
        elif _is_stored(call, groups, i, last) and (value not in fresh or value in lasting):
            # A gradient's buffer holds that of the step before, which this one may read: it is shared with nothing.
            plan.places[value] = buffer = _taken(
                [] if value in lasting else free, blocks.get(call, value.shape), value.dtype, plan.buffers
            )
            lasts = value in lasting or lasting & _shown(program, roots, value)
            buffer.spans.append((0, math.inf) if lasts else (i, last.get(value, i)))
            if not lasts:
                until.setdefault(last.get(value, i), []).append(buffer)
    _pack(plan.buffers)
    return plan


def _pack(buffers: list[Buffer]) -> None:
    """Places buffers in one memory, the largest first, each where no other lies at the same time."""
    placed: list[Buffer] = []
    for buffer in sorted(buffers, key=lambda b: -b.nbytes):
        for other in sorted((b for b in placed if buffer.meets(b)), key=lambda b: b.offset):
            if buffer.end <= other.offset:
                break
            buffer.offset = max(buffer.offset, other.end)
        placed.append(buffer)


def _may_overwrite(call: Call) -> bool:
    """Whether a call may write over what it reads: element by element, but not np.sign, ten times as slow in place."""
    return is_elementwise(call) and call.function is not np.sign


def _numbered(program: Program) -> dict[Call, int]:
    return {call: i for i, call in enumerate(program.calls)}


def _is_stored(call: Call, groups: list[Group] | None, i: int, last: dict[Value, int]) -> bool:
    """Whether a result needs a place: not if it is read in its own loop alone."""
    kind = groups[i].kind if groups else "numpy"
    if kind == "numpy":
        return takes_out(call)
    if kind in ("scalar", "view") or not call.output.shape:
        return False
    return kind == "native" or last.get(call.output, i) > i or call.function in REDUCERS


def _taken(free: list[Buffer], shape: tuple[int, ...], dtype: np.dtype[Any], buffers: list[Buffer]) -> Buffer:
    for buffer in free:
        if buffer.shape == shape and buffer.dtype == dtype:
            free.remove(buffer)
            return buffer
    buffer = Buffer(shape, dtype, f"buffer{len(buffers) + 1}")
    buffers.append(buffer)
    return buffer


def _roots(program: Program) -> dict[Value, set[Value]]:
    """The values whose memory each value may show."""
    roots: dict[Value, set[Value]] = {}
    for call in program.calls:
        for output in call.outputs:
            roots[output] = {output}
            if call.view:
                roots[output] = roots[output].union(*(roots.get(v, {v}) for v in call.reads()))
    return roots


def _shown(program: Program, roots: dict[Value, set[Value]], value: Value) -> set[Value]:
    return {v for v in program.kept() if value in roots.get(v, ())}


def _last_reads(program: Program, roots: dict[Value, set[Value]], at: dict[Call, int]) -> dict[Value, int]:
    """The number of the last call that reads each value, or a view of it; what is kept is read after all calls."""
    last: dict[Value, int] = {}
    for call in program.calls:
        for value in call.reads():
            for root in roots.get(value, {value}):
                last[root] = at[call]
    for value in program.kept():
        for root in roots.get(value, {value}):
            last[root] = len(program.calls) + 1
    return last


def _in_place(program: Program, last: dict[Value, int], at: dict[Call, int]) -> dict[Value, Input]:
    """The new values that can be written over the old ones as they are computed: after all that may fail."""
    makers = {call.outputs[0]: call for call in program.calls}
    wanted = Counter(v for _, v in program.writes)
    elsewhere = {*program.outputs, *(v for _, v in program.grads)}
    found: dict[Value, Input] = {}
    failing = max((at[call] for call in program.calls if may_raise(call)), default=-1)
    for source, value in program.writes:
        call = makers.get(value)
        if call is None or wanted[value] > 1 or value in elsewhere or at[call] <= failing:
            continue
        if is_elementwise(call) and takes_out(call) and last.get(source.value, -1) <= at[call]:
            found[value] = source
    return found
