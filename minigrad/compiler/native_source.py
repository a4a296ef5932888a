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
_NARROW = 4  # columns, or rows, whose sums are kept side by side
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
    """A function that makes a product by loops: each sum in the order of BLAS and, as there, by fused multiply-adds."""
    (m, k), (_, n) = matrices(call)
    dtype = call.output.dtype
    if n <= _NARROW:
        lines = _side_by_side(
            dtype, ("i", m), k, [(f"a[i, l] * b[l, {j}]", f"out[i, {j}]") for j in range(n)]
        )
    elif m <= _NARROW:
        lines = _side_by_side(
            dtype, ("j", n), k, [(f"a[{i}, l] * b[l, j]", f"out[{i}, j]") for i in range(m)]
        )
    else:
        lines = [
            f"for i in range({m}):",
            f"    for j in range({n}):",
            f"        total = np.{dtype}(0)",
            f"        for l in range({k}):",
            "            total += a[i, l] * b[l, j]",
            "        out[i, j] = total",
        ]
    jit = JIT.replace(")", ', fastmath={"contract"})')
    return f"{jit}def {_product_name(call)}(a, b, out):\n" + indented(lines)


def _side_by_side(dtype: object, outer: tuple[str, int], k: int, sums: list[tuple[str, str]]) -> list[str]:
    """A few sums for each index of the outer loop, each a term to be added and the place of the sum."""
    index, count = outer
    totals = [f"total{i}" for i in range(len(sums))]
    return [
        f"for {index} in range({count}):",
        f"    {' = '.join(totals)} = np.{dtype}(0)",
        f"    for l in range({k}):",
        *(f"        {total} += {term}" for total, (term, _) in zip(totals, sums, strict=True)),
        *(f"    {place} = {total}" for total, (_, place) in zip(totals, sums, strict=True)),
    ]
