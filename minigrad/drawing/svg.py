"""A placed scene as SVG. Every text carries its length, so that it fits its box in any font.

Colours are classes named after roles; the style sheet at the top gives them their values, for one theme.
"""

import math

from minigrad.drawing import text
from minigrad.drawing.cards import (
    BAR_WIDTH,
    PADDING,
    RUN_GAP,
    Card,
    Row,
    Run,
    make_run,
    module_title,
    runs_width,
)
from minigrad.drawing.fonts import FAMILY
from minigrad.drawing.header import SWATCH_HEIGHT, SWATCH_WIDTH, Header, legend_width, make_header
from minigrad.drawing.layout.placed import Box, Path, Placement, bounds
from minigrad.drawing.scene import Link, Scene, tie_line
from minigrad.drawing.themes import HEAT_NAMES, Theme, colour

PAD = 18.0
ARROW = 7.0
CAP_HEIGHT = 0.718  # Helvetica's, of the type size
_ROLES = ("ink", "share", "muted", "gradient", "parameter", "data", "output", "alert_ink")
_LINES = ("edge", "parameter")


def write_svg(scene: Scene, placement: Placement, theme: Theme | None, prefix: str) -> str:
    """The SVG of a placed scene; without a theme, one whose page has the style sheet, and a scale for its heat.

    `prefix` starts every id, so that two pictures can stand on one page.
    """
    header = make_header(scene) if theme else make_header(scene)._replace(swatches=())
    left, top, right, bottom = bounds(placement)
    head = _header_height(header)
    content = max(right - left, _header_width(header))
    x, y = (left + right - content) / 2 - PAD, top - PAD - head
    width = content + 2 * PAD
    height = bottom - top + 2 * PAD + head
    name = text.escaped(text.clean(scene.picture.title or "computation graph", 80))
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{prefix}" class="mg" role="img" '
            f'aria-label="{name}" '
            f'width="{width:.0f}pt" height="{height:.0f}pt" '
            f'viewBox="{_n(x)} {_n(y)} {width:.0f} {height:.0f}">'
        ),
        f"<style>{stylesheet(theme, '#' + prefix)}</style>" if theme else "",
        _markers(prefix, _LINES if theme else (*_LINES, "back")),
        f'<rect class="background" x="{_n(x)}" y="{_n(y)}" width="{width:.0f}" height="{height:.0f}"/>',
        *_header(header, x + PAD, y + PAD),
        *_modules(scene, placement, prefix),
        *[_link(link, placement.paths[i], f"{prefix}-e{i}", prefix) for i, link in enumerate(scene.links)],
        *_ties(scene, placement, prefix),
        *_labels(scene, placement, prefix),
        *_nodes(scene, placement, prefix),
        "</svg>\n",
    ]
    return "\n".join(part for part in parts if part)


def write_heat_scale() -> str:
    """The heat scale alone."""
    size = f"{len(HEAT_NAMES) * SWATCH_WIDTH + 2:.0f}", "20"
    return (
        f'<svg class="mg" role="img" aria-label="share in percent" width="{size[0]}pt" height="{size[1]}pt" '
        f'viewBox="-1 0 {size[0]} {size[1]}">{"".join(_heat_scale(0, 0))}</svg>'
    )


def stylesheet(theme: Theme, scope: str) -> str:
    """The rules that give the roles their colours, for one element and what is in it."""
    rules = [
        f"{scope} text{{font-family:{FAMILY};white-space:pre}}",
        f"{scope} .b{{font-weight:bold}}",
        f"{scope} .background{{fill:{theme.background}}}",
        f"{scope} .line{{fill:none}}",
        f"{scope} .dash{{stroke-dasharray:5 3}}",
        f"{scope} .module>rect{{fill:{theme.module_fill};stroke:{theme.module}}}",
        f"{scope} .module text{{paint-order:stroke;stroke:{theme.module_fill};stroke-width:4px}}",
        f"{scope} .alert{{fill:{theme.alert}}}",
        f"{scope} .circle{{fill:{theme.heat[0]};stroke:{theme.ink}}}",
        f"{scope} .operation{{fill:{theme.heat[0]};stroke:{theme.operation}}}",
    ]
    rules += [f"{scope} .s{size}{{font-size:{size}px}}" for size in (7, 9, 10, 11, 12, 13, 16, 17)]
    rules += [f"{scope} text.{role}{{fill:{colour(theme, role)}}}" for role in _ROLES]
    rules += [
        f"{scope} .line.{r}{{stroke:{getattr(theme, r)}}}{scope} .tip.{r}{{fill:{getattr(theme, r)}}}"
        for r in _LINES
    ]
    for role in ("parameter", "data", "output", "module"):
        rules.append(
            f"{scope} rect.{role}{{fill:{getattr(theme, role + '_fill')};stroke:{getattr(theme, role)}}}"
        )
    rules.append(f"{scope} rect.bar{{fill:{theme.parameter};stroke:none}}")
    for level, fill in enumerate(theme.heat):
        ink, muted = theme.heat_ink[level], theme.heat_muted[level]
        rules.append(
            f"{scope} .h{level} .operation{{fill:{fill}}}{scope} .h{level} :is(.ink,.share){{fill:{ink}}}"
            f"{scope} .h{level} text.muted{{fill:{muted}}}"
        )
    return "".join(rules)


