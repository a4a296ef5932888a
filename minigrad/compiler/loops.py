"""Loops: a group of calls over one shape as nested `for` statements that Numba compiles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.compiler.native import is_flat
from minigrad.compiler.plan import Plan
from minigrad.compiler.program import Call, Value
from minigrad.compiler.scalars import ONE_HOT, REDUCED, is_reduction, scalar
from minigrad.compiler.schedule import Group
from minigrad.compiler.words import place_name, text
from minigrad.rules.reductions import axes_of

_MANY = 16  # rows, from which on it pays to see an array as a single one


class Loop:
    """Writes one group as nested loops, or as a single one where all arrays have the same elements in the same order.

    Every operand is read once for an element, and every result that is needed later is written once.
    """

    def __init__(self, group: Group, plan: Plan) -> None:
        self.flat = math.prod(group.shape[:-1]) >= _MANY and all(
            _is_flat(call, group.shape) for call in group.calls
        )
        self.shape = (math.prod(group.shape),) if self.flat else group.shape
        self.plan = plan
        self.opening: list[list[str]] = [
            [] for _ in range(len(self.shape) + 1)
        ]  # before the loop of each depth
        self.closing: list[list[str]] = [[] for _ in range(len(self.shape) + 1)]  # after it
        self.body: list[str] = []
        self.names: dict[Value, str] = {}  # elements at hand
        for call in group.calls:
            self._call(call)

    def lines(self) -> list[str]:
        """The statements."""
        depth = len(self.shape)
        lines: list[str] = []
        for i in range(depth):
            lines += [_indent(i) + line for line in self.opening[i]]
            lines.append(f"{_indent(i)}for i{i} in range({self.shape[i]}):")
        lines += [_indent(depth) + line for line in [*self.opening[depth], *self.body]]
        for i in reversed(range(depth)):
            lines += [_indent(i) + line for line in self.closing[i]]
        return lines

    def _call(self, call: Call) -> None:
        output = call.output
        if is_reduction(call):
            self._reduction(call)
        else:
            element = self._is_label(call) if call.function is ONE_HOT else scalar(call, self._operand)
            self.body.append(f"{output.name} = {element}")
            self.names[output] = output.name
            if output in self.plan.places:
                indices = ", ".join(f"i{k}" for k in range(len(self.shape)))
                self.body.append(f"{self._array(output)}[{indices}] = {output.name}")

    def _operand(self, x: Any, dtype: np.dtype[Any] | None) -> str:
        """The element of an operand, read before the first use, in the dtype asked for."""
        if not isinstance(x, Value):
            return text(x) if dtype is None or isinstance(x, np.generic) else f"{cast(dtype)}({text(x)})"
        if x not in self.names:
            self.names[x] = self._read(x)
        name = self.names[x]
        return name if dtype is None or (x.dtype == dtype and not x.weak) else f"{cast(dtype)}({name})"

    def _read(self, x: Value) -> str:
        if not x.shape:
            return x.name
        name = f"{x.name}_i"
        first = len(self.shape) - len(x.shape)
        indices = ["i0"] if self.flat else ["0" if n == 1 else f"i{first + k}" for k, n in enumerate(x.shape)]
        element = f"{self._array(x)}[{', '.join(indices)}]"
        self.body.append(f"{name} = " + (f"{element} != 0" if x.dtype == bool else element))
        return name

    def _array(self, x: Value) -> str:
        """The array that holds a value, in a flat loop as a row."""
        name = place_name(self.plan, x)
        if not self.flat:
            return name
        row = f"{name}_row"
        line = f"{row} = {name}.ravel()"
        self.opening[0] += [line] if line not in self.opening[0] else []
        return row

    def _reduction(self, call: Call) -> None:
        """Into a variable where the innermost axes are reduced, in whose order NumPy reads; else into the output."""
        (x,), output = call.args, call.output
        step, start = REDUCED[call.function]
        axes = axes_of(call.options.get("axis"), len(self.shape))
        kept = [k for k in range(len(self.shape)) if k not in axes]
        keepdims = call.options.get("keepdims", False)
        indices = [f"i{k}" if k in kept else "0" for k in range(len(self.shape)) if k in kept or keepdims]
        element = self._operand(x, None)
        place = f"{place_name(self.plan, output)}[{', '.join(indices)}]" if output.shape else output.name
        if kept == list(range(len(kept))):
            total = f"{output.name}_total"
            self.opening[len(kept)].append(f"{total} = np.{output.dtype}({text(start)})")
            self.body.append(f"{total} = {step.format(total, element)}")
            self.closing[len(kept)].insert(0, f"{place} = {total}")
        else:
            self.opening[0].append(f"{place_name(self.plan, output)}[:] = {text(start)}")
            self.body.append(f"{place} = {step.format(place, element)}")

    def _is_label(self, call: Call) -> str:
        """Whether the innermost index is the label of its row, which is read, and checked, before the row."""
        labels, classes = call.args
        depth = len(labels.shape)
        indices = ", ".join(f"i{k}" for k in range(depth)) or "()"
        label = f"{call.output.name}_label"
        self.opening[depth] += [
            f"{label} = {place_name(self.plan, labels)}[{indices}]",
            f"if {label} < 0 or {label} >= {classes}:",
            '    raise ValueError("a label is none of the classes")',
        ]
        return f"{label} == i{depth}"


def _is_flat(call: Call, shape: tuple[int, ...]) -> bool:
    """Whether a call has arrays of one shape alone, laid out in C order, and takes each element for itself."""
    values = [*call.reads(), *call.outputs]
    return not is_reduction(call) and all(not x.shape or (x.shape == shape and is_flat(x)) for x in values)


def cast(dtype: np.dtype[Any]) -> str:
    """The conversion of a number to a dtype."""
    return "np.bool_" if dtype.kind == "b" else f"np.{dtype}"


def _indent(depth: int) -> str:
    return "    " * depth
