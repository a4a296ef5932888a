"""Closing modules, and dropping those that hold too little to draw a frame around."""

from minigrad.drawing import text
from minigrad.drawing.folding.merging import Group, depths, merge
from minigrad.drawing.picture import BOXES, Module, Picture, make_node


def close_below(picture: Picture, depth: int) -> Picture:
    """The picture with every module as one box that has `depth` modules around it."""
    depth_of = depths(picture.modules)
    owner = list(range(len(picture.modules)))
    for index, module in enumerate(picture.modules[1:], 1):
        owner[index] = owner[module.parent] if depth_of[index] > depth + 1 else index
    members: dict[int, list[int]] = {}
    for index, node in enumerate(picture.nodes):
        if node.kind in BOXES and depth_of[owner[node.module]] == depth + 1:
            members.setdefault(owner[node.module], []).append(index)
    groups = [
        Group(
            inside,
            "module",
            picture.modules[index].name,
            module_facts(picture, index, inside),
            picture.modules[index].parent,
        )
        for index, inside in members.items()
    ]
    return merge(picture, groups)


def module_facts(picture: Picture, index: int, members: list[int]) -> str:
    """What stands under the name of a closed module: Block · × 3 · 12 operations · 39 250 params."""
    module = picture.modules[index]
    facts = [text.clean(module.type)] if module.type else []
    if module.repeats > 1:
        facts.append(f"× {module.repeats}")
    facts.append(text.counted(sum(len(picture.nodes[member].parts) for member in members), "operation"))
    if module.parameters:
        facts.append(text.counted(module.parameters, "param"))
    return " · ".join(facts)


def levels_to_close(picture: Picture, most: int | None) -> list[int]:
    """The modules to close, a depth at a time from the innermost, until at most `most` nodes are open."""
    depth_of = depths(picture.modules)
    for depth in range(max(depth_of), 0, -1):
        seen = sum(depth_of[node.module] <= depth for node in picture.nodes)
        if most is None or seen <= most:
            return [index for index, its_depth in enumerate(depth_of) if its_depth > depth]
    return [
        index for index in range(1, len(picture.modules)) if most is not None and len(picture.nodes) > most
    ]


def ancestors_of(picture: Picture, module: int) -> list[int]:
    """A module and all around it."""
    path = [module]
    while path[-1]:
        path.append(picture.modules[path[-1]].parent)
    return path


def prune(picture: Picture) -> Picture:
    """The picture without the modules whose frame would say nothing.

    Those are modules of fewer than two boxes, whose name a lone operation takes over, and modules that hold
    all that the module around them does.
    """
    inside = [0] * len(picture.modules)
    for node in picture.nodes:
        if node.kind in BOXES:
            inside[node.module] += 1
    for index in range(len(picture.modules) - 1, 0, -1):
        inside[picture.modules[index].parent] += inside[index]
    keep = [
        index == 0
        or module.repeats > 1
        or (inside[index] > 1 and not _same(module.parent, inside[index], inside))
        for index, module in enumerate(picture.modules)
    ]
    if all(keep):
        return picture
    modules: list[Module] = []
    place: list[int] = []
    for index, module in enumerate(picture.modules):
        place.append(len(modules) if keep[index] else place[module.parent])
        if keep[index]:
            modules.append(module._replace(parent=place[module.parent] if index else 0))
    nodes = []
    for key, kind, name, detail, around, parts, line in picture.nodes:
        lone = kind == "operation" and not keep[around]
        title = detail or (picture.modules[around].name if lone else "")
        nodes.append(make_node((key, kind, name, title, place[around], parts, line)))
    return picture._replace(nodes=tuple(nodes), modules=tuple(modules))


def _same(parent: int, count: int, inside: list[int]) -> bool:
    """Whether the module around, if there is one, holds as many boxes."""
    return parent > 0 and inside[parent] == count
