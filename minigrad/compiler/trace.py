"""Trace: one run of a function on stand-ins, which notes every NumPy call that the eager step would make."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.compiler.canonical import DYNAMIC, STATIC, VIEWS, WRITING, canonical
from minigrad.compiler.errors import CompileError
from minigrad.compiler.program import Call, Input, Origin, Program, Value, replaced
from minigrad.compiler.surroundings import Surroundings
from minigrad.compiler.traced import Traced, here, refuse
from minigrad.compiler.words import is_written, title, variable
from minigrad.node import Node
from minigrad.optim import Optimizer
from minigrad.registry import name_of
from minigrad.state import thread
from minigrad.tensor import Tensor, wrap


class Trace:
    """Runs a function once and notes what it computes. All that it changed meanwhile is put back.

    The same object watches the operations, for their names, and is the thread's `trace`.
    """

    def __init__(self, surroundings: Surroundings, honest: bool = False) -> None:
        self.surroundings = surroundings
        self.honest = honest  # whether a gradient that is None is None in the trace, too
        self.inputs: list[Input] = []
        self.calls: list[Call] = []
        self.advances: list[Optimizer] = []
        self.quiet = False
        self._open = True
        self._labelled = 0
        self._section = ""
        self._viewed: set[Value] = set()
        self._objects: dict[int, Traced] = {}
        self._arguments: list[tuple[Tensor, Any]] = []  # and the stand-ins of their arrays
        self._tensors: dict[
            Tensor, tuple[Any, Tensor | None, Any]
        ] = {}  # its array, gradient, and their stand-ins
        self._optimizers: dict[Optimizer, tuple[list[Any], float, int]] = {}
        self._generators: dict[int, tuple[Any, Any]] = {}

    def run(self, function: Callable[[list[Any]], Any], leaves: Sequence[Any]) -> tuple[Any, Program]:
        """Calls a function of the arguments; gives its result, Values in the places of arrays, and the program."""
        state = thread.state
        outer = state.watch
        before = [copy.deepcopy(g.bit_generator.state) for g in self.surroundings.generators]
        contents = self.surroundings.contents()
        state.trace = state.watch = self
        try:
            for tensor in self.surroundings.tensors:
                if tensor._node is None:
                    self.lift(tensor)
            result = function([self._argument(i, leaf) for i, leaf in enumerate(leaves)])
            outputs: list[Value] = []
            tree = self._outputs(result, outputs)
            self._check_generators(before)
            writes, grads = self._effects()
            program = Program(self.inputs, self.calls, outputs, writes, grads, self.quiet)
        finally:
            state.trace, state.watch = None, outer
            self._open = False
            self._restore()
        _check_side_effects(contents, self.surroundings.contents())
        return tree, program

    # Inputs

    def _input(self, origin: Origin, owner: Any, concrete: Any, name: str, key: Any = None) -> Traced:
        weak = type(concrete) in (int, float, bool)
        if origin == "object" and not isinstance(concrete, np.ndarray):
            value = Value((), np.dtype(object), name=name)
        else:
            value = Value(np.shape(concrete), np.asarray(concrete).dtype, weak, name)
        contiguous = not isinstance(concrete, np.ndarray) or concrete.flags.c_contiguous
        self.inputs.append(Input(value, origin, owner, key, contiguous))
        return Traced(self, value, concrete)

    def _argument(self, i: int, leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind not in "biufc":
            raise CompileError(
                f"an argument of a compiled function is an array of dtype {leaf.dtype}: give arrays of numbers"
            )
        if not isinstance(leaf, Tensor):
            return self._input("argument", i, leaf, f"arg{i}")
        stand_in: Any = self._input("argument", i, leaf._data, leaf.name or f"arg{i}")
        tensor = wrap(stand_in)
        self._arguments.append((tensor, stand_in))
        tensor.name = leaf.name
        tensor._requires_grad = leaf._requires_grad
        if leaf._requires_grad:
            self._lift_grad(tensor, i, leaf.grad, leaf.shape, leaf.dtype)
        return tensor

    def lift(self, tensor: Tensor) -> None:
        """Makes the values of a Tensor of the surroundings an input."""
        data: Any = tensor._data
        if isinstance(data, Traced):
            if data.trace is not self:
                refuse("a Tensor of another trace is used", "Tensors that the function returned")
            return
        if tensor._node is not None:
            refuse(
                "a Tensor is used that was recorded outside of it", "tensor.detach(), or compute it inside"
            )
        name = tensor.name or "tensor"
        stand_in = self._input("tensor", tensor, data, name)
        tensor._data = stand_in  # type: ignore[assignment]  # it stands for an array
        if tensor._requires_grad:
            self._lift_grad(tensor, tensor, tensor.grad, tensor.shape, data.dtype, data)
        else:
            self._tensors[tensor] = data, tensor.grad, None

    def _lift_grad(
        self, tensor: Tensor, owner: Any, grad: Tensor | None, shape: Any, dtype: Any, data: Any = None
    ) -> None:
        """The gradient of before as an input, so that what is added to it is seen; if unread, it is dropped."""
        if grad is not None or not self.honest:
            concrete = np.zeros(shape, dtype) if grad is None else grad._data
            tensor.grad = wrap(self._input("grad", owner, concrete, f"d_{tensor.name or 'tensor'}_before"))  # type: ignore[arg-type]
        self._tensors[tensor] = data, grad, tensor.grad

    def advance(self, optimizer: Optimizer) -> None:
        """Makes the state, the learning rate and the step number of an optimizer inputs."""
        if optimizer in self.advances:
            raise CompileError(f"a compiled function may take one step of an optimizer, not two, at {here()}")
        self.advances.append(optimizer)
        self._optimizers[optimizer] = optimizer.state, optimizer.lr, optimizer.steps
        schedule = optimizer.schedule
        lr = optimizer.lr if schedule is None else schedule(optimizer.steps)
        lr = float(lr) if type(lr) is int else lr
        optimizer.lr = self._input("setting", optimizer, lr, "lr", "lr")  # type: ignore[assignment]
        optimizer.steps = self._input("setting", optimizer, optimizer.steps + 1, "steps", "steps")  # type: ignore[assignment]
        state: list[Any] = [
            [
                self._input("state", optimizer, array, f"{p.name or 'tensor'}_{slot}", (i, j))
                for j, (slot, array) in enumerate(zip(optimizer.slots, arrays, strict=True))
            ]
            for i, (p, arrays) in enumerate(zip(optimizer.params, optimizer.state, strict=True))
        ]
        optimizer.state = state
        for p in optimizer.params:
            self.lift(p)
        self._section = f"{type(optimizer).__name__}.step"

    # Calls

    def call(self, function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """Computes a call on the values of its stand-ins, and notes it where there are any."""
        if not self._open:
            raise CompileError(
                f"a value of a compiled function was kept outside of it and used later, at {here()}: return it"
            )
        args, options = tuple(args), dict(options)
        generator = getattr(function, "__self__", None)
        random = isinstance(generator, np.random.Generator)
        if isinstance(generator, np.random.Generator):
            function, args = getattr(type(generator), function.__name__), (self._generator(generator), *args)
        leaves: list[Any] = []
        replaced((args, options), leaves.append)
        concrete_args, concrete_options = replaced((args, options), _concrete)
        if not any(isinstance(leaf, (Traced, Tensor)) for leaf in leaves) or function in STATIC:
            return function(*concrete_args, **concrete_options)
        if function in DYNAMIC:
            refuse(
                f"the shape of what {name_of(function)} gives depends on values", "np.where(condition, a, b)"
            )
        if function in WRITING:
            refuse(
                f"{name_of(function)} writes into an array",
                "a new array, such as np.where gives, or a Tensor",
            )
        function, args, options = canonical(function, args, options)
        concrete_args, concrete_options = replaced((args, options), _concrete)
        result = function(*concrete_args, **concrete_options)
        return self._note(function, args, options, result, random)

    def _note(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        options: dict[str, Any],
        result: Any,
        random: bool,
    ) -> Any:
        several = isinstance(result, (tuple, list))
        results = list(result) if several else [result]
        outputs = [Value(np.shape(y), np.asarray(y).dtype, type(y) in (int, float)) for y in results]
        value_args, value_options = replaced((args, options), self._value)
        # A copy in the trace may be a view in the step, whose arrays are laid out otherwise: VIEWS always count.
        view = function in VIEWS or (
            not isinstance(function, np.ufunc) and _shows(result, list(map(_concrete, args)))
        )
        call = Call(
            function, value_args, value_options, outputs, several, view, not random, self._section, here()
        )
        for output in outputs:
            output.maker = call
        if view:
            self._viewed.update((*call.reads(), *outputs))
        self.quiet = self.quiet or np.geterr()["divide"] == "ignore"
        self.calls.append(call)
        stand_ins = [Traced(self, v, y) for v, y in zip(outputs, results, strict=True)]
        if not several:
            return stand_ins[0]
        return type(result)(*stand_ins) if hasattr(result, "_fields") else type(result)(stand_ins)

    def _value(self, leaf: Any) -> Any:
        if isinstance(leaf, Tensor):
            self.lift(leaf)
            leaf = leaf._data
        if isinstance(leaf, Traced):
            if leaf.trace is not self:
                refuse("a value of another trace is used", "what that function returned")
            return leaf.value
        if not is_written(leaf):
            if id(leaf) not in self._objects:
                self._objects[id(leaf)] = self._input("object", leaf, leaf, _object_name(leaf))
            return self._objects[id(leaf)].value
        return leaf

    def _generator(self, generator: np.random.Generator) -> Traced:
        if id(generator) not in self._generators:
            stand_in = self._input("object", generator, generator, "rng")
            self._generators[id(generator)] = stand_in, copy.deepcopy(generator.bit_generator.state)
        found: Traced = self._generators[id(generator)][0]
        return found

    def check_writable(self, array: Traced) -> None:
        """An error for a write that another array would have to see."""
        if array.value in self._viewed:
            refuse("an array is written into of which there is a view", "a copy, or a new array")
        if array.value.maker is None:
            refuse("an input is written into", "a copy: np.copy(x)")

    # Names

    def forward(self, node: Node, results: Sequence[Any]) -> None:
        """Names the calls that an operation has just made, and its results."""
        self._label(title(node), node)
        for result in results:
            _suggest(result, variable(node))

    def backward(self, node: Node, grad: Any, grads: Sequence[Any]) -> None:  # noqa: ARG002  what the watch is called with
        """Names the calls that the backward pass of an operation has just made, and the gradients it gave."""
        self._label(f"backward of {title(node)}", node)
        for source, gradient in zip(node.sources, grads, strict=True):
            if isinstance(source, Node):
                _suggest(gradient, f"d_{variable(source)}")

    def _label(self, label: str, node: Node) -> None:
        line = str(node.line)
        for call in self.calls[self._labelled :]:
            call.label = call.label or label
            call.line = line if call.label == label else call.line
        self._labelled = len(self.calls)

    # The end

    def lifted(self) -> list[Tensor]:
        """The Tensors of the surroundings that the function can reach or has used."""
        return [tensor for tensor, (data, _, _) in self._tensors.items() if data is not None]

    def _outputs(self, tree: Any, outputs: list[Value]) -> Any:
        """The result with every array and Tensor replaced by ("array" or "tensor", its position in `outputs`)."""

        def leaf(x: Any) -> Any:
            if not isinstance(x, (Tensor, Traced, np.ndarray)):
                return ("static", x)
            kind = "tensor" if isinstance(x, Tensor) else "array"
            x = self._value(x)
            if not isinstance(x, Value):
                return ("static", x)
            if x not in outputs:
                outputs.append(x)
            return (kind, outputs.index(x))

        return replaced(tree, leaf)

    def _effects(self) -> tuple[list[tuple[Input, Value]], list[tuple[Any, Value | None]]]:
        writes: list[tuple[Input, Value]] = []
        grads: list[tuple[Any, Value | None]] = []
        for source in self.inputs:
            if source.origin == "tensor":
                now = source.owner._data.value
            elif source.origin == "state":
                i, j = source.key
                now = source.owner.state[i][j].value
            else:
                continue
            if now is not source.value:
                writes.append((source, now))
        for tensor, given in self._arguments:
            if tensor._data is not given:
                raise CompileError(
                    f"a function being compiled gives its argument {given.value.name!r} new values, which the caller "
                    "would not see: return them"
                )
        for tensor, (data, _, stand_in) in list(self._tensors.items()):
            if tensor._requires_grad and tensor.grad is not stand_in:
                owner = tensor if data is not None else self._position(tensor)
                grads.append((owner, None if tensor.grad is None else self._value(tensor.grad)))
        return writes, grads

    def _position(self, tensor: Tensor) -> int:
        (position,) = [x.owner for x in self.inputs if x.value is tensor._data.value]  # type: ignore[attr-defined]
        return int(position)

    def _check_generators(self, before: list[Any]) -> None:
        for generator, state in zip(self.surroundings.generators, before, strict=True):
            drew = generator.bit_generator.state != state
            if drew and id(generator) not in self._generators:
                generator.bit_generator.state = state
                raise CompileError(
                    "a function being compiled draws random numbers that every later step would repeat: "
                    "draw them outside and pass them as an argument, or use mg.nn.Dropout"
                )

    def _restore(self) -> None:
        for tensor, (data, grad, _) in self._tensors.items():
            if data is not None:
                tensor._data, tensor.grad = data, grad
        for optimizer, (arrays, lr, steps) in self._optimizers.items():
            optimizer.state, optimizer.lr, optimizer.steps = arrays, lr, steps
        for stand_in, state in self._generators.values():
            stand_in.concrete.bit_generator.state = state


def _check_side_effects(before: dict[tuple[int, str], Any], after: dict[tuple[int, str], Any]) -> None:
    nothing = object()
    for key in before | after:
        if before.get(key, nothing) is not after.get(key, nothing):
            raise CompileError(
                f"a function being compiled changes '{key[1]}', which its trace did once and no step would do again: "
                "return the new value and keep it outside, or, where it only has to be there, make it beforehand"
            )


def _suggest(stand_in: Any, name: str) -> None:
    """Names the variable of a value that has no name yet."""
    if isinstance(stand_in, Traced):
        stand_in.value.name = stand_in.value.name or name


def _concrete(leaf: Any) -> Any:
    if isinstance(leaf, Tensor):
        leaf = leaf._data
    return leaf.concrete if isinstance(leaf, Traced) else leaf


def _object_name(thing: Any) -> str:
    if not isinstance(thing, np.ndarray):
        return type(thing).__name__.lower()
    return "ones" if not thing.flags.writeable and (thing == 1).all() else "array"


def _shows(result: Any, args: Sequence[Any]) -> bool:
    """Whether a result is a window on an argument's memory."""
    return isinstance(result, np.ndarray) and any(
        isinstance(x, np.ndarray) and np.may_share_memory(result, x) for x in args
    )
