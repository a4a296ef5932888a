"""Structurally equal modules in a row, drawn once: block × 12."""

import re
from collections.abc import Iterable
from itertools import groupby

import numpy as np

from minigrad.drawing.folding.merging import depths
from minigrad.drawing.picture import OUTSIDE, PARAMETER, Columns, Module, Picture, Structure

LEAST = 3


def fold_repeats(structure: Structure) -> Picture:
    """Keep the first of every row of at least three equal sibling modules, the outermost rows first.

    Lines into or out of the others go to the same place in the first; what one passes on to the next is left
    out.
    """
    if len(structure.modules) <= LEAST:
        return structure.whole()
    columns = structure.columns()
    depth_of = depths(structure.modules)
    for depth in range(1, max(depth_of) + 1):
        if depth_of.count(depth) < LEAST:
            continue
        calls = _Calls(columns, _ancestors(structure.modules, depth, depth_of))
        runs = _runs(structure.modules, columns, calls)
        if runs:
            structure = _keep_first(structure, columns, calls, runs)
            columns = structure.columns()
    return structure.whole()


def _ancestors(modules: tuple[Module, ...], depth: int, depth_of: list[int]) -> list[int]:
    """For each module the one around it, or itself, at that depth; 0 where there is none."""
    found: list[int] = []
    for index, module in enumerate(modules):
        found.append(
            index if depth_of[index] == depth else found[module.parent] if depth_of[index] > depth else 0
        )
    return found


class _Calls:
    """The calls of the modules of one depth, by number in their order, and how they are wired."""

    modules: list[int]
    boxes: list[int]  # where those of each call begin, and where all end; so are the inputs
    inputs: list[int]
    users: list[object]  # of each input: the place in the call of the box that it is of
    origins: list[object]  # of each input: the place of the box that made it, PARAMETER or OUTSIDE
    follows: list[bool]  # whether a call works on what the one before it made

    def __init__(self, columns: Columns, ancestor: list[int]) -> None:
        owners = np.array(ancestor)[columns.modules]
        begins = np.flatnonzero(np.diff(owners, prepend=-1))
        ends = np.append(begins, len(owners))
        call_of = np.repeat(np.arange(len(begins)), np.diff(ends))
        users, sources = call_of[columns.users], columns.sources
        makers = np.where(sources >= 0, call_of[sources], OUTSIDE)
        elsewhere = np.where(sources == PARAMETER, PARAMETER, OUTSIDE)
        follows = np.zeros(len(begins), bool)
        follows[users[makers == users - 1]] = True
        self.modules = owners[begins].tolist()
        self.boxes = ends.tolist()
        self.inputs = np.searchsorted(users, np.arange(len(ends))).tolist()
        self.users = (columns.users - begins[users]).tolist()
        self.origins = np.where(makers == users, sources - begins[users], elsewhere).tolist()
        self.follows = follows.tolist()


def _runs(modules: tuple[Module, ...], columns: Columns, calls: _Calls) -> list[list[int]]:
    """Rows of equal neighbours among calls: each works on what the one before made, and does not run beside it."""
    types = [modules[module].type for module in columns.modules.tolist()]

    def size(call: int) -> tuple[int | None, str, int]:
        """What is cheap to compare; what is in no module has no parent."""
        module = modules[calls.modules[call]]
        parent = module.parent if calls.modules[call] else None
        return parent, module.type, calls.boxes[call + 1] - calls.boxes[call]

    def form(call: int) -> tuple[list[object], ...]:
        """What two modules must share: operations, inner modules, and the wiring with its shapes."""
        boxes = slice(calls.boxes[call], calls.boxes[call + 1])
        inputs = slice(calls.inputs[call], calls.inputs[call + 1])
        wiring = calls.users[inputs], calls.origins[inputs], columns.types[inputs]
        return columns.labels[boxes], types[boxes], *wiring

    runs = []
    for (parent, *_), alike in groupby(range(len(calls.modules)), size):
        candidates = list(alike)
        if parent is None or len(candidates) < LEAST:
            continue
        for _, equal in groupby(candidates, form):
            runs += [row for row in _sequences(equal, calls) if len(row) >= LEAST]
    return runs


def _sequences(equal: Iterable[int], calls: _Calls) -> list[list[int]]:
    """Calls cut into rows in which each works on what the one before it made: not what runs side by side."""
    rows: list[list[int]] = []
    for call in equal:
        if rows and calls.follows[call]:
            rows[-1].append(call)
        else:
            rows.append([call])
    return rows


def _keep_first(structure: Structure, columns: Columns, calls: _Calls, runs: list[list[int]]) -> Picture:
    modules, ids = list(structure.modules), structure.ids
    first = np.arange(ids[-1] + 1)  # by id: the box that is drawn for a box, itself for all else
    row_of = np.full(len(first), -1)
    parts: dict[int, list[int]] = {}
    for number, run in enumerate(runs):
        _count_repeats([calls.modules[call] for call in run], modules)
        row = columns.boxes[calls.boxes[run[0]] : calls.boxes[run[-1] + 1]].reshape(len(run), -1)
        first[row] = row[0]
        row_of[row] = number
        parts.update(zip(row[0].tolist(), row.T.tolist(), strict=True))
    sources, targets, keys = structure.wiring().T
    drawn = first[targets] == targets
    used, unused = np.zeros((2, len(first)), bool)  # leaves go with all that use them
    used[sources[drawn]] = used[columns.boxes] = True
    unused[sources] = True
    unused &= ~used
    kept = used[sources] & (drawn | (row_of[sources] != row_of[targets]))
    edges = np.stack([first[sources], first[targets], keys], axis=1)[kept]
    once = list(dict.fromkeys(map(tuple, edges.tolist())))
    left = (first[ids] == ids) & ~unused[ids]
    return structure.select(ids[left], np.array(once, int).reshape(-1, 3), parts, tuple(modules))


def _count_repeats(row: list[int], modules: list[Module]) -> None:
    """Write the number of repeats, and the parameters of all together, on the first module of a row."""
    equal = [modules[index] for index in row]
    first, last = equal[0], equal[-1]
    modules[row[0]] = first._replace(
        name=_common_name(first.name, last.name),
        repeats=len(row) * first.repeats,
        parameters=sum(module.parameters for module in equal),
        nbytes=sum(module.nbytes for module in equal),
    )


def _common_name(first: str, last: str) -> str:
    """blocks.0 and blocks.11 together are blocks.0–11."""
    begin, end = re.fullmatch(r"(.*?)(\d+)", first), re.fullmatch(r"(.*?)(\d+)", last)
    if begin and end and begin[1] == end[1]:
        return f"{first}–{end[2]}"
    return first
