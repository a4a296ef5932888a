"""The options of `draw`, checked once."""

from dataclasses import dataclass
from typing import Literal

from minigrad.drawing.engines import ENGINE_NAMES
from minigrad.drawing.errors import DrawingError
from minigrad.drawing.picture import Heat
from minigrad.drawing.scene import Direction
from minigrad.drawing.themes import THEMES

KNOWN: dict[str, tuple[object, ...]] = {
    "style": ("auto", "network", "book"),
    "heat": (None, "time", "memory", "grad"),
    "grads": ("auto", True, False),
    "collapse": ("auto", "always", "never"),
    "direction": (None, "TB", "LR"),
    "theme": tuple(THEMES),
    "engine": ENGINE_NAMES,
}


@dataclass(frozen=True, slots=True)
class Options:
    """What `draw` was asked for; its docstring says what each option means.

    Raises:
        DrawingError: a value has no meaning.
    """

    style: Literal["auto", "network", "book"] = "auto"
    heat: Heat | None = None
    values: bool = True
    grads: bool | Literal["auto"] = "auto"
    depth: int | None = None
    collapse: Literal["auto", "always", "never"] = "auto"
    expand: bool = False
    max_nodes: int | None = 150
    direction: Direction | None = None
    theme: Literal["light", "dark"] = "light"
    engine: Literal["auto", "dot", "graphviz-pure", "minigrad"] = "auto"
    timeout: float = 10.0
    title: str | None = None
    legend: bool = True

    def __post_init__(self) -> None:
        for name, known in KNOWN.items():
            value = getattr(self, name)
            if value not in known:
                raise DrawingError(
                    f"draw: {name}={value!r} is not known; it is one of {', '.join(map(repr, known))}"
                )
        for name, least in (("depth", 0), ("max_nodes", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise DrawingError(f"draw: {name}={value!r} must be None or at least {least}")
        if not self.timeout > 0:
            raise DrawingError(f"draw: timeout={self.timeout!r} must be a number of seconds above 0")
