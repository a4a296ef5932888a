"""draw: from Tensors, a function or a module to a Drawing."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from minigrad.drawing import measuring, text
from minigrad.drawing.drawing import Drawing, Layout
from minigrad.drawing.engines import ENGINE_NAMES
from minigrad.drawing.errors import DrawingError
from minigrad.drawing.expanding import expand as expand_fused
from minigrad.drawing.folding import fold
from minigrad.drawing.measuring import Numbers, with_numbers
from minigrad.drawing.picture import Cost, Heat, Picture
from minigrad.drawing.reading import Reading, read
from minigrad.drawing.scene import Direction, Style
from minigrad.drawing.themes import find_theme
from minigrad.errors import MinigradError
from minigrad.graph import graph_of
from minigrad.nn import Module
from minigrad.tensor import Tensor

DETAILED = 400  # nodes, up to which the statistics are taken in full
BOOK_OPERATIONS = 40


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What numbers the caller wants."""

    heat: Heat | None
    values: bool
    grads: bool | Literal["auto"]


def draw(
    *outputs: Any,
    names: Mapping[str, Any] | None = None,
    style: Literal["auto", "network", "book"] = "auto",
    heat: Heat | None = None,
    values: bool = True,
    grads: bool | Literal["auto"] = "auto",
    depth: int | None = None,
    collapse: Literal["auto", "always", "never"] = "auto",
    expand: bool = False,
    max_nodes: int | None = 150,
    direction: Direction | None = None,
    theme: Literal["light", "dark"] = "light",
    engine: Literal["auto", "dot", "graphviz-pure", "minigrad"] = "auto",
    timeout: float = 10.0,
    title: str | None = None,
    legend: bool = True,
) -> Drawing:
    """Draw the graph that some Tensors were computed from.

    Nothing is changed: no Tensor's ``grad``, nothing that the graph has saved. After a backward pass that released the
    graph, the picture shows structure, names and shapes.

    Args:
        outputs: Tensors; or a function, or a Module, followed by the inputs to call it with.
        names: names for Tensors and arrays, the name first: ``{"x": x, "labels": labels}``.
        style: "network", with shapes, statistics and costs; "book", with a value and a gradient on every line; "auto" is
            "book" for small graphs of scalars.
        heat: what an operation's colour shows: its share of the "time" of a step, of the "memory" saved for backward, or
            its gradient ("grad"). Only "time" measures how long operations take.
        values: show the rms of the tensors, and the value of scalars.
        grads: show gradients, from a backward pass of the picture's own. "auto": where all outputs are single values; True:
            of the sum of the outputs' elements.
        depth: how many levels of modules may be open; None for all.
        collapse: "auto" folds what must be folded to show at most ``max_nodes``; "always" folds equal modules and long
            chains in any case; "never" folds nothing.
        expand: open fused operations into NumPy's functions.
        max_nodes: the most nodes to show; None for all.
        direction: "TB" downward or "LR" to the right; by default as the style has it.
        theme: "light" or "dark".
        engine: who lays the picture out: "dot" (Graphviz), "graphviz-pure", "minigrad" (its own layout), or "auto", the first
            of these that is installed and succeeds.
        timeout: seconds that an engine may take.
        title: the picture's title.
        legend: explain the signs above the picture.

    Raises:
        DrawingError: an argument is none of those above.
        GraphError: ``grads=True``, and the graph can give no gradient.

    Example:
        >>> import minigrad as mg
        >>> price, count = mg.Tensor(100.0, requires_grad=True, name="price"), mg.Tensor(2.0, requires_grad=True, name="count")
        >>> drawing = mg.draw(price * count)
        >>> drawing
        Drawing(4 nodes, 1 operation, book)
        >>> drawing.dot.startswith("digraph")
        True
    """
    _check(style=(style, ("auto", "network", "book")), heat=(heat, (None, "time", "memory", "grad")))
    _check(collapse=(collapse, ("auto", "always", "never")), direction=(direction, (None, "TB", "LR")))
    _check(engine=(engine, ENGINE_NAMES), grads=(grads, ("auto", True, False)))
    find_theme(theme)
    tensors, given = _tensors(outputs)
    if expand:
        tensors = expand_fused(tensors)
    by_array = {id(_array(value)): str(name) for name, value in {**given, **(names or {})}.items()}
    reading = read(graph_of(*tensors), by_array)
    whole = reading.picture._replace(heat=heat, legend=legend)
    wishes = _Wishes(heat, values, grads)
    if style == "auto":
        style = _fitting_style(whole)
    folded = fold(whole, most=max_nodes, depth=depth, collapse=collapse)
    numbers = _measure(reading, tensors, folded, wishes)
    opened = folded
    if len(whole.nodes) > len(folded.nodes) and depth is None:
        opened = fold(whole, most=max(DETAILED, max_nodes or 0), depth=None, collapse=collapse)
    facts = _facts(reading, folded, numbers)
    finished = [with_numbers(p, numbers)._replace(title=_title(reading, title), facts=facts) for p in (folded, opened)]
    flow: Direction = direction or ("LR" if style == "book" else "TB")
    return Drawing(finished[0], finished[1], Layout(style, flow, theme, engine, timeout, max_nodes))


