"""How a picture gets small enough: what changes its meaning least comes first."""

from minigrad.drawing.folding.merging import boxes, depths
from minigrad.drawing.folding.modules import close_below, prune
from minigrad.drawing.folding.repeats import fold_repeats
from minigrad.drawing.folding.runs import fold_chains, fold_runs
from minigrad.drawing.folding.tags import tag_long_edges
from minigrad.drawing.picture import Picture, Structure


def fold(structure: Structure, *, most: int | None, depth: int | None, collapse: str) -> Picture:
    """The picture with at most `most` nodes.

    Equal modules are drawn once, then modules are closed from the innermost outward, then chains fold, then
    runs of operations.

    Args:
        structure: what is to be drawn; its nodes in topological order, each module's operations in a row.
        most: how many nodes may be visible; None for all.
        depth: the modules around an open module are fewer than this; None for no limit.
        collapse: "auto" folds only as far as needed, "always" folds equal modules and chains in any case,
            "never" folds nothing.
    """
    if depth is not None:
        structure = close_below(structure.whole(), depth)
    if collapse == "always":
        structure = fold_chains(fold_repeats(structure))
    return structure.whole() if collapse == "never" or most is None else _fit(structure, most)


def finish(picture: Picture) -> Picture:
    """A folded picture as it is drawn: without frames that say nothing, its long lines as tags."""
    return tag_long_edges(prune(picture))


def _fit(structure: Structure, most: int) -> Picture:
    picture = fold_repeats(structure) if len(structure.ids) > most else structure.whole()
    for depth in range(max(depths(picture.modules)) - 1, -1, -1):
        if len(picture.nodes) <= most:
            return picture
        picture = close_below(picture, depth)
    if len(picture.nodes) > most:
        picture = fold_chains(picture)
    room = most
    while len(picture.nodes) > most and len(boxes(picture)) > 1:
        others = len(picture.nodes) - len(boxes(picture))
        room = max(min(room // 2, most - others), 1)
        picture = fold_runs(picture, room)
    return picture
