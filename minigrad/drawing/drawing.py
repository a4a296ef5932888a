"""Drawing: a finished picture, and all the forms it can be had in."""

import json
import math
import os
import warnings
import zlib
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped] # the package has no types

from minigrad.drawing import text
from minigrad.drawing.collecting import collector_paused
from minigrad.drawing.dot import write_dot
from minigrad.drawing.engines import ADVICE, Engine, find_engines, place, require_engine, run
from minigrad.drawing.errors import DrawingError, LayoutEngineError
from minigrad.drawing.html import write_html
from minigrad.drawing.layout import Placement, layered
from minigrad.drawing.options import Options
from minigrad.drawing.picture import Picture
from minigrad.drawing.scene import Direction, Scene, Style, make_scene
from minigrad.drawing.svg import write_svg
from minigrad.drawing.themes import THEMES, Theme
from minigrad.files import write_atomically

MOST_FOR_GRAPHVIZ = 400  # visible nodes: beyond, its time grows out of hand
FORMATS = ("svg", "png", "pdf", "dot", "html", "json")


class DrawingWarning(UserWarning):
    """The picture was drawn, but not the way it was asked for."""


class Drawing:
    """A picture of a graph, as `draw` makes it. It holds no Tensor, and does not change when they do.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
        >>> drawing = mg.draw((x * x).sum(), engine="minigrad")
        >>> drawing.svg().startswith("<svg")
        True
    """

    def __init__(self, picture: Picture, opened: Picture, style: Style, options: Options) -> None:
        self._picture = picture
        self._opened = opened
        self._style = style
        self._options = options
        self._direction: Direction = options.direction or ("LR" if style == "book" else "TB")
        self._theme: Theme = THEMES[options.theme]
        self._scene = make_scene(picture, style, self._direction)
        self._dot: str | None = None
        self._svg: str | None = None
        self._html: str | None = None

    def __repr__(self) -> str:
        nodes = self._picture.nodes
        operations = text.counted(sum(len(node.parts) for node in nodes), "operation")
        return f"Drawing({text.counted(len(nodes), 'node')}, {operations}, {self._style})"

    @property
    def dot(self) -> str:
        """The picture in Graphviz's language, the same bytes on every run, unless it shows times."""
        if self._dot is None:
            with collector_paused():
                self._dot = write_dot(self._scene, self._theme)
        return self._dot

    @property
    def graphviz(self) -> graphviz.Source:
        """The picture as an object of the graphviz package."""
        return graphviz.Source(self.dot)

    def svg(self) -> str:
        """The picture as SVG.

        Raises:
            LayoutEngineNotFound: the engine asked for is not installed.
            LayoutEngineError: the engine asked for failed.
        """
        if self._svg is None:
            with collector_paused():
                placement = self._placed(self._scene)
                self._svg = write_svg(self._scene, placement, self._theme, self._prefix)
        return self._svg

    def html(self) -> str:
        """The picture as one page that needs no network, to zoom, search, hover over, open and close.

        Raises:
            LayoutEngineNotFound: the engine asked for is not installed.
            LayoutEngineError: the engine asked for failed.
        """
        if self._html is None:
            with collector_paused():
                scene = make_scene(self._opened, self._style, self._direction, room=True)
                placement = self._placed(scene)
                self._html = write_html(scene, placement, self._options.theme, self._options.max_nodes)
        return self._html

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file; its suffix says in which form: svg, png, pdf, dot, html or json.

        The file is whole or not there: what was at the path before stays until the new one is complete.

        Returns:
            The path.

        Raises:
            DrawingError: the form is not known.
            LayoutEngineNotFound: there is no Graphviz to make a PNG or a PDF.
            OSError: the path cannot be written.
        """
        path = Path(path)
        form = path.suffix.lower().removeprefix(".")
        if form not in FORMATS:
            raise DrawingError(f"draw: cannot save {path.name!r}: the forms are {', '.join(FORMATS)}")
        write_atomically(path, self._rendered(form))
        return path

    def _rendered(self, form: str) -> bytes:
        if form in ("png", "pdf"):
            return self._by_graphviz(form)
        made = {"svg": self.svg, "html": self.html, "dot": lambda: self.dot, "json": self._json}[form]()
        return made.encode("utf-8")

    def _json(self) -> str:
        """The picture's nodes, edges and modules, for programs."""
        picture = self._picture
        content = {
            "title": picture.title,
            "facts": picture.facts,
            "nodes": [
                {
                    **node._asdict(),
                    "tensor": _fields(picture.tensors.get(node.key)),
                    "cost": _fields(picture.costs.get(node.key)),
                    "badge": picture.badges.get(node.key),
                }
                for node in picture.nodes
            ],
            "edges": [
                {"source": source, "target": target, "tensor": _fields(picture.tensors.get(tensor))}
                for source, target, tensor in picture.edges
            ],
            "modules": [module._asdict() for module in picture.modules],
        }
        return json.dumps(_finite(content), ensure_ascii=False, indent=1)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        """What a notebook shows: the SVG and a line of text. It never raises."""
        summary = " · ".join((repr(self), *self._picture.facts))
        try:
            return {"text/plain": summary, "image/svg+xml": self.svg()}
        except Exception as error:  # noqa: BLE001  a display hook must not break the cell it stands in
            return {"text/plain": f"{summary} (not drawn: {error})"}

    @property
    def _prefix(self) -> str:
        """What starts the ids of this picture, so that several can stand on one page."""
        code = zlib.crc32(
            repr((self._options, self._style, self._picture.title, self._picture.facts)).encode()
        )
        for card in self._scene.cards:
            for row in card.rows:
                code = zlib.crc32(row.left[-1].text.encode("utf-8", "replace"), code)
        return f"mg{code:08x}"

    def _placed(self, scene: Scene) -> Placement:
        """The layout by the engine asked for, or by the first that works."""
        wanted = self._options.engine
        if wanted == "minigrad":
            return layered(scene)
        if wanted != "auto":
            return place(require_engine(wanted, f"engine={wanted!r}"), scene, self._options.timeout)
        trouble = self._reason_for_own(scene)
        if trouble is None:
            try:
                return place(find_engines()[0], scene, self._options.timeout)
            except LayoutEngineError as error:
                trouble = str(error)
        warnings.warn(f"draw: {trouble}; drawn by minigrad's own layout", DrawingWarning, stacklevel=3)
        return layered(scene)

    def _reason_for_own(self, scene: Scene) -> str | None:
        if len(scene.cards) > MOST_FOR_GRAPHVIZ:
            return (
                f"{text.grouped(len(scene.cards))} nodes are more than Graphviz lays out in reasonable time"
            )
        return None if find_engines() else f"no Graphviz was found; {ADVICE}"

    def _by_graphviz(self, form: str) -> bytes:
        engines = self._renderers(form)
        failures = []
        for engine in engines:
            try:
                return run(engine, self.dot, form, self._options.timeout)
            except LayoutEngineError as error:
                failures.append(str(error))
        raise LayoutEngineError(f"draw: no {form.upper()}: {'; '.join(failures)}")

    def _renderers(self, form: str) -> list[Engine]:
        wanted = self._options.engine
        if wanted not in ("auto", "minigrad"):
            return [require_engine(wanted, f"a {form.upper()} with engine={wanted!r}")]
        engines = [engine for engine in find_engines() if form != "pdf" or engine.name == "dot"]
        if not engines:
            engines = [require_engine("dot" if form == "pdf" else None, f"a {form.upper()}")]
        return engines


def _fields(value: Any) -> dict[str, Any] | None:
    """A named tuple, and those in it, as dicts."""
    if value is None:
        return None
    return {name: _fields(v) if hasattr(v, "_asdict") else v for name, v in value._asdict().items()}


def _finite(value: Any) -> Any:
    """The content without NaN and infinity, which JSON does not have: they become strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return text.number(value)
    if isinstance(value, dict):
        return {name: _finite(v) for name, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, (list, tuple)) else value
