"""Blocks: runs of elementwise calls that the NumPy target makes for some rows at a time, which stay in the cache."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from minigrad.compiler.canonical import is_elementwise
from minigrad.compiler.program import Call, Program, Value

_BLOCK = 2**17  # bytes of an array at a time: a quarter of a core's own cache
_LEAST = 2**14  # bytes that are worth the calls on them


@dataclass(eq=False, slots=True)
class Run:
    """Calls over one shape, each after the other, of which only what is written in place is read elsewhere."""

    calls: list[Call]
    rows: int  # of the first axis, at a time

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all that they compute."""
        return self.calls[0].output.shape

    @property
    def block(self) -> tuple[int, ...]:
        """The shape of what they compute at a time."""
        return self.rows, *self.shape[1:]

    def whole(self) -> list[Value]:
        """The arrays of that shape that they read and do not compute."""
        read = dict.fromkeys(v for call in self.calls for v in call.reads())
        return [v for v in read if v.shape == self.shape and v.maker not in self.calls]


def runs(program: Program, in_place: Collection[Value]) -> list[Run]:
    """The runs among a program's calls, those included that write `in_place`."""
    kept = set(program.kept())
    readers: dict[Value, set[Call]] = {}
    for call in program.calls:
        for value in call.reads():
            readers.setdefault(value, set()).add(call)

    def run(calls: list[Call]) -> list[Run]:
        """Of like calls the last ones, from which nothing else is read."""
        outputs = [None if call.output in in_place else call.output for call in calls]
        read = [v and (v in kept or not readers[v] <= set(calls)) for v in outputs]
        last = calls[max((i + 1 for i, elsewhere in enumerate(read) if elsewhere), default=0) :]
        return [Run(last, _rows(last[0].output))] if len(last) > 1 else []

    owned = {source.value for source, _ in program.writes}
    found: list[Run] = []
    alike: list[Call] = []
    for call in program.calls:
        by_rows = _is_by_rows(call, owned)
        if alike and not (by_rows and call.output.shape == alike[0].output.shape):
            found += run(alike)
            alike = []
        if by_rows:
            alike.append(call)
    return found + run(alike)


def _is_by_rows(call: Call, owned: set[Value]) -> bool:
    """Whether some rows of a call's large result are computed from the same rows of what it reads.

    A window on another array, and an argument, may show what is written in place in another order.
    """
    shape = call.output.shape
    return (
        is_elementwise(call)
        and not call.options
        and call.output.dtype != object
        and _rows(call.output) > 0
        and all(
            (x.shape == shape or len(x.shape) < len(shape))
            and (not x.shape or x in owned or (x.maker is not None and not x.maker.view))
            for x in call.reads()
        )
    )


def _rows(value: Value) -> int:
    """The number of rows of a block, of which all blocks have as many; 0 where an array is not to be divided."""
    n, *others = value.shape or (0,)
    size = n * int(np.prod(others)) * value.dtype.itemsize
    counts = range(-(-size // _BLOCK), min(n, size // _LEAST) + 1) if size > _BLOCK else ()
    return next((n // count for count in counts if n % count == 0), 0)
