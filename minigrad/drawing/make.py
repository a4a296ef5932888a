"""draw: from Tensors, a function or a module to a Drawing."""

from collections.abc import Mapping
from typing import Any, Literal

from minigrad.drawing.assembling import assemble
from minigrad.drawing.collecting import collector_paused
from minigrad.drawing.drawing import Drawing
from minigrad.drawing.expanding import expand as expand_fused
from minigrad.drawing.options import Options
from minigrad.drawing.picture import Heat
from minigrad.drawing.scene import Direction
from minigrad.drawing.targets import find_tensors
from minigrad.tensor import Tensor


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

    Nothing is changed: no Tensor's `grad`, nothing that the graph has saved. After a backward pass that
    released the graph, the picture shows structure, names and shapes.

    Args:
        outputs: Tensors; or a function, or a Module, followed by the inputs to call it with.
        names: names for Tensors and arrays, the name first: `{"x": x, "labels": labels}`.
        style: "network" or "book" (a value and a gradient on every line); "auto": the book for a few scalars.
        heat: colours show an operation's share of the step's "time", of the saved "memory", or its "grad".
        values: show the rms of the tensors, and the value of scalars.
        grads: show gradients, by a backward pass of the picture's own; "auto": if all outputs are single values.
        depth: how many levels of modules may be open; None for all.
        collapse: fold what must be ("auto"), equal modules and long chains in any case ("always"), or "never".
        expand: open fused operations into NumPy's functions.
        max_nodes: the most nodes to show; None for all.
        direction: "TB" downward or "LR" to the right; by default as the style has it.
        theme: "light" or "dark".
        engine: "dot" (Graphviz), "graphviz-pure", "minigrad" (its own layout); "auto": the first that succeeds.
        timeout: seconds that an engine may take.
        title: the picture's title.
        legend: explain the signs above the picture.

    Raises:
        DrawingError: an argument is none of those above.
        GraphError: `grads=True`, and the graph can give no gradient.

    Example:
        >>> import minigrad as mg
        >>> price = mg.Tensor(100.0, requires_grad=True, name="price")
        >>> count = mg.Tensor(2.0, requires_grad=True, name="count")
        >>> drawing = mg.draw(price * count)
        >>> drawing
        Drawing(4 nodes, 1 operation, book)
        >>> drawing.dot.startswith("digraph")
        True
    """
    what = style, heat, values, grads, depth, collapse, expand, max_nodes
    return _drawn(outputs, names or {}, Options(*what, direction, theme, engine, timeout, title, legend))


def _drawn(outputs: tuple[Any, ...], names: Mapping[str, Any], options: Options) -> Drawing:
    tensors, given = find_tensors(outputs)
    if options.expand:
        tensors = expand_fused(tensors)
    by_array = {id(_array(value)): str(name) for name, value in {**given, **names}.items()}
    with collector_paused():
        assembled = assemble(tensors, by_array, options)
        return Drawing(assembled.shown, assembled.opened, assembled.style, options)


def _array(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else value
