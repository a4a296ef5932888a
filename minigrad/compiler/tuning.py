"""What the NumPy target changes in a program so that its calls cost less: other arguments, the same numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from minigrad.compiler.canonical import is_elementwise
from minigrad.compiler.program import Call, Input, Program, Value
from minigrad.compiler.scalars import ONE_HOT

_NAMES = {0.0: "zero", 1.0: "one"}


def tuned(program: Program) -> Program:
    """The program with rows of labels in the dtype they are used in, and with numbers as arrays."""
    _rows_in_their_dtype(program)
    _numbers_as_arrays(program)
    return program


def _rows_in_their_dtype(program: Program) -> None:
    """One-hot rows that are only read to be cast are made in the dtype that is wanted."""
    for rows in [call for call in program.calls if call.function is ONE_HOT]:
        cast, *others = [call for call in program.calls if rows.output in call.reads()]
        if cast.function is np.ndarray.astype and not others and cast.output not in program.results():
            rows.outputs, cast.output.maker = [cast.output], rows
            program.calls.remove(cast)


def _numbers_as_arrays(program: Program) -> None:
    """A ufunc converts a Python number anew in every call; an array without axes it takes as it is."""
    constants: dict[tuple[float, np.dtype[Any]], Input] = {}
    converted: dict[tuple[Value, np.dtype[Any]], Call] = {}
    used = Counter(x for call in program.calls for x in call.reads())
    calls: list[Call] = []

    def as_array(x: Any, dtype: np.dtype[Any], user: Call) -> Any:
        if isinstance(x, Value):
            if not x.weak or used[x] < 2:
                return x
            if (x, dtype) not in converted:
                scalar = Value((), dtype, name=x.name and f"{x.name}_array")
                converted[x, dtype] = scalar.maker = Call(
                    np.array, (x, dtype), {}, [scalar], False, False, True, user.label, user.line
                )
                # Before all calls of the user's kind, which are then made without a break.
                first = next((i for i, other in enumerate(calls) if other.label == user.label), len(calls))
                calls.insert(max(first, calls.index(x.maker) + 1 if x.maker else 0), scalar.maker)
            return converted[x, dtype].output
        if type(x) not in (int, float) and type(x) is not dtype.type:
            return x
        if (x, dtype) not in constants:
            constants[x, dtype] = _constant(x, dtype)
        return constants[x, dtype].value

    for call in program.calls:
        kinds = {x.dtype for x in call.reads() if not x.weak}
        if is_elementwise(call) and call.output.shape and len(kinds) == 1:
            (dtype,) = kinds
            if dtype.kind == "f":
                call.args = tuple(as_array(x, dtype, call) for x in call.args)
        calls.append(call)
    program.calls = calls
    program.inputs += constants.values()


def _constant(number: Any, dtype: np.dtype[Any]) -> Input:
    with np.errstate(over="ignore"):
        array = np.array(number, dtype)
    array.flags.writeable = False
    value = Value((), dtype, name=_NAMES.get(number, f"c{number:g}"))
    return Input(value, "object", array)
