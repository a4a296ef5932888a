"""Module: a part of a net that owns parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np

from minigrad.errors import MinigradError, ShapeError
from minigrad.state import Scope, thread
from minigrad.tensor import Array, Tensor


class StateError(MinigradError, KeyError):
    """A state dict whose names are not those of the module's parameters."""

    def __str__(self) -> str:
        return str(self.args[0])


class Module:
    """A part of a net. Its parameters are the Tensors that require a gradient among its attributes.

    Attributes may also be Modules, or lists, tuples and dicts of either. A parameter's name is its path: `fc1.w`,
    `layers.0.w`. Define `forward`; call the module.

    Example:
        >>> import minigrad as mg
        >>> class Net(Module):
        ...     def __init__(self):
        ...         self.fc1 = mg.nn.Affine(2, 3)
        ...         self.fc2 = mg.nn.Affine(3, 1)
        ...
        ...     def forward(self, x):
        ...         return self.fc2(mg.relu(self.fc1(x)))
        >>> net = Net()
        >>> [name for name, _ in net.named_parameters()]
        ['fc1.w', 'fc1.b', 'fc2.w', 'fc2.b']
        >>> net([[1.0, 2.0]]).shape
        (1, 1)
    """

    training: bool = True
    _scope: Scope | None = None  # made when the module is called
    _scope_name: str | None = None  # what its parent calls it

    def forward(self, *inputs: Any) -> Any:
        """Computes the module's output."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward")

    def __call__(self, *inputs: Any) -> Any:
        """Runs `forward`, so that what it records bears this module's name."""
        state = thread.state
        outer = state.scope
        scope = self._scope
        if scope is None or scope.parent is not outer:
            scope = self._enter_below(outer)
        state.scope = scope
        try:
            return self.forward(*inputs)
        finally:
            state.scope = outer

    def _enter_below(self, outer: Scope | None) -> Scope:
        if outer is None:
            self.name_parts()
        self._scope = Scope(
            self._scope_name if outer is not None and self._scope_name else "", type(self).__name__, outer
        )
        return self._scope

    # The parts

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below this one, by name."""
        return ((name, part) for name, part in _parts(vars(self)) if isinstance(part, Module))

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module (named "") and all below it, by path."""
        unread: list[tuple[str, Module]] = [("", self)]
        seen: set[int] = set()
        while unread:
            path, module = unread.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            below = [(f"{path}.{name}" if path else name, child) for name, child in module.children()]
            unread.extend(reversed(below))

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Every Tensor that requires a gradient, by path, each once."""
        seen: set[int] = set()
        for path, tensor in self._named_tensors():
            if tensor.requires_grad and id(tensor) not in seen:
                seen.add(id(tensor))
                yield path, tensor

    def parameters(self) -> list[Tensor]:
        """Every Tensor that requires a gradient; names them by path."""
        self.name_parts()
        return [tensor for _, tensor in self.named_parameters()]

    def name_parts(self) -> None:
        """Gives every module and every nameless parameter below its name by path."""
        for _, module in self.named_modules():
            for name, child in module.children():
                child._scope_name = name
        for path, tensor in self.named_parameters():
            tensor.name = tensor.name or path

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        for path, module in self.named_modules():
            for name, part in _parts(vars(module)):
                if isinstance(part, Tensor):
                    yield (f"{path}.{name}" if path else name), part

    # Modes and state

    def train(self, mode: bool = True) -> Self:
        """Puts this module and all below it into training mode."""
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Puts this module and all below it into evaluation mode."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forgets the gradient of every parameter."""
        for _, parameter in self.named_parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, Array]:
        """Copies of every Tensor held, by path: parameters, and whatever else is state, such as running means."""
        return {path: tensor.numpy().copy() for path, tensor in self._named_tensors()}

    def load_state_dict(self, arrays: Mapping[str, Array]) -> None:
        """Takes values by path, all or none of them.

        Raises:
            StateError: names are missing or unknown.
            ShapeError: an array has another shape than the parameter of its name.
        """
        tensors = dict(self._named_tensors())
        missing, unknown = sorted(tensors.keys() - arrays.keys()), sorted(arrays.keys() - tensors.keys())
        if missing or unknown:
            raise StateError(
                f"state of {type(self).__name__} does not fit: missing {missing}, unknown {unknown}"
            )
        for path, tensor in tensors.items():
            if tensor.shape != np.shape(arrays[path]):
                raise ShapeError(f"parameter '{path}' has shape {tensor.shape}, not {np.shape(arrays[path])}")
        for path, tensor in tensors.items():
            tensor.data = np.array(arrays[path])

    def __repr__(self) -> str:
        lines = [
            f"{'  ' * path.count('.')}  {path}: {module._headline()}"
            for path, module in self.named_modules()
            if path
        ]
        return "\n".join([self._headline(), *lines])

    def _headline(self) -> str:
        shapes = [f"{name} {part.shape}" for name, part in _parts(vars(self)) if isinstance(part, Tensor)]
        return f"{type(self).__name__}({', '.join(shapes)})"


def _parts(attributes: dict[str, Any]) -> Iterator[tuple[str, Module | Tensor]]:
    """The Modules and Tensors among attributes and in their lists, tuples and dicts, by dotted name."""
    unread = list(reversed(attributes.items()))
    while unread:
        name, value = unread.pop()
        if isinstance(value, (Module, Tensor)):
            yield name, value
        elif isinstance(value, (list, tuple)):
            unread.extend((f"{name}.{i}", item) for i, item in reversed(list(enumerate(value))))
        elif isinstance(value, dict):
            unread.extend((f"{name}.{key}", item) for key, item in reversed(value.items()))
