"""Structurally equal modules in a row, drawn once: block × 12."""

import re
from itertools import groupby, pairwise
from typing import NamedTuple

from minigrad.drawing.folding.merging import boxes, depths
from minigrad.drawing.picture import BOXES, Edge, Module, Node, Picture

LEAST = 3


def fold_repeats(picture: Picture) -> Picture:
    """Keep the first of every row of at least three equal sibling modules, the outermost rows first.

    Lines into or out of the others go to the same place in the first; what one passes on to the next is left
    out.
    """
    depth_of = depths(picture)
    for depth in range(1, max(depth_of) + 1):
        if depth_of.count(depth) < LEAST:
            continue
        runs = _runs(picture, _ancestors(picture, depth, depth_of))
        if runs:
            picture = _keep_first(picture, runs)
    return picture


def _ancestors(picture: Picture, depth: int, depth_of: list[int]) -> list[int]:
    """For each module the one around it, or itself, at that depth; 0 where there is none."""
    found: list[int] = []
    for index, module in enumerate(picture.modules):
        found.append(
            index if depth_of[index] == depth else found[module.parent] if depth_of[index] > depth else 0
        )
    return found


class _Call(NamedTuple):
    """One call of a module: the boxes inside it, in their order."""

    module: int
    members: list[int]


def _runs(picture: Picture, ancestor: list[int]) -> list[list[_Call]]:
    """Rows of equal neighbours among the modules of one depth, each the ancestor of those inside it."""
    calls = [
        _Call(module, list(members))
        for module, members in groupby(boxes(picture), lambda i: ancestor[picture.nodes[i].module])
    ]
    alike = [
        list(group)
        for (parent, *_), group in groupby(calls, lambda call: _outline(picture, call))
        if parent is not None
    ]
    candidates = [group for group in alike if len(group) >= LEAST]
    if not candidates:
        return []
    inputs: list[list[Edge]] = [[] for _ in picture.nodes]
    for edge in picture.edges:
        inputs[edge[1]].append(edge)
    runs = []
    for group in candidates:
        for _, equal in groupby(group, lambda call: _form(picture, call, inputs)):
            runs += [run for run in _sequences(list(equal), inputs) if len(run) >= LEAST]
    return runs


def _sequences(calls: list[_Call], inputs: list[list[Edge]]) -> list[list[_Call]]:
    """Calls cut into rows in which each works on what the one before it made: not what runs side by side."""
    rows = [[calls[0]]]
    for before, call in pairwise(calls):
        made = set(before.members)
        if any(source in made for member in call.members for source, _, _ in inputs[member]):
            rows[-1].append(call)
        else:
            rows.append([call])
    return rows


def _outline(picture: Picture, call: _Call) -> tuple[int | None, str, int]:
    """What is cheap to compare; what is in no module has no parent."""
    module = picture.modules[call.module]
    return module.parent if call.module else None, module.type, len(call.members)


def _form(picture: Picture, call: _Call, inputs: list[list[Edge]]) -> list[object]:
    """What two modules must share to be drawn as one: operations, inner modules, and the wiring with its shapes."""
    nodes, modules, tensors = picture.nodes, picture.modules, picture.tensors
    place = {member: position for position, member in enumerate(call.members)}
    form: list[object] = []
    for member in call.members:
        _, kind, name, _, module, parts, _ = nodes[member]
        form += (kind, name, len(parts), modules[module].type)
        for source, _, key in inputs[member]:
            tensor = tensors.get(key)
            origin: int | str | None = place.get(source)
            if origin is None:
                origin = "parameter" if nodes[source].kind == "parameter" else "outside"
            form += (origin, tensor and (tensor.shape, tensor.dtype))
    return form


def _keep_first(picture: Picture, runs: list[list[_Call]]) -> Picture:
    twin = list(range(len(picture.nodes)))
    row_of = [-1] * len(picture.nodes)
    modules = list(picture.modules)
    parts: dict[int, tuple[int, ...]] = {}
    for number, run in enumerate(runs):
        _count_repeats(run, modules)
        for equal in zip(*[call.members for call in run], strict=True):
            parts[equal[0]] = tuple([part for member in equal for part in picture.nodes[member].parts])
            for member in equal:
                twin[member] = equal[0]
                row_of[member] = number
    used = {source for source, target, _ in picture.edges if twin[target] == target}
    unused = {source for source, _, _ in picture.edges} - used
    place: list[int] = []
    nodes: list[Node] = []
    for index, node in enumerate(picture.nodes):
        kept = twin[index] == index and (index not in unused or node.kind in BOXES)
        place.append(len(nodes) if kept else -1)
        if kept:
            nodes.append(node._replace(parts=parts[index]) if index in parts else node)
    edges = dict.fromkeys(_mapped(picture, twin, row_of, place))
    return picture._replace(nodes=tuple(nodes), edges=tuple(edges), modules=tuple(modules))


def _mapped(picture: Picture, twin: list[int], row_of: list[int], place: list[int]) -> list[Edge]:
    """The edges, moved to the first of each row, without those inside a row and those of leaves left out."""
    edges = []
    for source, target, tensor in picture.edges:
        start, end = place[twin[source]], place[twin[target]]
        if start < 0 or end < 0:
            continue
        same_row = row_of[source] >= 0 and row_of[source] == row_of[target]
        if not same_row or (source == twin[source] and target == twin[target]):
            edges.append((start, end, tensor))
    return edges


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
