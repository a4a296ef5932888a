"""The own layout of a whole scene.

Every module is laid out as a level of its own, the innermost first, and then is one item of the level around
it. So clusters never overlap, whatever is inside them, and nothing here recurses.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from minigrad.drawing.cards import BAR_WIDTH, Card, module_title, runs_width
from minigrad.drawing.layout.level import PORT, Item, Level, Segment, step_across
from minigrad.drawing.layout.placed import Box, Path, Placement
from minigrad.drawing.layout.units import TIE_LENGTH, place_unit, stack_size, turned
from minigrad.drawing.scene import GAPS, Scene, Unit

MARGIN = 12.0
TITLE_HEIGHT = 30.0
LABEL_ASIDE = 9.0
LABEL_BELOW = 4.0


class _End(NamedTuple):
    """Where a segment is fixed: an item, and for a module the port of the level inside it."""

    item: int
    port: int | None


class _Wire(NamedTuple):
    """A segment before its ports are placed."""

    source: _End
    target: _End
    weight: int


def layered(scene: Scene) -> Placement:
    """Place a scene in ranks. Linear in the size of the graph but for sorting within ranks.

    Source: Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures",
    1981.
    """
    return _Layout(scene).run()


class _Layout:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.flat = scene.direction == "LR"
        modules = scene.picture.modules
        self.depth = [0] * len(modules)
        for index, module in enumerate(modules[1:], 1):
            self.depth[index] = self.depth[module.parent] + 1
        self.levels = [Level() for _ in modules]
        self.wires: list[list[_Wire]] = [[] for _ in modules]
        self.child_of_item: list[dict[int, int]] = [{} for _ in modules]
        self.item_of_module: dict[int, int] = {}
        self.labels: dict[int, list[tuple[int, Card]]] = {}  # by unit: links and the labels beside them
        for number, link in enumerate(scene.links):
            if link.label:
                self.labels.setdefault(link.source, []).append((number, link.label))

    def run(self) -> Placement:
        """Units to items, lines to wires, levels from the inside out, and back to absolute coordinates."""
        self.item_of_unit = [
            self.levels[unit.module].add(self._unit_item(unit, self.labels.get(index, [])))
            for index, unit in enumerate(self.scene.units)
        ]
        self._add_modules()
        routes = [self._route(link.source, link.target, link.weight) for link in self.scene.links]
        for module in sorted(range(len(self.levels)), key=lambda m: -self.depth[m]):
            self._solve(module)
        return self._collect(routes)

    def _unit_item(self, unit: Unit, labelled: list[tuple[int, Card]]) -> Item:
        card = self.scene.cards[unit.card]
        across, along = turned(self.scene, card)
        stack_across, stack_along = stack_size(self.scene, unit)
        labels = [label for _, label in labelled]
        wide, high = (
            max([label.width for label in labels], default=0.0),
            sum([label.height for label in labels]),
        )
        label_across, label_along = (high, wide) if self.flat else (wide, high)
        return Item(
            left=across / 2 + (TIE_LENGTH + stack_across if unit.stack else 0.0),
            right=max(across / 2, LABEL_ASIDE + label_across if labels else 0.0),
            before=max(along, stack_along) / 2,
            after=max(along / 2 + (LABEL_BELOW + label_along if labels else 0.0), stack_along / 2),
            head=along / 2,
            tail=along / 2,
        )

    def _add_modules(self) -> None:
        """An item in its parent for every module that holds anything; its size follows once it is solved."""
        filled = [bool(level.items) for level in self.levels]
        modules = self.scene.picture.modules
        for index in sorted(range(1, len(modules)), key=lambda m: -self.depth[m]):
            filled[modules[index].parent] |= filled[index]
        for index in range(1, len(modules)):
            if filled[index]:
                parent = modules[index].parent
                item = self.levels[parent].add(PORT)
                self.item_of_module[index] = item
                self.child_of_item[parent][item] = index

    def _route(self, source: int, target: int, weight: int) -> list[tuple[int, int]]:
        """The wires of a line, as (module, number): out of the source's modules, then into the target's."""
        modules = self.scene.picture.modules
        upper, lower = self.scene.units[source].module, self.scene.units[target].module
        start, end = _End(self.item_of_unit[source], None), _End(self.item_of_unit[target], None)
        up: list[tuple[int, int]] = []
        down: list[tuple[int, int]] = []
        while upper != lower:
            deeper, shallower = self.depth[upper] >= self.depth[lower], self.depth[upper] <= self.depth[lower]
            if deeper:
                port = self.levels[upper].add(PORT)
                self.levels[upper].exits.add(port)
                up.append(self._wire(upper, start, _End(port, None), weight))
                start = _End(self.item_of_module[upper], port)
                upper = modules[upper].parent
            if shallower:
                port = self.levels[lower].add(PORT)
                self.levels[lower].entries.add(port)
                down.append(self._wire(lower, _End(port, None), end, weight))
                end = _End(self.item_of_module[lower], port)
                lower = modules[lower].parent
        return [*up, self._wire(upper, start, end, weight), *reversed(down)]

    def _wire(self, module: int, source: _End, target: _End, weight: int) -> tuple[int, int]:
        self.wires[module].append(_Wire(source, target, weight))
        return module, len(self.wires[module]) - 1

    def _solve(self, module: int) -> None:
        level = self.levels[module]
        for item, child in self.child_of_item[module].items():
            level.items[item] = self._module_item(child)
        level.segments = [
            Segment(
                w.source.item,
                w.target.item,
                w.weight,
                self._offset(module, w.source),
                self._offset(module, w.target),
            )
            for w in self.wires[module]
        ]
        level.solve(
            TITLE_HEIGHT if module else 0.0, MARGIN if module else 0.0, GAPS[self.scene.style][0] * 72
        )

    def _offset(self, module: int, end: _End) -> float:
        return 0.0 if end.port is None else self.levels[self.child_of_item[module][end.item]].x[end.port]

    def _module_item(self, module: int) -> Item:
        """A solved level as one item: with margins, and room for its title left of the lines that come in."""
        level = self.levels[module]
        title = runs_width(module_title(self.scene.picture.modules[module])) + 2 * MARGIN
        left, right = -level.left + MARGIN, level.right + MARGIN
        if self.flat:
            left += TITLE_HEIGHT - MARGIN
            along = max(level.height, title)
            level.height = along
        else:
            lines = min((level.x[port] for port in level.entries), default=level.right + MARGIN)
            left = max(left, title - MARGIN / 2 - lines)
        return Item(left, right, level.height / 2, level.height / 2, level.height / 2, level.height / 2)

    def _collect(self, routes: list[list[tuple[int, int]]]) -> Placement:
        origins = self._origins()
        boxes: dict[int, Box] = {}
        labels: dict[int, tuple[float, float]] = {}
        ties: dict[int, Path] = {}
        centres = []
        for index, unit in enumerate(self.scene.units):
            level, item = self.levels[unit.module], self.item_of_unit[index]
            x0, y0 = origins[unit.module]
            centres.append((level.x[item] + x0, level.y[item] + y0))
            placed = place_unit(self.scene, unit, *centres[-1])
            boxes.update(placed[0])
            ties.update(placed[1])
        for source, labelled in self.labels.items():
            x, y = self._label_corner(self.scene.units[source].card, *centres[source])
            for number, label in labelled:
                labels[number] = (x, y)
                y += label.height
        joined = [self._joined(route, origins) for route in routes]
        for number, link in enumerate(self.scene.links):
            card = self.scene.cards[self.scene.units[link.target].card]
            if card.form == "circle":
                joined[number] = _into_circle(joined[number], *centres[link.target], card.width / 2)
        paths = [self._turn(path) for path in joined]
        return Placement(boxes, paths, labels, ties, self._module_boxes(origins), {})

    def _origins(self) -> list[tuple[float, float]]:
        """Where each level's own zero lies in the picture."""
        origins = [(0.0, 0.0)] * len(self.levels)
        for module in sorted(self.item_of_module, key=self.depth.__getitem__):
            parent = self.scene.picture.modules[module].parent
            level, item = self.levels[parent], self.item_of_module[module]
            x, y = origins[parent]
            origins[module] = (x + level.x[item], y + level.y[item] - self.levels[module].height / 2)
        return origins

    def _label_corner(self, card: int, x: float, y: float) -> tuple[float, float]:
        across, along = x + LABEL_ASIDE, y + turned(self.scene, self.scene.cards[card])[1] / 2 + LABEL_BELOW
        return (along, across - LABEL_ASIDE + BAR_WIDTH) if self.flat else (across, along)

    def _joined(self, route: list[tuple[int, int]], origins: list[tuple[float, float]]) -> Path:
        """The wires of a line end to end: each begins where the last one ended."""
        inner = route[0][0]
        joined = list(self._moved(*route[0], origins))
        for module, number in route[1:]:
            path = self._moved(module, number, origins)
            if self.depth[module] < self.depth[inner]:
                _leave(joined, path)
            else:
                joined += path[2:]
            inner = module
        return tuple(joined)

    def _moved(self, module: int, number: int, origins: list[tuple[float, float]]) -> tuple[float, ...]:
        x0, y0 = origins[module]
        path = self.levels[module].paths[number]
        if x0 == 0 == y0:
            return path
        return tuple(c + (y0 if i % 2 else x0) for i, c in enumerate(path))

    def _turn(self, path: Path) -> Path:
        if not self.flat:
            return path
        return tuple(c for i in range(0, len(path), 2) for c in (path[i + 1], path[i]))

    def _module_boxes(self, origins: list[tuple[float, float]]) -> dict[int, Box]:
        boxes = {}
        for module, item in self.item_of_module.items():
            parent = self.scene.picture.modules[module].parent
            size = self.levels[parent].items[item]
            x, y = origins[module]
            left, right, height = x - size.left, x + size.right, self.levels[module].height
            across, along = (left + right) / 2, y + height / 2
            boxes[module] = (
                Box(along, across, height, right - left)
                if self.flat
                else Box(across, along, right - left, height)
            )
        return boxes


