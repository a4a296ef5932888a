"""Graphviz, wherever it is installed: finding it, running it, and reading the layout that it prints."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path as FilePath
from typing import NamedTuple

from minigrad.drawing.errors import LayoutEngineError, LayoutEngineNotFound
from minigrad.drawing.layout.placed import Placement
from minigrad.drawing.layout.skeleton import read_skeleton, write_skeleton
from minigrad.drawing.scene import Scene

ENGINE_NAMES = ("auto", "dot", "graphviz-pure", "minigrad")
ADVICE = (
    "install Graphviz (apt install graphviz, brew install graphviz, winget install graphviz) "
    'or: pip install "minigrad[draw]"'
)
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


def place(engine: Engine, scene: Scene, timeout: float) -> Placement:
    """Where the engine puts a scene's boxes and lines.

    Raises:
        LayoutEngineError: the engine failed, or what it printed is not the layout of this scene.
    """
    printed = run(engine, write_skeleton(scene), "json0", timeout)
    try:
        return read_skeleton(scene, json.loads(printed))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise LayoutEngineError(
            f"{engine.name} printed no layout of this graph ({type(error).__name__}: {error})"
        ) from error
