"""What a function stands among: the modules, optimizers, Tensors and random generators that it can reach."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from minigrad.nn import Module
from minigrad.optim import Optimizer
from minigrad.tensor import Tensor

_TOO_MANY = 10_000  # items of a list are data, not parts of a program
_PLAIN = (str, bytes, int, float, complex, bool, type(None), np.ndarray, np.generic, type, ModuleType)


@dataclass(slots=True)
class Surroundings:
    """The objects of each kind, in the order in which they are found."""

    tensors: list[Tensor] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    optimizers: list[Optimizer] = field(default_factory=list)
    generators: list[np.random.Generator] = field(default_factory=list)

    def guards(self) -> list[tuple[dict[str, Any], str, Any]]:
        """The attributes that a trace takes as they are: where each is held, its name and its value."""
        held: list[tuple[dict[str, Any], str, Any]] = []
        for module in self.modules:
            held += [
                (vars(module), name, value)
                for name, value in vars(module).items()
                if isinstance(value, (Tensor, Module, bool, int, float))
            ]
            if "training" not in vars(module):
                held.append((vars(module), "training", None))
        for optimizer in self.optimizers:
            held += [
                (vars(optimizer), name, value)
                for name, value in vars(optimizer).items()
                if name not in ("lr", "steps") and isinstance(value, (bool, int, float, tuple))
            ]
        return held


def around(function: Callable[..., Any]) -> Surroundings:
    """What a function can reach through its closure, its globals and the attributes of what it finds there."""
    found = Surroundings()
    seen: set[int] = set()
    unread: list[Any] = [function]
    while unread:
        thing = unread.pop()
        if isinstance(thing, _PLAIN) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Tensor):
            found.tensors.append(thing)
            continue
        if isinstance(thing, np.random.Generator):
            found.generators.append(thing)
            continue
        if isinstance(thing, Module):
            found.modules.append(thing)
            thing.name_parts()
        elif isinstance(thing, Optimizer):
            found.optimizers.append(thing)
        unread.extend(reversed(list(_parts(thing))))
    return found


def _parts(thing: Any) -> Iterator[Any]:
    if isinstance(thing, FunctionType):
        for cell in thing.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not filled yet
                continue
        module = thing.__module__ or ""  # what exec made has none
        if not module.startswith(("minigrad.", "numpy")):
            yield from (
                thing.__globals__[name] for name in thing.__code__.co_names if name in thing.__globals__
            )
    elif isinstance(thing, MethodType):
        yield from (thing.__self__, thing.__func__)
    elif isinstance(thing, functools.partial):
        yield from (thing.func, thing.args, thing.keywords)
    elif isinstance(thing, (list, tuple, set, frozenset)):
        yield from thing if len(thing) < _TOO_MANY else ()
    elif isinstance(thing, dict):
        yield from thing.values() if len(thing) < _TOO_MANY else ()
    elif not type(thing).__module__.startswith("minigrad.compiler"):
        yield from getattr(thing, "__dict__", {}).values()
