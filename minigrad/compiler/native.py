"""Native calls: those that a compiled step makes by one of NumPy's own inner loops."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from math import prod
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.canonical import PRODUCTS
from minigrad.compiler.kernels import address_of, elementwise, elementwise2, product, total
from minigrad.compiler.program import Call, Value
from minigrad.compiler.scalars import EXPRESSIONS, is_plain
from minigrad.rules.reductions import axes_of

_NAMES = {"f": "FLOAT", "d": "DOUBLE"}  # what NumPy calls its loops


class NumPyLoop(NamedTuple):
    """A loop of a ufunc, by the types that it takes and gives."""

    ufunc: np.ufunc
    types: str

    @property
    def name(self) -> str:
        """As NumPy names it: `FLOAT_exp`."""
        return f"{_NAMES[self.types[-1]]}_{self.ufunc.__name__}"


def numpy_loop(call: Call) -> NumPyLoop:
    """The loop that makes a native call."""
    if isinstance(call.function, np.ufunc) and call.function is not np.matmul:
        ufunc = call.function
    else:
        ufunc = np.add if call.function == np.add.reduce else np.matmul
    char = call.output.dtype.char
    return NumPyLoop(ufunc, f"{char * ufunc.nin}->{char}")


def kernel(call: Call) -> Callable[..., Any]:
    """The function that hands the arrays of a native call to its loop."""
    if is_total(call):
        return total
    if is_product(call) or is_inner(call):
        return product
    return elementwise if len(call.args) == 1 else elementwise2


def is_native(call: Call) -> bool:
    """Whether one loop of NumPy makes a call, on arrays that are laid out as it needs them."""
    return is_product(call) or is_inner(call) or is_total(call) or is_ufunc(call)


def _is_float(x: Any) -> bool:
    return isinstance(x, Value) and x.dtype.char in _NAMES and not x.weak


def _are_alike(call: Call) -> bool:
    return _is_float(call.output) and all(_is_float(x) and x.dtype == call.output.dtype for x in call.args)


def is_flat(x: Value) -> bool:
    """Whether the array of a value lies in C order without gaps: not if it is seen through a transposition."""
    return x.maker is None or not x.maker.view or is_reshape(x.maker)


def is_reshape(call: Call) -> bool:
    """Whether a call shows the same elements in the same order under another shape."""
    known = (np.reshape, np.ravel, np.squeeze, np.expand_dims)
    return (
        call.function in known
        and (call.options.get("order", "C"), call.options.get("copy")) == ("C", None)
        and is_plain(call.args[0])
        and is_flat(call.args[0])
        and bool(call.output.shape and call.args[0].shape)
    )


def is_product(call: Call) -> bool:
    """Whether a call is a product of matrices, or of a matrix and a vector, of one float dtype."""
    return (
        call.function in PRODUCTS
        and not call.options
        and bool(call.output.shape)
        and _are_alike(call)
        and all(len(x.shape) == 2 or (len(x.shape) == 1 and is_flat(x)) for x in call.args)
        and 0 not in (*call.args[0].shape, *call.args[1].shape)
    )


def is_inner(call: Call) -> bool:
    """Whether a call is the inner product of all elements of two arrays of one shape."""
    return (
        call.function is np.vdot
        and _are_alike(call)
        and call.args[0].shape == call.args[1].shape
        and 0 not in call.args[0].shape
        and all(map(is_flat, call.args))
    )


def is_total(call: Call) -> bool:
    """Whether a call is a sum over rows, which NumPy adds in pairs; a sum over the first axes alone is a loop."""
    if call.function != np.add.reduce or not call.options.keys() <= {"axis", "keepdims"}:
        return False
    return _are_alike(call) and is_flat(call.args[0]) and 0 not in call.args[0].shape and bool(folded(call))


def is_sum_of_rows(call: Call) -> bool:
    """Whether a sum leaves the last axis: NumPy adds its terms one after the other, and so can a loop."""
    runs = _runs(call)
    return is_flat(call.args[0]) and not (runs and runs[-1][0])


def folded(call: Call) -> tuple[int, ...]:
    """A sum's array as (outer, kept, inner), of which outer and inner are summed; () for what no kernel adds."""
    runs = _runs(call)
    match [summed for summed, _ in runs], [n for _, n in runs]:
        case [True], [inner]:
            return 1, 1, inner
        case [False, True], [kept, inner]:
            return 1, kept, inner
        case [True, False, True], [outer, kept, inner]:
            return outer, kept, inner
    return ()


def _runs(call: Call) -> list[tuple[bool, int]]:
    """The axes of a sum's array, like neighbours together: whether they are summed, and their number of elements."""
    shape = call.args[0].shape
    axes = axes_of(call.options.get("axis"), len(shape))
    sizes = [(k in axes, n) for k, n in enumerate(shape) if n != 1]
    return [(summed, prod(n for _, n in run)) for summed, run in groupby(sizes, itemgetter(0))]


def is_ufunc(call: Call) -> bool:
    """Whether a call computes element by element in a way that only NumPy knows, such as its exp."""
    return (
        isinstance(call.function, np.ufunc)
        and call.function not in EXPRESSIONS
        and call.function.signature is None
        and call.function.nout == 1
        and call.function.nin == len(call.args) <= 2
        and not call.options
        and bool(call.output.shape)
        and 0 not in call.output.shape
        and _are_alike(call)
        and all(is_flat(x) and (x.shape == call.output.shape or prod(x.shape) == 1) for x in call.args)
        and all(x.shape for x in call.args)
        and address_of(*numpy_loop(call)) is not None
    )


def matrices(call: Call) -> tuple[tuple[int, int], tuple[int, int]]:
    """The shapes of a product's operands, a vector as one row or one column."""
    a, b = (x.shape for x in call.args)
    return (a if len(a) == 2 else (1, a[0])), (b if len(b) == 2 else (b[0], 1))
