"""Binding a step to the objects it works on: parameters, optimizers, and the arrays that the step owns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from minigrad.compiler.plan import Plan
from minigrad.compiler.program import Input, Value
from minigrad.optim import Optimizer
from minigrad.tensor import Array, Tensor, wrap


class Owned:
    """The arrays that compiled steps write parameters and state to, in place, from one step to the next.

    A Tensor shows a window on its array, and a step gives it a new one where somebody else holds the old one: so a
    graph recorded before the step notices.
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


def shown(tensor: Tensor, array: Array) -> Array:
    """The window that a Tensor shows on its array, which takes in the values that it was given meanwhile."""
    if tensor._data.base is not array:
        np.copyto(array, tensor._data)
        tensor._data = array.view()
    return tensor._data


class _Writer:
    """Writes the lines that run one program's step, and keeps the objects that they name."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.windows: list[str] = []  # variables that stay from step to step: what each Tensor showed last
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

    def lines(self, call: str, result: str, advances: list[Optimizer]) -> list[str]:
        """The whole function. Where it fails, optimizers have not advanced."""
        body = [*self.first, call, *self.last, f"return {result}"]
        names = [self.name(optimizer, "optimizer") for optimizer in advances]
        return [
            *([f"global {', '.join(self.windows)}"] if self.windows else []),
            *(line for o, name in zip(advances, names, strict=True) for line in _advancing(o, name)),
            "try:",
            *(f"    {line}" for line in body),
            "except BaseException as error:",
            *(f"    {name}.steps, {name}.lr = {name}_steps, {name}_lr" for name in names),
            "    failed(error, leaves)",
            "    raise",
        ]


def _advancing(optimizer: Optimizer, name: str) -> list[str]:
    """The lines that keep an optimizer's step number and learning rate, and advance it: most just count."""
    kept = [f"{name}_steps = {name}.steps", f"{name}_lr = {name}.lr"]
    if type(optimizer).advance is not Optimizer.advance:
        return [*kept, f"{name}.advance()"]
    return [
        *kept,
        f"if {name}.schedule is None:",
        f"    {name}.steps = {name}_steps + 1",
        "else:",
        f"    {name}.advance()",
    ]


def runner(
    plan: Plan,
    step: Callable[..., Any],
    owned: Owned,
    advances: list[Optimizer],
    tree: Any,
    tensors: set[int],
    failed: Callable[[BaseException, Sequence[Any]], None],
    unordered: Collection[Input] = (),
) -> Callable[[Sequence[Any]], Any]:
    """A function of the arguments' leaves that runs the step and gives its result; written out for this program.

    It takes in the values that Tensors and state were given since the last step.

    Args:
        plan: of the step.
        step: the function made from its source.
        owned: the arrays that parameters and state are kept in.
        advances: the optimizers that make a step.
        tree: the function's result, with the numbers of the outputs.
        tensors: which of the leaves are Tensors; the others are arrays and numbers.
        failed: called with the error, and the leaves, where the step is stopped.
        unordered: the inputs of which the step takes a copy in C order, if they are not laid out so.
    """
    program = plan.program
    names = {"step": step, "failed": failed, "wrap": wrap, "asarray": np.asarray, "copyto": np.copyto}
    names |= {"shown": shown, "getrefcount": getrefcount, "contiguous": np.ascontiguousarray}
    writer = _Writer(names | {"held_by_two": _held_by_two()})
    written = {x.value for x, _ in program.writes}
    arguments = []
    for source in program.inputs:
        if source.origin == "tensor" and source.value in written:
            text = _owned_tensor(source.owner, owned, writer)
        elif source.origin == "state":
            text = _owned_state(source, owned, writer)
        else:
            text = _read(source, tensors, writer)
            text = f"contiguous({text})" if source in unordered else text
        arguments.append(text)
    made = []
    for i, (owner, value) in enumerate(program.grads):
        target = f"leaves[{owner}]" if isinstance(owner, int) else writer.name(owner, "tensor")
        if value is None:
            writer.last.append(f"{target}._grad = None")
            continue
        made.append(f"made{i}")
        writer.last.append(f"{target}._grad = {_array(made[-1], value, plan)}")
    outputs = [f"output{i}" for i in range(len(program.outputs))]
    targets = ", ".join(f"({''.join(f'{name}, ' for name in group)})" for group in (outputs, made))
    result = _result(tree, plan, writer)
    call = f"{targets} = step({', '.join(arguments)})"
    lines = writer.lines(call, result, advances)
    exec("def run(leaves):\n" + "".join(f"    {line}\n" for line in lines), writer.names)
    run: Callable[[Sequence[Any]], Any] = writer.names["run"]
    return run


