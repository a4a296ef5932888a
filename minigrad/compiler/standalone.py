"""The functions and classes of our own that a step needs, as source: so that a saved step runs alone with NumPy."""

from __future__ import annotations

import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, TypeAlias

import numpy as np

from minigrad.compiler.program import Call, replaced
from minigrad.compiler.traced import assigned

Own: TypeAlias = "Callable[..., Any] | type"


def is_own_object(thing: Any) -> bool:
    """Whether a thing is of one of our own classes that hold plain numbers, so that the source can show it."""
    return dataclasses.is_dataclass(thing) and type(thing).__module__.startswith("minigrad.rules")


def own_functions(calls: list[Call]) -> list[Own]:
    """The functions of our own that calls need beside NumPy's, and the classes of what they hand over."""
    own: dict[Own, None] = {}
    for call in calls:
        if (getattr(call.function, "__module__", "") or "").startswith("minigrad"):
            own[call.function] = None
        leaves: list[Any] = []
        replaced((call.args, call.options), leaves.append)
        own.update((type(leaf), None) for leaf in leaves if is_own_object(leaf))
    return [thing for thing in own if thing is not assigned]


def helpers(own: list[Own]) -> str:
    """Their source, and that of what they use."""
    imports: dict[str, str] = {}
    pieces: dict[str, str] = {}
    unread: list[Any] = list(own)
    while unread:
        thing = inspect.unwrap(unread.pop())
        if thing.__name__ in pieces:
            continue
        pieces[thing.__name__] = _source(thing)
        for name, used in _uses(thing):
            if inspect.ismodule(used) and used is not np:
                imports[name] = f"import {used.__name__}"
            elif isinstance(used, (int, float, tuple)):
                pieces[name] = f"{name} = {used!r}\n"
            elif callable(used) and used.__module__.startswith("minigrad"):
                unread.append(used)
            elif callable(used):
                imports[name] = f"from {used.__module__} import {name}"
    return "".join(f"{line}\n" for line in imports.values()) + "\n\n".join(reversed(pieces.values()))


def _source(thing: Any) -> str:
    """A function without its decorators, an exception as a bare class, another class as it is."""
    if isinstance(thing, type) and issubclass(thing, Exception):
        (base, *_) = [base.__name__ for base in thing.__mro__ if base.__module__ == "builtins"]
        return f"class {thing.__name__}({base}):\n    pass\n"
    lines = textwrap.dedent(inspect.getsource(thing)).splitlines()
    start = (
        0 if isinstance(thing, type) else next(i for i, line in enumerate(lines) if line.startswith("def "))
    )
    return "\n".join(lines[start:]) + "\n"


def _uses(thing: Any) -> Iterator[tuple[str, Any]]:
    """What the code of a function, or of a class that is a dataclass, looks up among its globals."""
    functions = [thing] if isinstance(thing, FunctionType) else []
    if dataclasses.is_dataclass(thing):
        yield "dataclass", dataclasses.dataclass
        members = [
            getattr(x, "fget", None) or inspect.unwrap(getattr(x, "__func__", x))
            for x in vars(thing).values()
        ]
        functions = [x for x in members if isinstance(x, FunctionType) and x.__module__ == thing.__module__]
    for function in functions:
        for name in names_in(function.__code__):
            if name in function.__globals__:
                yield name, function.__globals__[name]


def names_in(code: CodeType) -> list[str]:
    """The names that code, and the code in it, looks up."""
    inner = [name for const in code.co_consts if inspect.iscode(const) for name in names_in(const)]
    return list(dict.fromkeys((*code.co_names, *inner)))
