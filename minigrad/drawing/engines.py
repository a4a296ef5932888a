"""Graphviz, wherever it is installed: finding it, running it, and reading the layout that it prints."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from minigrad.drawing.cards import module_title, runs_width
from minigrad.drawing.errors import LayoutEngineError, LayoutEngineNotFound
from minigrad.drawing.layout.placed import Box, Path, Placement, points_of, straight, tie
from minigrad.drawing.scene import Scene, Unit

ENGINE_NAMES = ("auto", "dot", "graphviz-pure", "minigrad")
ADVICE = (
    "install Graphviz (apt install graphviz, brew install graphviz, winget install graphviz) "
    'or: pip install "minigrad[draw]"'
)
TITLE_GAP = 9.0
_FIRST_BYTES = {"png": b"\x89PNG\r\n", "pdf": b"%PDF-"}


class Engine(NamedTuple):
    """A program that reads DOT: Graphviz's own `dot`, or `graphviz-pure`."""

    name: str
    path: str


def find_engines() -> list[Engine]:
    """The engines installed, the system's `dot` first.

    A program that pip installed is looked for beside this Python too: PATH misses an environment that is not
    activated.
    """
    suffix = ".exe" if sys.platform == "win32" else ""
    found = [Engine("dot", path) for path in [shutil.which("dot")] if path]
    pure = shutil.which("graphviz-pure") or FilePath(sysconfig.get_path("scripts"), f"graphviz-pure{suffix}")
    if os.access(pure, os.X_OK):
        found.append(Engine("graphviz-pure", str(pure)))
    return found


def require_engine(name: str | None, purpose: str) -> Engine:
    """The engine of that name, or the first there is.

    Raises:
        LayoutEngineNotFound: it is not installed.
    """
    for engine in find_engines():
        if name in (None, engine.name):
            return engine
    wanted = name or "no Graphviz"
    raise LayoutEngineNotFound(
        f"draw: {purpose} needs {name or 'Graphviz'}, and {wanted} was found neither on PATH nor in "
        f"{sysconfig.get_path('scripts')}; {ADVICE}"
    )


def run(engine: Engine, dot: str, output: str, timeout: float) -> bytes:
    """What the engine makes of DOT, in one of its output formats.

    Raises:
        LayoutEngineError: it crashed, took longer than `timeout` seconds, or printed something else.
    """
    try:
        done = subprocess.run(
            [engine.path, f"-T{output}"],
            input=dot.encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LayoutEngineError(f"{engine.name} took longer than {timeout:g} s") from None
    except OSError as error:
        raise LayoutEngineError(f"{engine.name} at {engine.path} could not be run: {error}") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise LayoutEngineError(
            f"{engine.name} ended with code {done.returncode}{': ' + said[0][:200] if said else ''}"
        )
    if not done.stdout.startswith(_FIRST_BYTES.get(output, b"{")):
        raise LayoutEngineError(f"{engine.name} printed no {output.upper()}")
    return done.stdout


def place(engine: Engine, scene: Scene, dot: str, timeout: float) -> Placement:
    """Where the engine puts a scene's boxes and lines.

    Raises:
        LayoutEngineError: the engine failed, or what it printed is not the layout of this scene.
    """
    printed = run(engine, dot, "json0", timeout)
    try:
        return _Reader(scene, json.loads(printed)).placement()
    except (ValueError, KeyError, TypeError, IndexError, StopIteration) as error:
        raise LayoutEngineError(
            f"{engine.name} printed no layout of this graph ({type(error).__name__}: {error})"
        ) from error


class _Reader:
    """Graphviz's JSON. Its y grows upward, its lengths are points but for nodes' sizes, which are inches."""

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
            boxes[unit.card] = self._node(f"n{unit.card}")
            stack = self._stack(unit)
            boxes.update(stack)
            ties.update(
                {leaf: tie(box, boxes[unit.card], self.scene.direction) for leaf, box in stack.items()}
            )
        modules = {
            int(name.removeprefix("cluster_")): self._rectangle(thing["bb"])
            for name, thing in self.by_name.items()
            if name.startswith("cluster_") and "bb" in thing
        }
        edges = self._edges()
        paths, labels = [], {}
        for number, link in enumerate(self.scene.links):
            units = self.scene.units
            edge = edges[f"n{units[link.source].card}", f"n{units[link.target].card}"].pop(0)
            paths.append(self._path(edge["pos"]))
            if link.label:
                x, y = self._point(edge["lp"])
                labels[number] = (
                    x - link.label.width / 2 + 4,
                    y - link.label.height / 2 - (3 if self.scene.direction == "LR" else 0),
                )
        return Placement(boxes, paths, labels, ties, modules, self._titles(modules, paths))

    def _titles(self, modules: dict[int, Box], paths: list[Path]) -> dict[int, tuple[float, float]]:
        """Where a module's title stands clear of the lines that come in, and how much room is there.

        That is the first gap between lines that holds all of the title, or else the widest.
        """
        along = [points_of(path) for path in paths]
        found = {}
        for module, box in modules.items():
            left, top = box.x - box.width / 2, box.y - box.height / 2
            strip = (top - 8, top + 30)
            entering = {x - left for line in along for x, y in line if strip[0] < y < strip[1]}
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

    def _node(self, name: str) -> Box:
        thing = self.by_name[name]
        x, y = self._point(thing["pos"])
        return Box(x, y, float(thing["width"]) * 72, float(thing["height"]) * 72)

    def _stack(self, unit: Unit) -> dict[int, Box]:
        """The leaves beside an operation, inside the one node that stands for all of them."""
        if not unit.stack:
            return {}
        whole = self._node(f"s{unit.card}")
        cards = [self.scene.cards[leaf] for leaf in unit.stack]
        sideways = self.scene.direction == "LR"
        lengths = [card.width if sideways else card.height for card in cards]
        gap = (whole.width if sideways else whole.height) - sum(lengths)
        gap = gap / (len(cards) - 1) if len(cards) > 1 else 0.0
        start = (whole.x - whole.width / 2) if sideways else (whole.y - whole.height / 2)
        if len(cards) == 1:
            start = (whole.x if sideways else whole.y) - lengths[0] / 2
        boxes = {}
        for leaf, card, length in zip(unit.stack, cards, lengths, strict=True):
            middle = start + length / 2
            x = middle if sideways else whole.x + (whole.width - card.width) / 2
            boxes[leaf] = Box(x, whole.y if sideways else middle, card.width, card.height)
            start += length + gap
        return boxes

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
