"""Binding a step to the objects it works on: parameters, optimizers, and the arrays that the step owns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.compiler.program import Input, Program
from minigrad.optim import Optimizer
from minigrad.tensor import Array, Tensor, wrap


class Owned:
    """The arrays that compiled steps write parameters and state to, in place, from one step to the next.

    A Tensor is given a new window on its array at every step, so that a graph recorded before the step notices.
    """

    def __init__(self) -> None:
        self._arrays: dict[Tensor, Array] = {}
        self._states: dict[Optimizer, list[list[Array]]] = {}

    def tensor(self, tensor: Tensor) -> Array:
        """The array of a Tensor."""
        array = self._arrays.get(tensor)
        if array is None:
            array = self._arrays[tensor] = np.array(tensor._data, order="C")
        return array

    def state(self, optimizer: Optimizer) -> list[list[Array]]:
        """The arrays of an optimizer's state."""
        arrays = self._states.get(optimizer)
        if arrays is None:
            arrays = self._states[optimizer] = [list(map(np.array, state)) for state in optimizer.state]
        return arrays


class _Writer:
    """Writes the lines that run one program's step, and keeps the objects that they name."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.first: list[str] = []  # lines before the step
        self.last: list[str] = []  # and after it

    def name(self, thing: Any, kind: str) -> str:
        """The name of an object, always the same."""
        for known, other in self.names.items():
            if other is thing:
                return known
        new = f"{kind}{len(self.names)}"
        self.names[new] = thing
        return new

    def lines(self, call: str, result: str, advances: list[str]) -> list[str]:
        """The whole function. Where it fails, optimizers have not advanced."""
        body = [*self.first, call, *self.last, f"return {result}"]
        if not advances:
            return body
        settings = ", ".join(f"{optimizer}.steps, {optimizer}.lr" for optimizer in advances)
        return [
            f"before = {settings}",
            *(f"{optimizer}.advance()" for optimizer in advances),
            "try:",
            *(f"    {line}" for line in body),
            "except BaseException:",
            f"    {settings} = before",
            "    raise",
        ]


def runner(
    program: Program,
    step: Callable[..., Any],
    owned: Owned,
    advances: list[Optimizer],
    tree: Any,
    contiguous: bool = False,
) -> Callable[[Sequence[Any]], Any]:
    """A function of the arguments' leaves that runs the step and gives its result; written out for this program.

    It takes in the values that Tensors and state were given since the last step.
    """
    names = {"step": step, "wrap": wrap, "Tensor": Tensor, "asarray": np.asarray, "copyto": np.copyto}
    writer = _Writer({**names, "contiguous": np.ascontiguousarray})
    written = {x.value for x, _ in program.writes}
    arguments = []
    for source in program.inputs:
        if source.origin == "tensor" and source.value in written:
            text = _owned_tensor(source.owner, owned, writer)
        elif source.origin == "state":
            text = _owned_state(source, owned, writer)
        else:
            text = _read(source, writer)
            if (
                contiguous
                and source.origin in ("argument", "tensor", "grad", "object")
                and source.value.shape
            ):
                text = f"contiguous({text})"
        arguments.append(text)
    made = []
    for i, (owner, value) in enumerate(program.grads):
        target = f"leaves[{owner}]" if isinstance(owner, int) else writer.name(owner, "tensor")
        if value is None:
            writer.last.append(f"{target}.grad = None")
            continue
        made.append(f"made{i}")
        grad = writer.name(wrap(np.empty(())), "grad")
        array = made[-1] if value.shape else f"asarray({made[-1]})"
        writer.last += [f"{grad}._data = {array}", f"{target}.grad = {grad}"]
    outputs = [f"output{i}" for i in range(len(program.outputs))]
    targets = ", ".join(f"({''.join(f'{name}, ' for name in group)})" for group in (outputs, made))
    result = _result(tree, writer)
    call = f"{targets} = step({', '.join(arguments)})"
    lines = writer.lines(call, result, [writer.name(optimizer, "optimizer") for optimizer in advances])
    exec("def run(leaves):\n" + "".join(f"    {line}\n" for line in lines), writer.names)
    run: Callable[[Sequence[Any]], Any] = writer.names["run"]
    return run


def _owned_tensor(owner: Tensor, owned: Owned, writer: _Writer) -> str:
    tensor, array = writer.name(owner, "tensor"), writer.name(owned.tensor(owner), "array")
    writer.first += [f"if {tensor}._data.base is not {array}:", f"    copyto({array}, {tensor}._data)"]
    writer.last.append(f"{tensor}._data = {array}.view()")
    return array


def _owned_state(source: Input, owned: Owned, writer: _Writer) -> str:
    i, j = source.key
    array = writer.name(owned.state(source.owner)[i][j], "array")
    place = f"{writer.name(source.owner, 'optimizer')}.state[{i}][{j}]"
    writer.first += [f"if {place} is not {array}:", f"    copyto({array}, {place})", f"    {place} = {array}"]
    return array


def _read(source: Input, writer: _Writer) -> str:
    """The expression that reads an input which the step leaves as it is."""
    owner = source.owner
    if source.origin == "argument":
        return f"(leaves[{owner}]._data if type(leaves[{owner}]) is Tensor else leaves[{owner}])"
    if source.origin == "tensor":
        return f"{writer.name(owner, 'tensor')}._data"
    if source.origin == "grad":
        holder = f"leaves[{owner}]" if isinstance(owner, int) else writer.name(owner, "tensor")
        return f"{holder}.grad._data"
    if source.origin == "setting":
        setting = f"{writer.name(owner, 'optimizer')}.{source.key}"
        return f"float({setting})" if source.value.weak and source.value.dtype.kind == "f" else setting
    return writer.name(owner, "object")


def _result(tree: Any, writer: _Writer) -> str:
    """The expression of the function's result, with the outputs in their places."""
    kind = tree[0] if type(tree) is tuple and tree else None
    if kind == "tensor":
        return f"wrap(asarray(output{tree[1]}))"
    if kind == "array":
        return f"output{tree[1]}"
    if kind == "static":
        return writer.name(tree[1], "static")
    if isinstance(tree, dict):
        entries = (f"{writer.name(key, 'key')}: {_result(item, writer)}" for key, item in tree.items())
        return f"{{{', '.join(entries)}}}"
    made, items = writer.name(type(tree), "kind"), [_result(item, writer) for item in tree]
    return f"{made}({', '.join(items)})" if hasattr(tree, "_fields") else f"{made}([{', '.join(items)}])"
