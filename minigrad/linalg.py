"""Linear algebra: the functions of np.linalg, for Tensors; an extension of the array API standard."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.interop import named, names


def __getattr__(name: str) -> Any:
    return named(name, np.linalg)


def __dir__() -> list[str]:
    return names(np.linalg)
