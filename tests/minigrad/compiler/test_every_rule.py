"""Every function that has a rule traces: compiled, its values and gradients are the eager ones."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import minigrad as mg
from tests.minigrad.names import COVERED
from tests.minigrad.rules import test_elementwise, test_joining, test_reductions, test_scans, test_shaping
from tests.minigrad.rules.differences import normal, normal_like, pairing
from tests.minigrad.rules.strategies import arrays, smooth_arrays
from tests.minigrad.rules.test_indexing import INDICES, READING, WRITING
from tests.minigrad.rules.test_indexing import A as CUBE

RNG = np.random.default_rng(0)
X, Y, V = RNG.random((3, 4)) + 0.2, RNG.random((3, 4)) + 0.3, RNG.random(4) + 0.1
Z = normal(RNG, (3, 4), complex)
SQUARE, MATRICES = np.eye(3) * 3 + RNG.random((3, 3)), np.eye(3) * 3 + RNG.random((2, 3, 3))
SYMMETRIC = SQUARE + SQUARE.T + np.diag([0.0, 1.0, 3.0])
N = np.arange(1, 13).reshape(3, 4)


def agrees(f: Callable[..., Any], *xs: np.ndarray) -> None:
    """Checks that f, and the gradient of a combination of its results, are compiled as they are computed eagerly.

    A second call, with other numbers, shows that those of the trace have not stayed.
    """
    rng = np.random.default_rng(1)
    weights = [normal_like(rng, y.numpy()) for y in floats(f(*map(mg.Tensor, xs)))]

    def loss(*ts: Any) -> Any:
        return sum(pairing(w, y) for w, y in zip(weights, floats(f(*ts)), strict=True))

    moving = tuple(i for i, x in enumerate(xs) if x.dtype.kind in "fc")
    differentiable = bool(weights) and loss(*(mg.Tensor(x, requires_grad=True) for x in xs)).requires_grad
    compiled = mg.compile(f, target="numpy")
    gradient = mg.value_and_grad(loss, moving)
    compiled_gradient = mg.compile(gradient, target="numpy")
    for others in xs, [x + 0.01 * rng.random(x.shape) if x.dtype.kind in "fc" else x for x in xs]:
        tensors = list(map(mg.Tensor, others))
        same(compiled(*tensors), f(*tensors))
        if differentiable:
            same(compiled_gradient(*others), gradient(*others))


def floats(result: Any) -> list[mg.Tensor]:
    """The results that may have a gradient."""
    return [y for y in (result if isinstance(result, (tuple, list)) else [result]) if y.dtype.kind in "fc"]


def same(found: Any, expected: Any) -> None:
    if isinstance(expected, (tuple, list)):
        assert type(found) is type(expected)
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            same(a, b)
    else:
        a, b = (y.numpy() if isinstance(y, mg.Tensor) else np.asarray(y) for y in (found, expected))
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        assert_allclose(a, b, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "domains"), test_elementwise.TABLE, ids=[name for name, _ in test_elementwise.TABLE]
)
@settings(max_examples=3)
@given(data=st.data())
def test_elementwise_functions(name: str, domains: Any, data: st.DataObject):
    agrees(getattr(np, name), *data.draw(smooth_arrays(domains)))


REDUCTIONS = [*test_reductions.PLAIN.split(), *test_reductions.NAN.split()]


@pytest.mark.parametrize("name", REDUCTIONS)
@settings(max_examples=4)
@given(data=st.data())
def test_reductions_over_every_axis(name: str, data: st.DataObject):
    f, a = getattr(np, name), data.draw(arrays())
    options = test_reductions.calls(f, a, data.draw)
    if "initial" in options or test_reductions.is_defined(f, a, options):
        agrees(lambda x: f(x, **options), a)


@pytest.mark.parametrize(("dims", "name"), test_shaping.TABLE, ids=[name for _, name in test_shaping.TABLE])
@settings(max_examples=2)
@given(data=st.data())
def test_functions_that_move_elements(dims: int, name: str, data: st.DataObject):
    agrees(test_shaping.CALLS[dims][name], data.draw(arrays(min_dims=dims)))


@pytest.mark.parametrize("name", INDICES)
def test_indexing_and_assignment(name: str):
    def written(a: Any, value: Any) -> Any:
        y = a * 1
        y[INDICES[name]] = value
        return y, a[INDICES[name]]

    agrees(written, CUBE, np.array(2.5))


@pytest.mark.parametrize("name", WRITING)
def test_functions_that_write(name: str):
    def written(a: Any, value: Any) -> Any:
        y = a * 1
        WRITING[name](y, value)
        return y

    agrees(written, CUBE / 4, np.array([1.5, 2.5]))


def named(module: ModuleType, names: str, *xs: np.ndarray) -> dict[str, tuple[Any, ...]]:
    return {name: (getattr(module, name), *xs) for name in names.split()}


# The others, by name: a call, and the arrays that it is checked at.
CALLS: dict[str, tuple[Any, ...]] = {
    **test_joining.CALLS,
    **{name: (f, X) for name, f in test_scans.DIFFERENCES.items()},
    **{name: (f, CUBE) for name, f in READING.items() if name != "take_along_axis"},
    "clip": (lambda a: np.clip(a, 0.4, 0.9), X),
    "modf": (np.modf, 3 * X),
    "nan_to_num": (np.nan_to_num, np.array([1.0, np.nan, np.inf])),
    "ldexp": (lambda a: np.ldexp(a, N), X),
    "frexp": (np.frexp, X),
    "imag": (np.imag, Z),
    "conj": (np.conj, Z),
    "conjugate": (np.conjugate, Z),
    "median": (lambda a: np.median(a, axis=1), X),
    "quantile": (lambda a: np.quantile(a, [0.3, 0.8], axis=0), X),
    "percentile": (lambda a: np.percentile(a, 30), X),
    "average": (lambda a, w: np.average(a, axis=1, weights=w), X, Y),
    "cumsum": (lambda a: np.cumsum(a, axis=0), X),
    "cumprod": (lambda a: np.cumprod(a, axis=1), X),
    "cumulative_sum": (lambda a: np.cumulative_sum(a, axis=0, include_initial=True), X),
    "cumulative_prod": (lambda a: np.cumulative_prod(a, axis=1), X),
    "gradient": (lambda a: np.gradient(a, 0.5, 2.0, edge_order=2), X),
    "resize": (lambda a: np.resize(a, (5, 3)), X),
    "meshgrid": (np.meshgrid, V, V),
    "zeros_like": (lambda a: a + np.zeros_like(a), X),
    "ones_like": (lambda a: a * np.ones_like(a), X),
    "empty_like": (lambda a: a + 0 * np.empty_like(a), X),
    "take_along_axis": (lambda a: np.take_along_axis(a, np.argsort(a, axis=1), axis=1), X),
    "sort": (lambda a: np.sort(a, axis=0), X),
    "partition": (lambda a: np.sort(np.partition(a, 1, axis=1), axis=1), X),
    "argpartition": (lambda a: np.sort(np.argpartition(a, 1, axis=1), axis=1), X),
    "searchsorted": (lambda a, v: np.searchsorted(np.sort(a), v), V, X),
    "isin": (lambda a: np.isin(a, [1, 5, 9]), N),
    "interp": (lambda x, f: np.interp(x, [0.0, 0.5, 1.5, 2.0], f), X, V),
    **named(np, "count_nonzero all any argmax argmin argsort", X),
    **named(np, "isnan isinf isfinite logical_not", X),
    **named(
        np, "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor", X, Y
    ),
    **named(np, "bitwise_and bitwise_or bitwise_xor", N, N[::-1]),
    **named(np, "bitwise_not invert", N),
    "matmul": (np.matmul, MATRICES, SQUARE),
    "dot": (np.dot, X, X.T),
    "vdot": (np.vdot, X, Y),
    "inner": (np.inner, X, Y),
    "outer": (np.outer, V, X),
    "vecdot": (np.vecdot, X, Y),
    "matvec": (np.matvec, X, V),
    "vecmat": (np.vecmat, V, X.T),
    "tensordot": (lambda a, b: np.tensordot(a, b, ((0, 1), (1, 0))), X, Y.T),
    "einsum": (lambda a, b: np.einsum("ij,kj->ik", a, b), X, Y),
    "kron": (np.kron, X, V),
    "cross": (np.cross, X[:, :3], Y[:, 1:]),
    "trace": (np.trace, X),
    "convolve": (lambda a, v: np.convolve(a, v, "same"), V, V[:2]),
    "correlate": (lambda a, v: np.correlate(a, v, "full"), V, V[:2]),
    "cov": (np.cov, X, V),
    "corrcoef": (np.corrcoef, X),
    "linalg.norm": (lambda a: (np.linalg.norm(a), np.linalg.norm(a, 1), np.linalg.norm(a, 3, axis=0)), X),
    "linalg.vector_norm": (lambda a: np.linalg.vector_norm(a, axis=1, ord=3), X),
    "linalg.matrix_norm": (lambda a: (np.linalg.matrix_norm(a), np.linalg.matrix_norm(a, ord="nuc")), X),
    "linalg.inv": (np.linalg.inv, MATRICES),
    "linalg.pinv": (np.linalg.pinv, X),
    "linalg.solve": (np.linalg.solve, SQUARE, X),
    "linalg.lstsq": (np.linalg.lstsq, X, V[:3]),
    "linalg.det": (np.linalg.det, MATRICES),
    "linalg.slogdet": (np.linalg.slogdet, SQUARE),
    "linalg.cholesky": (np.linalg.cholesky, SYMMETRIC),
    "linalg.qr": (np.linalg.qr, X.T),
    "linalg.svd": (lambda a: np.linalg.svd(a, full_matrices=False), X),
    "linalg.svdvals": (np.linalg.svdvals, X),
    "linalg.eigh": (np.linalg.eigh, SYMMETRIC),
    "linalg.eigvalsh": (np.linalg.eigvalsh, SYMMETRIC),
    "linalg.eig": (np.linalg.eig, SQUARE + np.diag([0.0, 2.0, 5.0])),
    "linalg.eigvals": (np.linalg.eigvals, SQUARE + np.diag([0.0, 2.0, 5.0])),
    "linalg.matrix_power": (lambda a: np.linalg.matrix_power(a, -3), SQUARE),
    "linalg.multi_dot": (lambda *xs: np.linalg.multi_dot(xs), X, X.T, V[:3]),
    "linalg.tensorsolve": (lambda a, b: np.linalg.tensorsolve(a.reshape(3, 1, 3), b), SQUARE, X[:, :1]),
    "linalg.tensorinv": (lambda a: np.linalg.tensorinv(a.reshape(3, 1, 3)), SQUARE),
    "linalg.cond": (np.linalg.cond, SQUARE),
    "linalg.trace": (np.linalg.trace, MATRICES),
    "linalg.diagonal": (np.linalg.diagonal, MATRICES),
    "linalg.cross": (np.linalg.cross, X[:, :3], Y[:, 1:]),
    "linalg.outer": (np.linalg.outer, V, V[:2]),
    "linalg.vecdot": (np.linalg.vecdot, X, Y),
    **{f"fft.{f}": call for f, call in named(np.fft, "fft ifft fft2 ifft2 fftn ifftn", Z).items()},
    **{f"fft.{f}": call for f, call in named(np.fft, "rfft rfft2 rfftn ihfft fftshift ifftshift", X).items()},
    **{f"fft.{f}": call for f, call in named(np.fft, "irfft irfft2 irfftn hfft", Z).items()},
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_by_name(name: str):
    f, *xs = CALLS[name]
    agrees(f, *xs)


# Where the values of an argument choose, in a way that keeps the shape.
CHOOSING: dict[str, tuple[Any, ...]] = {
    "where": (lambda a, b: np.where(a > b, a, b), X, Y),
    "select": (lambda a: np.select([a > 1, a > 0.6], [a * a, a], default=-1.0), X),
    "choose": (lambda a, b: np.choose(a > b, [a, b]), X, Y),
    "clip": (lambda a, b: np.clip(a, b, b + 0.1), X, Y),
    "a sum where": (lambda a: np.sum(a, axis=0, where=a > 0.5), X),
    "an index": (lambda a: a[np.arange(3), np.argmax(a, axis=1)], X),
    "take": (lambda a: np.take(a, np.argsort(a[0]), axis=1), X),
    "interp": (lambda x, xp, f: np.interp(x, np.sort(xp), f, period=1.5), X, V, V),
    "iteration": (lambda a: np.stack([row * 2 for row in a]), X),
    "methods": (lambda a: a.reshape(4, 3).T.sum(axis=0).cumsum().mean() + a.ravel().max() + a.std(), X),
}


@pytest.mark.parametrize("name", CHOOSING)
def test_values_may_choose_where_the_shape_stays(name: str):
    f, *xs = CHOOSING[name]
    agrees(f, *xs)


def test_checks_of_values_are_made_at_every_step():
    average = mg.compile(lambda a, w: np.average(a, weights=w), target="numpy")
    assert average(mg.Tensor([1.0, 2.0]), mg.Tensor([1.0, 3.0])).item() == 1.75
    with pytest.raises(ZeroDivisionError, match="sum to zero"):
        average(mg.Tensor([1.0, 2.0]), mg.Tensor([1.0, -1.0]))
    choose = mg.compile(lambda i, a: np.choose(i, [a, 2 * a]), target="numpy")
    assert choose(np.array([0, 1]), mg.Tensor([1.0, 2.0])).tolist() == [1, 4]
    with pytest.raises(ValueError, match="outside 0 to 1"):
        choose(np.array([0, 2]), mg.Tensor([1.0, 2.0]))


DYNAMIC = ["nonzero", "unique", "unique_values", "unique_all", "unique_counts", "unique_inverse"]


@pytest.mark.parametrize("name", DYNAMIC)
def test_a_shape_that_depends_on_values_is_refused(name: str):
    with pytest.raises(
        mg.CompileError, match=rf"{name} gives depends on values, at .*test_every_rule.py:\d+"
    ):
        mg.compile(getattr(np, name), target="numpy")(mg.Tensor(V))


def test_the_residuals_of_least_squares_depend_on_the_rank():
    with pytest.raises(mg.CompileError, match=r"a value decides"):
        mg.compile(np.linalg.lstsq, target="numpy")(mg.Tensor(X.T), mg.Tensor(V))


def test_no_covered_name_is_left_out():
    tables = [*test_shaping.CALLS.values(), CALLS, WRITING]
    tested = {name.replace(",", "").split()[0] for table in tables for name in table}
    tested |= {name for name, _ in test_elementwise.TABLE} | {*REDUCTIONS, *DYNAMIC}
    functions = {getattr(np, name) for name in tested if hasattr(np, name)}
    covered = [name for names in COVERED.values() for name in names.split()]
    assert [name for name in covered if name not in tested and getattr(np, name) not in functions] == []
