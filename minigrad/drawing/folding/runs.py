"""Chains and runs: operations that follow each other, as one box."""

from itertools import groupby

from minigrad.drawing import text
from minigrad.drawing.folding.merging import Group, boxes, merge
from minigrad.drawing.picture import BOXES, LEAVES, Picture

LEAST = 3
ENDS = 2  # of a chain stay open at each end


def fold_chains(picture: Picture) -> Picture:
    """Every chain of operations in one module as its first two, one box for the inner ones, its last two."""
    groups = []
    for chain in _chains(picture):
        inner = chain[ENDS:-ENDS]
        if len(inner) >= LEAST:
            groups.append(_group(picture, inner))
    return merge(picture, groups)


def _chains(picture: Picture) -> list[list[int]]:
    """Maximal sequences in which each box is the only user of the one before and flows from nothing else."""
    users = [0] * len(picture.nodes)
    user = [-1] * len(picture.nodes)
    flowing = [0] * len(picture.nodes)
    for source, target, _ in dict.fromkeys(picture.edges):
        users[source] += 1
        user[source] = target
        if picture.nodes[source].kind not in LEAVES:
            flowing[target] += 1
    follower = {}
    for index in boxes(picture):
        after = user[index]
        if users[index] != 1 or flowing[after] != 1 or picture.nodes[after].kind not in BOXES:
            continue
        if picture.nodes[after].module == picture.nodes[index].module:
            follower[index] = after
    inner = set(follower.values())
    chains = []
    for start in follower:
        if start not in inner:
            chain = [start]
            while chain[-1] in follower:
                chain.append(follower[chain[-1]])
            chains.append(chain)
    return chains


def fold_runs(picture: Picture, most: int) -> Picture:
    """Runs of operations of one module as one box each, so that about `most` boxes are left."""
    inside = boxes(picture)
    length = max(-(-len(inside) // max(most, 1)), 2)
    groups = []
    for _, members in groupby(inside, lambda index: picture.nodes[index].module):
        run = list(members)
        for start in range(0, len(run), length):
            part = run[start : start + length]
            if len(part) > 1:
                groups.append(_group(picture, part))
    return merge(picture, groups)


def _group(picture: Picture, members: list[int]) -> Group:
    first, last = picture.nodes[members[0]], picture.nodes[members[-1]]
    operations = sum(len(picture.nodes[member].parts) for member in members)
    detail = f"{text.clean(first.name, 20)} … {text.clean(last.name, 20)}"
    return Group(members, "chain", text.counted(operations, "operation"), detail, first.module)