def _leave(joined: list[float], path: Path) -> None:
    """Go on with a line that leaves a module: two steps to the same side, at its border and beyond, become one."""
    last, first = len(joined) - 2, 0
    while last > 6 and _is_short(joined, last - 6):
        last -= 6
    while first + 8 < len(path) - 2 and _is_short(path, first):
        first += 6
    before, border, after = joined[last - 6], joined[last], path[first + 6]
    if (border - before) * (after - border) > 0:
        del joined[last - 4 :]
        step_across(joined, before, after, path[first + 7])
        joined += path[first + 8 :]
    else:
        joined += path[2:]


def _into_circle(path: Path, x: float, y: float, radius: float) -> Path:
    """A path to a circle, led to that side of it that its last step comes from, so that each line has its own end."""
    step = next((i for i in (len(path) - 8, len(path) - 14) if i >= 0 and abs(path[i] - x) > 1), None)
    if step is None:
        return path
    aside = path[step] - x
    aside = math.copysign(min(abs(aside), radius * math.sqrt(0.5)), aside)
    led = list(path[: step + 2])
    step_across(led, path[step], x + aside, y - math.sqrt(radius**2 - aside**2))
    return tuple(led)


def _is_short(path: Sequence[float], start: int) -> bool:
    """Whether a path goes straight on from one of its points, for no more than a margin."""
    x0, y0, x1, y1 = *path[start : start + 2], *path[start + 6 : start + 8]
    return abs(x1 - x0) < 0.05 and y1 - y0 <= MARGIN
