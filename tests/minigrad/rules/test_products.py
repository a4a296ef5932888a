"""Products of vectors, matrices and tensors."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from tests.minigrad.rules.checking import check, check_values
from tests.minigrad.rules.differences import normal

DTYPES = st.sampled_from([float, complex])
SEEDS = st.integers(0, 2**32 - 1)
LENGTHS = st.integers(1, 4)


def shapes(max_dims: int = 3, min_dims: int = 0) -> st.SearchStrategy[tuple[int, ...]]:
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, max_side=3)


def pair(seed: int, dtype: type, *sizes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [normal(rng, shape, dtype) for shape in sizes]


@settings(max_examples=8)
@given(
    hnp.mutually_broadcastable_shapes(signature="(m?,n),(n,p?)->(m?,p?)", max_dims=2, max_side=3),
    DTYPES,
    SEEDS,
)
def test_matmul(shapes: Any, dtype: type, seed: int):
    for f in (np.matmul, np.linalg.matmul, operator.matmul):
        check(f, *pair(seed, dtype, *shapes.input_shapes))


@settings(max_examples=8)
@given(st.integers(0, 3), st.integers(0, 3), st.data(), DTYPES, SEEDS)
def test_dot(ndim_a: int, ndim_b: int, data: st.DataObject, dtype: type, seed: int):
    a = data.draw(shapes(ndim_a, ndim_a))
    b = data.draw(shapes(ndim_b, ndim_b))
    if a and b:
        b = (*b[:-2], a[-1], *b[-1:]) if len(b) > 1 else a[-1:]
    check(np.dot, *pair(seed, dtype, a, b))


@settings(max_examples=8)
@given(shapes(), DTYPES, SEEDS)
def test_vdot_conjugates_its_first_argument(shape: tuple[int, ...], dtype: type, seed: int):
    check(np.vdot, *pair(seed, dtype, shape, shape[::-1]))


@settings(max_examples=8)
@given(shapes(), shapes(), DTYPES, SEEDS)
def test_inner(a: tuple[int, ...], b: tuple[int, ...], dtype: type, seed: int):
    check(np.inner, *pair(seed, dtype, a, (*b[:-1], a[-1]) if a and b else b))


@settings(max_examples=8)
@given(shapes(), shapes(), DTYPES, SEEDS)
def test_outer(a: tuple[int, ...], b: tuple[int, ...], dtype: type, seed: int):
    check(np.outer, *pair(seed, dtype, a, b))
    if len(a) == len(b) == 1:
        check(np.linalg.outer, *pair(seed, dtype, a, b))


@settings(max_examples=8)
@given(LENGTHS, LENGTHS, st.integers(-2, 1), st.booleans(), DTYPES, SEEDS)
def test_vecdot_takes_an_axis(m: int, n: int, axis: int, keepdims: bool, dtype: type, seed: int):
    x1, x2 = pair(seed, dtype, (m, n), (m, n))
    check(lambda a, b: np.vecdot(a, b, axis=axis, keepdims=keepdims), x1, x2)
    check(lambda a, b: np.linalg.vecdot(a, b, axis=axis), x1, x2)


@settings(max_examples=8)
@given(LENGTHS, LENGTHS, DTYPES, SEEDS)
def test_matvec_and_vecmat_broadcast(m: int, n: int, dtype: type, seed: int):
    matrices, vectors, others = pair(seed, dtype, (2, m, n), (n,), (2, m))
    check(np.matvec, matrices, vectors)
    check(np.vecmat, others, matrices)


@pytest.mark.parametrize(
    ("f", "a", "b", "axes"),
    [
        (np.matvec, (3, 4, 2), (4, 2), [(0, 1), 0, (0,)]),
        (np.vecmat, (3, 2), (3, 4, 2), [0, (0, 1), -1]),
        (np.vecdot, (3, 2), (2, 3), [0, 1]),
        (np.vecdot, (3, 2), (2, 3), [(0,), (1,), ()]),
    ],
    ids=str,
)
def test_products_over_given_axes(f: Callable[..., Any], a: Any, b: Any, axes: Any):
    check(lambda a, b: f(a, b, axes=axes), *pair(0, complex, a, b))


def test_products_write_into_a_tensor():
    a = mg.Tensor(np.eye(2), requires_grad=True)
    for f in (np.matmul, np.dot, np.outer, np.matvec):
        b = np.ones((2, 2)) if f in (np.matmul, np.dot) else np.ones(2)
        x = a if f is not np.outer else a[0]
        out = mg.Tensor(np.zeros(2 if f is np.matvec else (2, 2)))
        assert f(x, b, out=out) is out
        assert out.requires_grad
        np.testing.assert_array_equal(out.data, f(x.data, b))
    with pytest.raises(mg.DtypeError, match="Tensor to write into"):
        np.einsum("ij->i", a, out=np.zeros(2))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(
    ("a", "b", "axes"),
    [
        ((2, 3, 4), (3, 4, 2), 2),
        ((2, 3), (4,), 0),
        ((2, 3, 4), (4, 2, 5), ([0, 2], [1, 0])),
        ((2, 3, 4), (4, 2, 5), ([-3, -1], [-2, -3])),
        ((2, 3), (5, 3), (1, 1)),
        ((2, 0), (0, 3), 1),
    ],
)
def test_tensordot_in_both_signatures(a: Any, b: Any, axes: Any, dtype: type):
    xs = pair(0, dtype, a, b)
    check(lambda a, b: np.tensordot(a, b, axes), *xs)
    check(lambda a, b: np.linalg.tensordot(a, b, axes=axes), *xs)


@settings(max_examples=8)
@given(shapes(), shapes(), DTYPES, SEEDS)
def test_kron_of_any_dimensions(a: tuple[int, ...], b: tuple[int, ...], dtype: type, seed: int):
    check(np.kron, *pair(seed, dtype, a, b))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
@pytest.mark.parametrize(
    ("a", "b", "axes"),
    [
        ((3,), (3,), {}),
        ((4, 3), (3,), {}),
        ((3, 4), (4, 3), {"axisa": 0, "axisc": 0}),
        ((3, 4), (3, 4), {"axis": 0}),
        ((2,), (4, 3), {}),
        ((4, 3), (2,), {}),
        ((4, 2), (2,), {}),
    ],
)
def test_cross_along_any_axis(a: Any, b: Any, axes: dict[str, int], dtype: type):
    check(lambda a, b: np.cross(a, b, **axes), *pair(0, dtype, a, b))


@pytest.mark.parametrize("dtype", [float, complex])
def test_cross_of_the_array_api(dtype: type):
    check(lambda a, b: np.linalg.cross(a, b, axis=0), *pair(0, dtype, (3, 4), (3, 1)))


@settings(max_examples=8)
@given(shapes(3, 3), st.integers(-2, 2), st.permutations([0, 1, 2]), DTYPES, SEEDS)
def test_trace_and_diagonal(shape: tuple[int, ...], offset: int, axes: list[int], dtype: type, seed: int):
    (x,) = pair(seed, dtype, shape)
    check(lambda x: np.trace(x, offset, *axes[:2]), x)
    check(lambda x: np.linalg.trace(x, offset=offset), x)
    if -shape[1] < offset < shape[2]:
        check(lambda x: np.linalg.diagonal(x, offset=offset), x)


def test_trace_sums_in_the_dtype_it_is_told():
    assert np.trace(mg.Tensor(np.eye(3, dtype=np.float32)), dtype=float).dtype == float


@pytest.mark.parametrize("dtype", [float, complex])
def test_matrix_transpose(dtype: type):
    check(np.linalg.matrix_transpose, *pair(0, dtype, (2, 3, 4)))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 3, 6])
def test_matrix_power(n: int, dtype: type):
    x = np.eye(3) + pair(0, dtype, (2, 3, 3))[0] / 5
    check(lambda x: np.linalg.matrix_power(x, n), x)


@settings(max_examples=8)
@given(st.lists(LENGTHS, min_size=3, max_size=6), st.booleans(), st.booleans(), DTYPES, SEEDS)
def test_multi_dot_with_vectors_at_the_ends(
    sizes: list[int], row: bool, column: bool, dtype: type, seed: int
):
    shapes = list(itertools.pairwise(sizes))
    shapes[0] = shapes[0][1:] if row else shapes[0]
    shapes[-1] = shapes[-1][:1] if column and len(shapes) > 1 else shapes[-1]
    check(lambda *xs: np.linalg.multi_dot(xs), *pair(seed, dtype, *shapes))


def test_multi_dot_multiplies_in_the_cheap_order():
    a, b, c = (mg.Tensor(np.ones(shape), requires_grad=True) for shape in [(2, 9), (9, 2), (2, 9)])
    shapes = [np.shape(x) for x in _products_of(np.linalg.multi_dot([a, b, c]))]
    assert sorted(shapes) == [(2, 2), (2, 9)]
    a, b, c = (mg.Tensor(np.ones(shape), requires_grad=True) for shape in [(9, 2), (2, 9), (9, 2)])
    shapes = [np.shape(x) for x in _products_of(np.linalg.multi_dot([a, b, c]))]
    assert sorted(shapes) == [(2, 2), (9, 2)]


def _products_of(y: mg.Tensor) -> list[np.ndarray]:
    return [np.empty(operation.outputs[0].shape) for operation in mg.graph_of(y).operations]


def test_numbers_and_lists_take_part():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    (np.dot([3.0, 4.0], x) + np.dot(2.0, x).sum() + np.kron([1.0, 1.0], x).sum()).backward()
    np.testing.assert_array_equal(x.grad.data, [7.0, 8.0])


def test_an_array_that_needs_no_gradient_gets_none():
    w = np.ones((3, 2))
    x = mg.Tensor(np.ones((2, 3)), requires_grad=True)
    for f in (np.dot, np.matmul):
        f(x, w).sum().backward()
        f(w, x).sum().backward()
    assert x.grad is not None


@pytest.mark.parametrize(
    ("f", "shapes", "words"),
    [
        (np.matmul, [(2, 3), (2, 3)], r"matmul.*\(2, 3\)"),
        (np.dot, [(2, 3), (2, 3)], r"dot.*\(2, 3\)"),
        (np.vdot, [(2,), (3,)], r"vdot.*\(2,\)"),
        (lambda a, b: np.tensordot(a, b, 1), [(2, 3), (2, 3)], "differ in length"),
        (lambda a, b: np.tensordot(a, b, ([0, 1], [0])), [(2, 3), (2, 3)], "differ in length"),
        (np.linalg.outer, [(2, 3), (2,)], "two vectors"),
        (np.cross, [(4,), (3,)], "two or three"),
        (np.linalg.cross, [(2,), (2,)], "three components"),
        (lambda a, _: np.linalg.multi_dot([a]), [(2, 3), (2,)], "at least two"),
        (lambda *xs: np.linalg.multi_dot(xs), [(2, 3), (3,), (3, 2)], r"arrays\[1\] \(3,\) is no matrix"),
        (lambda *xs: np.linalg.multi_dot(xs), [(2, 2, 3), (3, 2)], r"arrays\[0\] \(2, 2, 3\) is no matrix"),
    ],
)
def test_shapes_that_do_not_fit_are_named(f: Callable[..., Any], shapes: list[Any], words: str):
    with pytest.raises(mg.ShapeError, match=words):
        f(*(mg.Tensor(np.ones(shape), name="x") for shape in shapes))


def test_powers_that_a_matrix_has_not():
    with pytest.raises(mg.LinAlgError, match=r"square matrices, not shape \(2, 3\)"):
        np.linalg.matrix_power(mg.Tensor(np.ones((2, 3))), 0)
    with pytest.raises(TypeError):
        np.linalg.matrix_power(mg.Tensor(np.eye(2)), 0.5)


def test_an_axis_that_is_not_there_is_an_error():
    with pytest.raises(mg.AxisError, match=r"tensordot.*axis 2"):
        np.tensordot(mg.Tensor(np.eye(2)), np.eye(2), ([2], [0]))
    with pytest.raises(mg.AxisError, match=r"tensordot.*axis -3"):
        np.tensordot(mg.Tensor(np.eye(2)), np.eye(2), 3)
    with pytest.raises(IndexError):
        np.vecdot(mg.Tensor([1.0]), mg.Tensor([1.0]), axis=1)
    with pytest.raises(IndexError):
        np.cross(mg.Tensor(np.ones(3)), mg.Tensor(np.ones(3)), axis=2)


def test_integer_tensors_multiply_as_in_numpy():
    a = np.arange(6).reshape(2, 3)
    check_values(np.kron, a, a)
    assert np.array_equal(np.linalg.matrix_power(mg.Tensor(a @ a.T), 0), np.eye(2))
