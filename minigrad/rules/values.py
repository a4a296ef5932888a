"""NumPy functions through which no gradient passes: they compute on the values."""

from __future__ import annotations

import numpy as np

from minigrad.rules.declare import constant

# Comparisons, logic and bits
constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
constant(
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.bitwise_count
)
constant(np.isclose, np.allclose, np.array_equal, np.array_equiv, np.all, np.any)

# What kind of number
constant(np.isfinite, np.isinf, np.isnan, np.isneginf, np.isposinf, np.signbit, np.isreal, np.iscomplex)
constant(np.isrealobj, np.iscomplexobj, np.gcd, np.lcm, np.spacing)

# Positions, counts and sets
constant(
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort, np.searchsorted
)
constant(np.count_nonzero, np.nonzero, np.flatnonzero, np.argwhere, np.digitize)
constant(np.tril_indices_from, np.triu_indices_from, np.diag_indices_from, np.einsum_path)
constant(np.unravel_index, np.ravel_multi_index, np.isin, np.unique)
constant(np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values)
constant(np.intersect1d, np.setdiff1d, np.setxor1d, np.union1d)

# What is asked of an array, not of its values
constant(np.zeros_like, np.ones_like, np.empty_like)
constant(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type)
constant(np.may_share_memory, np.shares_memory)
constant(np.array_repr, np.array_str, np.array2string, np.savetxt, np.save)
