"""The Numba target: the loops and products of a step as compiled functions, the rest as calls of NumPy between them."""

from __future__ import annotations

import numpy as np

from minigrad.compiler.kernels import FRAME
from minigrad.compiler.loops import Loop, cast
from minigrad.compiler.native_source import JIT, kernels, native_statement, number
from minigrad.compiler.numpy_source import endings, heading, indented, module, statements
from minigrad.compiler.plan import Buffer, Plan
from minigrad.compiler.program import Call, Input, Value
from minigrad.compiler.scalars import is_plain_dtype, scalar
from minigrad.compiler.schedule import Group
from minigrad.compiler.standalone import own_functions
from minigrad.compiler.words import place_name, text


def numba_source(plan: Plan, groups: list[Group], title: str, checked: list[Input]) -> str:
    """The module of a plan whose calls are in groups, one compiled function where any input is to be checked in it."""
    constants = [x for x in plan.program.inputs if x.is_constant]
    plan.program.inputs = [x for x in plan.program.inputs if not x.is_constant]
    functions: list[str] = []
    body: list[str] = []
    segments = _segments(groups)
    _place_numbers(segments, plan)
    for segment in segments:
        if segment[0].kind == "numpy":
            for group in segment:
                for call in group.calls:
                    there = [f"{v.name} = {place_name(plan, v)}" for v in call.reads() if v in plan.places]
                    body += ["", heading(call), *there, *statements(call, plan), *_laid_out(call, plan)]
            continue
        function, line = _compiled(segment, plan, f"part{len(functions) + 1}", checked)
        functions.append(function)
        body += ["", line]
    native = [group.calls[0] for group in groups if group.kind == "native"]
    parts = [
        "import numba",
        *kernels(native),
        *map(_constant, constants),
        _workspace(plan, native),
        *functions,
    ]
    own = own_functions([call for group in groups if group.kind == "numpy" for call in group.calls])
    return module(plan, title, parts, [*body, *endings(plan)], own)


def _laid_out(call: Call, plan: Plan) -> list[str]:
    """New arrays in C order, as compiled functions take them; NumPy may follow the order of its arguments."""
    new = [v for v in call.outputs if len(v.shape) > 1 and v not in plan.places and not call.view]
    return [f"{v.name} = np.ascontiguousarray({v.name})" for v in new]


def _constant(source: Input) -> str:
    """An array of the module, which Numba takes as it is."""
    array = source.owner
    return f"{source.value.name} = np.full({array.shape}, {text(array.flat[0].item())}, {text(array.dtype)})"


def _segments(groups: list[Group]) -> list[list[Group]]:
    """The groups that one compiled function can make, one after the other, apart from those that NumPy makes."""
    segments: list[list[Group]] = []
    for group in groups:
        if segments and (segments[-1][0].kind == "numpy") == (group.kind == "numpy"):
            segments[-1].append(group)
        else:
            segments.append([group])
    return segments


def _place_numbers(segments: list[list[Group]], plan: Plan) -> None:
    """Gives a number that only the caller reads a buffer, of which a copy is an array sooner than the number itself."""
    for segment in segments:
        calls = [call for group in segment for call in group.calls]
        for value in plan.program.outputs:
            is_number = not value.shape and not value.weak and is_plain_dtype(value.dtype)
            if (
                segment[0].kind != "numpy"
                and is_number
                and value.maker in calls
                and not _read_by_others(value, calls, plan)
            ):
                plan.places[value] = buffer = Buffer((), value.dtype, f"buffer{len(plan.buffers) + 1}")
                plan.buffers.append(buffer)


def _workspace(plan: Plan, native: list[Call]) -> str:
    """The buffers as fields of one record: each array handed over costs time, a record's fields cost none."""
    numbers = dict.fromkeys(call.output.dtype for call in native if not call.output.shape)
    fields = [f'("frame", np.int64, ({FRAME},))', *(f'("{number(x)}", {text(x)}, (1, 1))' for x in numbers)]
    shared = [b for b in plan.buffers if is_plain_dtype(b.dtype)]
    for buffer in shared:
        dtype = "np.uint8" if buffer.dtype == bool else text(buffer.dtype)  # Numba's records hold no booleans
        fields.append(f'("{buffer.name}", {dtype}, {buffer.shape})')
    listed = "".join(f"    {x},\n" for x in fields)
    views = "".join(
        f'{b.name} = workspace["{b.name}"][0, ...]{".view(np.bool_)" if b.dtype == bool else ""}\n'
        for b in shared
    )
    others = [b for b in plan.buffers if b not in shared]
    views += "".join(f"{b.name} = np.empty({b.shape}, {text(b.dtype)})\n" for b in others)
    return f"workspace = np.zeros(1, np.dtype([\n{listed}], align=True))\n{views}"


