"""What stands above a picture: its title, its facts, and the legend of the signs it uses."""

from typing import NamedTuple

from minigrad.drawing import text
from minigrad.drawing.cards import RUN_GAP, Run, make_run, runs_width
from minigrad.drawing.scene import Scene

HEAT_TITLES = {
    "time": "share of step",
    "memory": "share of saved bytes",
    "grad": "share of the largest gradient",
}
SWATCH_WIDTH, SWATCH_HEIGHT = 32.0, 14.0


class Header(NamedTuple):
    """Three lines, each empty where there is nothing to say. `swatches` names the heat scale."""

    title: tuple[Run, ...]
    facts: tuple[Run, ...]
    legend: tuple[Run, ...]
    swatches: tuple[Run, ...]


def make_header(scene: Scene) -> Header:
    """The header of a scene."""
    picture = scene.picture
    title = (make_run(text.clean(picture.title, 80), 16, "ink", True),) if picture.title else ()
    facts = (make_run("\u00a0\u00a0·\u00a0\u00a0".join(picture.facts), 10, "muted"),) if picture.facts else ()
    if not picture.legend:
        return Header(title, facts, (), ())
    heat = picture.heat if scene.style == "network" else None
    return Header(title, facts, _signs(scene), (make_run(HEAT_TITLES[heat], 9, "muted"),) if heat else ())


def _signs(scene: Scene) -> tuple[Run, ...]:
    tensors = scene.picture.tensors.values()
    value = any(tensor.value for tensor in tensors)
    gradient = any(tensor.gradient for tensor in tensors)
    if scene.style == "book":
        return _book_signs(scene, value, gradient)
    runs = []
    if any(cost.seconds is not None for cost in scene.picture.costs.values()):
        runs += [make_run("→ forward", 9, "muted"), make_run("← backward", 9, "muted")]
    if value:
        runs.append(make_run("rms of value", 9, "ink"))
    if gradient:
        runs.append(make_run("∂ rms of gradient", 9, "gradient", True))
    return (*runs, make_run("width = log bytes", 9, "muted"), make_run("dashed = no gradient", 9, "muted"))


def _book_signs(scene: Scene, value: bool, gradient: bool) -> tuple[Run, ...]:
    runs = [make_run("value above the line", 10, "ink", True)] if value else []
    if gradient:
        output = next((node.name for node in scene.picture.nodes if node.kind == "output"), "output")
        runs.append(make_run(f"← ∂{text.clean(output, 20)}/∂value below it", 10, "gradient", True))
    return tuple(runs)


def legend_width(header: Header, swatch_count: int) -> float:
    """The width of the legend's line, swatches and all."""
    scale = (
        runs_width(header.swatches) + swatch_count * SWATCH_WIDTH + 3 * RUN_GAP if header.swatches else 0.0
    )
    return scale + runs_width(header.legend) + RUN_GAP * max(len(header.legend) - 1, 0)
