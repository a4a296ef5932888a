"""What stands in each box: rows of text, measured. Whoever draws a card, as DOT or as SVG, reads the same rows."""

import math
from typing import Literal, NamedTuple

from minigrad.drawing import text
from minigrad.drawing.fonts import text_width
from minigrad.drawing.picture import Cost, Module, Node, Picture, Tensor

Form = Literal["box", "square", "pill", "double", "folded", "tag", "circle", "plain"]

RUN_GAP = 6.0
COLUMN_GAP = 14.0
BAR_WIDTH = 5.0
LINE_HEIGHT = 1.25
PADDING = {"box": (8, 4), "square": (6, 4), "pill": (10, 5), "double": (14, 8), "folded": (10, 6), "tag": (7, 3)}
CIRCLE = 36.0

_SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "/", "true_divide": "/", "negative": "−", "matmul": "@",
    "power": "^", "sqrt": "√", "sum": "∑",
}  # fmt: skip


class Run(NamedTuple):
    """A piece of text of one size, weight and colour."""

    text: str
    size: float
    role: str
    bold: bool = False

    @property
    def width(self) -> float:
        """Its width in points."""
        return text_width(self.text, self.size, self.bold)


class Row(NamedTuple):
    """A line: some runs at the left, some at the right; ``centred`` sets the left ones in the middle instead."""

    left: tuple[Run, ...]
    right: tuple[Run, ...] = ()
    centred: bool = False
    alert: bool = False


class Card(NamedTuple):
    """A box with its rows. ``role`` names its colours; ``level`` is the heat it is filled with, if it shows heat."""

    form: Form
    role: str
    rows: tuple[Row, ...]
    width: float
    height: float
    level: int | None = None


def row_height(row: Row) -> float:
    """The height of a line, in points."""
    return max(run.size for run in row.left + row.right) * LINE_HEIGHT + (2 if row.alert else 0)


def runs_width(runs: tuple[Run, ...]) -> float:
    """The width of runs side by side."""
    return sum(run.width for run in runs) + RUN_GAP * (len(runs) - 1) if runs else 0.0


def make_card(form: Form, role: str, rows: list[Row], level: int | None = None, at_least: float = 0.0) -> Card:
    """A card just large enough for its rows, its sides rounded up to whole points."""
    across, down = PADDING.get(form, (0, 0))
    content = max(runs_width(r.left) + (COLUMN_GAP + runs_width(r.right) if r.right else 0.0) for r in rows)
    width = content + 2 * across + (BAR_WIDTH if form == "square" else 0.0)
    height = sum(map(row_height, rows)) + 2 * down
    return Card(form, role, tuple(rows), math.ceil(max(width, at_least)), math.ceil(height), level)


def network_card(picture: Picture, node: Node, share: float | None, level: int | None, room: bool = False) -> Card:
    """The card of a node in the network picture; with ``room`` for a share that is written into it later."""
    tensor = picture.tensors.get(node.key)
    if node.kind == "parameter":
        return _parameter_card(node, tensor)
    if node.kind == "data":
        return _data_card(node, tensor)
    if node.kind == "output":
        return _output_card(node, tensor)
    if node.kind == "tag":
        return make_card("tag", "module", [Row((Run(node.name, 9, "muted"),), centred=True)])
    return _operation_card(picture, node, share, level, room)


def _operation_card(picture: Picture, node: Node, share: float | None, level: int | None, room: bool) -> Card:
    title = (Run(text.clean(node.name), 13, "ink", True),)
    if node.kind == "operation" and node.detail:
        title += (Run(text.clean(node.detail), 10, "muted"),)
    rows = [Row(title, (Run(text.percent(share), 11, "share", True),) if share else ())]
    if node.kind != "operation" and node.detail:
        rows.append(Row((Run(node.detail, 9, "muted"),)))
    cost = picture.costs.get(node.key)
    if cost is not None:
        rows += _cost_rows(cost)
    badge = picture.badges.get(node.key)
    if badge:
        rows.append(Row((Run(f"▲ {badge}", 9, "alert_ink", True),), alert=True))
    form: Form = "box" if node.kind == "operation" else "folded"
    widest = Run(text.percent(1.0), 11, "share", True).width + COLUMN_GAP + runs_width(title) + 2 * PADDING[form][0]
    return make_card(form, "operation", rows, level, widest if room else 0.0)


