"""NumPy's functions under minigrad's name: `mg.exp(x)` takes what `np.exp` takes, and always gives Tensors.

The registry is the list of them: every function of NumPy's main namespace that has a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import rules  # noqa: F401  it fills the registry
from minigrad.registry import RULES


def function_named(name: str) -> Callable[..., Any]:
    """The function for Tensors that has NumPy's name.

    Raises:
        AttributeError: NumPy has no such function, or minigrad no rule for it.
    """
    rule = RULES.get(getattr(np, name, None))
    if rule is None:
        raise AttributeError(f"module 'minigrad' has no attribute {name!r}")
    return rule


def function_names() -> list[str]:
    """The names in NumPy's main namespace that have a rule."""
    return [name for name in dir(np) if _hashable(value := getattr(np, name)) and value in RULES]


def _hashable(value: object) -> bool:
    return callable(value) and not isinstance(value, type)
