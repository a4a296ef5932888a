"""The modules of a picture, from the scopes in which its operations were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from minigrad.drawing.picture import Module, make_module
from minigrad.state import Scope
from minigrad.tensor import Array


class Calls:
    """The calls of modules that operations were recorded in, numbered as they begin; 0 is the whole picture."""

    def __init__(self) -> None:
        self.scope: Scope | None = None  # of the last operation
        self.module = 0  # its number
        self._open: dict[Scope, int] = {}  # the scopes around it, the outermost first
        self._scopes = [Scope("", "")]  # by number, as are the parents
        self._parents = [0]

    def enter(self, scope: Scope | None) -> None:
        """Leave the modules that the next operation is not in; enter those that it is in."""
        inside, entered = self._open, []
        around = scope
        while around is not None and around not in inside:
            entered.append(around)
            around = around.parent
        leaving = self.scope
        while leaving is not None and leaving is not around:
            del inside[leaving]
            leaving = leaving.parent
        module = 0 if around is None else inside[around]
        for inner in reversed(entered):
            self._parents.append(module)
            module = inside[inner] = len(self._scopes)
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

    @cached_property
    def _prefixes(self) -> list[str]:
        """How names of what is inside each module begin."""
        prefixes = [""]
        for scope, parent in zip(self._scopes[1:], self._parents[1:], strict=True):
            prefixes.append(f"{prefixes[parent]}{scope.name}." if scope.name else prefixes[parent])
        return prefixes

    def short(self, name: str, module: int) -> str:
        """A name without the beginning that the modules around say already."""
        prefix = self._prefixes[module]
        while not name.startswith(prefix):  # the whole picture's is empty
            module = self._parents[module]
            prefix = self._prefixes[module]
        return name[len(prefix) :]

    def modules(
        self, parameters: Iterable[tuple[int, Array]], shared: Iterable[tuple[Sequence[int], Array]]
    ) -> tuple[Module, ...]:
        """All modules.

        Args:
            parameters: all, with the first module that uses each; it counts in all around that.
            shared: those that several modules use, with these, the first one first.
        """
        parents = self._parents
        elements, nbytes = [0] * len(parents), [0] * len(parents)
        for module, parameter in parameters:
            elements[module] += parameter.size
            nbytes[module] += parameter.nbytes
        for module in range(len(parents) - 1, 0, -1):
            elements[parents[module]] += elements[module]
            nbytes[parents[module]] += nbytes[module]
        for (first, *others), parameter in shared:
            for module in {module for user in others for module in self._path(user)} - set(self._path(first)):
                elements[module] += parameter.size
                nbytes[module] += parameter.nbytes
        names, types = zip(*map(_title, self._scopes), strict=True)
        columns = names, types, parents, elements, nbytes, [1] * len(names)
        return tuple(map(make_module, zip(*columns, strict=True)))


def _title(scope: Scope) -> tuple[str, str]:
    """What a module is called, and its type."""
    if scope.backward_of is not None:
        return f"∂ {scope.module}", "backward"
    return (scope.name, scope.module) if scope.name else (scope.module, "")
