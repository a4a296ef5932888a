"""What stands for an array while a function is traced: the rest of minigrad hands it on as it would an array."""

from __future__ import annotations

from typing import Any

import numpy as np


class StandIn:
    """The base of what stands for an array in a trace: it has a shape and a dtype, and no values to look at."""

    __slots__ = ()


def as_array(x: Any, dtype: Any = None) -> Any:
    """`np.asarray`, which leaves a stand-in one."""
    if isinstance(x, StandIn):
        return x if dtype is None or x.dtype == dtype else x.astype(dtype)  # type: ignore[attr-defined]  # as an array
    return np.asarray(x, dtype)
