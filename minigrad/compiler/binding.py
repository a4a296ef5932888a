"""Binding a step to the objects it works on: parameters, optimizers, and the arrays that the step owns."""

from __future__ import annotations

from collections.abc import Callable
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
        """The array of a Tensor, after taking in values that it was given meanwhile."""
        array = self._arrays.get(tensor)
        if array is None:
            array = self._arrays[tensor] = np.array(tensor._data, order="C")
        elif tensor._data.base is not array:
            np.copyto(array, tensor._data)
        return array

    def state(self, optimizer: Optimizer) -> list[list[Array]]:
        """The arrays of an optimizer's state, in the same way."""
        owned = self._states.get(optimizer)
        if owned is None:
            owned = self._states[optimizer] = [list(map(np.array, arrays)) for arrays in optimizer.state]
        for mine, theirs in zip(owned, optimizer.state, strict=True):
            for j, array in enumerate(mine):
                if theirs[j] is not array:
                    np.copyto(array, theirs[j])
                    theirs[j] = array
        return owned


def runner(
    program: Program,
    step: Callable[..., Any],
    owned: Owned,
    advances: list[Optimizer],
    contiguous: bool = False,
) -> Callable[[list[Any]], Any]:
    """A function of the arguments' leaves that runs the step and gives its outputs; written out for this program."""
    names: dict[str, Any] = {
        "step": step,
        "wrap": wrap,
        "owned": owned,
        "Tensor": Tensor,
        "contiguous": np.ascontiguousarray,
        "asarray": np.asarray,
    }
    written = {x.value for x, _ in program.writes}
    begin, end = [], []

    def name(thing: Any, kind: str) -> str:
        for known, other in names.items():
            if other is thing:
                return known
        new = f"{kind}{len(names)}"
        names[new] = thing
        return new

    for optimizer in advances:
        begin.append(f"{name(optimizer, 'optimizer')}.advance()")
        if any(x.origin == "state" and x.owner is optimizer for x in program.inputs):
            begin.append(
                f"{name(optimizer, 'optimizer')}_state = owned.state({name(optimizer, 'optimizer')})"
            )
    arguments = []
    for source in program.inputs:
        text = _read(source, name, source.value in written)
        if text.startswith("owned.tensor"):
            tensor = name(source.owner, "tensor")
            begin.append(f"{tensor}_array = {text}")
            end.append(f"{tensor}._data = {tensor}_array.view()")
            text = f"{tensor}_array"
        elif contiguous and source.origin != "setting" and source.value.shape and source.value not in written:
            text = f"contiguous({text})"
        arguments.append(text)
    for i, (owner, value) in enumerate(v for v in program.grads):
        target = f"leaves[{owner}]" if isinstance(owner, int) else name(owner, "tensor")
        made = sum(v is not None for _, v in program.grads[:i])
        array = f"grads[{made}]" if value is None or value.shape else f"asarray(grads[{made}])"
        end.append(f"{target}.grad = " + ("None" if value is None else f"wrap({array})"))
    lines = [*begin, f"outputs, grads = step({', '.join(arguments)})", *end, "return outputs"]
    exec("def run(leaves):\n" + "".join(f"    {line}\n" for line in lines), names)
    run: Callable[[list[Any]], Any] = names["run"]
    return run


def _read(source: Input, name: Callable[[Any, str], str], written: bool) -> str:
    """The expression that reads an input."""
    owner, key = source.owner, source.key
    if source.origin == "argument":
        return f"(leaves[{owner}]._data if type(leaves[{owner}]) is Tensor else leaves[{owner}])"
    if source.origin == "tensor":
        return f"owned.tensor({name(owner, 'tensor')})" if written else f"{name(owner, 'tensor')}._data"
    if source.origin == "grad":
        return (
            f"leaves[{owner}].grad._data" if isinstance(owner, int) else f"{name(owner, 'tensor')}.grad._data"
        )
    if source.origin == "state":
        return f"{name(owner, 'optimizer')}_state[{key[0]}][{key[1]}]"
    if source.origin == "setting":
        return f"{name(owner, 'optimizer')}.{key}"
    return name(owner, "object")
