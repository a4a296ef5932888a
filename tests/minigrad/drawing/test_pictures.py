"""Pictures measured in a browser: every text in its box, nothing over anything else, all of it legible."""

import re

import pytest

import minigrad as mg
from minigrad.drawing.engines import find_engines

from . import nets

ENGINES = ("dot", "graphviz-pure", "minigrad")


def drawn(name, **options):
    loss, names = nets.mlp()
    return {
        "mlp": lambda: mg.draw(loss, names=names, heat="time", **options),
        "primitives": lambda: mg.draw(loss, names=names, heat="memory", expand=True, **options),
        "to the right": lambda: mg.draw(loss, names=names, direction="LR", **options),
        "book": lambda: mg.draw(nets.price(), title="Two apples and three oranges", **options),
        "residual": lambda: mg.draw(nets.residual(2), heat="memory", **options),
        "12 blocks": lambda: mg.draw(nets.residual(12), heat="grad", **options),
        "12 blocks folded": lambda: mg.draw(nets.residual(12), max_nodes=60, **options),
        "branches": lambda: mg.draw(nets.branches(2), direction="LR", **options),
        "second derivative": lambda: mg.draw(nets.second_derivative(), **options),
        "attention": lambda: mg.draw(nets.attention(), heat="time", **options),
        "chain": lambda: mg.draw(nets.chain(400), **options),
    }[name]()


BOTH_THEMES = ("mlp", "book", "residual", "12 blocks")
LIGHT_ALONE = (
    "primitives",
    "to the right",
    "12 blocks folded",
    "branches",
    "second derivative",
    "attention",
    "chain",
)
PICTURES = [(name, theme) for name in BOTH_THEMES for theme in ("light", "dark")]
PICTURES += [(name, "light") for name in LIGHT_ALONE]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("name", "theme"), PICTURES)
def test_a_picture_is_legible(complaints, name, theme, engine):
    if engine not in ["minigrad", *(found.name for found in find_engines())]:
        pytest.skip(f"{engine} is not installed")
    assert complaints(drawn(name, theme=theme, engine=engine).svg()) == []


def test_the_measure_finds_what_is_wrong(complaints):
    svg = mg.draw(nets.mlp()[0], engine="minigrad").svg()
    assert any("outside its box" in c for c in complaints(svg.replace(">Sigmoid<", ' dx="300">Sigmoid<')))
    assert any(
        "contrast" in c
        for c in complaints(svg.replace("text.muted{fill:#52606D}", "text.muted{fill:#B0B0B0}"))
    )
    assert any("9 px" in c for c in complaints(svg.replace("s9{font-size:9px}", "s9{font-size:6px}")))
    moved = svg.replace('class="node h0"', 'class="node h0" transform="translate(40 30)"')
    assert any("runs through" in c for c in complaints(moved))


def test_the_mlp_fits_a_page_and_its_spine_is_straight():
    for engine in ("minigrad", *(found.name for found in find_engines())):
        svg = drawn("mlp", engine=engine).svg()
        width = float(svg.split('width="')[1].split("pt")[0]) * 96 / 72
        assert width <= 1050
        spine = [line for line in svg.split("\n") if re.match(r'<path id="\w+-e\d+" class="line edge', line)]
        starts = {line.split(' d="M')[1].split(" ")[0] for line in spine}
        assert len(spine) == 5
        assert max(map(float, starts)) - min(map(float, starts)) < 1.0
        assert all("V" in line.split(' d="')[1] or "C" in line for line in spine)


def test_the_spine_of_a_residual_net_is_straight():
    for engine in ("minigrad", *(found.name for found in find_engines())):
        drawing = mg.draw(nets.residual(2), engine=engine)
        paths = drawing._placed(drawing._scene).paths
        spine = [path for path, link in zip(paths, drawing._scene.links, strict=True) if link.weight > 1]
        assert len(spine) == 14
        assert max(max(path[::2]) - min(path[::2]) for path in spine) < 1.5
