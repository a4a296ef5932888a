"""A scene as DOT, Graphviz's language: the same bytes for the same scene."""

from functools import lru_cache
from typing import NamedTuple

from minigrad.drawing import text
from minigrad.drawing.cards import BAR_WIDTH, Card, Row, Run, make_run, module_title
from minigrad.drawing.header import SWATCH_HEIGHT, SWATCH_WIDTH, Header, make_header
from minigrad.drawing.layout.units import STACK_GAP
from minigrad.drawing.scene import GAPS, Direction, Link, Scene, Unit, spine_backward, tie_line, walk
from minigrad.drawing.themes import HEAT_NAMES, THEMES, Theme, colour

_FONT = 'fontname="Helvetica"'


def write_dot(scene: Scene, theme: Theme) -> str:
    """The DOT source of a scene."""
    across, along = GAPS[scene.style]
    lines = [
        "digraph minigrad {",
        (
            f'graph [rankdir={scene.direction} bgcolor="{theme.background}" {_FONT} nodesep={across} '
            f"ranksep={along} pad=0.25 labelloc=t labeljust=l label=<{_header(scene, theme)}>]"
        ),
        f"node [{_FONT}] edge [{_FONT} arrowsize=0.65]",
        *spine_backward(scene),
    ]
    lines += _clusters(scene, theme)
    labels: dict[int, str] = {}
    lines += [_link(scene, link, theme, labels) for link in scene.links]
    lines.append("}\n")
    return "\n".join(lines)


class _Written(NamedTuple):
    """What was written of cards, by their id, since many are the same object."""

    boxes: dict[int, str]
    leaves: dict[int, tuple[str, str]]  # beside an operation: the table, and the look of the line from it


def _clusters(scene: Scene, theme: Theme) -> list[str]:
    """All units, each inside the cluster of its module."""
    written = _Written({}, {})
    lines = []
    for step in walk(scene):
        if step is None:
            lines.append("}")
        elif isinstance(step, int):
            lines.append(_cluster(scene, step, theme))
        else:
            lines.append(_unit(scene, step, theme, written))
    return lines


def _cluster(scene: Scene, index: int, theme: Theme) -> str:
    runs = module_title(scene.picture.modules[index])
    # Room for the name once more, so that it can stand beside a line that comes in through the middle.
    spare = f'<td width="{runs[0].width + 2 * STACK_GAP:.0f}"></td>'
    title = f'<table border="0" cellborder="0"><tr><td>{_runs(runs, theme)}</td>{spare}</tr></table>'
    return (
        f'subgraph cluster_{index} {{ style="rounded,filled" '
        f'fillcolor="{theme.module_fill}" color="{theme.module}" '
        f"penwidth=1 margin=12 labeljust=l label=<{title}>"
    )


def _unit(scene: Scene, unit: Unit, theme: Theme, written: _Written) -> str:
    """An operation, its leaves and the lines from them, in a cluster that is not seen: so nothing parts them."""
    number = unit.card
    card = scene.cards[number]
    box = written.boxes.get(id(card))
    if box is None:
        box = written.boxes[id(card)] = _card(card, theme)
    group = " group=spine" if unit.spine else ""
    node = f"n{number} [{box}{_tooltip(scene, number)}{group}]"
    if not unit.stack:
        return node
    leave, enter = (":e", ":w") if scene.direction == "TB" else ("", "")
    cells, ties = [], []
    for leaf in unit.stack:
        table, line = _leaf(scene, leaf, theme, written)
        cells.append(f'<td port="p{leaf}" align="right">{table}</td>')
        ties.append(f"s{number}:p{leaf}{leave} -> n{number}{enter} [{line}]")
    stack = f"s{number} [shape=plain label=<{_stack(cells, scene.direction)}>]"
    rank = f"{{rank=same; {stack} {node}; {'; '.join(ties)}}}"
    return f'subgraph cluster_n{number} {{style=invis label="" margin=0; {rank}}}'


