"""Values, functions and constants as Python source."""

from __future__ import annotations

import keyword
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.compiler.program import Input, Program, Value
from minigrad.compiler.standalone import is_own_object, own_functions
from minigrad.node import Node
from minigrad.registry import name_of

INFIX: dict[Callable[..., Any], str] = {
    operator.__add__: "+",
    operator.__sub__: "-",
    operator.__mul__: "*",
    operator.__truediv__: "/",
    operator.__floordiv__: "//",
    operator.__mod__: "%",
    operator.__pow__: "**",
}
# A ufunc of numbers alone, which an operator computes sooner.
SCALAR: dict[Callable[..., Any], str] = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/"}
# What is written into the source as a constant.
_WRITTEN = (
    bool,
    int,
    float,
    complex,
    str,
    type(None),
    type(...),
    np.generic,
    np.dtype,
    type,
    np.ufunc,
)
_REDUCED = {"np.add.reduce": "sum", "np.maximum.reduce": "max", "np.minimum.reduce": "min"}
_LITERAL = 8  # elements of an array
_TAKEN = frozenset({"np", "step", "start", "rows", *keyword.kwlist})


def is_written(leaf: Any) -> bool:
    """Whether the source shows an object; any other is handed to the step."""
    if isinstance(leaf, np.ndarray):  # few elements, of which nobody has made a constant to be kept
        return bool(leaf.size <= _LITERAL and leaf.flags.writeable)
    return isinstance(leaf, _WRITTEN) or is_own_object(leaf)


def identifier(text: str) -> str:
    """A Python name as near to the text as one can be."""
    name = re.sub(r"\W+", "_", text).strip("_") or "value"
    name = f"_{name}" if name[0].isdigit() else name
    return f"{name}_" if name in _TAKEN else name


def title(node: Node) -> str:
    """What an operation is, in words: "fc1: affine", or "relu" where no module has called it."""
    kind = _snake(node.kind._name())
    path = node.scope.path if node.scope is not None else ""
    return f"{path}: {kind}" if path else kind


def variable(node: Node) -> str:
    """What the source calls the result of an operation: as the module that made it, or as the operation."""
    kind = _snake(node.kind._name())
    module = node.scope.path.rpartition(".")[2] if node.scope is not None else ""
    return module if module.isidentifier() else f"{kind}_{module}" if module else kind


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z\d])(?=[A-Z][a-z])", "_", name).lower()


def name_values(program: Program) -> None:
    """Gives every value a name of its own: an input's, a gradient's parameter's, an operation's, or its function's."""
    used: dict[str, int] = {}
    functions = {function.__name__ for function in own_functions(program.calls)}

    def unique(text: str, numbered: bool) -> str:
        name = identifier(text)
        name = f"{name}_" if name in functions and not numbered else name
        used[name] = count = used.get(name, 0) + 1
        between = "_" if name[-1].isdigit() else ""
        return f"{name}{between}{count}" if numbered or count > 1 else name

    for source in program.inputs:
        source.value.name = unique(source.value.name, numbered=False)
    names = {v: f"d_{getattr(owner, 'name', None) or 'input'}" for owner, v in program.grads if v is not None}
    for call in program.calls:
        short = getattr(call.function, "__name__", "value").strip("_")
        if short == "reduce":
            short = _REDUCED.get(function_text(call.function), short)
        for value in call.outputs:
            known = names.get(value) or value.name
            value.name = unique(known or short, numbered=not known)


def place_name(plan: Any, value: Value) -> str:
    """The name of the array that holds a value."""
    place = plan.places.get(value)
    if place is None:
        return value.name
    name: str = place.value.name if isinstance(place, Input) else place.name
    return name


def function_text(function: Callable[..., Any]) -> str:
    """How the source names a function."""
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc):
        return name_of(ufunc, function.__name__)
    if isinstance(function, np.ufunc) or (getattr(function, "__module__", "") or "").startswith("numpy"):
        return name_of(function)
    return function.__name__


def text(tree: Any) -> str:
    """A value's name, or a constant as Python writes it."""
    if isinstance(tree, Value):
        return tree.name
    if isinstance(tree, tuple):
        return f"({', '.join(map(text, tree))}{',' if len(tree) == 1 else ''})"
    if isinstance(tree, list):
        return f"[{', '.join(map(text, tree))}]"
    if isinstance(tree, slice):
        return f"slice({text(tree.start)}, {text(tree.stop)}, {text(tree.step)})"
    if tree is Ellipsis:
        return "..."
    if isinstance(tree, np.ndarray):
        if not tree.size:
            return f"np.empty({tree.shape}, np.{tree.dtype})"
        return f"np.array({text(tree.tolist())}, np.{tree.dtype})"
    if isinstance(tree, np.dtype):
        return "np.bool_" if tree.kind == "b" else f"np.{tree.name}"
    if isinstance(tree, type):
        return f"np.{tree.__name__}" if tree.__module__ == "numpy" else tree.__name__
    if isinstance(tree, np.generic):
        return f"np.{tree.dtype.type.__name__}({text(tree.item())})"
    if isinstance(tree, float) and not np.isfinite(tree):
        return {"inf": "np.inf", "-inf": "-np.inf"}.get(str(tree), "np.nan")
    return repr(tree)


def index_text(index: Any) -> str:
    """An index as it stands between brackets."""
    if isinstance(index, tuple) and index:
        return ", ".join(map(index_text, index)) + ("," if len(index) == 1 else "")
    if isinstance(index, slice):
        parts = ["" if part is None else text(part) for part in (index.start, index.stop)]
        return ":".join(parts) + ("" if index.step is None else f":{text(index.step)}")
    return text(index)


def parameter_text(source: Input) -> str:
    """An input as a parameter, and what it is in a few words."""
    name = source.value.name
    if source.is_constant:
        array = source.owner
        name += f"=np.full({array.shape}, {text(array.flat[0].item())}, {text(array.dtype)})"
    return f"{name},  # {_kind(source)}"


def _kind(source: Input) -> str:
    value = source.value
    if value.weak or value.dtype == object:
        return source.origin
    return f"{value.shape} {value.dtype}"
