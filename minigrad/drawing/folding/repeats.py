"""Structurally equal modules in a row, drawn once: block × 12."""

import re
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from minigrad.drawing.folding.merging import depths
from minigrad.drawing.picture import OUTSIDE, PARAMETER, Edge, Module, Outline, Picture, Structure

LEAST = 3


def fold_repeats(structure: Structure) -> Picture:
    """Keep the first of every row of at least three equal sibling modules, the outermost rows first.

    Lines into or out of the others go to the same place in the first; what one passes on to the next is left
    out.
    """
    if len(structure.modules) <= LEAST:
        return structure.whole()
    outline = structure.outline()
    depth_of = depths(structure.modules)
    for depth in range(1, max(depth_of) + 1):
        if depth_of.count(depth) < LEAST:
            continue
        runs = _runs(structure.modules, outline, _ancestors(structure.modules, depth, depth_of))
        if runs:
            structure = _keep_first(structure, outline, runs)
            outline = structure.outline()
    return structure.whole()


def _ancestors(modules: tuple[Module, ...], depth: int, depth_of: list[int]) -> list[int]:
    """For each module the one around it, or itself, at that depth; 0 where there is none."""
    found: list[int] = []
    for index, module in enumerate(modules):
        found.append(
            index if depth_of[index] == depth else found[module.parent] if depth_of[index] > depth else 0
        )
    return found


class _Call(NamedTuple):
    """One call of a module: the boxes inside it, from one number up to another."""

    module: int
    start: int
    stop: int


def _runs(modules: tuple[Module, ...], outline: Outline, ancestor: list[int]) -> list[list[_Call]]:
    """Rows of equal neighbours among the modules of one depth, each the ancestor of those inside it."""
    owners = [ancestor[module] for module in outline.modules]
    begins = [0, *[i for i, (owner, after) in enumerate(pairwise(owners), 1) if owner != after], len(owners)]
    calls = [_Call(owners[start], start, stop) for start, stop in pairwise(begins)]
    runs = []
    for (parent, *_), alike in groupby(calls, lambda call: _size(modules, call)):
        candidates = list(alike)
        if parent is None or len(candidates) < LEAST:
            continue
        for _, equal in groupby(candidates, lambda call: _form(modules, outline, call)):
            runs += [run for run in _sequences(list(equal), outline) if len(run) >= LEAST]
    return runs


def _sequences(calls: list[_Call], outline: Outline) -> list[list[_Call]]:
    """Calls cut into rows in which each works on what the one before it made: not what runs side by side."""
    rows = [[calls[0]]]
    for before, call in pairwise(calls):
        made = range(before.start, before.stop)
        if any(source in made for sources in outline.sources[call.start : call.stop] for source in sources):
            rows[-1].append(call)
        else:
            rows.append([call])
    return rows


def _size(modules: tuple[Module, ...], call: _Call) -> tuple[int | None, str, int]:
    """What is cheap to compare; what is in no module has no parent."""
    module = modules[call.module]
    return module.parent if call.module else None, module.type, call.stop - call.start


def _form(modules: tuple[Module, ...], outline: Outline, call: _Call) -> tuple[object, ...]:
    """What two modules must share to be drawn as one: operations, inner modules, and the wiring with its shapes."""
    _, start, stop = call
    types = [modules[module].type for module in outline.modules[start:stop]]
    origins = [
        source - start if source >= start else PARAMETER if source == PARAMETER else OUTSIDE
        for sources in outline.sources[start:stop]
        for source in sources
    ]
    return outline.labels[start:stop], types, origins


def _keep_first(structure: Structure, outline: Outline, runs: list[list[_Call]]) -> Picture:
    modules = list(structure.modules)
    first: dict[int, int] = {}  # from each box of a row to the one that is drawn for it
    row_of: dict[int, int] = {}
    parts: dict[int, tuple[int, ...]] = {}
    for number, run in enumerate(runs):
        _count_repeats(run, modules)
        for equal in zip(*[outline.boxes[call.start : call.stop] for call in run], strict=True):
            parts[equal[0]] = equal
            first.update(dict.fromkeys(equal, equal[0]))
            row_of.update(dict.fromkeys(equal, number))
    edges: dict[Edge, None] = {}
    used, unused = set(), set()
    for source, target, key in structure.edges:
        start, end = first.get(source, source), first.get(target, target)
        (used if target == end else unused).add(source)
        same_row = target in row_of and row_of[target] == row_of.get(source)
        if not same_row or (source == start and target == end):
            edges[start, end, key] = None
    dropped = (first.keys() - parts.keys()) | (unused - used).difference(outline.boxes)
    ids = [place for place in structure.ids if place not in dropped]
    return structure.select(ids, edges, parts, tuple(modules))


def _count_repeats(run: list[_Call], modules: list[Module]) -> None:
    """Write the number of repeats, and the parameters of all together, on the first module of a row."""
    first = modules[run[0].module]
    modules[run[0].module] = first._replace(
        name=_common_name(first.name, modules[run[-1].module].name),
        repeats=len(run) * first.repeats,
        parameters=sum(modules[call.module].parameters for call in run),
        nbytes=sum(modules[call.module].nbytes for call in run),
    )


def _common_name(first: str, last: str) -> str:
    """blocks.0 and blocks.11 together are blocks.0–11."""
    begin, end = re.fullmatch(r"(.*?)(\d+)", first), re.fullmatch(r"(.*?)(\d+)", last)
    if begin and end and begin[1] == end[1]:
        return f"{first}–{end[2]}"
    return first
