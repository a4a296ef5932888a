"""A traced step: what it reads, the calls of NumPy that it makes in their order, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

# What an input is read from: an argument of the step; a Tensor's values; its gradient; an array of an optimizer's
# state; an optimizer's learning rate or step number; an object that the step holds, such as a random generator.
Origin: TypeAlias = Literal["argument", "tensor", "grad", "state", "setting", "object"]


@dataclass(eq=False, slots=True)
class Value:
    """One array (or number) of the step. A `weak` one is a Python number, which widens no dtype."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    weak: bool = False
    name: str = ""
    maker: Call | None = None


@dataclass(eq=False, slots=True)
class Input:
    """A value that the step reads, and where it finds it."""

    value: Value
    origin: Origin
    owner: Any  # the position of an argument, the Tensor, the optimizer, the object
    key: Any = None  # which of the owner's arrays or numbers
    contiguous: bool = True  # whether its array is laid out in C order

    @property
    def is_constant(self) -> bool:
        """Whether it is an array of one number over and over that nobody can change."""
        array = self.owner
        if not isinstance(array, np.ndarray) or array.flags.writeable or not array.size:
            return False
        return bool((array == array.flat[0]).all())


@dataclass(eq=False, slots=True)
class Call:
    """One call: `function(*args, **options)`, with Values in the places of arrays, also inside tuples and lists."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]
    outputs: list[Value]
    several: bool  # whether the function gives a tuple
    view: bool  # whether the output shows the memory of an argument
    pure: bool  # whether it gives the same for the same arguments
    label: str = ""
    line: str = ""

    @property
    def output(self) -> Value:
        """The one output."""
        return self.outputs[0]

    def reads(self) -> Iterator[Value]:
        """The values it takes."""
        return values_in((self.args, self.options))


@dataclass(eq=False, slots=True)
class Program:
    """A traced step."""

    inputs: list[Input]
    calls: list[Call]
    outputs: list[Value]
    writes: list[tuple[Input, Value]]  # parameters and state that get new values, after everything else
    grads: list[tuple[Any, Value | None]]  # Tensors whose `.grad` is replaced
    quiet: bool = False  # whether some call ignored floating-point warnings
    notes: list[str] = field(default_factory=list)

    def kept(self) -> list[Value]:
        """What must be computed."""
        return [*self.results(), *(v for _, v in self.writes)]

    def results(self) -> list[Value]:
        """What is handed out: all that must be computed but the new values of parameters and state."""
        return [*self.outputs, *(v for _, v in self.grads if v is not None)]


def values_in(tree: Any) -> Iterator[Value]:
    """The Values in nested tuples, lists, dicts and slices."""
    if isinstance(tree, Value):
        yield tree
    elif isinstance(tree, (tuple, list)):
        for item in tree:
            yield from values_in(item)
    elif isinstance(tree, dict):
        yield from values_in(list(tree.values()))
    elif isinstance(tree, slice):
        yield from values_in((tree.start, tree.stop, tree.step))


def replaced(tree: Any, change: Callable[[Any], Any]) -> Any:
    """The same nesting with every leaf changed."""
    if isinstance(tree, (tuple, list)):
        items = [replaced(item, change) for item in tree]
        if hasattr(tree, "_fields"):
            return type(tree)(*items)
        return type(tree)(items)
    if isinstance(tree, dict):
        return {key: replaced(item, change) for key, item in tree.items()}
    if isinstance(tree, slice):
        return slice(*(replaced(part, change) for part in (tree.start, tree.stop, tree.step)))
    return change(tree)
