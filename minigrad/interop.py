"""NumPy's functions under minigrad's name: `mg.exp(x)` takes what `np.exp` takes, and always gives a Tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import rules  # noqa: F401  it fills the registry
from minigrad.registry import lookup
from minigrad.tensor import Tensor


def _of(function: Callable[..., Any]) -> Callable[..., Tensor]:
    return lookup(function)


absolute = _of(np.absolute)
add = _of(np.add)
subtract = _of(np.subtract)
multiply = _of(np.multiply)
divide = _of(np.divide)
power = _of(np.power)
negative = _of(np.negative)
positive = _of(np.positive)
square = _of(np.square)
sqrt = _of(np.sqrt)
reciprocal = _of(np.reciprocal)
exp = _of(np.exp)
expm1 = _of(np.expm1)
log = _of(np.log)
log1p = _of(np.log1p)
sin = _of(np.sin)
cos = _of(np.cos)
sign = _of(np.sign)
maximum = _of(np.maximum)
minimum = _of(np.minimum)
clip = _of(np.clip)
where = _of(np.where)
matmul = _of(np.matmul)
dot = _of(np.dot)
sum = _of(np.sum)
mean = _of(np.mean)
max = _of(np.max)
min = _of(np.min)
reshape = _of(np.reshape)
transpose = _of(np.transpose)
broadcast_to = _of(np.broadcast_to)
concatenate = _of(np.concatenate)
stack = _of(np.stack)
equal = _of(np.equal)
not_equal = _of(np.not_equal)
less = _of(np.less)
less_equal = _of(np.less_equal)
greater = _of(np.greater)
greater_equal = _of(np.greater_equal)
abs = absolute