def _leaf(scene: Scene, number: int, theme: Theme, written: _Written) -> tuple[str, str]:
    card = scene.cards[number]
    leaf = written.leaves.get(id(card))
    if leaf is None:
        line = _line(theme.name, *tie_line(scene.picture, number))
        leaf = written.leaves[id(card)] = _bordered(card, theme), line
    return leaf


def _stack(cells: list[str], direction: Direction) -> str:
    """The leaves beside an operation, one below the other; side by side where the flow goes to the right."""
    if direction == "TB":
        gap = f'<tr><td height="{STACK_GAP:.0f}"></td></tr>'
        rows = f"<tr>{f'</tr>{gap}<tr>'.join(cells)}</tr>"
    else:
        gap = f'<td width="{STACK_GAP:.0f}"></td>'
        rows = f"<tr>{gap.join(cells)}</tr>"
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{rows}</table>'


def _bordered(card: Card, theme: Theme) -> str:
    """A card as a table that draws its own border: what stands in a stack."""
    fill, line = _fill(card, theme), colour(theme, card.role)
    rounded = "" if card.form == "square" else ' style="rounded"'
    bar = (
        f'<td bgcolor="{line}" width="{BAR_WIDTH:.0f}" cellpadding="0"></td>' if card.form == "square" else ""
    )
    return (
        '<table border="1" cellborder="0" cellspacing="0" cellpadding="0" '
        f'color="{line}" bgcolor="{fill}"{rounded} '
        f'height="{card.height:.0f}"><tr>{bar}<td cellpadding="3">{_rows(card, theme, 17)}</td></tr>'
        "</table>"
    )


def _card(card: Card, theme: Theme) -> str:
    """A card as a node's attributes. Graphviz makes it at least as large as it was measured here."""
    if card.form == "plain":
        return f"shape=plain label=<{_through(card, theme)}>"
    if card.form == "square":
        return f"shape=plain label=<{_bordered(card, theme)}>"
    size = f'width={card.width / 72:.3f} height={card.height / 72:.3f} margin="0.07,0.03"'
    line = f'fillcolor="{_fill(card, theme)}" color="{colour(theme, _line_role(card))}"'
    if card.form == "circle":
        label = _runs(card.rows[0].left, theme)
        return f"shape=circle fixedsize=true {size} style=filled {line} penwidth=1.6 label=<{label}>"
    style = '"rounded,filled,dashed"' if card.form == "tag" else '"rounded,filled"'
    double = " peripheries=2" if card.form == "double" else ""
    width = 2 if card.form == "folded" else 1.1
    return f"shape=box style={style}{double} {size} {line} penwidth={width} label=<{_rows(card, theme, 16)}>"


def _line_role(card: Card) -> str:
    return "ink" if card.role == "circle" else card.role


def _fill(card: Card, theme: Theme) -> str:
    if card.level is not None:
        return theme.heat[card.level]
    if card.role == "circle":
        return theme.heat[0]
    return colour(theme, f"{card.role}_fill")


def _rows(card: Card, theme: Theme, padding: int) -> str:
    """The rows as a table as wide as the card inside its padding; centred rows as lines of text."""
    if card.rows[0].centred:
        return "<br/>".join(_runs(row.left, theme, card.level) for row in card.rows)
    rows = "".join(_row(row, card, theme) for row in card.rows)
    width = max(card.width - padding, 1)
    return (
        f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0" width="{width:.0f}">{rows}</table>'
    )


def _row(row: Row, card: Card, theme: Theme) -> str:
    left = _runs(row.left, theme, card.level)
    if row.alert:
        return f'<tr><td align="left" cellpadding="2" bgcolor="{theme.alert}">{left}</td></tr>'
    if not row.right:
        return f'<tr><td align="left" colspan="2">{left}</td></tr>'
    right = _runs(row.right, theme, card.level)
    return f'<tr><td align="left">{left}&#160;&#160;</td><td align="right">{right}</td></tr>'


