"""Node: the record of one call of a Function, which the backward pass walks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy import ndarray

from minigrad.broadcasting import broadcasts_to, unbroadcast
from minigrad.describe import operand
from minigrad.engine import Gradient, run
from minigrad.errors import GraphError, RuleError
from minigrad.lines import Line, Place, line_of
from minigrad.rows import NotRowwiseError, Rows
from minigrad.standin import as_array
from minigrad.state import Scope, label, thread
from minigrad.tensor import Array, Tensor, wrap

if TYPE_CHECKING:
    from minigrad.function import Function
    from minigrad.tensor import Hook


_CONTAINERS = (tuple, list, dict)
Outline: TypeAlias = "tuple[tuple[int, ...], np.dtype[Any]]"
"""The shape and dtype of an array."""


class Node:
    """One recorded operation: its Function, what that was handed, and what made each input."""

    __slots__ = (
        "__weakref__",
        "constants",
        "function",
        "hooks",
        "inputs",
        "kind",
        "needs",
        "number",
        "output",
        "outputs",
        "place",
        "scope",
        "sources",
        "static",
    )

    kind: type[Function]
    function: Function | None  # holds what forward saved; None where that is here already, and once released
    inputs: Sequence[Any]  # what forward was handed; empty once released
    needs: list[bool]  # whether each input requires a gradient
    sources: list[
        Node | Tensor | None
    ]  # what made each input: an operation, or the leaf it is; None: no gradient
    constants: dict[int, Tensor] | None  # the inputs that are named constants, by position
    static: dict[str, Any]  # the parameters that the Function held before it was called
    number: int  # the order of creation, over all operations
    scope: Scope | None  # the module being called
    place: Place  # in the user's code
    output: Array  # until released, and unless there are several
    outputs: list[Outline] | None  # where there are several, and once released
    hooks: list[Hook] | None

    # What it is

    @property
    def label(self) -> str:
        """The name, and the path of the module in which it was recorded."""
        return label(self.kind._name(), self.scope)

    @property
    def line(self) -> Line:
        """The line of the user's code that made this operation."""
        return line_of(self.place)

    @property
    def outlines(self) -> list[Outline]:
        """The shape and dtype of each output."""
        return self.outputs or [(self.output.shape, self.output.dtype)]

    @property
    def released(self) -> bool:
        """Whether a backward pass has let go of what was saved."""
        return not self.inputs

    def remembered(self) -> Function:
        """The Function as its forward left it."""
        if self.function is not None:
            return self.function
        function: Function = object.__new__(self.kind)
        function.needs = self.needs
        function._remember(self.inputs, self.output)
        return function

    @property
    def saved_arrays(self) -> list[Array]:
        """The arrays that backward will read."""
        if not self.inputs:
            return []
        arrays: list[Array] = []
        saved, static = self.remembered().__dict__, self.static
        found = (
            [value for name, value in saved.items() if name not in static] if static else [*saved.values()]
        )
        for value in found:  # which grows by what containers hold
            if isinstance(value, ndarray):
                arrays.append(value)
            elif isinstance(value, _CONTAINERS):
                found += value.values() if isinstance(value, dict) else value
        return arrays

    def release(self) -> None:
        """Forgets what was saved; the structure, names and shapes stay."""
        self.function = None
        self.inputs = ()
        if self.outputs is None:
            self.outputs = [(self.output.shape, self.output.dtype)]
            del self.output

    # The backward pass

    def run(self, grad: Gradient, retain_graph: bool, create_graph: bool) -> dict[Tensor, Gradient]:
        """The gradient with respect to each leaf, from the one with respect to this operation's output."""
        return run([(self, grad)], retain_graph, create_graph)

    def vjp(self, grad: Gradient, create_graph: bool) -> tuple[Gradient, ...]:
        """What the rule gives for each input.

        Args:
            grad: the gradient with respect to the output; to several outputs, their `Parts`.
            create_graph: run the rule on Tensors, so that it is recorded.

        Raises:
            GraphError: what was saved is released, or an input was changed since.
            RuleError: the rule broke its contract.
        """
        if not self.inputs:
            raise self._released()
        try:
            if self.hooks is not None:
                grad = self._hooked(grad)
            if create_graph:
                given = self._record_backward(grad)
            elif self.outputs is None:
                function = self.function
                given = (self.remembered() if function is None else function).backward(grad)
            else:
                given = self.remembered().backward(*grad.filled(self.outputs))
        except NotRowwiseError:
            return self._row_by_row(grad)
        except Exception as error:
            error.add_note(f"in the backward pass of {self.label}, made at {self.line}")
            raise
        grads: tuple[Gradient, ...] = given if type(given) is tuple else (given,)
        if len(grads) != len(self.sources):
            raise RuleError(f"{self._blame} returned {len(grads)} gradients for {len(self.sources)} inputs")
        return grads

    def _row_by_row(self, grad: Rows | Parts) -> tuple[Gradient, ...]:
        """What the rule gives for one row after the other."""
        found = [self.vjp(row, False) for row in rows_of(grad)]
        return tuple(None if gs[0] is None else Rows(np.stack(gs)) for gs in zip(*found, strict=True))

    def _record_backward(self, grad: Gradient) -> Any:
        """Runs the rule on Tensors: a twin's forward saves Tensors, from which its backward computes."""
        twin = self.kind._new(self.static)
        twin.needs = self.needs
        tensors = [
            x if source is None else wrap(x, source) if isinstance(source, Node) else source
            for x, source in zip(self.inputs, self.sources, strict=True)
        ]
        state = thread.state
        outer = state.scope, state.twin
        state.scope, state.twin = Scope("", self.kind._name(), self.scope, backward_of=self), True
        try:
            twin.forward(*tensors)
            return twin.backward(grad) if self.outputs is None else twin.backward(*grad.filled(self.outputs))
        finally:
            state.scope, state.twin = outer

    def _released(self) -> GraphError:
        return GraphError(
            f"what {self.label} saved was released by an earlier backward pass (it was made at {self.line}): "
            "pass retain_graph=True to the first backward if there shall be a second"
        )

    def _hooked(self, grad: Gradient) -> Gradient:
        if type(grad) is Rows:
            return grad.each(self._hooked)
        recorded = isinstance(grad, Tensor)
        tensor = grad if recorded else wrap(as_array(grad))
        for hook in self.hooks or ():
            replaced = hook(tensor)
            tensor = tensor if replaced is None else replaced
        return tensor if recorded else tensor._data

    def fit(self, i: int, x: Array, g: Gradient, create_graph: bool) -> Gradient:
        """The gradient in the shape and dtype of its input, or an error that says why it cannot be."""
        if g is None:
            raise RuleError(
                f"{self._blame} returned None for {self._described(i, x)}, which requires a gradient: "
                "return one, of zeros where nothing passes"
            )
        if isinstance(g, Parts):
            return g
        if isinstance(g, Tensor):
            g = g if create_graph else g._data
        elif not isinstance(g, (np.ndarray, Rows)):
            g = as_array(g)
        if g.dtype.kind not in "biufc":
            raise RuleError(f"{self._blame} returned dtype {g.dtype} for {self._described(i, x)}")
        if g.shape != x.shape:
            if not broadcasts_to(x.shape, g.shape):
                raise RuleError(
                    f"{self._blame} returned a gradient of shape {g.shape} for {self._described(i, x)}: "
                    "a gradient has the shape of its input"
                )
            g = unbroadcast(g, x.shape)
        if g.dtype == x.dtype:
            return g
        return (g.real if g.dtype.kind == "c" and x.dtype.kind != "c" else g).astype(x.dtype)

    def check_changed(self, i: int, old: Array, create_graph: bool) -> None:
        """A leaf has a new value since: an error where this backward pass stands on the old one."""
        if create_graph or any(np.may_share_memory(old, array) for array in self.saved_arrays):
            raise GraphError(
                f"{self._described(i, old)} was changed after {self.label} used it (at {self.line}) and before "
                "the backward pass that needs its old value: run backward first, or change a copy"
            )

    def _described(self, i: int, x: Any) -> str:
        source = self.sources[i]
        given_name = None if source is None or isinstance(source, Node) else source.name
        return f"input {i} " + operand(self.input_names[i], x, given_name)

    @property
    def input_names(self) -> list[str]:
        """What the operation calls its inputs."""
        return self.kind._input_names(len(self.sources))

    @property
    def _blame(self) -> str:
        return f"{self.kind.__name__}.backward (of the operation made at {self.line})"