def _markers(prefix: str, roles: tuple[str, ...]) -> str:
    return (
        "<defs>"
        + "".join(
            f'<marker id="{prefix}-{role}" orient="auto" markerUnits="userSpaceOnUse" '
            'markerWidth="8" markerHeight="8" viewBox="0 -4 8 8" refX="0" refY="0">'
            f'<path class="tip {role}" d="M0-3.5L{ARROW:.0f} 0L0 3.5z"/></marker>'
            for role in roles
        )
        + "</defs>"
    )


def _header_height(header: Header) -> float:
    return (
        sum(extent for runs, extent in ((header.title, 24), (header.facts, 18), (header.legend, 22)) if runs)
        + 8
    )


def _header_width(header: Header) -> float:
    return max(runs_width(header.title), runs_width(header.facts), legend_width(header, len(HEAT_NAMES)))


def _header(header: Header, x: float, y: float) -> list[str]:
    parts = []
    for runs, height in ((header.title, 24.0), (header.facts, 18.0)):
        if runs:
            parts.append(_runs(runs, x, y, height))
            y += height
    if header.swatches:
        parts.append(_runs(header.swatches, x, y, 20))
        x += runs_width(header.swatches) + RUN_GAP
        parts += _heat_scale(x, y)
        x += len(HEAT_NAMES) * SWATCH_WIDTH + 2 * RUN_GAP
    for run in header.legend:
        parts.append(_runs((run,), x, y, 20))
        x += run.width + 2 * RUN_GAP
    return parts


def _heat_scale(x: float, y: float) -> list[str]:
    parts = []
    for level, name in enumerate(HEAT_NAMES):
        run = make_run(name, 7, "ink")
        parts.append(
            f'<g class="h{level}">{_rect("operation", x, y + 3, SWATCH_WIDTH, SWATCH_HEIGHT)}'
            f"{_runs((run,), x + (SWATCH_WIDTH - run.width) / 2, y, 20)}</g>"
        )
        x += SWATCH_WIDTH
    return parts


def _modules(scene: Scene, placement: Placement, prefix: str) -> list[str]:
    """The clusters, an outer one before those inside it (a module's number is larger than its parent's)."""
    parts = []
    for index in sorted(placement.modules):
        box = placement.modules[index]
        left, top = box.x - box.width / 2, box.y - box.height / 2
        aside, room = placement.titles.get(index, (10.0, math.inf))
        title = _runs(module_title(scene.picture.modules[index], room), left + aside, top + 4, 18)
        frame = _rect("module", left, top, box.width, box.height, 9)
        parts.append(f'<g class="module" id="{prefix}-m{index}">{frame}{title}</g>')
    return parts


def _link(link: Link, path: Path, identity: str, prefix: str) -> str:
    return _line(identity, link.role, link.width, link.dashed, link.arrow, path, prefix)


def _ties(scene: Scene, placement: Placement, prefix: str) -> list[str]:
    parts = []
    for leaf, path in placement.ties.items():
        parts.append(_line(f"{prefix}-t{leaf}", *tie_line(scene.picture, leaf), True, path, prefix))
    return parts


def _line(identity: str, role: str, width: float, dashed: bool, arrow: bool, path: Path, prefix: str) -> str:
    tip = f' marker-end="url(#{prefix}-{role})"' if arrow else ""
    dash = " dash" if dashed else ""
    return (
        f'<path id="{identity}" class="line {role}{dash}" stroke-width="{width:g}" '
        f'd="{_curve(_shortened(path) if arrow else path)}"{tip}/>'
    )


def _shortened(path: Path) -> Path:
    """The path without the length that the arrowhead covers."""
    *start, cx, cy, x, y = path
    dx, dy = x - cx, y - cy
    length = math.hypot(dx, dy) or 1.0
    dx, dy = dx / length * (ARROW - 1), dy / length * (ARROW - 1)
    return (*start, cx - dx, cy - dy, x - dx, y - dy)


