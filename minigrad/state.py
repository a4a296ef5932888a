"""What is true of the current thread: whether operations are recorded, and which module is being called."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ContextDecorator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from minigrad.node import Node


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Where an operation was recorded: inside which module, or inside the backward pass of which operation."""

    name: str
    module: str
    parent: Scope | None = None
    backward_of: Node | None = None

    @property
    def path(self) -> str:
        """The names from the outermost module to this one, joined with dots; the outermost may have none."""
        names = []
        scope: Scope | None = self
        while scope is not None:
            if scope.name:
                names.append(scope.name)
            scope = scope.parent
        return ".".join(reversed(names))


def label(name: str, scope: Scope | None) -> str:
    """An operation's name with the path of the module in which it was recorded: `Affine 'fc2'`."""
    path = scope.path if scope is not None else ""
    return f"{name} '{path}'" if path else name


class Watch(Protocol):
    """Looks at every operation as it is recorded and as it is gone back through."""

    def forward(self, node: Node, results: Sequence[Any]) -> None:
        """Called with a new operation and the arrays that it gave."""

    def backward(self, node: Node, grad: Any, grads: Sequence[Any]) -> None:
        """Called with the gradient of an operation's output, and those that its rule gave for its inputs."""


class Tracing(Protocol):
    """What a running trace is told, so that it knows every value that a step reads."""

    def lift(self, tensor: Any) -> None:
        """Called with a Tensor before its values are read: they become a stand-in, an input of the trace."""

    def call(self, function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """Called instead of a function of arrays that is no NumPy function."""

    def advance(self, optimizer: Any) -> None:
        """Called when an optimizer begins a step, whose number and learning rate are inputs of the trace."""


class _Thread:
    """What is true of one thread."""

    __slots__ = ("recording", "scope", "trace", "twin", "watch")

    def __init__(self) -> None:
        self.recording = True
        self.scope: Scope | None = None
        self.twin = False  # whether a rule is being run on Tensors
        self.watch: Watch | None = None
        self.trace: Tracing | None = None


class _Local(threading.local):
    def __init__(self) -> None:
        self.state = _Thread()


thread = _Local()  # thread.state is the state of the current thread


def drawn(method: Callable[..., Any], *args: Any) -> Any:
    """What a method of a random generator gives. In a trace it is noted, so that every step draws anew."""
    trace = thread.state.trace
    return method(*args) if trace is None else trace.call(method, args, {})


class _Recording(ContextDecorator):
    """Sets the thread's grad mode for a `with` block or, as a decorator, for a function."""

    _mode: bool

    def __init__(self) -> None:
        self._outer: list[bool] = []

    def _recreate_cm(self) -> Self:
        return type(self)()  # a decorated function may run in several threads at once

    def __enter__(self) -> Self:
        self._outer.append(thread.state.recording)
        thread.state.recording = self._mode
        return self

    def __exit__(self, *exc_info: object) -> None:
        thread.state.recording = self._outer.pop()


class no_grad(_Recording):  # noqa: N801  the field's name, used like a keyword
    """Records nothing inside: results require no gradient. For this thread alone.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Tensor(3.0, requires_grad=True)
        >>> with mg.no_grad():
        ...     y = w * w
        >>> y.requires_grad
        False
    """

    _mode = False


class enable_grad(_Recording):  # noqa: N801  the field's name, used like a keyword
    """Records again inside a `no_grad` block. For this thread alone.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Tensor(3.0, requires_grad=True)
        >>> with mg.no_grad(), mg.enable_grad():
        ...     y = w * w
        >>> y.requires_grad
        True
    """

    _mode = True
