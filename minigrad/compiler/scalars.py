"""Scalars: the functions of NumPy that the Numba target writes into loops, as expressions of one element."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.compiler.program import Call, Value
from minigrad.rules.declare import times
from minigrad.rules.layers.labels import one_hot_rows

# An overridable function hands the trace what it is without its dispatch.
TIMES: Callable[..., Any] = inspect.unwrap(times)
ONE_HOT: Callable[..., Any] = inspect.unwrap(one_hot_rows)

# In terms of operands that already have the dtype in which NumPy computes.
EXPRESSIONS: dict[Callable[..., Any], str] = {
    np.add: "{0} + {1}",
    np.subtract: "{0} - {1}",
    np.multiply: "{0} * {1}",
    np.divide: "{0} / {1}",
    np.negative: "-{0}",
    np.positive: "{0}",
    np.square: "{0} * {0}",
    np.absolute: "abs({0})",
    np.sign: "np.sign({0})",
    np.maximum: "({0} if {0} > {1} or {0} != {0} else {1})",
    np.minimum: "({0} if {0} < {1} or {0} != {0} else {1})",
    np.sqrt: "np.sqrt({0})",
    np.sign: "np.sign({0})",
    np.greater: "{0} > {1}",
    np.greater_equal: "{0} >= {1}",
    np.less: "{0} < {1}",
    np.less_equal: "{0} <= {1}",
    np.equal: "{0} == {1}",
    np.not_equal: "{0} != {1}",
    np.logical_and: "{0} and {1}",
    np.logical_or: "{0} or {1}",
    np.logical_not: "not {0}",
    np.isfinite: "np.isfinite({0})",
    np.isnan: "np.isnan({0})",
}
# Of integers they wrap around, and of booleans mean something else.
OF_FLOATS = {
    np.add,
    np.multiply,
    np.subtract,
    np.negative,
    np.divide,
    np.square,
    np.absolute,
    np.sign,
}
# With a number that is not NaN as the second operand: one comparison, which compiles to a vector's.
CLAMPS = {np.maximum: "({1} if {0} <= {1} else {0})", np.minimum: "({1} if {0} >= {1} else {0})"}
PYTHON = {
    operator.__add__: "{0} + {1}",
    operator.__sub__: "{0} - {1}",
    operator.__mul__: "{0} * {1}",
    operator.__truediv__: "{0} / {1}",
    operator.__pow__: "{0} ** float({1})",  # by the C library, as Python does it
    operator.__neg__: "-{0}",
}
REDUCED = {  # of the accumulator and an element, and where it starts
    np.add.reduce: ("{0} + {1}", 0.0),
    np.multiply.reduce: ("{0} * {1}", 1.0),
    np.maximum.reduce: ("({1} if {1} > {0} or {1} != {1} else {0})", -np.inf),
    np.minimum.reduce: ("({1} if {1} < {0} or {1} != {1} else {0})", np.inf),
}
_PLAIN = frozenset("bif")


def is_plain_dtype(dtype: np.dtype[Any]) -> bool:
    """Whether Numba takes arrays of this dtype, and this compiler writes loops over them."""
    return dtype.kind in _PLAIN and dtype.itemsize in (1, 4, 8)


def is_plain(x: Any) -> bool:
    """Whether a leaf of a call is a number or an array of real numbers that Numba takes."""
    if isinstance(x, Value):
        return is_plain_dtype(x.dtype)
    return isinstance(x, (bool, int, float, np.bool_, np.integer, np.floating)) and not isinstance(
        x, np.longdouble
    )


def is_loop(call: Call) -> bool:
    """Whether a call computes element by element in a way that is known here."""
    if call.function is np.ndarray.astype:
        return is_plain(call.args[0]) and is_plain(call.output)
    if call.several or not all(map(is_plain, (*call.args, call.output))):
        return call.function is ONE_HOT and call.args[0].dtype.kind in "iu"
    if call.function in (TIMES, ONE_HOT):
        return True
    if call.options:
        return False
    if call.function in (np.where, np.copy):
        return True
    return call.function in EXPRESSIONS and (call.function not in OF_FLOATS or call.output.dtype.kind == "f")


def is_reduction(call: Call) -> bool:
    """Whether a call reduces an array of floats along axes in a way that is known here."""
    return (
        call.function in REDUCED
        and call.options.keys() <= {"axis", "keepdims"}
        and isinstance(call.args[0], Value)
        and call.args[0].dtype.kind == "f"
        and call.args[0].dtype != np.float16
        and call.output.dtype == call.args[0].dtype
        and 0 not in call.args[0].shape
    )


def computed_in(call: Call) -> np.dtype[Any]:
    """The dtype in which NumPy computes an elementwise call: a Python number takes part without widening it."""
    kinds = [x.dtype if isinstance(x, Value) and not x.weak else x for x in call.args]
    numbers = [
        float(0) if isinstance(x, Value) and x.dtype.kind == "f" else 0 if isinstance(x, Value) else x
        for x in kinds
    ]
    return np.result_type(*numbers)


def scalar(call: Call, operand: Callable[[Any, np.dtype[Any] | None], str]) -> str:
    """One element of a call's output; `operand(x, dtype)` is the element of x, cast to the dtype if it is another."""
    function, out = call.function, call.output.dtype
    if function is TIMES:
        grad, local = (operand(x, out) for x in call.args)
        return f"({zero(out)} if {grad} == 0 else {grad} * {local})"
    if function is np.where:
        condition, x, y = call.args
        return f"({operand(x, out)} if {operand(condition, None)} else {operand(y, out)})"
    if function in (np.copy, np.ndarray.astype):
        return operand(call.args[0], out)
    if call.output.weak:
        return PYTHON[function].format(*(operand(x, None) for x in call.args))
    within = computed_in(call)
    form = EXPRESSIONS[function]
    if (
        function in CLAMPS
        and isinstance(call.args[1], (int, float, np.number))
        and call.args[1] == call.args[1]
    ):
        form = CLAMPS[function]
    text = form.format(*(operand(x, within) for x in call.args))
    return text if out == within or out.kind == "b" else f"np.{out}({text})"


def zero(dtype: np.dtype[Any]) -> str:
    """The 0 of a dtype."""
    return f"np.{dtype}(0)"
