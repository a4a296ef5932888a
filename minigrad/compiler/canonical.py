"""NumPy's many spellings, brought to few: what the plan and the targets need to know of a call."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minigrad.compiler.program import Call

# What is asked of an array, not of its values; and what shows them, those of the trace.
STATIC = frozenset(
    {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type}
    | {np.iscomplexobj, np.isrealobj, np.may_share_memory, np.shares_memory}
    | {np.array2string, np.array_repr, np.array_str}
)
# What writes into its first argument.
WRITING = frozenset({np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal})
# What gives a shape that depends on values.
DYNAMIC = frozenset(
    {np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.unique_all, np.unique_counts, np.unique_inverse}
    | {np.unique_values, np.intersect1d, np.setdiff1d, np.setxor1d, np.union1d, np.compress, np.extract}
    | {np.trim_zeros, np.bincount}
)
# What may give a window on its argument.
VIEWS = frozenset(
    {np.reshape, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.squeeze, np.expand_dims, np.ravel}
    | {
        np.broadcast_to,
        np.broadcast_arrays,
        np.diagonal,
        np.real,
        np.imag,
        np.matrix_transpose,
        operator.getitem,
    }
    | {np.atleast_1d, np.atleast_2d, np.atleast_3d, np.flip, np.split, np.array_split, np.rot90, np.fliplr}
    | {np.flipud, np.hsplit, np.vsplit, np.dsplit, np.linalg.matrix_transpose, np.linalg.diagonal}
    | {np.lib.stride_tricks.sliding_window_view, np.unstack}
)
REDUCTIONS: dict[Callable[..., Any], np.ufunc] = {
    np.sum: np.add,
    np.prod: np.multiply,
    np.max: np.maximum,
    np.amax: np.maximum,
    np.min: np.minimum,
    np.amin: np.minimum,
    np.any: np.logical_or,
    np.all: np.logical_and,
}
REDUCERS = frozenset(ufunc.reduce for ufunc in REDUCTIONS.values())
PRODUCTS = frozenset({np.dot, np.matmul})


def is_elementwise(call: Call) -> bool:
    """Whether a call computes each element of its output by itself, and can write it to a given place."""
    return isinstance(call.function, np.ufunc) and call.function.signature is None and not call.several


def is_transpose(call: Call) -> bool:
    """Whether a call reverses all axes of an array."""
    return call.function is np.transpose and len(call.args) == 1 and not call.options


def canonical(
    function: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """The same call in its one spelling."""
    if function in REDUCTIONS and len(args) <= 2 and options.keys() <= {"axis", "keepdims"}:
        axis = args[1] if len(args) == 2 else options.get("axis")
        keepdims = options.get("keepdims", False)
        given = {"axis": axis} | ({"keepdims": True} if keepdims is True else {})
        return REDUCTIONS[function].reduce, (args[0],), given
    if (
        function in PRODUCTS
        and not options
        and [np.ndim(x) for x in args] == [2, 2]
        and args[0].shape[1] == 1
    ):
        return np.multiply, args, {}  # an outer product
    return function, args, dict(options)


def may_raise(call: Call) -> bool:
    """Whether a call can fail for some values of its arguments. A ufunc, a product or a view cannot."""
    function = call.function
    if isinstance(function, np.ufunc) or function in REDUCERS or function in PRODUCTS or not call.pure:
        return False
    if call.view:
        return len(list(call.reads())) > 1  # an index that is computed
    return function not in (np.where, np.copy, np.array, np.ndarray.astype, np.vdot)
