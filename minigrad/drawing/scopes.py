"""The modules of a picture, from the scopes in which its operations were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minigrad.drawing.picture import Module, make_module
from minigrad.state import Scope
from minigrad.tensor import Array


class Calls:
    """The calls of modules that operations were recorded in, numbered as they begin; 0 is the whole picture."""

    def __init__(self) -> None:
        self.scope: Scope | None = None  # of the last operation
        self.module = 0  # its number
        self._open: dict[Scope, int] = {}  # the scopes around it, the outermost first
        self._scopes = [Scope("", "")]  # by number, as are the four after it
        self._parents = [0]
        self._elements = [0]  # of parameters
        self._nbytes = [0]
        self._prefixes = [""]  # how names of what is inside begin

    def enter(self, scope: Scope | None) -> None:
        """Leave the modules that the next operation is not in; enter those that it is in."""
        entered = []
        around = scope
        while around is not None and around not in self._open:
            entered.append(around)
            around = around.parent
        leaving = self.scope
        while leaving is not None and leaving is not around:
            del self._open[leaving]
            leaving = leaving.parent
        module = 0 if around is None else self._open[around]
        for inner in reversed(entered):
            prefix = self._prefixes[module]
            self._prefixes.append(f"{prefix}{inner.name}." if inner.name else prefix)
            self._parents.append(module)
            self._elements.append(0)
            self._nbytes.append(0)
            module = self._open[inner] = len(self._scopes)
            self._scopes.append(inner)
        self.scope, self.module = scope, module

    def innermost(self, users: Sequence[int]) -> int:
        """The innermost module around all of some modules."""
        first, *others = [self._path(user) for user in users]
        return next(module for module in first if all(module in path for path in others))

    def _path(self, module: int) -> list[int]:
        """A module and all around it, the innermost first."""
        path = [module]
        while path[-1]:
            path.append(self._parents[path[-1]])
        return path

    def short(self, name: str, module: int) -> str:
        """A name without the beginning that the modules around say already."""
        prefix = self._prefixes[module]
        while not name.startswith(prefix):  # the whole picture's is empty
            module = self._parents[module]
            prefix = self._prefixes[module]
        return name[len(prefix) :]

    def count(self, parameter: Array) -> None:
        """A parameter counts in the module that uses it first, and in all around that."""
        self._elements[self.module] += parameter.size
        self._nbytes[self.module] += parameter.nbytes

    def modules(self, shared: Iterable[tuple[Sequence[int], Array]]) -> tuple[Module, ...]:
        """All modules.

        Args:
            shared: the parameters that several modules use, with these, the first user first.
        """
        elements, nbytes = self._elements, self._nbytes
        for module in range(len(self._parents) - 1, 0, -1):
            elements[self._parents[module]] += elements[module]
            nbytes[self._parents[module]] += nbytes[module]
        for (first, *others), parameter in shared:
            counted = set(self._path(first))
            for module in {module for user in others for module in self._path(user)} - counted:
                elements[module] += parameter.size
                nbytes[module] += parameter.nbytes
        columns = zip(self._scopes, self._parents, elements, nbytes, strict=True)
        return tuple([make_module((*_title(scope), parent, *sizes, 1)) for scope, parent, *sizes in columns])


def _title(scope: Scope) -> tuple[str, str]:
    """What a module is called, and its type."""
    if scope.backward_of is not None:
        return f"∂ {scope.module}", "backward"
    return (scope.name, scope.module) if scope.name else (scope.module, "")
