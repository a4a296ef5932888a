"""What stands in each box: rows of text, measured. Both DOT and SVG are written from these rows."""

import math
from functools import lru_cache
from typing import Literal, NamedTuple

from minigrad.drawing import text
from minigrad.drawing.fonts import text_width
from minigrad.drawing.picture import Cost, Kind, Module, Node, Picture, Tensor
from minigrad.drawing.themes import heat_level

Form = Literal["box", "square", "pill", "double", "folded", "tag", "circle", "plain"]

RUN_GAP = 6.0
COLUMN_GAP = 14.0
BAR_WIDTH = 5.0
LINE_HEIGHT = 1.25
PADDING = {
    "box": (8, 4),
    "square": (6, 4),
    "pill": (10, 5),
    "double": (14, 8),
    "folded": (10, 6),
    "tag": (7, 3),
}
CIRCLE = 36.0

_SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "times": "×", "divide": "/", "true_divide": "/",
    "negative": "−", "matmul": "@", "power": "^", "sqrt": "√", "sum": "∑",
}  # fmt: skip


class Run(NamedTuple):
    """A piece of text of one size, weight and colour, and its width in points."""

    text: str
    size: float
    role: str
    bold: bool
    width: float


class Row(NamedTuple):
    """A line: some runs at the left, some at the right, each side's width, and the line's height.

    `centred` sets the left runs in the middle; `alert` gives them a ground of their own.
    """

    left: tuple[Run, ...]
    right: tuple[Run, ...]
    left_width: float
    right_width: float
    height: float
    centred: bool = False
    alert: bool = False


class Card(NamedTuple):
    """A box with its rows. `role` names its colours; `level` is the heat it is filled with, if any."""

    form: Form
    role: str
    rows: tuple[Row, ...]
    width: float
    height: float
    level: int | None = None


@lru_cache(maxsize=65536)
def make_run(words: str, size: float, role: str, bold: bool = False) -> Run:
    """A run, measured."""
    return Run(words, size, role, bold, text_width(words, size, bold))


def make_row(
    left: tuple[Run, ...], right: tuple[Run, ...] = (), centred: bool = False, alert: bool = False
) -> Row:
    """A line, measured."""
    height = max([run.size for run in left + right]) * LINE_HEIGHT + (2 if alert else 0)
    return Row(left, right, runs_width(left), runs_width(right), height, centred, alert)


def runs_width(runs: tuple[Run, ...]) -> float:
    """The width of runs side by side."""
    if len(runs) == 1:
        return runs[0].width
    return sum([run.width for run in runs]) + RUN_GAP * (len(runs) - 1) if runs else 0.0


def make_card(
    form: Form, role: str, rows: list[Row], level: int | None = None, at_least: float = 0.0
) -> Card:
    """A card just large enough for its rows, its sides rounded up to whole points."""
    across, down = PADDING.get(form, (0, 0))
    content = max([r.left_width + (COLUMN_GAP + r.right_width if r.right else 0.0) for r in rows])
    width = content + 2 * across + (BAR_WIDTH if form == "square" else 0.0)
    height = sum([row.height for row in rows]) + 2 * down
    return Card(form, role, tuple(rows), math.ceil(max(width, at_least)), math.ceil(height), level)


def network_card(picture: Picture, node: Node, share: float | None, room: bool = False) -> Card:
    """The card of a node in the network picture; with `room` for a share that is written into it later."""
    tensor = picture.tensors.get(node.key)
    if node.kind == "parameter":
        return _parameter_card(node.name, tensor)
    if node.kind == "data":
        return _data_card(node.name, tensor)
    if node.kind == "output":
        return _output_card(node.name, tensor)
    if node.kind == "tag":
        return make_card("tag", "module", [make_row((make_run(node.name, 9, "muted"),), centred=True)])
    cost, badge = picture.costs.get(node.key), picture.badges.get(node.key)
    return _operation_card(node.kind, node.name, node.detail, share, cost, badge, room)


@lru_cache(maxsize=16384)
def _operation_card(
    kind: Kind,
    name: str,
    detail: str,
    share: float | None,
    cost: Cost | None,
    badge: str | None,
    room: bool,
) -> Card:
    title: tuple[Run, ...] = (make_run(text.clean(name), 13, "ink", True),)
    if kind == "operation" and detail and detail != name:
        title += (make_run(text.clean(detail), 10, "muted"),)
    rows = [make_row(title, (make_run(text.percent(share), 11, "share", True),) if share else ())]
    if kind != "operation" and detail:
        rows.append(make_row((make_run(detail, 9, "muted"),)))
    if cost is not None:
        rows += _cost_rows(cost)
    if badge:
        rows.append(make_row((make_run(f"▲ {badge}", 9, "alert_ink", True),), alert=True))
    form: Form = "box" if kind == "operation" else "folded"
    widest = (
        make_run(text.percent(1.0), 11, "share", True).width
        + COLUMN_GAP
        + runs_width(title)
        + 2 * PADDING[form][0]
    )
    return make_card(form, "operation", rows, heat_level(share), widest if room else 0.0)


