"""The table of what every rule is tested at: a call of NumPy, where its arrays come from, and torch's same function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.minigrad.rules.strategies import (
    REAL,
    arrays,
    ordered,
    sized,
    smooth_arrays,
)

Call = Callable[..., Any]
Inputs = st.SearchStrategy[list[np.ndarray]]


@dataclass(frozen=True)
class Case:
    """A call to be tested.

    Args:
        call: takes arrays, or Tensors, and calls NumPy.
        inputs: draws the arrays.
        peer: takes torch and its tensors and computes the same; None where torch has no such function.
        options: of `check_derivatives`.
    """

    call: Call
    inputs: Inputs
    peer: Call | None = None
    options: dict[str, Any] = field(default_factory=dict)


def resolve(name: str) -> Any:
    """NumPy's function of a name such as "linalg.inv"."""
    value: Any = np
    for part in name.split("."):
        value = getattr(value, part)
    return value


def torchs(name: str) -> Call:
    """Torch's function of a name such as "linalg.inv", as a peer."""

    def peer(t: Any, *xs: Any) -> Any:
        function = t
        for part in name.split("."):
            function = getattr(function, part)
        return function(*xs)

    return peer


def each(names: str, inputs: Inputs, *, peers: bool = True, **options: Any) -> dict[str, Case]:
    """Functions that take nothing but arrays; torch has them under the same names, if `peers`."""
    return {n: Case(resolve(n), inputs, torchs(n) if peers else None, options) for n in names.split()}


# Elementwise functions: names, and for each input an interval in which they are smooth

ANY, POSITIVE, UNIT, SMALL = (-2.0, 2.0), (0.5, 3.0), (-0.8, 0.8), (0.3, 0.9)
SMOOTH = {
    "exp exp2 expm1 sin cos arctan atan sinh cosh tanh arcsinh asinh square negative positive sinc i0 deg2rad": [
        ANY
    ],
    "radians rad2deg degrees real imag conj conjugate fix": [ANY],
    "log log2 log10 log1p sqrt cbrt reciprocal absolute abs fabs tan": [SMALL],
    "arcsin arccos arctanh asin acos atanh": [UNIT],
    "arccosh acosh": [(1.2, 3.0)],
    "sign floor ceil trunc rint round around": [(0.6, 0.9)],
    "add subtract multiply logaddexp logaddexp2": [ANY, ANY],
    "divide true_divide": [ANY, POSITIVE],
    "power pow float_power": [POSITIVE, ANY],
    "hypot arctan2 atan2 copysign": [POSITIVE, POSITIVE],
    "maximum minimum fmax fmin": [(0.0, 1.0), (1.1, 2.0)],
    "mod remainder fmod floor_divide divmod": [(3.1, 3.3), (1.2, 1.5)],
    "heaviside": [POSITIVE, ANY],
    "angle modf frexp": [(0.6, 0.9)],
    "nan_to_num": [ANY],
}
TABLE = [(name, domains) for names, domains in SMOOTH.items() for name in names.split()]
ALIASES = {
    "fabs": "abs",
    "radians": "deg2rad",
    "degrees": "rad2deg",
    "rint": "round",
    "around": "round",
    "power": "pow",
    "mod": "remainder",
    "fix": "fix",
    "conjugate": "conj",
}
UNLIKE = [
    "cbrt",
    "floor_divide",
    "divmod",
    "modf",
    "frexp",
    "imag",
    "heaviside",
]  # torch lacks them, or gives no gradient


def apart_from_the_cuts(name: str) -> Case:
    """A function of complex numbers, where it is smooth."""
    function = resolve(name)
    return Case(lambda z: function(z + 3 + 4j), sized("nm"), lambda t, z: getattr(t, name)(z + 3 + 4j))


