"""Putting a layer with a mistake into the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minigrad.testing.operation import Array


@dataclass(frozen=True)
class Bug:
    """A layer with a planted mistake.

    Args:
        name: what is wrong with it.
        make: makes the layer, an object with forward and backward.
        inputs: makes the inputs it is checked at.
        says: words that the message must hold, at least one of them.
    """

    name: str
    make: Callable[[], Any]
    inputs: Callable[[], tuple[Array, ...]]
    says: tuple[str, ...]


BUGS: list[Bug] = []


def plant(*says: str, inputs: Callable[[], tuple[Array, ...]]) -> Callable[[type], type]:
    """Put a layer into the catalogue under its docstring."""

    def add(layer: type) -> type:
        BUGS.append(Bug(str(layer.__doc__).rstrip("."), layer, inputs, says))
        return layer

    return add
