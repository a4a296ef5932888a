"""Which line of the user's code made an operation."""

from __future__ import annotations

import linecache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple, TypeAlias

_OWN_FILES = frozenset(map(str, Path(__file__).parent.rglob("*.py")))


class Line(NamedTuple):
    """A line of code; `str` gives it as a traceback would."""

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        text = linecache.getline(self.file, self.number).strip()
        return f"{self.file}:{self.number}, in {self.function}" + (f": {text}" if text else "")


Place: TypeAlias = tuple[CodeType, int]
"""Where a program stood, as code and instruction: cheap to take, and a `Line` only when somebody asks."""


def line_of(place: Place) -> Line:
    """The line of code at a place."""
    code, offset = place
    number = next(islice(code.co_positions(), offset // 2, None))[0]  # two bytes to a unit
    return Line(code.co_filename, number or code.co_firstlineno, code.co_qualname)


def users_place(frame: FrameType) -> Place:
    """Where the innermost caller outside this package stands, from a frame outwards."""
    code = frame.f_code
    while code.co_filename in _OWN_FILES and (outer := frame.f_back) is not None:
        frame, code = outer, outer.f_code
    return code, frame.f_lasti