def _check(**given: tuple[object, tuple[object, ...]]) -> None:
    for name, (value, known) in given.items():
        if value not in known:
            raise DrawingError(f"draw: {name}={value!r} is not known; it is one of {', '.join(map(repr, known))}")


def _array(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else value


def _tensors(outputs: tuple[Any, ...]) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """The Tensors to draw, and the names that a function's inputs have in its signature."""
    if not outputs:
        raise DrawingError("draw: nothing to draw; pass a Tensor, or a function and its inputs")
    first, *inputs = outputs
    if callable(first) and not isinstance(first, Tensor):
        return _called(first, inputs)
    strangers = [type(output).__name__ for output in outputs if not isinstance(output, Tensor)]
    if strangers:
        raise DrawingError(f"draw: cannot draw a {strangers[0]}; pass Tensors, or a function and its inputs")
    return outputs, {}


def _called(function: Callable[..., Any], inputs: list[Any]) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """A function's outputs. Its floating-point inputs get gradients, a Module's do not: its parameters have them."""
    signature = inspect.signature(function.forward if isinstance(function, Module) else function)
    names = [name for name, _ in zip(signature.parameters, inputs, strict=False)]
    names += [f"input {i}" for i in range(len(names) + 1, len(inputs) + 1)]
    if not isinstance(function, Module):
        inputs = [_differentiable(value, name) for value, name in zip(inputs, names, strict=True)]
    else:
        inputs = [value if isinstance(value, Tensor) else np.asarray(value) for value in inputs]
    result = function(*inputs)
    results = result if isinstance(result, tuple) else (result,)
    if not all(isinstance(output, Tensor) for output in results):
        raise DrawingError(f"draw: {function!r} returned a {type(result).__name__}; it must return Tensors to be drawn")
    return results, dict(zip(names, inputs, strict=True))


def _differentiable(value: Any, name: str) -> Any:
    if isinstance(value, Tensor):
        return value
    array = np.asarray(value)
    return Tensor(array, requires_grad=True, name=name) if array.dtype.kind in "fc" else array


def _fitting_style(picture: Picture) -> Style:
    scalars = all(tensor.is_scalar for tensor in picture.tensors.values())
    few = sum(node.kind == "operation" for node in picture.nodes) <= BOOK_OPERATIONS
    return "book" if scalars and few else "network"


def _measure(reading: Reading, outputs: tuple[Tensor, ...], folded: Picture, wishes: _Wishes) -> Numbers:
    """All that the picture says of its tensors and operations."""
    detailed = set()
    if len(folded.nodes) <= DETAILED:
        detailed = {node.key for node in folded.nodes} | {edge.tensor for edge in folded.edges}
    values = measuring.values(reading, detailed) if wishes.values else {}
    costs = measuring.saved(reading)
    passed, trouble = measuring.Backward({}, {}), ""
    roots = [output for output in outputs if output.requires_grad]
    if roots and _wants_gradients(reading, outputs, wishes):
        try:
            passed = measuring.backward(reading, roots, detailed, wishes.heat == "time")
        except MinigradError as error:
            if wishes.grads is True:
                raise
            trouble = text.clean(str(error), 90)
    costs = {key: cost.plus(passed.times.get(key, Cost(0))) for key, cost in costs.items()}
    gradients = {} if wishes.grads is False else passed.gradients
    return Numbers(values, gradients, costs, measuring.badges(reading, values, gradients), trouble)


def _wants_gradients(reading: Reading, outputs: tuple[Tensor, ...], wishes: _Wishes) -> bool:
    if wishes.grads == "auto":
        released = any(operation.released for operation in reading.operations.values())
        return not released and all(output.size == 1 for output in outputs)
    return wishes.grads is True or wishes.heat in ("time", "grad")


def _title(reading: Reading, given: str | None) -> str:
    if given is not None:
        return given
    modules = reading.picture.modules
    return modules[1].type or modules[1].name if len(modules) > 1 else ""


def _facts(reading: Reading, folded: Picture, numbers: Numbers) -> tuple[str, ...]:
    """The line under the title: outputs, parameters, operations, time."""
    whole = reading.picture
    facts = []
    for node in whole.nodes:
        if node.kind == "output" and whole.tensors[node.key].is_scalar and node.key in numbers.values:
            facts.append(f"{text.clean(node.name)} {text.exact(numbers.values[node.key].mean)}")
    parameters = sum(int(np.prod(whole.tensors[n.key].shape)) for n in whole.nodes if n.kind == "parameter")
    if parameters:
        facts.append("1 parameter" if parameters == 1 else f"{text.grouped(parameters)} parameters")
    shown, total = (sum(node.kind == "operation" for node in p.nodes) for p in (folded, whole))
    if shown < total:
        facts.append(f"{text.grouped(shown)} of {text.grouped(total)} operations shown")
    elif total:
        facts.append("1 operation" if total == 1 else f"{total} operations")
    forward = sum(cost.forward or 0.0 for cost in numbers.costs.values())
    backward = sum(cost.backward or 0.0 for cost in numbers.costs.values())
    if forward:
        parts = f"forward {text.duration(forward)} + backward {text.duration(backward)}"
        facts.append(f"step {text.duration(forward + backward)} = {parts}")
    if numbers.trouble:
        facts.append(f"no gradients: {numbers.trouble}")
    return tuple(facts[:3] + facts[-2:]) if len(facts) > 6 else tuple(facts)
