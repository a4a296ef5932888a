"""Source as a module in the cache folder, where Numba keeps what it compiled from it."""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType

from minigrad.compiler.standalone import names_in
from minigrad.files import write_atomically


def folder() -> Path:
    """Where compiled steps are kept: $MINIGRAD_CACHE, or minigrad in the user's cache folder."""
    chosen = os.environ.get("MINIGRAD_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "minigrad"


def module_of(source: str) -> ModuleType:
    """The module of a source. Where the folder cannot be written to, it is compiled again in every process."""
    name = "step_" + hashlib.sha256(source.encode()).hexdigest()[:24]
    module = ModuleType(name)
    # Numba asks that there is one of the name; the module itself would stay alive there, with all that it holds.
    sys.modules.setdefault(name, ModuleType(name))
    try:
        text = source.replace("cache=CACHE", "cache=True")
        file = str(_kept(name, text))
    except OSError:
        text, file = source.replace("cache=CACHE", "cache=False"), f"<{name}>"
    exec(compile(text, file, "exec"), vars(module))
    return module


def settle(module: ModuleType) -> None:
    """Lets a step that has run call its compiled functions directly: the types of their arguments stay as they were."""
    strip(module)
    for name, thing in list(vars(module).items()):
        if hasattr(thing, "overloads"):
            (compiled,) = thing.overloads.values()
            setattr(module, name, compiled.entry_point)


def strip(module: ModuleType) -> None:
    """Lets go of what a step itself does not look up."""
    used = {"step", *names_in(inspect.unwrap(module.step).__code__)}
    for name in list(vars(module)):
        if name not in used and not name.startswith("__"):
            delattr(module, name)


def _kept(name: str, source: str) -> Path:
    """The file of a source, written whole or not at all."""
    path = folder() / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.read_text() == source:
        return path
    write_atomically(path, source.encode())
    return path