CUT = [
    "log",
    "sqrt",
    "log2",
    "log10",
    "log1p",
    "arcsin",
    "arccos",
    "arctan",
    "arcsinh",
    "arctanh",
    "tan",
    "tanh",
]
ELEMENTWISE = {
    name: Case(
        resolve(name), smooth_arrays(domains), None if name in UNLIKE else torchs(ALIASES.get(name, name))
    )
    for name, domains in TABLE
} | {
    "clip": Case(
        lambda a: np.clip(a, -0.31, 0.33), smooth_arrays([UNIT]), lambda t, a: t.clip(a, -0.31, 0.33)
    ),
    "clip between arrays": Case(
        lambda a, b, c: np.clip(a, b / 9 - 0.5, c / 9 + 0.5),
        sized("nm,m,m", REAL),
        lambda t, a, b, c: t.clip(a, b / 9 - 0.5, c / 9 + 0.5),
    ),
    "where": Case(
        lambda a, b: np.where(a > 0, a, b),
        smooth_arrays([POSITIVE, ANY]),
        lambda t, a, b: t.where(a > 0, a, b),
    ),
    "ldexp": Case(lambda x: np.ldexp(x, 3), smooth_arrays([ANY]), lambda t, x: t.ldexp(x, t.tensor(3))),
    "power of a number": Case(lambda x: 2.5**x, smooth_arrays([ANY]), lambda t, x: 2.5**x),
    "square by power": Case(lambda x: x**2 + x**3, smooth_arrays([ANY]), lambda t, x: x**2 + x**3),
    "real of complex numbers": Case(np.real, sized("nm"), torchs("real")),
    "imag of complex numbers": Case(lambda z: np.imag(z * 1j), sized("nm"), lambda t, z: t.imag(z * 1j)),
    "angle of complex numbers": Case(lambda z: np.angle(z + 3j), sized("nm"), lambda t, z: t.angle(z + 3j)),
    "absolute of complex numbers": Case(lambda z: np.abs(z + 3), sized("nm"), lambda t, z: t.abs(z + 3)),
    "sign of complex numbers": Case(lambda z: np.sign(z + 3j), sized("nm"), lambda t, z: t.sgn(z + 3j)),
    **{
        f"{name} of complex numbers": Case(resolve(name), sized("nm", st.just(complex)), torchs(name))
        for name in ["exp", "sin", "cos", "sinh", "cosh", "square", "conj", "reciprocal", "negative"]
    },
    **{f"{name} of complex numbers apart from the cuts": apart_from_the_cuts(name) for name in CUT},
    **{
        f"{name} of complex numbers": Case(resolve(name), sized("nm,m", st.just(complex)), torchs(name))
        for name in ["add", "subtract", "multiply", "divide"]
    },
}

# Reductions and scans, along the first axis of an array of two or three

SPACED = sized("4nm", REAL, make=ordered) | sized("4n", REAL, make=ordered)
LONE = sized("5", REAL, make=ordered)


def hole(a: Any) -> Any:
    """The array with NaN for its first element."""
    return np.where(np.arange(a.size).reshape(a.shape) == 0, np.nan, a)


def torchs_hole(t: Any, a: Any) -> Any:
    return t.where(t.arange(a.numel()).reshape(a.shape) == 0, t.nan, a)


def along(call: Call, peer: Call | None = None, inputs: Inputs = SPACED) -> Case:
    return Case(call, inputs, peer)


