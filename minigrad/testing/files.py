"""Finding the rules in a Python file, and inputs to check each of them at."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.testing.checks import check_any, is_layer
from minigrad.testing.operation import Arrays
from minigrad.testing.report import CheckError, GradientError, Report

SHAPES: dict[int, tuple[tuple[tuple[int, ...], ...], ...]] = {
    1: (((4, 3),), ((3, 3),), ((5,),), ((2, 3, 6, 6),), ((),)),
    2: (((4, 3), (4, 3)), ((4, 3), (3, 5)), ((4, 3), (3,)), ((2, 3, 6, 6), (4, 3, 3, 3)), ((5,), (5,))),
    3: (
        ((4, 3), (3, 5), (5,)),
        ((4, 3), (4, 3), (4, 3)),
        ((4, 3), (3,), (3,)),
        ((2, 3, 6, 6), (4, 3, 3, 3), (4,)),
    ),
}
INTEGERS = ("labels", "label", "targets", "indices", "index", "rows", "ids")


def load(path: Path) -> ModuleType:
    """Run a Python file as a module.

    Raises:
        CheckError: there is no such file, or it is no Python file.
    """
    spec = importlib.util.spec_from_file_location(path.stem, path) if path.is_file() else None
    if spec is None or spec.loader is None:
        raise CheckError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def rules_in(module: ModuleType, name: str | None = None) -> list[type]:
    """The Functions, and the layers with forward and backward, that a module defines itself.

    Args:
        module: where to look.
        name: only the class of this name.

    Raises:
        CheckError: there is none.
    """
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and _is_rule(value)
    ]
    if not found:
        raise CheckError(f"{module.__file__} defines no Function, and no class with forward and backward")
    chosen = [cls for cls in found if name in (None, cls.__name__)]
    if not chosen:
        raise CheckError(
            f"{module.__file__} defines no rule '{name}', but {', '.join(c.__name__ for c in found)}"
        )
    return chosen


def _is_rule(cls: type) -> bool:
    if issubclass(cls, Function):
        return cls.forward is not Function.forward and cls.backward is not Function.backward
    return is_layer(cls)


def check_class(cls: type, order: int = 1, seed: int = 0) -> Report:
    """Check a rule at its own examples, or else at the first usual shapes that its forward takes.

    A class says what it is to be checked at by a static method `examples(rng)`, which returns the inputs, or by
    having `examples` return `(instance, *inputs)` where it needs parameters.

    Raises:
        CheckError: it cannot be made without parameters, or no usual inputs fit.
    """
    op, inputs = _example(cls, np.random.default_rng(seed))
    try:
        return check_any(op, *inputs, order=order, seed=seed)
    except GradientError as error:
        return error.report


def _example(cls: type, rng: np.random.Generator) -> tuple[Any, Sequence[Any]]:
    examples: Callable[[np.random.Generator], tuple[Any, ...]] | None = getattr(cls, "examples", None)
    if examples is not None:
        given = examples(rng)
        return (given[0], given[1:]) if isinstance(given[0], cls) else (cls(), given)
    try:
        op = cls()
    except TypeError as error:
        hint = "give it a static method examples(rng) that returns (instance, *inputs)"
        raise CheckError(f"{cls.__name__}{inspect.signature(cls)} needs parameters: {hint}") from error
    for inputs in _usual(op, rng):
        if _takes(op, inputs):
            return op, inputs
    raise CheckError(
        f"{cls.__name__}: no usual inputs fit; give it a static method examples(rng) that returns its inputs"
    )


def _usual(op: Any, rng: np.random.Generator) -> Iterator[Arrays]:
    """Inputs of usual shapes for as many arguments as forward requires; integers where a name says labels."""
    parameters = [p for p in inspect.signature(op.forward).parameters.values() if p.default is p.empty]
    names = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    for shapes in SHAPES.get(len(names), ()):
        for draw in (rng.standard_normal, lambda shape: rng.uniform(0.5, 2, shape)):
            yield tuple(
                rng.integers(0, 3, shape[:1]) if name in INTEGERS else np.asarray(draw(shape))
                for name, shape in zip(names, shapes, strict=True)
            )


def _takes(op: Any, inputs: Arrays) -> bool:
    """Whether forward computes something finite at these inputs."""
    try:
        with np.errstate(all="ignore"):
            returned = type(op).forward(_copy(op), *inputs)
    except (ValueError, TypeError, IndexError, ArithmeticError, np.linalg.LinAlgError):
        return False
    outputs = returned if isinstance(returned, tuple) else (returned,)
    return all(bool(np.isfinite(np.asarray(out)).all()) for out in outputs)


def _copy(op: Any) -> Any:
    """A copy to try things on, told that every input wants a gradient."""
    made = object.__new__(type(op))
    made.__dict__.update(vars(op))
    made.needs = [True] * 8
    return made
