"""The modules of a picture, from the scopes in which its operations were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minigrad.drawing.picture import Module
from minigrad.state import Scope


class _Call(NamedTuple):
    """One call of a module: the numbers of all around it, the outermost first and its own last."""

    scope: Scope
    path: tuple[int, ...]
    prefix: str  # how names of what is inside begin


class Calls:
    """The calls of modules that operations were recorded in, numbered as they begin; 0 is the whole picture."""

    def __init__(self) -> None:
        self.scope: Scope | None = None  # of the last operation
        self.module = 0  # its number
        self._open: dict[Scope, int] = {}  # the scopes around it, the outermost first
        self._calls = [_Call(Scope("", ""), (0,), "")]

    def enter(self, scope: Scope | None) -> None:
        """Leave the modules that the next operation is not in; enter those that it is in."""
        entered = []
        around = scope
        while around is not None and around not in self._open:
            entered.append(around)
            around = around.parent
        while self._open and next(reversed(self._open)) is not around:
            self._open.popitem()
        module = 0 if around is None else self._open[around]
        for inner in reversed(entered):
            outer, module = self._calls[module], len(self._calls)
            prefix = f"{outer.prefix}{inner.name}." if inner.name else outer.prefix
            self._calls.append(_Call(inner, (*outer.path, module), prefix))
            self._open[inner] = module
        self.scope, self.module = scope, module

    def innermost(self, users: Sequence[int]) -> int:
        """The innermost module around all of some modules."""
        first, *others = [self._calls[user].path for user in users]
        return next(module for module in reversed(first) if all(module in path for path in others))

    def short(self, name: str, module: int) -> str:
        """A name without the beginning that the modules around say already."""
        call = self._calls[module]
        while not name.startswith(call.prefix):  # the whole picture's is empty
            call = self._calls[call.path[-2]]
        return name[len(call.prefix) :]

    def modules(self, parameters: Iterable[tuple[Sequence[int], int, int]]) -> tuple[Module, ...]:
        """All modules.

        Args:
            parameters: of each, the modules that use it, its elements and its bytes; it counts in all around them.
        """
        elements, nbytes = [0] * len(self._calls), [0] * len(self._calls)
        shared = []
        for users, its_elements, its_bytes in parameters:
            if len(users) > 1:
                shared.append((users, its_elements, its_bytes))
            else:
                elements[users[0]] += its_elements
                nbytes[users[0]] += its_bytes
        parents = [path[-2] if len(path) > 1 else 0 for _, path, _ in self._calls]
        for module in range(len(parents) - 1, 0, -1):
            elements[parents[module]] += elements[module]
            nbytes[parents[module]] += nbytes[module]
        for users, its_elements, its_bytes in shared:
            for module in {module for user in users for module in self._calls[user].path}:
                elements[module] += its_elements
                nbytes[module] += its_bytes
        return tuple(
            [
                Module(*_title(call.scope), parent, its_elements, its_bytes)
                for call, parent, its_elements, its_bytes in zip(
                    self._calls, parents, elements, nbytes, strict=True
                )
            ]
        )


def _title(scope: Scope) -> tuple[str, str]:
    """What a module is called, and its type."""
    if scope.backward_of is not None:
        return f"∂ {scope.module}", "backward"
    return (scope.name, scope.module) if scope.name else (scope.module, "")
