"""Guards: the conditions under which a compiled step is the right one, as functions written out for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CellType, FunctionType
from typing import Any, TypeAlias

# Of arguments, options, and whether the thread records; gives what the step gives.
Guarded: TypeAlias = Callable[[tuple[Any, ...], dict[str, Any], bool], Any]


def holds(conditions: list[str], names: dict[str, Any]) -> Callable[[], bool]:
    """A function that tells whether all conditions hold."""
    return _function("holds()", [*_lines(conditions), "return same"], names)


def guarded(
    conditions: list[str],
    names: dict[str, Any],
    run: Callable[[Sequence[Any]], Any],
    leaves: str,
    other: Guarded,
) -> Guarded:
    """A function that runs a step where all conditions hold, and else hands everything to another one."""
    lines = [
        *_lines(conditions),
        f"return run({leaves}) if same else other(args, options, recording)",
    ]
    return _function("guarded(args, options, recording)", lines, {**names, "run": run, "other": other})


def _lines(conditions: list[str]) -> list[str]:
    return [
        "try:",
        f"    same = {' and '.join(conditions) or True}",
        "except (KeyError, NameError):  # a variable or an attribute is gone",
        "    same = False",
    ]


def _function(head: str, lines: list[str], names: dict[str, Any]) -> Callable[..., Any]:
    """A function of these lines. The cells among the names are its own variables: reading those costs least."""
    cells = [name for name, thing in names.items() if isinstance(thing, CellType)]
    body = "".join(f"        {line}\n" for line in lines)
    scope = {name: thing for name, thing in names.items() if name not in cells}
    exec(
        f"def made({', '.join(cells)}):\n    def {head}:\n{body}    return {head.partition('(')[0]}\n", scope
    )
    function: FunctionType = scope["made"](*cells)
    closure = tuple(names[name] for name in function.__code__.co_freevars)
    return FunctionType(function.__code__, scope, function.__name__, None, closure)
