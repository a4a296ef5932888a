"""The NumPy target: a step as Python source, every result written with `out=` to its place."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable

import numpy as np

from minigrad.compiler.blocks import Run
from minigrad.compiler.canonical import is_transpose
from minigrad.compiler.plan import Plan, takes_out
from minigrad.compiler.program import Call, Input, Value
from minigrad.compiler.standalone import Own, helpers, own_functions
from minigrad.compiler.traced import assigned
from minigrad.compiler.words import (
    INFIX,
    SCALAR,
    function_text,
    index_text,
    parameter_text,
    place_name,
    text,
)

# How the comment begins that stands before the lines which change what outlasts the step.
WRITING = "# parameters and state"


def numpy_source(plan: Plan, title: str) -> str:
    """The module: buffers, and the function `step` of the plan's inputs, which gives its outputs and gradients."""
    body: list[str] = []
    latest = ""
    writing = False
    inlined = _settle_names(plan)
    runs = {run.calls[0]: run for run in plan.runs}
    inlined.update(call for run in plan.runs for call in run.calls[1:])
    for call in plan.program.calls:
        if call in inlined:
            continue
        run = runs.get(call)
        if not writing and (run or isinstance(plan.places.get(call.outputs[0]), Input)):
            writing = True
            body += ["", f"{WRITING} change from here on"]
        if heading(call) != latest:
            latest = heading(call)
            body += ["", latest]
        body += _blocks(run, plan) if run else statements(call, plan)
    size = max((buffer.end for buffer in plan.buffers), default=0)
    buffers = [f"memory = np.empty({size}, np.uint8)  # buffers needed at different times share it"]
    buffers += [
        f"{b.name} = np.ndarray({b.shape}, {text(b.dtype)}, memory, {b.offset})" for b in plan.buffers
    ]
    own = own_functions(plan.program.calls)
    return module(
        plan,
        title,
        ["\n".join(buffers) + "\n"] if plan.buffers else [],
        [*body, *endings(plan, _own_name)],
        own,
    )


def _settle_names(plan: Plan) -> set[Call]:
    """Names what is computed in place as that place, and a transpose for a single product as `x.T`; gives those."""
    for value, place in plan.places.items():
        if isinstance(place, Input):
            value.name = place.value.name
    readers = Counter(v for call in plan.program.calls for v in dict.fromkeys(call.reads()))
    kept = set(plan.program.kept())
    inlined: set[Call] = set()
    for call in plan.program.calls:
        if is_transpose(call) and readers[call.output] == 1 and call.output not in kept:
            call.output.name = expression(call)
            inlined.add(call)
    return inlined


def _blocks(run: Run, plan: Plan) -> list[str]:
    """The loop that makes a run, the whole arrays that it reads and writes seen block by block."""
    places = [(call.output, plan.places[call.output]) for call in run.calls]
    written = [x for value, place in places if isinstance(place, Input) for x in (value, place.value)]
    names = {x: x.name for x in (*run.whole(), *written)}
    for x, name in names.items():
        x.name = f"{name}[rows]"
    lines = [line for call in run.calls for line in statements(call, plan)]
    for x, name in names.items():
        x.name = name
    head = [
        f"for start in range(0, {run.shape[0]}, {run.rows}):",
        f"    rows = slice(start, start + {run.rows})",
    ]
    return [*head, *(f"    {line}" for line in lines)]


def _own_name(plan: Plan, value: Value) -> str:  # noqa: ARG001  the signature of place_name
    return value.name


def module(plan: Plan, title: str, parts: list[str], body: list[str], own: list[Own]) -> str:
    """A module's text around the body of `step`, with the functions of our own that it calls."""
    program = plan.program
    parameters = "".join(f"    {parameter_text(x)}\n" for x in program.inputs)
    quiet = "@np.errstate(divide='ignore', invalid='ignore')\n" if program.quiet else ""
    head = [f'"""{title}"""\n\nfrom __future__ import annotations\n\nimport numpy as np', *parts]
    if own:
        head.insert(1, helpers(own))
    signature = f"def step(\n{parameters}):\n" if parameters else "def step():\n"
    return "\n".join(head) + f"\n\n{quiet}{signature}" + indented(body)


def heading(call: Call) -> str:
    """What a call belongs to, as a comment."""
    return f"# {call.label or 'outside of any operation'}  {_short(call.line)}"


