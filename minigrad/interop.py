"""NumPy's functions under minigrad's name: `mg.exp(x)` takes what `np.exp` takes, and always gives Tensors.

The registry is the list of them: every function of NumPy's that has a rule. Together with what `array_api` adds they
make `minigrad` a namespace of the array API standard.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from minigrad import rules  # noqa: F401  it fills the registry
from minigrad.array_api import OWN
from minigrad.registry import RULES


def named(name: str, module: ModuleType = np) -> Any:
    """What stands for Tensors under a name of NumPy's main namespace, or of another of its modules.

    Raises:
        AttributeError: NumPy has no such function, or minigrad no rule for it.
    """
    if module is np and name in OWN:
        return OWN[name]
    function: Any = getattr(module, name, None)
    rule = RULES.get(function)
    if rule is None:
        raise AttributeError(
            f"module {module.__name__.replace('numpy', 'minigrad')!r} has no attribute {name!r}"
        )
    return rule


def names(module: ModuleType = np) -> list[str]:
    """The names that `named` knows."""
    functions = [name for name in dir(module) if _is_function(getattr(module, name))]
    return sorted([*(OWN if module is np else ()), *(f for f in functions if getattr(module, f) in RULES)])


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, type)
