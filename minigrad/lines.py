"""Which line of the user's code made an operation."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import CodeType
from typing import NamedTuple

_PACKAGE = str(Path(__file__).parent)


class Line(NamedTuple):
    """A line of code; `str` gives it as a traceback would."""

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        text = linecache.getline(self.file, self.number).strip()
        return f"{self.file}:{self.number}, in {self.function}" + (f": {text}" if text else "")


class Place(NamedTuple):
    """Where a program stood: cheap to take, and turned into a `Line` only when somebody asks."""

    code: CodeType
    instruction: int

    @property
    def line(self) -> Line:
        """The line of code at this place."""
        instruction = self.instruction // 2  # an offset in bytes, two to a unit
        for i, (number, *_) in enumerate(self.code.co_positions()):
            if i == instruction and number is not None:
                return Line(self.code.co_filename, number, self.code.co_qualname)
        return Line(self.code.co_filename, self.code.co_firstlineno, self.code.co_qualname)


def users_place() -> Place:
    """Where the innermost caller outside this package stands."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
    return Place(frame.f_code, frame.f_lasti)