class Parts(dict[int, Any]):
    """Gradients with respect to some of an operation's several outputs, by position."""

    def __add__(self, other: Parts) -> Parts:
        return Parts({**self, **other})  # each output hands in its gradient once, complete

    def filled(self, outputs: list[Outline]) -> list[Gradient]:
        """One gradient for each output, zeros where none arrived."""
        return [self[i] if i in self else np.zeros(*output) for i, output in enumerate(outputs)]


def rows_of(grad: Rows | Parts) -> list[Gradient]:
    """The gradients that were carried together."""
    if isinstance(grad, Rows):
        return list(grad.data)
    count = next(len(part.data) for part in grad.values() if isinstance(part, Rows))
    return [
        Parts({i: part.data[row] if isinstance(part, Rows) else part for i, part in grad.items()})
        for row in range(count)
    ]


class Output(Node):
    """One of an operation's several outputs, as a node of its own."""

    __slots__ = ("index",)

    index: int

    def __init__(self, node: Node, index: int, value: Array, number: int) -> None:
        self.number = number
        self.index = index
        self.constants = self.hooks = self.outputs = None
        self.function = node.function
        self.inputs = [value]
        self.kind = node.kind
        self.needs = [True]
        self.output = value
        self.place = node.place
        self.scope = node.scope
        self.sources = [node]
        self.static = node.static

    def vjp(self, grad: Gradient, create_graph: bool) -> tuple[Gradient, ...]:  # noqa: ARG002  Node's signature
        """Hands the gradient on, marked with the output's position."""
        if not self.inputs:
            raise self._released()
        return (Parts({self.index: grad if self.hooks is None else self._hooked(grad)}),)
