"""The table from NumPy's functions to minigrad's rules. The rules fill it; operators and protocols read it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from minigrad.errors import NoRuleError

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

# A NumPy function, or a ufunc's method: np.add.reduce is (np.add, "reduce").
Key: TypeAlias = "Callable[..., Any] | tuple[Callable[..., Any], str]"

# The function for Tensors, with NumPy's own signature: arrays and Tensors in, Tensors out.
Rule: TypeAlias = "Callable[..., Tensor]"

AnyRule = TypeVar("AnyRule", bound=Callable[..., Any])

RULES: dict[Key, Rule] = {}

# The functions that are one operation, as operators call them: with a tuple of the inputs, and nothing else.
OPERATIONS: dict[Callable[..., Any], Callable[[tuple[Any, ...]], Tensor]] = {}

# How a notebook shows a Tensor: mime types and content. The drawing package fills it.
VIEWS: list[Callable[[Any], dict[str, str]]] = []


def lookup(function: Callable[..., Any], method: str = "__call__") -> Rule:
    """The rule of a NumPy function, or of a ufunc's method.

    Raises:
        NoRuleError: minigrad has none; the message names the function.
    """
    rule = RULES.get(function if method == "__call__" else (function, method))
    if rule is None:
        raise NoRuleError(
            f"{name_of(function, method)} has no rule in minigrad, so it cannot take a Tensor: "
            "pass t.numpy() where no gradient is wanted, or write its rule as a minigrad.Function"
        )
    return rule


def enter(
    key: Callable[..., Any],
    rule: Rule,
    derivatives: str,
    doc: str | None,
    signature: inspect.Signature | None,
) -> None:
    """Enters the rule of a function of NumPy's, and writes on it what the manual says about it.

    Args:
        key: the function.
        rule: the function for Tensors.
        derivatives: "every order", "zero" or "none".
        doc: a sentence for its help.
        signature: what it takes; None where that is all that NumPy's function does.
    """
    RULES[key] = rule
    for name, value in {"__name__": key.__name__, "__doc__": doc, "derivatives": derivatives}.items():
        setattr(rule, name, value)
    setattr(rule, "__signature__" if signature is not None else "__wrapped__", signature or key)


def registered(*keys: Callable[..., Any], derivatives: str = "every order") -> Callable[[AnyRule], AnyRule]:
    """Enters a function that takes NumPy's arguments, and gives Tensors, as the rule of NumPy's functions."""

    def declare(function: AnyRule) -> AnyRule:
        for key in keys:
            enter(
                key, functools.partial(function), derivatives, function.__doc__, inspect.signature(function)
            )
        return function

    return declare


def name_of(function: Callable[..., Any], method: str = "__call__") -> str:
    """The name a NumPy user knows a function by, such as `np.linalg.norm` or `np.add.reduce`."""
    module = getattr(function, "__module__", None) or "numpy"
    prefix = module.replace("numpy", "np", 1) + "." if module.startswith("numpy") else ""
    suffix = "" if method == "__call__" else f".{method}"
    return f"{prefix}{function.__name__}{suffix}"
