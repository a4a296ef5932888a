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
    unfit: tuple[type[Exception], ...],
    other: Guarded,
) -> Guarded:
    """A function that runs a step where it is the right one, and else hands everything to another function.

    Args:
        conditions: all of them hold, else it is not the right one. The cells among the names are the function's own
            variables: reading those costs least. Who only asks whether the conditions hold gives it another `run`.
        names: what the conditions name.
        run: runs the step.
        leaves: what it is called with.
        unfit: what it raises where it finds itself that it is not the right one.
        other: called instead.
    """
    cells = [name for name, thing in names.items() if isinstance(thing, CellType)]
    scope = {name: thing for name, thing in names.items() if name not in cells} | {"unfit": unfit}
    exec(
        f"""def made({", ".join(cells)}):
    def guarded(args, options, recording, run, other):
        try:
            same = {" and ".join(conditions)}
        except (AttributeError, KeyError, NameError):  # a variable or an attribute is gone
            same = False
        if same:
            try:
                return run({leaves})
            except unfit:  # which is no part of what may go wrong from here on
                pass
        return other(args, options, recording)
    return guarded
""",
        scope,
    )
    function: FunctionType = scope.pop("made")(*cells)
    closure = tuple(names[name] for name in function.__code__.co_freevars)
    return FunctionType(function.__code__, scope, function.__name__, (run, other), closure)
