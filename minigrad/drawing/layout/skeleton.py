"""What Graphviz lays out for an SVG: boxes of known sizes and nothing in them; and the layout that it prints.

An operation and the leaves beside it are one node here, so that nothing can come between them. The sizes are our own,
and so the layout fits whatever fonts Graphviz has.
"""

from itertools import pairwise
from typing import Any

from minigrad.drawing.cards import Card, module_title, runs_width
from minigrad.drawing.layout.placed import Box, Path, Placement, crossings, points_of, straight
from minigrad.drawing.layout.units import TIE_LENGTH, place_unit, stack_size
from minigrad.drawing.scene import GAPS, Link, Scene, Unit, spine_backward, walk

LABEL_ASIDE, LABEL_AROUND = 9.0, 4.0
TITLE_GAP, TITLE_HEIGHT = 9.0, 18.0


def write_skeleton(scene: Scene) -> str:
    """The sizes of a scene as DOT."""
    across, along = GAPS[scene.style]
    graph = f"rankdir={scene.direction} nodesep={across} ranksep={along}"
    lines = [f"digraph minigrad {{ graph [{graph}] node [shape=box fixedsize=true]", *spine_backward(scene)]
    for step in walk(scene):
        if step is None:
            lines.append("}")
        else:
            lines.append(_cluster(scene, step) if isinstance(step, int) else _node(scene, step))
    lines += [_edge(scene, link) for link in scene.links]
    return "\n".join([*lines, "}"])


def _cluster(scene: Scene, index: int) -> str:
    """The frame of a module, wide enough for the name to stand beside a line that comes in through the middle."""
    title = module_title(scene.picture.modules[index])
    room = _sized([[(runs_width(title) + title[0].width + 3 * TITLE_GAP, TITLE_HEIGHT, "")]])
    return f"subgraph cluster_{index} {{ margin=12 labeljust=l label=<{room}>"


def _node(scene: Scene, unit: Unit) -> str:
    card = scene.cards[unit.card]
    group = " group=spine" if unit.spine else ""
    if not unit.stack:
        shape = " shape=circle" if card.form == "circle" else ""
        return (
            f'n{unit.card} [label=""{shape} width={card.width / 72:.3f} height={card.height / 72:.3f}{group}]'
        )
    beside, along = stack_size(scene, unit)
    beside += TIE_LENGTH
    if scene.direction == "LR":
        long = max(along, card.width)
        cells = [[(long, beside, "")], [(long, card.height, "o")]]
    else:
        high = max(along, card.height)
        cells = [[(beside, high, ""), (card.width, high, "o")]]
    return f"n{unit.card} [shape=plain fixedsize=false label=<{_sized(cells)}>{group}]"


def _sized(rows: list[list[tuple[float, float, str]]]) -> str:
    """A table of empty cells, each of a width, a height and, if it has one, a port's name."""
    cells = "".join([f"<tr>{''.join([_cell(*cell) for cell in row])}</tr>" for row in rows])
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{cells}</table>'


def _cell(width: float, height: float, port: str) -> str:
    name = f' port="{port}"' if port else ""
    return f'<td fixedsize="true" width="{width:.0f}" height="{height:.0f}"{name}></td>'


def _edge(scene: Scene, link: Link) -> str:
    source, target = scene.units[link.source], scene.units[link.target]
    ends = [f"n{unit.card}{':o' if unit.stack else ''}" for unit in (source, target)]
    if scene.style == "book" and scene.direction == "LR":
        ends[0] += ":e" if scene.cards[source.card].form == "plain" else ""
        ends[1] += ":w" if scene.cards[target.card].form == "plain" else ""
    options = f"arrowhead={'normal' if link.arrow else 'none'} weight={link.weight}"
    label = f" label=<{_sized([[(*_room(link.label), '')]])}>" if link.label else ""
    return f"{ends[0]} -> {ends[1]} [{options}{label}]"


def _room(label: Card) -> tuple[float, float]:
    """What is kept free for a label, so that it stands off the line that it is beside."""
    return LABEL_ASIDE + label.width + LABEL_AROUND, label.height + 2 * LABEL_AROUND


def read_skeleton(scene: Scene, graph: dict[str, Any]) -> Placement:
    """The placement that Graphviz printed as JSON for a scene's skeleton.

    Raises:
        KeyError, IndexError, TypeError, ValueError: it is not that.
    """
    return _Reader(scene, graph).placement()


