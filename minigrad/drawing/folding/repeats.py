"""Structurally equal modules in a row, drawn once: block × 12."""

import re
from itertools import accumulate, groupby, pairwise
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
    """One call of a module: from which number up to which are the boxes inside it, and their inputs."""

    module: int
    start: int
    stop: int
    inputs: int
    end: int


def _runs(modules: tuple[Module, ...], outline: Outline, ancestor: list[int]) -> list[list[_Call]]:
    """Rows of equal neighbours among the modules of one depth, each the ancestor of those inside it."""
    owners = [ancestor[module] for module in outline.modules]
    begins = [0, *[i for i, (owner, after) in enumerate(pairwise(owners), 1) if owner != after], len(owners)]
    inputs = list(accumulate(outline.counts, initial=0))
    calls = [
        _Call(owners[start], start, stop, inputs[start], inputs[stop]) for start, stop in pairwise(begins)
    ]
    types = [modules[module].type for module in outline.modules]
    runs = []
    for (parent, *_), alike in groupby(calls, lambda call: _size(modules, call)):
        candidates = list(alike)
        if parent is None or len(candidates) < LEAST:
            continue
        for _, equal in groupby(candidates, lambda call: _form(outline, types, call)):
            runs += [run for run in _sequences(list(equal), outline) if len(run) >= LEAST]
    return runs


def _sequences(calls: list[_Call], outline: Outline) -> list[list[_Call]]:
    """Calls cut into rows in which each works on what the one before it made: not what runs side by side."""
    rows = [[calls[0]]]
    for before, call in pairwise(calls):
        made = range(before.start, before.stop)
        if any(source in made for source in outline.sources[call.inputs : call.end]):
            rows[-1].append(call)
        else:
            rows.append([call])
    return rows


def _size(modules: tuple[Module, ...], call: _Call) -> tuple[int | None, str, int]:
    """What is cheap to compare; what is in no module has no parent."""
    module = modules[call.module]
    return module.parent if call.module else None, module.type, call.stop - call.start


def _form(outline: Outline, types: list[str], call: _Call) -> tuple[list[object], ...]:
    """What two modules must share to be drawn as one: operations, inner modules, and the wiring with its shapes."""
    _, start, stop, inputs, end = call
    origins: list[object] = [
        source - start if source >= start else PARAMETER if source == PARAMETER else OUTSIDE
        for source in outline.sources[inputs:end]
    ]
    boxes = outline.labels[start:stop], types[start:stop], outline.counts[start:stop]
    return *boxes, origins, outline.types[inputs:end]


def _keep_first(structure: Structure, outline: Outline, runs: list[list[_Call]]) -> Picture:
    modules = list(structure.modules)
    first: dict[int, int] = {}  # from a box that is left out to the one that is drawn for it
    row_of: dict[int, int] = {}
    parts: dict[int, tuple[int, ...]] = {}
    for number, run in enumerate(runs):
        _count_repeats(run, modules)
        for box, *others in zip(*[outline.boxes[call.start : call.stop] for call in run], strict=True):
            parts[box] = (box, *others)
            first.update(dict.fromkeys(others, box))
            row_of.update(dict.fromkeys(parts[box], number))
    used: set[int] = set(outline.boxes)
    edges: list[Edge] = []
    for edge in structure.edges:
        source, target, key = edge
        if target not in first:
            used.add(source)
            edges.append((first.get(source, source), target, key))
        elif row_of.get(source) != row_of[target]:
            edges.append((first.get(source, source), first[target], key))
    unused = {source for source, _, _ in edges} - used
    ids = [place for place in structure.ids if place not in first and place not in unused]
    return structure.select(ids, dict.fromkeys(edges), parts, tuple(modules))


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