def _cost_rows(cost: Cost) -> list[Row]:
    rows = [make_row((make_run(f"saves {text.size(cost.saved)}", 9, "muted"),))] if cost.saved else []
    times = []
    if cost.forward is not None:
        times.append(make_run(f"→ {text.duration(cost.forward)}", 9, "ink"))
    if cost.backward is not None:
        times.append(make_run(f"← {text.duration(cost.backward)}", 9, "ink"))
    return [*rows, make_row(tuple(times))] if times else rows


@lru_cache(maxsize=16384)
def _parameter_card(name: str, tensor: Tensor | None) -> Card:
    title: tuple[Run, ...] = (make_run(text.clean(name), 11, "parameter", True),)
    if tensor:
        title += (make_run(text.shape(tensor.shape), 10, "ink"),)
    rows = [make_row(title)]
    if tensor and tensor.value:
        rows.append(
            make_row(
                (make_run("value", 9, "muted"),), (make_run(text.statistic(tensor, tensor.value), 9, "ink"),)
            )
        )
    if tensor and tensor.gradient:
        gradient = text.statistic(tensor, tensor.gradient)
        rows.append(make_row((make_run("∂", 9, "gradient"),), (make_run(gradient, 9, "gradient", True),)))
    return make_card("square", "parameter", rows)


@lru_cache(maxsize=16384)
def _data_card(name: str, tensor: Tensor | None) -> Card:
    title: tuple[Run, ...] = (make_run(text.clean(name), 11, "data", True),)
    if tensor and tensor.shape == () and tensor.value:
        number = text.exact(tensor.value.mean)
        if number != name:
            title += (make_run(number, 10, "ink"),)
    elif tensor:
        title += (make_run(text.shape(tensor.shape), 10, "ink"),)
    rows = [make_row(title, centred=True)]
    if tensor:
        note = tensor.dtype if tensor.differentiable else f"{tensor.dtype} · no grad"
        rows.append(make_row((make_run(note, 9, "muted"),), centred=True))
    return make_card("pill", "data", rows)


def _output_card(name: str, tensor: Tensor | None) -> Card:
    runs: tuple[Run, ...] = (make_run(text.clean(name), 12, "output", True),)
    if tensor and tensor.is_scalar and tensor.value:
        runs += (make_run(text.exact(tensor.value.mean), 12, "ink", True),)
    elif tensor:
        runs += (make_run(text.shape(tensor.shape), 10, "ink"),)
    return make_card("double", "output", [make_row(runs, centred=True)])


@lru_cache(maxsize=16384)
def edge_card(tensor: Tensor, to_output: bool) -> Card:
    """What stands beside an edge of the network picture; an output shows its value itself."""
    rows = [make_row((make_run(text.shape(tensor.shape), 10, "ink", True),))]
    if tensor.value and not (to_output and tensor.is_scalar):
        rows.append(make_row((make_run(text.statistic(tensor, tensor.value), 9, "ink"),)))
    if tensor.gradient:
        rows.append(
            make_row((make_run(f"∂ {text.statistic(tensor, tensor.gradient)}", 9, "gradient", True),))
        )
    return make_card("plain", "edge", rows)


def book_card(picture: Picture, node: Node) -> Card:
    """The card of a node in the book picture: a circle with its sign, or a pill with its name."""
    if node.kind in ("parameter", "data"):
        return make_card(
            "pill",
            node.kind,
            [make_row((make_run(text.clean(node.name), 11, node.kind, True),), centred=True)],
            None,
            94,
        )
    if node.kind == "output":
        return make_card(
            "double",
            "output",
            [make_row((make_run(text.clean(node.name), 12, "output", True),), centred=True)],
        )
    if node.kind == "tag":
        return network_card(picture, node, None)
    sign = _SYMBOLS.get(node.name.lower(), text.clean(node.name, 18))
    run = make_run(sign, 17 if len(sign) == 1 else 12, "ink", True)
    if run.width <= CIRCLE - 10:
        return Card("circle", "circle", (make_row((run,), centred=True),), CIRCLE, CIRCLE)
    return make_card("pill", "circle", [make_row((run,), centred=True)])


def book_label(tensor: Tensor) -> tuple[Row, Row]:
    """What stands above and below a line of the book picture: value and gradient, blank where unknown."""
    value = text.statistic(tensor, tensor.value) if tensor.value else text.shape(tensor.shape)
    gradient = f"← {text.statistic(tensor, tensor.gradient)}" if tensor.gradient else " "
    return make_row((make_run(value, 13, "ink", True),), centred=True), make_row(
        (make_run(gradient, 11, "gradient", True),), centred=True
    )


def module_title(module: Module, room: float = math.inf) -> tuple[Run, ...]:
    """The line that names a module's cluster: fc1, Affine · 39 250 params · 157 kB; as much as has room.

    That a box stands for several modules is left out last.
    """
    name = make_run(text.clean(module.name), 12, "ink", True)
    kind = [text.clean(module.type)] if module.type else []
    repeats = [f"× {module.repeats}"] if module.repeats > 1 else []
    params = [text.counted(module.parameters, "param")] if module.parameters else []
    size = [text.size(module.nbytes)] if module.parameters else []
    for facts in (kind + repeats + params + size, kind + repeats + params, kind + repeats, repeats):
        runs = (name, make_run(" · ".join(facts), 9, "muted")) if facts else (name,)
        if runs_width(runs) <= room:
            return runs
    return (name,)