class _Reader:
    """Graphviz's JSON. Its y grows upward; its lengths are points."""

    def __init__(self, scene: Scene, graph: dict[str, Any]) -> None:
        self.scene = scene
        self.graph = graph
        self.top = float(graph["bb"].split(",")[3])
        self.objects = graph["objects"]
        self.by_name = {thing["name"]: thing for thing in self.objects}

    def placement(self) -> Placement:
        boxes: dict[int, Box] = {}
        ties: dict[int, Path] = {}
        for unit in self.scene.units:
            placed = place_unit(self.scene, unit, *self._centre(unit))
            boxes.update(placed[0])
            ties.update(placed[1])
        modules = {
            int(name.removeprefix("cluster_")): self._rectangle(thing["bb"])
            for name, thing in self.by_name.items()
            if name.startswith("cluster_") and "bb" in thing
        }
        edges = self._edges()
        paths, labels = [], {}
        for number, link in enumerate(self.scene.links):
            source, target = self.scene.units[link.source], self.scene.units[link.target]
            edge = edges[f"n{source.card}", f"n{target.card}"].pop(0)
            path = self._path(edge["pos"])
            path = _reaching(path, boxes[source.card]) if source.stack else path
            path = _backward(_reaching(_backward(path), boxes[target.card])) if target.stack else path
            paths.append(path)
            if link.label:
                x, y = self._point(edge["lp"])
                wide, high = _room(link.label)
                labels[number] = (x - wide / 2 + LABEL_ASIDE, y - high / 2 + LABEL_AROUND)
        return Placement(boxes, paths, labels, ties, modules, self._titles(modules, paths))

    def _centre(self, unit: Unit) -> tuple[float, float]:
        """Where a unit's operation is in the flow: the whole node's far end across it."""
        x, y = self._point(self.by_name[f"n{unit.card}"]["pos"])
        across, along = (y, x) if self.scene.direction == "LR" else (x, y)
        return across + (stack_size(self.scene, unit)[0] + TIE_LENGTH) / 2 if unit.stack else across, along

    def _titles(self, modules: dict[int, Box], paths: list[Path]) -> dict[int, tuple[float, float]]:
        """Where a module's title stands clear of the lines that come in, and how much room is there.

        That is the first gap between lines that holds all of the title, or else the widest.
        """
        along = [points_of(path) for path in paths]
        found = {}
        for module, box in modules.items():
            left, top = box.x - box.width / 2, box.y - box.height / 2
            entering = {x - left for line in along for x in crossings(line, top - 8, top + 30)}
            ends = [0.0, *sorted(x for x in entering if 0 < x < box.width), box.width]
            gaps = [(a + TITLE_GAP, b - a - 2 * TITLE_GAP) for a, b in pairwise(ends)]
            title = runs_width(module_title(self.scene.picture.modules[module]))
            widest = max(gaps, key=lambda gap: gap[1])
            found[module] = next((gap for gap in gaps if gap[1] >= title), widest)
        return found

    def _edges(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The edges by their ends, in the order they were written."""
        edges: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for edge in sorted(self.graph.get("edges", []), key=lambda e: e["_gvid"]):
            tail, head = self.objects[edge["tail"]]["name"], self.objects[edge["head"]]["name"]
            edges.setdefault((tail, head), []).append(edge)
        return edges

    def _point(self, numbers: str) -> tuple[float, float]:
        x, y = numbers.split(",")
        return float(x), self.top - float(y)

    def _rectangle(self, numbers: str) -> Box:
        left, low, right, high = map(float, numbers.split(","))
        return Box((left + right) / 2, self.top - (low + high) / 2, right - left, high - low)

    def _path(self, position: str) -> Path:
        """`e,tip p0 p1 ...`: the curve, and from its end a straight line to the arrow's tip."""
        tip = None
        points: list[float] = []
        for part in position.split():
            if part.startswith("e,"):
                tip = self._point(part[2:])
            else:
                points += self._point(part)
        if tip:
            points += straight(points[-2], points[-1], *tip)[2:]
        return tuple(points)


def _reaching(path: Path, box: Box) -> Path:
    """A path that begins at the border of a box, which is smaller than the node that Graphviz had for it."""
    x, y = path[:2]
    near_x = min(max(x, box.x - box.width / 2), box.x + box.width / 2)
    near_y = min(max(y, box.y - box.height / 2), box.y + box.height / 2)
    return path if abs(x - near_x) + abs(y - near_y) < 0.5 else straight(near_x, near_y, x, y)[:-2] + path


def _backward(path: Path) -> Path:
    """The same path from its end to its beginning."""
    return tuple(c for i in range(len(path) - 2, -1, -2) for c in path[i : i + 2])
