"""Finding Graphviz, living without it, and surviving one that misbehaves."""

import gc
import json
import re
import stat
import subprocess
import xml.etree.ElementTree as ET

import pytest

import minigrad as mg
from minigrad.drawing import DrawingError, DrawingWarning, LayoutEngineError, LayoutEngineNotFound
from minigrad.drawing.engines import find_engines, run

from . import nets

MISBEHAVIOUR = {
    "crashes": ("echo 'lost edge' >&2; exit 139", "ended with code 139: lost edge"),
    "hangs": ("exec sleep 60", "took longer than 0.2 s"),
    "prints nothing": ("exit 0", "printed no JSON"),
    "prints nonsense": ("cat > /dev/null; echo 'hello'", "printed no JSON"),
    "prints broken JSON": ('cat > /dev/null; echo \'{"bb": "0,0,\'', "printed no layout"),
    "prints another graph": (
        'cat > /dev/null; echo \'{"bb": "0,0,1,1", "objects": []}\'',
        "printed no layout",
    ),
}


@pytest.mark.parametrize("engine", [engine.name for engine in find_engines()])
@pytest.mark.parametrize("blocks", [30, 200])
def test_a_title_beside_a_skip_line_says_how_often_its_module_repeats(engine, blocks):
    svg = mg.draw(nets.residual(blocks), engine=engine).svg()
    assert re.search(rf">[^<]*× {blocks}\b", svg)


@pytest.mark.parametrize("kind", MISBEHAVIOUR)
def test_a_dot_that_misbehaves_gives_a_picture_and_one_warning(stand_in, kind):
    script, words = MISBEHAVIOUR[kind]
    stand_in(script)
    drawing = mg.draw(nets.price(), timeout=0.2 if kind == "hangs" else 10.0)
    with pytest.warns(DrawingWarning, match=words) as warned:
        svg = drawing.svg()
    ET.fromstring(svg)
    assert drawing.svg() is svg
    assert len(warned) == 1
    with pytest.raises(LayoutEngineError, match=words):
        mg.draw(nets.price(), engine="dot", timeout=0.2 if kind == "hangs" else 10.0).svg()


@pytest.mark.parametrize("kind", ["crashes", "hangs", "prints nonsense"])
def test_a_png_that_cannot_be_made_leaves_no_file(stand_in, tmp_path, kind):
    stand_in(MISBEHAVIOUR[kind][0])
    with pytest.raises(LayoutEngineError, match="no PNG"):
        mg.draw(nets.price(), timeout=0.2 if kind == "hangs" else 10.0).save(tmp_path / "x.png")
    assert not list(tmp_path.glob("*x.png*"))


def test_a_program_that_cannot_be_run_is_named(stand_in, tmp_path):
    stand_in("")
    program = tmp_path / "bin" / "dot"
    program.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    with pytest.raises(LayoutEngineError, match="could not be run"):
        mg.draw(nets.price(), engine="dot").svg()


@pytest.mark.usefixtures("no_engine")
def test_without_graphviz_the_own_layout_draws_and_says_what_to_install(tmp_path):
    drawing = mg.draw(nets.price())
    with pytest.warns(DrawingWarning, match=r'pip install "minigrad\[draw\]"'):
        assert "<svg" in drawing.svg()
    for form in ("png", "pdf"):
        with pytest.raises(LayoutEngineNotFound, match=r"Graphviz|dot"):
            drawing.save(tmp_path / f"x.{form}")
    for engine in ("dot", "graphviz-pure"):
        with pytest.raises(LayoutEngineNotFound, match=engine):
            mg.draw(nets.price(), engine=engine).svg()
    assert not list(tmp_path.iterdir())


def test_many_nodes_are_drawn_by_the_own_layout():
    drawing = mg.draw(nets.chain(450), max_nodes=None)
    with pytest.warns(DrawingWarning, match="more than Graphviz lays out"):
        drawing.svg()


def test_graphviz_pure_is_found_beside_python_when_path_misses_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    if not find_engines():
        pytest.skip("graphviz-pure is not installed")
    assert [engine.name for engine in find_engines()] == ["graphviz-pure"]


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "dot", "html", "json"])
def test_every_form_is_saved_whole(tmp_path, form):
    needed = "dot" if form == "pdf" else None
    if form in ("png", "pdf") and not any(needed in (None, engine.name) for engine in find_engines()):
        pytest.skip("Graphviz is not installed")
    begins = {
        "svg": b"<svg",
        "png": b"\x89PNG",
        "pdf": b"%PDF",
        "dot": b"digraph",
        "html": b"<!doctype html>",
        "json": b"{",
    }
    engine = "minigrad" if form in ("svg", "html") else "auto"
    path = mg.draw(nets.price(), engine=engine).save(tmp_path / f"picture.{form}")
    assert path.read_bytes().startswith(begins[form])
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR


def test_a_png_can_be_asked_of_one_engine(tmp_path):
    for engine in find_engines():
        assert mg.draw(nets.price(), engine=engine.name).save(tmp_path / "x.png").stat().st_size > 1000


def test_an_unknown_form_lists_the_known_ones(tmp_path):
    with pytest.raises(DrawingError, match="svg, png, pdf, dot, html, json"):
        mg.draw(nets.price()).save(tmp_path / "x.gif")


def test_a_path_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no-such-folder"):
        mg.draw(nets.price()).save(tmp_path / "no-such-folder" / "x.dot")
    (tmp_path / "folder.dot").mkdir()
    with pytest.raises(IsADirectoryError, match=r"folder\.dot"):
        mg.draw(nets.price()).save(tmp_path / "folder.dot")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.dot"]


def test_the_graphviz_package_gets_the_same_source():
    drawing = mg.draw(nets.price())
    assert drawing.graphviz.source == drawing.dot


def test_drawing_leaves_the_collector_as_it_was():
    gc.disable()
    try:
        mg.draw(nets.price())
        assert not gc.isenabled()
    finally:
        gc.enable()
    mg.draw(nets.price())
    assert gc.isenabled()


@pytest.mark.parametrize("engine", find_engines(), ids=lambda engine: engine.name)
@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("style", ["network", "book"])
def test_the_dot_is_drawn_by_graphviz_itself(engine, style, direction):
    for output in (nets.price(), nets.residual(2)):
        dot = mg.draw(output, style=style, direction=direction).dot
        assert (
            b"<svg"
            in subprocess.run(
                [engine.path, "-Tsvg"], input=dot.encode(), capture_output=True, check=True
            ).stdout
        )


@pytest.mark.parametrize("engine", find_engines(), ids=lambda engine: engine.name)
def test_leaves_stand_left_of_their_operation_in_graphvizs_own_drawing_too(engine):
    for output in (nets.price(), nets.residual(2), nets.attention()):
        drawing = mg.draw(output, style="network")
        graph = json.loads(run(engine, drawing.dot, "json0", 10))
        across = {
            thing["name"]: float(thing["pos"].split(",")[0]) for thing in graph["objects"] if "pos" in thing
        }
        stacks = [unit.card for unit in drawing._scene.units if unit.stack]
        assert len(stacks) > 2
        assert all(0 < across[f"n{card}"] - across[f"s{card}"] < 200 for card in stacks)
