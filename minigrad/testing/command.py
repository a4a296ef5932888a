"""`minigrad check file.py[:Name]`: check the rules of a file, print the reports."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from minigrad.testing.files import check_class, load, rules_in
from minigrad.testing.report import CheckError

RIGHT, WRONG, UNUSABLE = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `check` takes."""
    parser.add_argument("where", nargs="+", help="a Python file, or file.py:Name for one class in it")
    parser.add_argument("--order", type=int, default=1, help="how many derivatives are checked (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="what inputs and directions are drawn from")
    parser.add_argument("-q", "--quiet", action="store_true", help="one line for each rule that is right")


def check_files(where: Sequence[str], order: int = 1, seed: int = 0, quiet: bool = False) -> int:
    """Check all rules of some files and print what was found.

    Args:
        where: paths, each with an optional ":Name".
        order: how many derivatives are checked.
        seed: what inputs and directions are drawn from.
        quiet: print one line for a rule that is right.

    Returns:
        The exit status: 0 where no rule is wrong, 1 where one is, 2 where a rule could not be checked.
    """
    statuses = {status for place in where for status in _check_place(place, order, seed, quiet)}
    return next((status for status in (WRONG, UNUSABLE) if status in statuses), RIGHT)


def _check_place(place: str, order: int, seed: int, quiet: bool) -> Iterator[int]:
    """Check the rules of one file; the status of each."""
    path, _, name = place.partition(".py:")
    file = Path(f"{path}.py" if name else path)
    try:
        classes = rules_in(load(file), name or None)
    except CheckError as error:
        print(error, file=sys.stderr)
        yield UNUSABLE
        return
    for cls in classes:
        try:
            report = check_class(cls, order, seed)
        except CheckError as error:
            print(error, file=sys.stderr)
            yield UNUSABLE
            continue
        if report.ok:
            print(str(report).splitlines()[0] if quiet else report)
        else:
            print(report.message())
        yield RIGHT if report.ok else WRONG
