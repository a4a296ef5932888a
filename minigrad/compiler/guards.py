"""Guards: the conditions under which a compiled step is the right one, as functions written out for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CellType, FunctionType
from typing import Any, TypeAlias

# Of arguments, options, and whether the thread records; gives what the step gives.
Guarded: TypeAlias = Callable[..., Any]


def guarded(
    conditions: list[str],
    names: dict[str, Any],
    run: Callable[[Sequence[Any]], Any],
    leaves: str,
    other: Guarded,
) -> Guarded:
    """A function that runs a step where all conditions hold, and else hands everything to another one.

    Who only asks whether they hold gives it other functions for `run` and `other`. The cells among the names are its
    own variables: reading those costs least.
    """
    cells = [name for name, thing in names.items() if isinstance(thing, CellType)]
    scope = {name: thing for name, thing in names.items() if name not in cells}
    exec(
        f"""def made({", ".join(cells)}):
    def guarded(args, options, recording, run, other):
        try:
            same = {" and ".join(conditions)}
        except (KeyError, NameError):  # a variable or an attribute is gone
            same = False
        return run({leaves}) if same else other(args, options, recording)
    return guarded
""",
        scope,
    )
    function: FunctionType = scope.pop("made")(*cells)
    closure = tuple(names[name] for name in function.__code__.co_freevars)
    return FunctionType(function.__code__, scope, function.__name__, (run, other), closure)