def indented(lines: list[str]) -> str:
    """The lines of a function's body."""
    return "".join(f"    {line}".rstrip() + "\n" for line in lines).lstrip("\n")


def _short(line: str) -> str:
    """A line of the user's code as a comment: its file without the folders, its number and its text."""
    place, _, code = line.partition(": ")
    return " ".join(f"{place.rsplit('/', 1)[-1].split(',')[0]}  {code}".split("\n")).strip()


def endings(plan: Plan, name_of: Callable[[Plan, Value], str] = place_name) -> list[str]:
    """What is left to write, and what the step gives, each value under its name or that of its place."""
    program = plan.program
    lines = []
    sources = {x.value for x, _ in plan.copies}
    for _, value in plan.copies:
        if value in sources:  # it is overwritten below, before it is read
            lines.append(f"{value.name}_old = {name_of(plan, value)}.copy()")
    for source, value in plan.copies:
        name = f"{value.name}_old" if value in sources else name_of(plan, value)
        lines.append(f"{source.value.name}[...] = {name}")
    results = [_fresh(value, plan, name_of(plan, value)) for value in program.outputs]
    grads = [name_of(plan, value) for _, value in program.grads if value is not None]
    return [
        *(["", WRITING, *lines] if lines else []),
        "",
        f"return {_tuple(results)}, {_tuple(grads)}",
    ]


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _fresh(value: Value, plan: Plan, name: str) -> str:
    """A returned value; a copy of it where it lies in the step's own memory."""
    owned = value.maker is None or value in plan.places or value.maker.view
    return f"{name}.copy()" if owned and not value.weak else name


def statements(call: Call, plan: Plan) -> list[str]:
    """The lines that make a call."""
    names = ", ".join(v.name for v in call.outputs)
    place = plan.places.get(call.outputs[0])
    if place is None or not takes_out(call):
        return [f"{names} = {expression(call)}"]
    out = place_name(plan, call.output)
    lines = _into(call, out)
    return (
        lines
        if out == names
        else [*lines[:-1], f"{names} = {lines[-1]}"]
        if _gives(call)
        else [f"{names} = {out}", *lines]
    )


def _gives(call: Call) -> bool:
    return call.function not in (np.where, np.ndarray.astype, np.copy, assigned)


def _into(call: Call, out: str) -> list[str]:
    """The lines that write a call's result to a place."""
    if call.function is np.where:
        condition, x, y = map(text, call.args)
        return [
            f"np.copyto({out}, {y}, casting='unsafe')",
            f"np.copyto({out}, {x}, casting='unsafe', where={condition})",
        ]
    if call.function is np.ndarray.astype:
        return [f"np.copyto({out}, {text(call.args[0])}, casting='unsafe')"]
    if call.function is np.copy:
        return [f"np.copyto({out}, {text(call.args[0])})"]
    if call.function is assigned:
        y, index, value = call.args
        return [f"np.copyto({out}, {text(y)})", f"{out}[{index_text(index)}] = {text(value)}"]
    return [_called(call, [*arguments(call), f"out={out}"])]


def arguments(call: Call) -> list[str]:
    """The arguments of a call."""
    return [*map(text, call.args), *(f"{name}={text(x)}" for name, x in call.options.items())]


def expression(call: Call) -> str:
    """A call that makes a new array, or a view."""
    function = call.function
    if function is operator.getitem:
        return f"{text(call.args[0])}[{index_text(call.args[1])}]"
    if function in INFIX or (function in SCALAR and not call.output.shape and not call.options):
        left, right = map(text, call.args)
        return f"{left} {INFIX.get(function) or SCALAR[function]} {right}"
    if function is operator.__neg__:
        return f"-{text(call.args[0])}"
    if is_transpose(call):
        return f"{text(call.args[0])}.T"
    return _called(call, arguments(call))


def _called(call: Call, given: list[str]) -> str:
    """A call of a function, or of a method: NumPy finds an array's `dot` sooner than its function."""
    function = call.function
    is_product = function is np.dot and isinstance(call.args[0], Value) and call.args[0].shape != ()
    if function is np.ndarray.astype or is_product or not call.pure:  # impure: a random generator's method
        first, *others = given
        return f"{first}.{function.__name__}({', '.join(others)})"
    return f"{function_text(function)}({', '.join(given)})"
