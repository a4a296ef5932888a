"""Values, functions and constants as Python source."""

from __future__ import annotations

import inspect
import keyword
import operator
import re
import textwrap
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from minigrad.compiler.program import Input, Program, Value
from minigrad.registry import name_of

INFIX: dict[Callable[..., Any], str] = {
    operator.__add__: "+",
    operator.__sub__: "-",
    operator.__mul__: "*",
    operator.__truediv__: "/",
    operator.__floordiv__: "//",
    operator.__mod__: "%",
    operator.__pow__: "**",
}
# What is written into the source as a constant; any other object is handed to the step.
WRITTEN = (
    bool,
    int,
    float,
    complex,
    str,
    type(None),
    type(...),
    np.generic,
    np.ndarray,
    np.dtype,
    type,
    np.ufunc,
)
_TAKEN = frozenset({"np", "step", *keyword.kwlist})


def identifier(text: str) -> str:
    """A Python name as near to the text as one can be."""
    name = re.sub(r"\W+", "_", text).strip("_") or "value"
    name = f"_{name}" if name[0].isdigit() else name
    return f"{name}_" if name in _TAKEN else name


def name_values(program: Program) -> None:
    """Gives every value a name of its own: an input's, that of a gradient's parameter, or its function's."""
    used: dict[str, int] = {}

    def unique(text: str, numbered: bool) -> str:
        name = identifier(text)
        used[name] = count = used.get(name, 0) + 1
        return f"{name}{count}" if numbered or count > 1 else name

    for source in program.inputs:
        source.value.name = unique(source.value.name, numbered=False)
    names = {v: f"d_{getattr(owner, 'name', None) or 'input'}" for owner, v in program.grads if v is not None}
    for call in program.calls:
        short = getattr(call.function, "__name__", "value").strip("_")
        if short == "reduce":
            short = function_text(call.function)[3:].replace(".", "_")
        for value in call.outputs:
            value.name = unique(names.get(value, short), numbered=value not in names)


def place_name(plan: Any, value: Value) -> str:
    """The name of the array that holds a value."""
    place = plan.places.get(value)
    if place is None:
        return value.name
    name: str = place.value.name if isinstance(place, Input) else place.name
    return name


def function_text(function: Callable[..., Any]) -> str:
    """How the source names a function."""
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc):
        return name_of(ufunc, function.__name__)
    if isinstance(function, np.ufunc) or (getattr(function, "__module__", "") or "").startswith("numpy"):
        return name_of(function)
    return function.__name__


def text(tree: Any) -> str:  # noqa: C901  one line for each kind of constant
    """A value's name, or a constant as Python writes it."""
    if isinstance(tree, Value):
        return tree.name
    if isinstance(tree, tuple):
        return f"({', '.join(map(text, tree))}{',' if len(tree) == 1 else ''})"
    if isinstance(tree, list):
        return f"[{', '.join(map(text, tree))}]"
    if isinstance(tree, slice):
        return f"slice({text(tree.start)}, {text(tree.stop)}, {text(tree.step)})"
    if tree is Ellipsis:
        return "..."
    if isinstance(tree, np.ndarray):
        if not tree.size:
            return f"np.empty({tree.shape}, np.{tree.dtype})"
        return f"np.array({text(tree.tolist())}, np.{tree.dtype})"
    if isinstance(tree, np.dtype):
        return "np.bool_" if tree.kind == "b" else f"np.{tree.name}"
    if isinstance(tree, type):
        return f"np.{tree.__name__}" if tree.__module__ == "numpy" else tree.__name__
    if isinstance(tree, np.generic):
        return f"np.{tree.dtype.type.__name__}({text(tree.item())})"
    if isinstance(tree, float) and not np.isfinite(tree):
        return {"inf": "np.inf", "-inf": "-np.inf"}.get(str(tree), "np.nan")
    if isinstance(tree, np.ufunc):
        return name_of(tree)
    return repr(tree)


def index_text(index: Any) -> str:
    """An index as it stands between brackets."""
    if isinstance(index, tuple) and index:
        return ", ".join(map(index_text, index)) + ("," if len(index) == 1 else "")
    if isinstance(index, slice):
        parts = ["" if part is None else text(part) for part in (index.start, index.stop)]
        return ":".join(parts) + ("" if index.step is None else f":{text(index.step)}")
    return text(index)


def helpers(functions: list[Callable[..., Any]]) -> str:
    """The source of functions of our own, and of what they use, so that a saved step stands alone."""
    pieces: dict[str, str] = {}
    unread: list[Any] = list(functions)
    while unread:
        thing = unread.pop()
        if isinstance(thing, type):
            bases = [base.__name__ for base in thing.__mro__ if base.__module__ == "builtins"]
            pieces[thing.__name__] = f"class {thing.__name__}({bases[0]}):\n    pass\n"
            continue
        function = inspect.unwrap(thing)
        lines = textwrap.dedent(inspect.getsource(function)).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("def "))
        pieces[function.__name__] = "\n".join(lines[start:]) + "\n"
        for name in names_in(function.__code__):
            used = function.__globals__.get(name)
            if name in pieces or used is None:
                continue
            if callable(used) and getattr(used, "__module__", "").startswith("minigrad"):
                unread.append(used)
            elif isinstance(used, (int, float, tuple)):
                pieces[name] = f"{name} = {used!r}\n"
            elif inspect.ismodule(used) and used is not np:
                pieces[name] = f"import {used.__name__}\n"
    return "\n\n".join(reversed(pieces.values()))


def names_in(code: CodeType) -> list[str]:
    """The names that code, and the code in it, looks up."""
    inner = [name for const in code.co_consts if inspect.iscode(const) for name in names_in(const)]
    return list(dict.fromkeys((*code.co_names, *inner)))


def parameter_text(source: Input) -> str:
    """An input as a parameter, and what it is in a few words."""
    name = source.value.name
    if source.is_constant:
        array = source.owner
        name += f"=np.full({array.shape}, {text(array.flat[0].item())}, {text(array.dtype)})"
    return f"{name},  # {_kind(source)}"


def _kind(source: Input) -> str:
    value = source.value
    if value.weak or value.dtype == object:
        return source.origin
    return f"{value.shape} {value.dtype}"