REDUCTIONS = {
    "sum": along(lambda a: np.sum(a, axis=0, keepdims=True), lambda t, a: a.sum(0, keepdim=True)),
    "sum over all": along(np.sum, lambda t, a: a.sum()),
    "mean": along(lambda a: np.mean(a, axis=(0, 1)), lambda t, a: a.mean((0, 1))),
    "var": along(lambda a: np.var(a, axis=0, ddof=1), lambda t, a: a.var(0, correction=1)),
    "std": along(lambda a: np.std(a, axis=0), lambda t, a: a.std(0, correction=0)),
    "prod": along(lambda a: np.prod(a, axis=-1), lambda t, a: a.prod(-1)),
    "max": along(lambda a: np.max(a, axis=0), lambda t, a: a.amax(0)),
    "min": along(lambda a: np.min(a, axis=(0, -1)), lambda t, a: a.amin((0, -1))),
    "amax": along(np.amax, lambda t, a: a.amax()),
    "amin": along(np.amin, lambda t, a: a.amin()),
    "max of ties": along(
        lambda a: np.max(np.concatenate([a, a]), axis=0), lambda t, a: t.cat([a, a]).amax(0)
    ),
    "ptp": along(lambda a: np.ptp(a, axis=0), lambda t, a: a.amax(0) - a.amin(0)),
    "median": along(lambda a: np.median(a, axis=0), lambda t, a: t.quantile(a, 0.5, 0)),
    "quantile": along(
        lambda a: np.quantile(a, [0.3, 0.9], axis=0),
        lambda t, a: t.stack([t.quantile(a, q, 0) for q in (0.3, 0.9)]),
    ),
    "percentile": along(lambda a: np.percentile(a, 30, axis=0), lambda t, a: t.quantile(a, 0.3, 0)),
    "average": along(
        lambda a: np.average(a, axis=0, weights=np.arange(1.0, 5.0)),
        lambda t, a: t.tensordot(t.arange(1.0, 5.0, dtype=a.dtype), a, 1) / 10,
    ),
    "nansum": along(lambda a: np.nansum(hole(a), axis=0), lambda t, a: t.nansum(torchs_hole(t, a), 0)),
    "nanmean": along(lambda a: np.nanmean(hole(a), axis=0), lambda t, a: t.nanmean(torchs_hole(t, a), 0)),
    "nanprod": along(lambda a: np.nanprod(hole(a), axis=0)),
    "nanvar": along(lambda a: np.nanvar(hole(a), axis=0, ddof=1)),
    "nanstd": along(lambda a: np.nanstd(hole(a), axis=0)),
    "nanmax": along(lambda a: np.nanmax(hole(a), axis=0)),
    "nanmin": along(lambda a: np.nanmin(hole(a), axis=0)),
    "cumsum": along(lambda a: np.cumsum(a, axis=0), lambda t, a: a.cumsum(0)),
    "cumprod": along(lambda a: np.cumprod(a, axis=0), lambda t, a: a.cumprod(0)),
    "cumulative_sum": along(
        lambda a: np.cumulative_sum(a, axis=0, include_initial=True),
        lambda t, a: t.cat([t.zeros_like(a[:1]), a.cumsum(0)]),
    ),
    "cumulative_prod": along(lambda a: np.cumulative_prod(a, axis=0), lambda t, a: a.cumprod(0)),
    "diff": along(lambda a: np.diff(a, 2, axis=0), lambda t, a: t.diff(a, 2, 0)),
    "ediff1d": along(np.ediff1d, lambda t, a: t.diff(a.flatten())),
    "gradient": along(
        lambda a: np.gradient(a, 0.5, axis=0, edge_order=2),
        lambda t, a: t.gradient(a, spacing=0.5, dim=0, edge_order=2)[0],
    ),
    "trapezoid": along(lambda a: np.trapezoid(a, axis=0, dx=0.3), lambda t, a: t.trapezoid(a, dx=0.3, dim=0)),
    "sort": along(lambda a: np.sort(a, axis=0), lambda t, a: a.sort(dim=0, stable=True).values),
    "partition": along(
        lambda a: np.sort(np.partition(a, 2, axis=0), axis=0), lambda t, a: a.sort(dim=0).values
    ),
}

# Elements in other places

NUMBERS = arrays().map(lambda a: [a])
ROWS = arrays(min_dims=2, min_side=1).map(lambda a: [a])
PAIR = sized("nm,nm", REAL)
INDEX = np.array([[0, 2, 2]])


def of_a_list(name: str, inputs: Inputs) -> Case:
    """A function that takes its arrays as a list."""
    function = resolve(name)
    return Case(lambda *xs: function(xs), inputs, lambda t, *xs: getattr(t, name)(xs))