def _through(card: Card, theme: Theme) -> str:
    """A line of the book picture: its value, the line itself, its gradient."""
    above, below = (_runs(row.left, theme) for row in card.rows)
    return (
        '<table border="0" cellborder="0" cellspacing="0" cellpadding="0">'
        f'<tr><td height="18" valign="bottom" cellpadding="2">{above}</td></tr>'
        f'<tr><td height="1" bgcolor="{theme.edge}" width="{card.width:.0f}"></td></tr>'
        f'<tr><td height="18" valign="top" cellpadding="2">{below}</td></tr></table>'
    )


def _runs(runs: tuple[Run, ...], theme: Theme, level: int | None = None) -> str:
    return "&#160;&#160;".join([_run(run, theme, level) for run in runs])


def _run(run: Run, theme: Theme, level: int | None) -> str:
    opening, closing = _font(theme.name, run.role, run.size, run.bold, level)
    return f"{opening}{text.escaped(run.text)}{closing}"


@lru_cache
def _font(theme: str, role: str, size: float, bold: bool, level: int | None) -> tuple[str, str]:
    """What stands before and after the words of a run."""
    opening = f'<font color="{colour(THEMES[theme], role, level)}" point-size="{size:g}">'
    return (f"{opening}<b>", "</b></font>") if bold else (opening, "</font>")


def _link(scene: Scene, link: Link, theme: Theme, labels: dict[int, str]) -> str:
    source, target, _, role, width, dashed, arrow, weight, label = link
    options = _line(theme.name, role, width, dashed)
    start, end = scene.units[source].card, scene.units[target].card
    leave = enter = ""
    if scene.style == "book" and scene.direction == "LR":
        leave = ":e" if scene.cards[start].form == "plain" else ""
        enter = ":w" if scene.cards[end].form == "plain" else ""
    if not arrow:
        options += " arrowhead=none"
    if weight > 1:
        options += f" weight={weight}"
    if label is not None:
        table = labels.get(id(label))
        if table is None:
            table = labels[id(label)] = _edge_label(label, scene.direction, theme)
        options += f" label=<{table}>"
    return f"n{start}{leave} -> n{end}{enter} [{options}]"


def _edge_label(card: Card, direction: str, theme: Theme) -> str:
    """The rows, kept off the line that they stand beside."""
    rows = "".join(
        f'<tr><td width="9"></td><td align="left">{_runs(row.left, theme)}</td></tr>' for row in card.rows
    )
    if direction == "LR":
        rows += '<tr><td height="5"></td></tr>'
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{rows}</table>'


@lru_cache
def _line(theme: str, role: str, width: float, dashed: bool) -> str:
    return f'color="{colour(THEMES[theme], role)}" penwidth={width:g}{" style=dashed" if dashed else ""}'


def _tooltip(scene: Scene, card: int) -> str:
    nodes = scene.picture.nodes
    return f' tooltip="{_quoted(nodes[card].name)}"' if card < len(nodes) else ""


@lru_cache(maxsize=65536)
def _quoted(name: str) -> str:
    return text.clean(name, 500).replace("\\", "\\\\").replace('"', '\\"')


def _header(scene: Scene, theme: Theme) -> str:
    """Title, facts and legend: the graph's label, so that they never disturb the layout."""
    header = make_header(scene)
    rows = [
        f'<tr><td align="left">{_runs(runs, theme)}</td></tr>'
        for runs in (header.title, header.facts)
        if runs
    ]
    if header.legend:
        rows.append(f'<tr><td align="left">{_legend(header, theme)}</td></tr>')
    rows.append('<tr><td height="6"></td></tr>')
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{"".join(rows)}</table>'


def _legend(header: Header, theme: Theme) -> str:
    cells = f"<td>{_runs(header.legend, theme)}</td>"
    if header.swatches:
        scale = "".join(
            f'<td bgcolor="{theme.heat[level]}" border="1" '
            f'width="{SWATCH_WIDTH:.0f}" height="{SWATCH_HEIGHT:.0f}" '
            f'color="{theme.operation}">{_run(make_run(name, 7, "ink"), theme, level)}</td>'
            for level, name in enumerate(HEAT_NAMES)
        )
        cells = f"<td>{_runs(header.swatches, theme)}</td>{scale}<td>&#160;</td>{cells}"
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="2"><tr>{cells}</tr></table>'