def _owned_tensor(owner: Tensor, owned: Owned, writer: _Writer) -> str:
    tensor, array = writer.name(owner, "tensor"), writer.name(owned.tensor(owner), "array")
    window = f"window_of_{tensor}"
    writer.names[window] = None
    writer.windows.append(window)
    writer.first += [f"if {tensor}._data is not {window}:", f"    {window} = shown({tensor}, {array})"]
    # A graph that has recorded the window holds it too, besides the Tensor and the variable.
    writer.last += [
        f"if getrefcount({window}) != held_by_two:",
        f"    {tensor}._data = {window} = {array}.view()",
    ]
    return array


def _held_by_two() -> int:
    """What Python counts for a window that a Tensor and a variable hold."""
    tensor = wrap(np.empty(1))
    scope = {"getrefcount": getrefcount, "window": tensor._data}
    count: int = eval("lambda: getrefcount(window)", scope)()
    return count


def _owned_state(source: Input, owned: Owned, writer: _Writer) -> str:
    i, j = source.key
    array = writer.name(owned.state(source.owner)[i][j], "array")
    place = f"{writer.name(source.owner, 'optimizer')}.state[{i}][{j}]"
    writer.first += [f"if {place} is not {array}:", f"    copyto({array}, {place})", f"    {place} = {array}"]
    return array


def _array(text: str, value: Value, plan: Plan) -> str:
    """What a step gives as an array; it may be a NumPy number, unless it comes from a buffer."""
    return text if value.shape or value in plan.places else f"asarray({text})"


def _read(source: Input, tensors: set[int], writer: _Writer) -> str:
    """The expression that reads an input which the step leaves as it is."""
    owner = source.owner
    if source.origin == "argument":
        return f"leaves[{owner}]._data" if owner in tensors else f"leaves[{owner}]"
    if source.origin == "tensor":
        return f"{writer.name(owner, 'tensor')}._data"
    if source.origin == "grad":
        holder = f"leaves[{owner}]" if isinstance(owner, int) else writer.name(owner, "tensor")
        return f"{holder}.grad._data"
    if source.origin == "setting":
        setting = f"{writer.name(owner, 'optimizer')}.{source.key}"
        return f"float({setting})" if source.value.weak and source.value.dtype.kind == "f" else setting
    return writer.name(owner, "object")


def _result(tree: Any, plan: Plan, writer: _Writer) -> str:
    """The expression of the function's result, with the outputs in their places."""
    kind = tree[0] if type(tree) is tuple and tree else None
    if kind == "tensor":
        return f"wrap({_array(f'output{tree[1]}', plan.program.outputs[tree[1]], plan)})"
    if kind == "array":
        value = plan.program.outputs[tree[1]]
        is_number = not value.shape and not value.weak and value.dtype != object
        return f"output{tree[1]}[()]" if is_number else f"output{tree[1]}"
    if kind == "static":
        return writer.name(tree[1], "static")
    if isinstance(tree, dict):
        entries = (f"{writer.name(key, 'key')}: {_result(item, plan, writer)}" for key, item in tree.items())
        return f"{{{', '.join(entries)}}}"
    made, items = writer.name(type(tree), "kind"), [_result(item, plan, writer) for item in tree]
    return f"{made}({', '.join(items)})" if hasattr(tree, "_fields") else f"{made}([{', '.join(items)}])"
