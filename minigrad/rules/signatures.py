"""How the arguments of a NumPy function become the inputs and the static parameters of its rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.errors import NoRuleError
from minigrad.function import Function
from minigrad.registry import name_of
from minigrad.tensor import Tensor, values


@dataclass(frozen=True, slots=True)
class Signature:
    """What NumPy's parameters mean to a rule."""

    function: Callable[..., Any]
    names: list[str]  # NumPy's parameters in their order
    numpys: dict[str, Any]  # their defaults, where NumPy tells them
    inputs: int  # how many of them, the first ones, are inputs
    required: int  # how many of those must be given
    known: Set[str]  # the others that the rule takes
    needed: Set[str]  # those of them that must be given
    defaults: dict[str, Any]  # the rule's own

    @staticmethod
    def of(
        function: Callable[..., Any], cls: type[Function], parameters: str | None, stacked: bool
    ) -> Signature:
        """Reads the signatures of the function and of the rule's class."""
        numpys = (
            dict.fromkeys(parameters.split())
            if parameters is not None
            else {name: p.default for name, p in inspect.signature(function).parameters.items()}
        )
        forward = list(inspect.signature(cls.forward).parameters.values())[1:]
        fields = {name: p.default for name, p in inspect.signature(cls).parameters.items()}
        needed = {name for name, default in fields.items() if default is inspect.Parameter.empty}
        return Signature(
            function,
            list(numpys),
            numpys,
            1 if stacked else len(forward),
            1 if stacked else sum(p.default is p.empty for p in forward),
            fields.keys() & numpys.keys(),
            needed,
            {name: default for name, default in fields.items() if name not in needed},
        )

    def apart(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The inputs, however they were given, and all other arguments by their names."""
        if len(args) > len(self.names):
            raise TypeError(f"{name_of(self.function)} takes {len(self.names)} arguments, not {len(args)}")
        given = dict(zip(self.names, args, strict=False)) | kwargs
        self.check_given(self.names[: self.required], given)
        return tuple(given.pop(name, None) for name in self.names[: self.inputs]), given

    def check_given(self, names: Iterable[str], given: dict[str, Any]) -> None:
        """Raises a TypeError that names what is missing."""
        missing = [name for name in names if name not in given]
        if missing:
            raise TypeError(f"{name_of(self.function)} needs {', '.join(missing)}")

    def fields(self, given: dict[str, Any]) -> dict[str, Any]:
        """The static parameters; what the rule does not know must be as NumPy has it by default."""
        self.check_given(self.needed, given)
        unknown = given.keys() - self.known
        refuse(self.function, [name for name in unknown if not self.is_default(name, given[name])])
        return {name: static(self.function, name, given[name]) for name in given if name in self.known}

    def is_default(self, name: str, value: Any) -> bool:
        """Whether a parameter that the rule does not know has the value that NumPy gives it anyway."""
        return name in self.numpys and (value is None or value is self.numpys[name] or value is np._NoValue)

    def taken(self) -> inspect.Signature:
        """The parameters, without those that only their default is taken for."""
        kept = {*self.names[: self.inputs], *self.known, "out"}
        kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = (
            inspect.Parameter(name, kinds, default=self.default(name)) for name in self.names if name in kept
        )
        return inspect.Signature(sorted(parameters, key=lambda p: p.default is not p.empty))

    def default(self, name: str) -> Any:
        """The default of a parameter: the rule's own, or else NumPy's."""
        if name in self.defaults or name in self.needed:
            return self.defaults.get(name, inspect.Parameter.empty)
        required = name in self.names[: self.required]
        return inspect.Parameter.empty if required else self.numpys[name]


def static(function: Callable[..., Any], name: str, value: Any) -> Any:
    """The value of an argument that a rule carries no gradient to.

    Raises:
        NoRuleError: it is a Tensor that requires one.
    """
    if isinstance(value, Tensor) and value.requires_grad:
        raise NoRuleError(f"{name_of(function)}: minigrad's rule carries no gradient to {name}=; detach() it")
    return values(value)


def refuse(function: Callable[..., Any], keywords: Iterable[str]) -> None:
    """Raises a NoRuleError that names the keywords, if there are any."""
    names = ", ".join(f"{name}=" for name in keywords)
    if names:
        raise NoRuleError(f"{name_of(function)}: minigrad's rule does not take {names}")