def _compiled(segment: list[Group], plan: Plan, name: str, checked: list[Input]) -> tuple[str, str]:
    """A compiled function, and the statement that calls it."""
    calls = [call for group in segment for call in group.calls]
    made = {v for call in calls for v in call.outputs}
    touched = dict.fromkeys(v for call in calls for v in (*call.reads(), *call.outputs))
    places = dict.fromkeys(plan.places[v] for v in touched if v in plan.places)
    buffers = [place for place in places if isinstance(place, Buffer)]
    outer: dict[str, None] = {}
    given = {x.value for x in plan.program.inputs}
    for value in touched:
        place = plan.places.get(value)
        if place is None and value not in made and (value in given or value.maker):
            outer[value.name] = None
        elif place is not None and not isinstance(place, Buffer):
            outer[place.value.name] = None
    numbers = [v for v in touched if v in made and not v.shape]
    placed = [v for v in numbers if v in plan.places]
    results = [v for v in numbers if v not in plan.places and _read_outside(v, calls, plan)]
    views = [
        v
        for v in touched
        if v in made and v.maker is not None and v.maker.view and _read_outside(v, calls, plan)
    ]
    outer["workspace"] = None
    lines = [f"{b.name} = workspace[0].{b.name}" for b in buffers if b.shape]
    if any(group.kind == "native" for group in segment):
        lines.insert(0, "frame = workspace[0].frame")
    lines += [line for source in checked for line in _check(source.value)]
    label = ""
    for group in segment:
        if heading(group.calls[0]) != label:
            label = heading(group.calls[0])
            lines += ["", label]
        lines += _group(group, plan)
    lines += ["", *(f"workspace[0].{place_name(plan, v)} = {v.name}" for v in placed)]
    returned = ", ".join(v.name for v in results)
    lines += [f"return {returned}"] if results else []
    head = f"{JIT}def {name}({', '.join(outer)}):\n"
    call = f"{name}({', '.join(outer)})"
    after = [f"{v.name} = {cast(v.dtype)}({v.name})" for v in results if not v.weak]
    after += [f"{v.name} = {_shown(v, made, plan)}" for v in views]
    return head + indented(lines), "\n    ".join([f"{returned} = {call}" if results else call, *after])


def _check(value: Value) -> list[str]:
    """An error for an array that is not laid out as the loops take it; the axes of length 1 may have any stride."""
    step, strides = value.dtype.itemsize, []
    for k, n in reversed([*enumerate(value.shape)]):
        strides += [f"{value.name}.strides[{k}] != {step}"] if n > 1 else []
        step *= n
    name, shape = value.name, value.shape
    return [
        f"if {' or '.join([f'{name}.shape != {shape}', *reversed(strides)])}:",
        f'    raise TypeError("{name} is not an array {shape} in C order")',
    ]


def _read_outside(value: Value, calls: list[Call], plan: Plan) -> bool:
    return value in plan.program.kept() or _read_by_others(value, calls, plan)


def _read_by_others(value: Value, calls: list[Call], plan: Plan) -> bool:
    inside = set(calls)
    return any(value in call.reads() for call in plan.program.calls if call not in inside)


def _group(group: Group, plan: Plan) -> list[str]:
    if group.kind == "loop":
        return Loop(group, plan).lines()
    lines = []
    for call in group.calls:
        if group.kind == "scalar":
            lines.append(f"{call.output.name} = {scalar(call, _number)}")
        elif group.kind == "view":
            lines.append(f"{call.output.name} = {_view(call, place_name(plan, call.args[0]))}")
        else:
            lines.append(native_statement(call, plan))
    return lines


def _number(x: object, dtype: np.dtype[np.generic] | None) -> str:
    if not isinstance(x, Value):
        return text(x) if dtype is None else f"{cast(dtype)}({text(x)})"
    name = x.name if x.weak or x.maker is not None else f"{x.name}[()]"
    return name if dtype is None or (x.dtype == dtype and not x.weak) else f"{cast(dtype)}({name})"


def _view(call: Call, shown: str) -> str:
    return f"{shown}.T" if call.function is np.transpose else f"{shown}.reshape({call.output.shape})"


def _shown(value: Value, inside: set[Value], plan: Plan) -> str:
    """A view made in a compiled function, made again outside of it."""
    if value in inside and value.maker is not None and value.maker.view:
        return _view(value.maker, _shown(value.maker.args[0], inside, plan))
    return place_name(plan, value)
