"""NumPy functions through which no gradient passes: they compute on the values."""

from __future__ import annotations

import numpy as np

from minigrad.rules.declare import constant

constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert)
constant(np.isfinite, np.isinf, np.isnan, np.isclose, np.allclose, np.array_equal, np.array_equiv)
constant(np.all, np.any, np.argmax, np.argmin, np.argsort, np.count_nonzero, np.nonzero)
constant(np.zeros_like, np.ones_like, np.empty_like)
constant(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj)
constant(np.array_repr, np.array_str, np.array2string)
