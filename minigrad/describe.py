"""Operations and operands in words, for error messages."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.errors import AxisError, BoundsError, LinAlgError, MinigradError, ShapeError


def operand(name: str, x: Any, given_name: str | None = None) -> str:
    """An operand by its parameter's name, its own name, shape and dtype: `w 'fc2.w' (64, 10) float32`."""
    given_name = given_name or getattr(x, "name", None)
    own = f" '{given_name}'" if given_name else ""
    facts = f"{x.shape} {x.dtype}" if hasattr(x, "dtype") else repr(x)
    return f"{name}{own} {facts}"


def input_names(forward: Callable[..., Any], count: int) -> list[str]:
    """The names of the first parameters of `forward`, numbered where it takes any number of them."""
    names: list[str] = []
    for parameter in inspect.signature(forward).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        else:
            names.append(parameter.name)
    return names[:count]


def explained(error: Exception, label: str, operands: Sequence[str]) -> Exception:
    """The error that says which operation failed and on what: of minigrad's family where the error fits it."""
    reason = str(error).removeprefix(f"{label.split(' ', maxsplit=1)[0]}: ")  # NumPy's ufuncs name themselves
    message = f"{label}: {reason}  ({', '.join(operands)})"
    if isinstance(error, MinigradError):
        return type(error)(message)
    if isinstance(error, np.exceptions.AxisError):
        return AxisError(message)
    if isinstance(error, np.linalg.LinAlgError):
        return LinAlgError(message)
    return BoundsError(message) if isinstance(error, IndexError) else ShapeError(message)
