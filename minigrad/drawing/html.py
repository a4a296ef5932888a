"""A placed scene as one HTML page: the SVG, its data, and the script that makes it answer."""

import json
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from minigrad.drawing import text
from minigrad.drawing.folding.modules import ancestors_of, levels_to_close
from minigrad.drawing.layout import Placement
from minigrad.drawing.picture import BOXES, Heat, Picture, Statistics, Tensor, heat_shares
from minigrad.drawing.scene import Scene
from minigrad.drawing.svg import stylesheet, write_heat_scale, write_svg
from minigrad.drawing.themes import THEMES

_PAGE = Path(__file__).parent / "page"
_HEATS: tuple[Heat, ...] = ("time", "memory", "grad")
_PREFIX = "g"


def write_html(scene: Scene, placement: Placement, theme: str, most: int | None) -> str:
    """The page of a placed scene, its inner modules closed until `most` nodes are visible."""
    colours = "".join(stylesheet(colours, f".{name} .mg") for name, colours in THEMES.items())
    data = json.dumps(_data(scene, theme, most), ensure_ascii=False, separators=(",", ":"))
    return Template(_read("page.html")).substitute(
        theme=theme,
        title=escape(text.clean(scene.picture.title or "computation graph", 80)),
        style=_read("page.css") + colours,
        scale=write_heat_scale(),
        svg=write_svg(scene, placement, None, _PREFIX),
        data=data.replace("<", "\\u003c"),
        script=f"{_read('lines.js')}\n{_read('page.js')}",
    )


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8").strip()


def _data(scene: Scene, theme: str, most: int | None) -> dict[str, Any]:
    picture = scene.picture
    units = scene.units
    heats = {heat: {i: round(s, 4) for i, s in heat_shares(picture, heat).items()} for heat in _HEATS}
    return {
        "theme": theme,
        "direction": scene.direction,
        "heat": picture.heat,
        "heats": {heat: shares for heat, shares in heats.items() if shares and scene.style == "network"},
        "closed": levels_to_close(picture, most),
        "cards": _cards(scene),
        "tensors": {key: _tensor(tensor) for key, tensor in picture.tensors.items()},
        "links": [[units[link.source].card, units[link.target].card] for link in scene.links],
        "ties": [[leaf, unit.card] for unit in units for leaf in unit.stack],
        "modules": _modules(picture),
    }


def _cards(scene: Scene) -> list[dict[str, Any]]:
    picture = scene.picture
    cards = []
    for node in picture.nodes:
        cost, badge = picture.costs.get(node.key), picture.badges.get(node.key)
        card = {
            "kind": node.kind,
            "name": text.clean(node.name, 500),
            "detail": node.detail,
            "module": node.module,
            "tensor": node.key,
            "line": node.line,
            "badge": badge,
            "box_kind": node.kind in BOXES and scene.style == "network",
        }
        if cost:
            times = [f"→ {text.duration(cost.forward)}"] if cost.forward is not None else []
            times += [f"← {text.duration(cost.backward)}"] if cost.backward is not None else []
            card["cost"] = " · ".join([*([f"saves {text.size(cost.saved)}"] if cost.saved else []), *times])
        cards.append(
            {name: value for name, value in card.items() if value or name == "module" or name == "tensor"}
        )
    modules = {unit.card: unit.module for unit in scene.units}
    cards += [{"kind": "line", "module": modules[number]} for number in range(len(cards), len(scene.cards))]
    return cards


def _tensor(tensor: Tensor) -> dict[str, Any]:
    known = {"shape": text.shape(tensor.shape), "dtype": tensor.dtype, "bytes": text.size(tensor.nbytes)}
    return known | {
        name: _statistics(statistics)
        for name, statistics in (("value", tensor.value), ("gradient", tensor.gradient))
        if statistics
    }


def _statistics(statistics: Statistics) -> list[Any]:
    """As the card shows them: rms, mean, least, greatest, how many are not finite, and the histogram."""
    rms, mean, low, high, not_finite, histogram = statistics
    rest = ["", "", ""] if mean != mean else [text.number(number, 4) for number in (mean, low, high)]
    return [text.number(rms, 4), *rest, not_finite, histogram]


def _modules(picture: Picture) -> list[dict[str, Any]]:
    operations = [0] * len(picture.modules)
    for node in picture.nodes:
        for module in ancestors_of(picture, node.module):
            operations[module] += len(node.parts)
    return [
        {"name": module.name, "parent": module.parent, "operations": count}
        for module, count in zip(picture.modules, operations, strict=True)
    ]
