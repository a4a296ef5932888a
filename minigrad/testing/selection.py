"""Which inputs are checked, and what they are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.testing.operation import Arrays, is_real_or_complex
from minigrad.testing.report import CheckError


def input_names(forward: Callable[..., Any], count: int, names: Sequence[str] | None) -> tuple[str, ...]:
    """The names given, or those of forward's parameters.

    Raises:
        CheckError: there are more or fewer names than inputs.
    """
    if names is not None:
        if len(names) != count:
            raise CheckError(f"{len(names)} names for {count} inputs")
        return tuple(names)
    try:
        found = [p.name for p in inspect.signature(forward).parameters.values() if p.kind != p.VAR_POSITIONAL]
    except ValueError:  # of a builtin, or of a ufunc in some releases of NumPy
        found = []
    return tuple(found[k] if k < len(found) else f"input{k}" for k in range(count))


def wanted(
    name: str, arrays: Arrays, names: tuple[str, ...], wrt: Sequence[int | str] | None
) -> tuple[int, ...]:
    """The indices of the inputs to check: those asked for, or all that hold floats.

    Raises:
        CheckError: an input that is asked for does not exist, or holds no floats.
    """
    if wrt is None:
        return tuple(k for k, x in enumerate(arrays) if is_real_or_complex(x))
    chosen = []
    for which in wrt:
        if which not in names and which not in range(len(arrays)):
            raise CheckError(f"{name}: wrt names {which!r}, but the inputs are {', '.join(names)}")
        k = names.index(which) if isinstance(which, str) else which
        if not is_real_or_complex(arrays[k]):
            raise CheckError(f"{name}: input '{names[k]}' is {arrays[k].dtype} and has no gradient")
        chosen.append(k)
    return tuple(chosen)


def as_outputs(returned: Any) -> Arrays:
    """What a forward returned, as a tuple of arrays."""
    return tuple(np.asarray(out) for out in (returned if isinstance(returned, tuple) else (returned,)))
