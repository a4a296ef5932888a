"""Native calls as source: the kernels that a step holds, and the statements that call them."""

from __future__ import annotations

import inspect
from math import prod

from minigrad.compiler.kernels import UFunc, address_of
from minigrad.compiler.native import folded, is_inner, is_product, is_total, kernel, matrices, numpy_loop
from minigrad.compiler.numpy_source import indented
from minigrad.compiler.plan import Plan
from minigrad.compiler.program import Call, Value
from minigrad.compiler.words import place_name, text

JIT = '@numba.njit(cache=CACHE, error_model="numpy")\n'  # above every function that is compiled
_SMALL = 4096  # multiplications, up to which loops are faster than a call of BLAS
_NARROW = 4  # columns whose sums are kept side by side
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
        parts += ["import llvmlite.binding", "import ctypes\nfrom typing import ClassVar\n"]
        parts += [inspect.getsource(UFunc), inspect.getsource(address_of), _LOOP_OF]
        loops = dict.fromkeys(map(numpy_loop, others))
        parts.append("".join(f'{x.name} = loop_of(np.{x.ufunc.__name__}, "{x.types}")\n' for x in loops))
        parts += [JIT + inspect.getsource(f) for f in dict.fromkeys(map(kernel, others))]
    return [*parts, *products]


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
    name = place_name(plan, x)
    return name if x.shape == shape else f"{name}.reshape({shape})"


def _stored(call: Call, head: str, shape: tuple[int, ...], out: str, first: str) -> str:
    """A kernel's call with its output: an array in its place, or a single number taken out of a new array."""
    output = call.output
    if not output.shape:
        return f"{output.name} = {head}, np.empty({shape}, {text(output.dtype)})){first}"
    return f"{head}, {out if output.shape == shape else f'{out}.reshape({shape})'})"


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
        totals = [f"total{j}" for j in range(n)]
        lines = [
            f"for i in range({m}):",
            f"    {' = '.join(totals)} = np.{dtype}(0)",
            f"    for l in range({k}):",
            *(f"        {total} += a[i, l] * b[l, {j}]" for j, total in enumerate(totals)),
            *(f"    out[i, {j}] = {total}" for j, total in enumerate(totals)),
        ]
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