SHAPES = {
    "reshape": Case(lambda a: np.reshape(a, (-1, 1)), ROWS, lambda t, a: a.reshape(-1, 1)),
    "ravel": Case(np.ravel, NUMBERS, torchs("ravel")),
    "transpose": Case(np.transpose, NUMBERS, lambda t, a: a.permute(tuple(range(a.ndim))[::-1])),
    "permute_dims": Case(lambda a: np.permute_dims(a, (1, 0)), sized("nm"), lambda t, a: a.T),
    "matrix_transpose": Case(np.matrix_transpose, ROWS, lambda t, a: a.mT),
    "moveaxis": Case(lambda a: np.moveaxis(a, 0, -1), ROWS, lambda t, a: t.moveaxis(a, 0, -1)),
    "rollaxis": Case(lambda a: np.rollaxis(a, -1), ROWS, lambda t, a: t.moveaxis(a, -1, 0)),
    "swapaxes": Case(lambda a: np.swapaxes(a, 0, -1), ROWS, lambda t, a: t.swapaxes(a, 0, -1)),
    "expand_dims": Case(lambda a: np.expand_dims(a, 1), ROWS, lambda t, a: a.unsqueeze(1)),
    "squeeze": Case(np.squeeze, NUMBERS, torchs("squeeze")),
    "broadcast_to": Case(
        lambda a: np.broadcast_to(a, (2, *a.shape)), NUMBERS, lambda t, a: t.broadcast_to(a, (2, *a.shape))
    ),
    "broadcast_arrays": Case(np.broadcast_arrays, sized("nm,m"), torchs("broadcast_tensors")),
    **each("atleast_1d atleast_2d atleast_3d", NUMBERS),
    "concatenate": Case(lambda *xs: np.concatenate(xs, 1), sized("nm,nk"), lambda t, *xs: t.cat(xs, 1)),
    "concat": Case(lambda *xs: np.concat(xs), sized("nm,km"), lambda t, *xs: t.cat(xs)),
    "stack": Case(lambda *xs: np.stack(xs, -1), PAIR, lambda t, *xs: t.stack(xs, -1)),
    "hstack": of_a_list("hstack", sized("nm,nk")),
    "vstack": of_a_list("vstack", sized("nm,m")),
    "dstack": of_a_list("dstack", sized("nm,nm")),
    "column_stack": of_a_list("column_stack", sized("nm,n")),
    "block": Case(
        lambda a, b: np.block([[a, b], [b, a]]),
        PAIR,
        lambda t, a, b: t.cat([t.cat([a, b], 1), t.cat([b, a], 1)]),
    ),
    "append": Case(lambda a, b: np.append(a, b, 0), PAIR, lambda t, a, b: t.cat([a, b])),
    "insert": Case(
        lambda a, v: np.insert(a, 0, v, axis=0), sized("nm,m"), lambda t, a, v: t.cat([v[None], a])
    ),
    "delete": Case(lambda a: np.delete(a, 0, axis=0), ROWS, lambda t, a: a[1:]),
    "split": Case(lambda a: np.split(a, [1], axis=1), sized("n3"), lambda t, a: t.tensor_split(a, [1], 1)),
    "array_split": Case(lambda a: np.array_split(a, 2), ROWS, lambda t, a: t.tensor_split(a, 2)),
    "hsplit": Case(lambda a: np.hsplit(a, [1]), sized("n3"), lambda t, a: t.hsplit(a, [1])),
    "vsplit": Case(lambda a: np.vsplit(a, [1]), sized("3n"), lambda t, a: t.vsplit(a, [1])),
    "dsplit": Case(lambda a: np.dsplit(a, [1]), sized("nm3"), lambda t, a: t.dsplit(a, [1])),
    "unstack": Case(lambda a: np.unstack(a, axis=1), ROWS, lambda t, a: t.unbind(a, 1)),
    "repeat": Case(lambda a: np.repeat(a, 2, 0), ROWS, lambda t, a: a.repeat_interleave(2, 0)),
    "tile": Case(lambda a: np.tile(a, (2, 3)), NUMBERS, lambda t, a: t.tile(a, (2, 3))),
    "flip": Case(lambda a: np.flip(a, 1), ROWS, lambda t, a: a.flip(1)),
    **each("fliplr flipud rot90", ROWS),
    "roll": Case(lambda a: np.roll(a, 2, 1), ROWS, lambda t, a: a.roll(2, 1)),
    "pad": Case(
        lambda a: np.pad(a, ((0, 0), (1, 2)), "reflect"),
        sized("n3", REAL),
        lambda t, a: t.nn.functional.pad(a, (1, 2), mode="reflect"),
    ),
    "tril": Case(lambda a: np.tril(a, 1), ROWS, lambda t, a: t.tril(a, 1)),
    "triu": Case(lambda a: np.triu(a, -1), ROWS, lambda t, a: t.triu(a, -1)),
    "diag": Case(lambda a: np.diag(a, 1), sized("n") | sized("n3"), lambda t, a: t.diag(a, 1)),
    "diagflat": Case(lambda a: np.diagflat(a, -1), ROWS, lambda t, a: t.diagflat(a, -1)),
    "diagonal": Case(lambda a: np.diagonal(a, 0, 1, 0), ROWS, lambda t, a: t.diagonal(a, 0, 1, 0)),
    "resize": Case(lambda a: np.resize(a, (4, 3)), ROWS),
    "copy": Case(np.copy, NUMBERS, torchs("clone")),
    "astype": Case(lambda a: np.astype(a, np.float64), NUMBERS, lambda t, a: a.double()),
    "meshgrid": Case(np.meshgrid, sized("n,m"), lambda t, *xs: t.meshgrid(*xs, indexing="xy")),
    "full_like": Case(lambda a, v: a + np.full_like(a, v), sized("nm,m"), lambda t, a, v: a + v),
    "take": Case(lambda a: np.take(a, [0, 2, 2], 1), sized("n3"), lambda t, a: a[:, [0, 2, 2]]),
    "take_along_axis": Case(
        lambda a: np.take_along_axis(a, INDEX, 1),
        sized("13"),
        lambda t, a: t.take_along_dim(a, t.tensor(INDEX), 1),
    ),
    "compress": Case(
        lambda a: np.compress([True, False, True], a, 1), sized("n3"), lambda t, a: a[:, [0, 2]]
    ),
    "extract": Case(lambda a: np.extract(a > 0, a), SPACED, lambda t, a: a[a > 0]),
    "choose": Case(
        lambda a, b: np.choose(a > b, [a, b]),
        sized("nm,nm", REAL, make=ordered),
        lambda t, a, b: t.where(a > b, b, a),
    ),
    "select": Case(
        lambda a: np.select([a > 0.5, a > 0], [a, 2 * a], 3 * a),
        SPACED,
        lambda t, a: t.where(a > 0.5, a, t.where(a > 0, 2 * a, 3 * a)),
    ),
    "piecewise": Case(
        lambda a: np.piecewise(a, [a > 0], [np.exp, lambda x: x * x]),
        SPACED,
        lambda t, a: t.where(a > 0, a.exp(), a * a),
    ),
    "interp": Case(
        lambda x, f: np.interp(x, [0.0, 0.35, 1.0], f),
        st.tuples(smooth_arrays([(0.4, 0.9)]), sized("3", REAL)).map(lambda pair: [*pair[0], *pair[1]]),
    ),
    "an index": Case(lambda a: a[[0, 0, 2], 1:], sized("3n"), lambda t, a: a[[0, 0, 2], 1:]),
    "a mask": Case(lambda a: a[a > 0], SPACED, lambda t, a: a[a > 0]),
}

CASES: dict[str, Case] = ELEMENTWISE | REDUCTIONS | SHAPES
