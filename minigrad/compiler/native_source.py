"""Native calls as source: the kernels that a step holds, and the statements that call them."""

from __future__ import annotations

import inspect
from math import prod
from typing import Any

import numpy as np

from minigrad.compiler.kernels import address_of
from minigrad.compiler.native import folded, is_inner, is_product, is_total, kernel, matrices, numpy_loop
from minigrad.compiler.numpy_source import indented
from minigrad.compiler.plan import Plan
from minigrad.compiler.program import Call, Value
from minigrad.compiler.words import place_name

JIT = '@numba.njit(cache=CACHE, error_model="numpy")\n'  # above every function that is compiled
_SMALL = 4096  # multiplications, up to which loops are faster than a call of BLAS
_SHORT = 8  # terms, from which on BLAS may add a sum in another order than the loops

_LOOP_OF = '''
def loop_of(ufunc, types):
    """A loop of a ufunc as a function that compiled code can call."""
    name = f"numpy_{ufunc.__name__}_{types}"
    llvmlite.binding.add_symbol(name, address_of(ufunc, types))
    return numba.types.ExternalFunction(name, numba.types.void(*[numba.types.intp] * 4))
'''


def kernels(native: list[Call]) -> list[str]:
    """What native calls stand on: the loops of NumPy, the kernels that call them, and the small products."""
    parts = []
    products = dict.fromkeys(_small_product(call) for call in native if _is_small(call))
    others = [call for call in native if not _is_small(call)]
    if others:
        parts += ["import llvmlite.binding", "import ctypes\n", inspect.getsource(address_of), _LOOP_OF]
        loops = dict.fromkeys(map(numpy_loop, others))
        parts.append("".join(f'{x.name} = loop_of(np.{x.ufunc.__name__}, "{x.types}")\n' for x in loops))
        parts += [JIT + inspect.getsource(f) for f in dict.fromkeys(map(kernel, others))]
    return [*parts, *products]


def number(dtype: np.dtype[Any]) -> str:
    """The field of the workspace that a kernel writes a single number to."""
    return f"{dtype}_number"


def native_statement(call: Call, plan: Plan) -> str:
    """The call of a kernel."""
    loop, out = numpy_loop(call).name, place_name(plan, call.output)
    if _is_small(call):
        a, b = (place_name(plan, x) for x in call.args)
        return f"{_product_name(call)}({a}, {b}, {out})"
    if is_total(call):
        shape = folded(call)
        return _stored(
            call, f"total({loop}, frame, {_shaped(call.args[0], shape, plan)}", shape[1:2], out, "[0]"
        )
    if is_inner(call):
        (a, b), n = call.args, prod(call.args[0].shape)
        head = f"product({loop}, frame, {_shaped(a, (1, n), plan)}, {_shaped(b, (n, 1), plan)}"
        return _stored(call, head, (1, 1), out, "[0, 0]")
    if is_product(call):
        a, b = call.args
        (m, k), (_, n) = matrices(call)
        head = f"product({loop}, frame, {_shaped(a, (m, k), plan)}, {_shaped(b, (k, n), plan)}"
        return _stored(call, head, (m, n), out, "")
    arrays = ", ".join(place_name(plan, x) for x in call.args)
    return f"{kernel(call).__name__}({loop}, frame, {arrays}, {out})"


def _shaped(x: Value, shape: tuple[int, ...], plan: Plan) -> str:
    return _seen(place_name(plan, x), x.shape, shape)


def _seen(name: str, shape: tuple[int, ...], new: tuple[int, ...]) -> str:
    """An array under another shape; a new axis costs less than `reshape`."""
    if shape == new:
        return name
    if len(new) == 2 and shape == new[1:]:
        return f"{name}[np.newaxis]"
    if len(shape) == 2 and shape == (1, *new):
        return f"{name}[0]"
    return f"{name}.reshape({new})"


def _stored(call: Call, head: str, shape: tuple[int, ...], out: str, first: str) -> str:
    """A kernel's call with its output: an array in its place, or a single number taken out of the workspace."""
    output = call.output
    if not output.shape:
        return (
            f"{output.name} = {head}, {_seen(f'workspace[0].{number(output.dtype)}', (1, 1), shape)}){first}"
        )
    return f"{head}, {_seen(out, output.shape, shape)})"


def _is_small(call: Call) -> bool:
    """Whether a product is made by loops rather than BLAS."""
    if not is_product(call):
        return False
    (m, k), (_, n) = matrices(call)
    return min(m, n) > 1 and k < _SHORT and m * k * n <= _SMALL


def _product_name(call: Call) -> str:
    (m, k), (_, n) = matrices(call)
    return f"product_{m}_{k}_{n}"


def _small_product(call: Call) -> str:
    """A function that makes a product by loops: each sum in the order of BLAS and, as there, by fused multiply-adds.

    The inner loop is the longer one; what the outer one holds fast is read before it. A sum begins with 0, so that
    every product is fused with the sum before it, not with the one after it.
    """
    (m, k), (_, n) = matrices(call)
    if m <= n:
        outer, inner, held, term = f"i in range({m})", f"j in range({n})", "a[i, {0}]", "x{0} * b[{0}, j]"
    else:
        outer, inner, held, term = f"j in range({n})", f"i in range({m})", "b[{0}, j]", "a[i, {0}] * x{0}"
    lines = [
        "zero = out.dtype.type(0)",
        f"for {outer}:",
        *(f"    x{index} = {held.format(index)}" for index in range(k)),
        f"    for {inner}:",
        f"        out[i, j] = {' + '.join(['zero', *map(term.format, range(k))])}",
    ]
    jit = JIT.replace(")", ', fastmath={"contract"})')
    return f"{jit}def {_product_name(call)}(a, b, out):\n" + indented(lines)