def _cost_rows(cost: Cost) -> list[Row]:
    rows = [Row((Run(f"saves {text.size(cost.saved)}", 9, "muted"),))] if cost.saved else []
    times = []
    if cost.forward is not None:
        times.append(Run(f"→ {text.duration(cost.forward)}", 9, "ink"))
    if cost.backward is not None:
        times.append(Run(f"← {text.duration(cost.backward)}", 9, "ink"))
    return [*rows, Row(tuple(times))] if times else rows


def _parameter_card(node: Node, tensor: Tensor | None) -> Card:
    rows = [Row(_title(node, tensor, "parameter"))]
    if tensor and tensor.value:
        rows.append(Row((Run("value", 9, "muted"),), (Run(text.statistic(tensor, tensor.value), 9, "ink"),)))
    if tensor and tensor.gradient:
        gradient = text.statistic(tensor, tensor.gradient)
        rows.append(Row((Run("∂", 9, "gradient"),), (Run(gradient, 9, "gradient", True),)))
    return make_card("square", "parameter", rows)


def _data_card(node: Node, tensor: Tensor | None) -> Card:
    rows = [Row(_title(node, tensor, "data"), centred=True)]
    if tensor:
        note = tensor.dtype if tensor.differentiable else f"{tensor.dtype} · no grad"
        rows.append(Row((Run(note, 9, "muted"),), centred=True))
    return make_card("pill", "data", rows)


def _output_card(node: Node, tensor: Tensor | None) -> Card:
    runs = (Run(text.clean(node.name), 12, "output", True),)
    if tensor and tensor.is_scalar and tensor.value:
        runs += (Run(text.exact(tensor.value.mean), 12, "ink", True),)
    elif tensor:
        runs += (Run(text.shape(tensor.shape), 10, "ink"),)
    return make_card("double", "output", [Row(runs, centred=True)])


def _title(node: Node, tensor: Tensor | None, role: str) -> tuple[Run, ...]:
    name = Run(text.clean(node.name), 11, role, True)
    if tensor is None:
        return (name,)
    if tensor.shape == () and tensor.value and node.kind == "data":
        return name, Run(text.exact(tensor.value.mean), 10, "ink")
    return name, Run(text.shape(tensor.shape), 10, "ink")


def edge_card(tensor: Tensor, to_output: bool) -> Card:
    """What stands beside an edge of the network picture: the shape, the value (unless an output shows it), the gradient."""
    rows = [Row((Run(text.shape(tensor.shape), 10, "ink", True),))]
    if tensor.value and not (to_output and tensor.is_scalar):
        rows.append(Row((Run(text.statistic(tensor, tensor.value), 9, "ink"),)))
    if tensor.gradient:
        rows.append(Row((Run(f"∂ {text.statistic(tensor, tensor.gradient)}", 9, "gradient", True),)))
    return make_card("plain", "edge", rows)




def book_card(picture: Picture, node: Node) -> Card:
    """The card of a node in the book picture: a circle with its sign, or a pill with its name."""
    if node.kind in ("parameter", "data"):
        return make_card("pill", node.kind, [Row((Run(text.clean(node.name), 11, node.kind, True),), centred=True)], None, 94)
    if node.kind == "output":
        return make_card("double", "output", [Row((Run(text.clean(node.name), 12, "output", True),), centred=True)])
    if node.kind == "tag":
        return network_card(picture, node, None, None)
    sign = _SYMBOLS.get(node.name.lower(), text.clean(node.name, 18))
    run = Run(sign, 17 if len(sign) == 1 else 12, "ink", True)
    if run.width <= CIRCLE - 10:
        return Card("circle", "circle", (Row((run,), centred=True),), CIRCLE, CIRCLE)
    return make_card("pill", "circle", [Row((run,), centred=True)])


def book_label(tensor: Tensor) -> tuple[Row, Row]:
    """What stands above and below a line of the book picture: the value and the gradient (blank where unknown)."""
    value = text.statistic(tensor, tensor.value) if tensor.value else text.shape(tensor.shape)
    gradient = f"← {text.statistic(tensor, tensor.gradient)}" if tensor.gradient else " "
    return Row((Run(value, 13, "ink", True),), centred=True), Row((Run(gradient, 11, "gradient", True),), centred=True)


def module_title(module: Module) -> tuple[Run, ...]:
    """The line that names a module's cluster: fc1, Affine · 39 250 params · 157 kB."""
    name = Run(text.clean(module.name), 12, "ink", True)
    facts = [text.clean(module.type)] if module.type else []
    if module.repeats > 1:
        facts.append(f"× {module.repeats}")
    if module.parameters:
        facts += [f"{text.grouped(module.parameters)} params", text.size(module.nbytes)]
    return (name, Run(" · ".join(facts), 9, "muted")) if facts else (name,)
