"""What a function stands among: its variables, and the modules, optimizers, Tensors and generators it can reach."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any, TypeAlias

import numpy as np

from minigrad.compiler.standalone import names_in
from minigrad.nn import Module
from minigrad.optim import Optimizer
from minigrad.tensor import Tensor

Holder: TypeAlias = "CellType | dict[str, Any]"  # of a variable or an attribute

_TOO_MANY = 10_000  # items of a list are data, not parts of a program
_OWN = frozenset({"_scope", "_scope_name"})  # what a module notes when it is called
_NUMBERS = (bool, int, float)
_PLAIN = (str, bytes, complex, *_NUMBERS, type(None), np.ndarray, np.generic, type, ModuleType)


@dataclass(slots=True)
class Surroundings:
    """The objects of each kind, in the order in which they are found."""

    variables: list[tuple[Holder, str]] = field(default_factory=list)
    tensors: list[Tensor] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    optimizers: list[Optimizer] = field(default_factory=list)
    generators: list[np.random.Generator] = field(default_factory=list)
    owners: list[Any] = field(default_factory=list)  # of the bound methods

    def unchanged(self, names: dict[str, Any]) -> list[str]:
        """The conditions that what a trace takes as it is has stayed so. What they name is added to `names`."""
        tests: list[str] = []
        for holder, name in self.variables:
            value = _read(holder, name)
            if isinstance(value, (Tensor, Module, Optimizer, *_NUMBERS)):
                tests.append(_unchanged(holder, name, value, names))
        for module in self.modules:
            attributes = vars(module)
            parts = [k for k, value in attributes.items() if isinstance(value, (Tensor, Module, *_NUMBERS))]
            tests += [_unchanged(attributes, k, attributes.get(k), names) for k in [*parts, "training"]]
        for optimizer in self.optimizers:
            attributes = vars(optimizer)
            settings = [k for k, value in attributes.items() if isinstance(value, (*_NUMBERS, tuple))]
            tests += [
                _unchanged(optimizer, k, attributes[k], names) for k in settings if k not in ("lr", "steps")
            ]
        for tensor in self.tensors:
            key = f"t{len(names)}"
            names[key] = tensor
            tests.append(f"{'' if tensor._requires_grad else 'not '}{key}._requires_grad")
        return tests

    def contents(self) -> dict[tuple[int, str], Any]:
        """What the function could change: its variables, what these hold, and the attributes of modules, by name."""
        found: dict[tuple[int, str], Any] = {}
        for holder, name in self.variables:
            value = found[id(holder), name] = _read(holder, name)
            found.update({(id(holder), name + part): item for part, item in _items(value)})
        for owner in (*self.modules, *self.owners):
            kind = type(owner).__name__
            found.update({(id(owner), kind + part): item for part, item in _items(owner)})
        return found


def _read(holder: Holder, name: str) -> Any:
    """The value of a variable; None where it has none yet."""
    if isinstance(holder, dict):
        return holder.get(name)
    try:
        return holder.cell_contents
    except ValueError:
        return None


def _unchanged(holder: Holder | Optimizer, name: str, value: Any, names: dict[str, Any]) -> str:
    """The condition that a variable or an attribute has this value."""
    held, known = f"h{len(names)}", f"v{len(names)}"
    names[held], names[known] = holder, value
    if isinstance(holder, CellType):
        now = held  # a variable of the guard's, too
    elif isinstance(holder, Optimizer):
        now = f"{held}.{name}"
    else:
        now = f"{held}[{name!r}]" if name in holder else f"{held}.get({name!r})"
    return (
        f"({now} is {known} or {now} == {known})"
        if isinstance(value, (*_NUMBERS, tuple))
        else f"{now} is {known}"
    )


def _items(thing: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds itself, with the words that follow its name."""
    if isinstance(thing, list) and len(thing) < _TOO_MANY:
        yield from ((f"[{i}]", item) for i, item in enumerate(thing))
    elif isinstance(thing, dict) and len(thing) < _TOO_MANY:
        yield from ((f"[{key!r}]", item) for key, item in thing.items())
    elif not isinstance(thing, (*_PLAIN, FunctionType, MethodType)):
        attributes = getattr(thing, "__dict__", {}).items()
        yield from ((f".{name}", item) for name, item in attributes if name not in _OWN)


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
        elif isinstance(thing, MethodType):
            found.owners.append(thing.__self__)
        elif isinstance(thing, FunctionType):
            variables = _variables(thing)
            found.variables += variables
            unread.extend(_read(*each) for each in reversed(variables))
            continue
        unread.extend(reversed(list(_parts(thing))))
    return found


def _variables(function: FunctionType) -> list[tuple[Holder, str]]:
    """The variables of a function that are not its own; of our own functions those of the closure alone."""
    variables: list[tuple[Holder, str]] = list(
        zip(function.__closure__ or (), function.__code__.co_freevars, strict=True)
    )
    module = function.__module__ or ""  # what exec made has none
    if not module.startswith(("minigrad.", "numpy")):
        names = names_in(function.__code__)
        variables += [(function.__globals__, name) for name in names if name in function.__globals__]
    return variables


def _parts(thing: Any) -> Iterator[Any]:
    if isinstance(thing, MethodType):
        yield from (thing.__self__, thing.__func__)
    elif isinstance(thing, functools.partial):
        yield from (thing.func, thing.args, thing.keywords)
    elif isinstance(thing, (list, tuple, set, frozenset)):
        yield from thing if len(thing) < _TOO_MANY else ()
    elif isinstance(thing, dict):
        yield from thing.values() if len(thing) < _TOO_MANY else ()
    elif not type(thing).__module__.startswith("minigrad.compiler"):
        yield from getattr(thing, "__dict__", {}).values()
