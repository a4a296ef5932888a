"""The inside of a unit: how its leaves stand beside their operation, the same in every layout."""

from minigrad.drawing.cards import Card
from minigrad.drawing.layout.placed import Box, Path, tie
from minigrad.drawing.scene import Scene, Unit

STACK_GAP = 8.0
TIE_LENGTH = 38.0


def turned(scene: Scene, card: Card) -> tuple[float, float]:
    """A card's extent across the flow and along it."""
    return (card.height, card.width) if scene.direction == "LR" else (card.width, card.height)


def stack_size(scene: Scene, unit: Unit) -> tuple[float, float]:
    """The extent, across the flow and along it, of the leaves beside an operation; 0 where there are none."""
    sizes = [turned(scene, scene.cards[leaf]) for leaf in unit.stack]
    along = sum([size[1] for size in sizes]) + STACK_GAP * (len(sizes) - 1)
    return max([size[0] for size in sizes], default=0.0), max(along, 0.0)


def place_unit(
    scene: Scene, unit: Unit, across: float, along: float
) -> tuple[dict[int, Box], dict[int, Path]]:
    """The boxes of a unit's cards, and the ties of its leaves, from where its operation's centre is in the flow."""
    boxes = {unit.card: _box(scene, unit.card, across, along)}
    ties = {}
    edge = across - turned(scene, scene.cards[unit.card])[0] / 2 - TIE_LENGTH
    start = along - stack_size(scene, unit)[1] / 2
    for leaf in unit.stack:
        wide, high = turned(scene, scene.cards[leaf])
        boxes[leaf] = _box(scene, leaf, edge - wide / 2, start + high / 2)
        ties[leaf] = tie(boxes[leaf], boxes[unit.card], scene.direction)
        start += high + STACK_GAP
    return boxes, ties


def _box(scene: Scene, number: int, across: float, along: float) -> Box:
    card = scene.cards[number]
    x, y = (along, across) if scene.direction == "LR" else (across, along)
    return Box(x, y, card.width, card.height)