def _curve(path: Path) -> str:
    if all(abs(x - path[0]) < 0.05 for x in path[2::2]):
        return f"M{_n(path[0])} {_n(path[1])}V{_n(path[-1])}"
    if all(abs(y - path[1]) < 0.05 for y in path[3::2]):
        return f"M{_n(path[0])} {_n(path[1])}H{_n(path[-2])}"
    points = " ".join([f"{c:.1f}" for c in path[2:]])
    return f"M{_n(path[0])} {_n(path[1])}C{points}"


def _labels(scene: Scene, placement: Placement, prefix: str) -> list[str]:
    parts = []
    for index, link in enumerate(scene.links):
        if link.label:
            rows = _rows(link.label, *placement.labels[index], link.label.width)
            parts.append(f'<g class="label" id="{prefix}-l{index}">{rows}</g>')
    return parts


def _nodes(scene: Scene, placement: Placement, prefix: str) -> list[str]:
    parts = []
    nodes = scene.picture.nodes
    for index, card in enumerate(scene.cards):
        box = placement.boxes[index]
        heat = f" h{card.level}" if card.level is not None else ""
        title = (
            f"<title>{text.escaped(text.clean(nodes[index].name, 500))}</title>" if index < len(nodes) else ""
        )
        parts.append(f'<g class="node{heat}" id="{prefix}-n{index}">{title}{_card(card, box)}</g>')
    return parts


def _card(card: Card, box: Box) -> str:
    width, height = box.width, box.height
    left, top = box.x - width / 2, box.y - height / 2
    if card.form == "circle":
        radius = _n(width / 2)
        shape = f'<circle class="circle" cx="{_n(box.x)}" cy="{_n(box.y)}" r="{radius}" stroke-width="1.6"/>'
    elif card.form == "plain":
        return _through(card, left, box)
    else:
        shape = _border(card, left, top, width, height)
    padding = PADDING.get(card.form, (0, 0))[0]
    inside = left + padding + (BAR_WIDTH if card.form == "square" else 0)
    content = sum([row.height for row in card.rows])
    return shape + _rows(card, inside, box.y - content / 2, left + width - padding - inside)


def _border(card: Card, left: float, top: float, width: float, height: float) -> str:
    if card.form == "square":
        bar = _rect("bar", left, top, BAR_WIDTH, height)
        return _rect(card.role, left, top, width, height) + bar
    if card.form == "double":
        outer = _rect(card.role, left, top, width, height, 9)
        return outer + _rect(card.role, left + 4, top + 4, width - 8, height - 8, 7)
    if card.form == "folded":
        return _rect(card.role, left, top, width, height, 9, 2)
    radius = height / 2 if card.form == "tag" else 9
    return _rect(f"{card.role} dash" if card.form == "tag" else card.role, left, top, width, height, radius)


def _rect(
    role: str, x: float, y: float, width: float, height: float, radius: float = 0, stroke: float = 1.1
) -> str:
    rounded = f' rx="{_n(radius)}"' if radius else ""
    line = "" if role == "bar" else f' stroke-width="{stroke:g}"'
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{role}" x="{x:.1f}" y="{y:.1f}" {size}{rounded}{line}/>'


def _through(card: Card, left: float, box: Box) -> str:
    """A line of the book picture, with its value above and its gradient below."""
    above, below = (
        _runs(row.left, box.x - row.left_width / 2, top, 18)
        for row, top in zip(card.rows, (box.y - 19, box.y), strict=True)
    )
    line = f"M{_n(left)} {_n(box.y)}H{_n(left + box.width)}"
    return f'<path class="{card.role} edge" stroke-width="1" d="{line}"/>{above}{below}'


def _rows(card: Card, left: float, top: float, width: float) -> str:
    parts = []
    for row in card.rows:
        parts.append(_row(row, left, top, width))
        top += row.height
    return "".join(parts)


def _row(row: Row, left: float, top: float, width: float) -> str:
    height = row.height
    start = left + (width - row.left_width) / 2 if row.centred else left
    ground = _rect("alert", left - 3, top, row.left_width + 6, height, 3, 0) if row.alert else ""
    right = _runs(row.right, left + width - row.right_width, top, height) if row.right else ""
    return ground + _runs(row.left, start, top, height) + right


def _runs(runs: tuple[Run, ...], x: float, top: float, height: float) -> str:
    """Runs side by side on one line, its capitals centred in the height."""
    parts = []
    y = top + (height + CAP_HEIGHT * max([run.size for run in runs])) / 2
    for words, size, role, bold, width in runs:
        parts.append(
            f'<text class="{role}{" b" if bold else ""} s{size}" x="{x:.1f}" y="{y:.1f}" '
            f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs">{text.escaped(words)}</text>'
        )
        x += width + RUN_GAP
    return "".join(parts)


def _n(value: float) -> str:
    """A coordinate to a tenth of a point."""
    return f"{value:.1f}"
