"""The two targets: from a program to its plan, its source, and the module made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from minigrad.compiler.cache import module_of, strip
from minigrad.compiler.explaining import explained
from minigrad.compiler.numba_source import numba_source
from minigrad.compiler.numpy_source import numpy_source
from minigrad.compiler.plan import Plan, planned
from minigrad.compiler.program import Input, Program
from minigrad.compiler.schedule import Group, scheduled
from minigrad.compiler.standalone import own_functions
from minigrad.compiler.tuning import tuned
from minigrad.compiler.words import name_values

_OF_OTHERS = ("argument", "tensor", "grad", "object")  # whose arrays may be laid out in any way


@dataclass(frozen=True, eq=False, slots=True)
class Made:
    """A program as a module whose `step` computes it."""

    plan: Plan
    source: str
    module: ModuleType
    explanation: str
    closed: bool = False  # whether one compiled function makes it all, of arrays whose types stay as they are
    checked: Sequence[Input] = ()  # whose shape and order that function looks at, with a TypeError for others
    unordered: Sequence[Input] = ()  # to be handed over in C order


def for_numpy(program: Program, title: str) -> Made:
    """As calls of NumPy."""
    plan = planned(tuned(program))
    name_values(program)
    source = numpy_source(plan, title)
    module = ModuleType(__name__)  # dataclasses look for it
    exec(source, vars(module))
    _take_own(module, program)
    strip(module)
    return Made(plan, source, module, explained(plan))


def for_numba(program: Program, title: str, plain: bool) -> Made:
    """As functions that Numba compiles.

    Args:
        program: what is to be computed.
        title: of the module.
        plain: whether all arguments are arrays, of which somebody else checks type, dtype and number of axes.
    """
    groups = scheduled(program)
    plan = planned(program, groups)
    name_values(program)
    closed = _is_closed(program, groups)
    arrays = [x for x in program.inputs if x.origin in _OF_OTHERS and x.value.shape]
    checked = [x for x in arrays if x.origin == "argument"] if closed and plain else []
    source = numba_source(plan, groups, title, checked)
    module = module_of(source)
    _take_own(module, program)
    unordered = [x for x in arrays if x not in checked]
    return Made(
        plan,
        source.replace("cache=CACHE", "cache=True"),
        module,
        explained(plan, groups),
        closed,
        checked,
        unordered,
    )


def _take_own(module: ModuleType, program: Program) -> None:
    """Gives a module our own functions for their copies, which raise other errors than minigrad's."""
    for own in own_functions(program.calls):
        setattr(module, own.__name__, own)


def _is_closed(program: Program, groups: list[Group]) -> bool:
    """Whether all that compiled functions are handed is checked in every call, or the step's own."""
    written = {x.value for x, _ in program.writes}
    return all(group.kind != "numpy" for group in groups) and all(
        x.origin in ("argument", "state", "setting") or x.value in written or x.is_constant
        for x in program.inputs
    )
