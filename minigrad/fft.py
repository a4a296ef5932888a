"""Fourier transforms: the functions of np.fft, for Tensors; an extension of the array API standard."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_api import fftfreq, rfftfreq
from minigrad.interop import named, names

__all__ = ["fftfreq", "rfftfreq"]


def __getattr__(name: str) -> Any:
    return named(name, np.fft)


def __dir__() -> list[str]:
    return [*names(np.fft), *__all__]
