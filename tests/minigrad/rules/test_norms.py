"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from tests.minigrad.rules.checking import check, check_values
from tests.minigrad.rules.differences import check_derivatives, normal

VECTOR_ORDERS = [0, 1, 2, 3, 1.5, 4, -1, np.inf, -np.inf]
MATRIX_ORDERS = ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]
DTYPES = [float, complex]


@settings(max_examples=8)
@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), st.data(), st.sampled_from(DTYPES))
def test_vector_norms_along_any_axis(shape: tuple[int, ...], data: st.DataObject, dtype: type):
    ord = data.draw(st.sampled_from(VECTOR_ORDERS))
    axis = data.draw(
        st.none() | st.integers(-len(shape), len(shape) - 1) | hnp.valid_tuple_axes(len(shape), min_size=1)
    )
    keepdims = data.draw(st.booleans())
    x = normal(np.random.default_rng(0), shape, dtype)
    x += 0.2 * np.sign(x)
    rtol = 1e-5 if ord in (1.5, -1) else 1e-6
    check(lambda x: np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord), x, rtol=rtol)
    if isinstance(axis, int):
        check(lambda x: np.linalg.norm(x, ord, axis, keepdims), x, rtol=rtol)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ord", MATRIX_ORDERS)
@pytest.mark.parametrize("keepdims", [False, True])
def test_matrix_norms(ord: Any, keepdims: bool, dtype: type):
    x = normal(np.random.default_rng(0), (3, 2, 4), dtype)
    check(lambda x: np.linalg.matrix_norm(x, ord=ord, keepdims=keepdims), x)
    check(lambda x: np.linalg.norm(x, ord, (2, 0), keepdims), x)
    check(lambda x: np.linalg.norm(x, ord, keepdims=keepdims), x[0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 2, 2)])
def test_the_norm_of_all_elements(shape: tuple[int, ...], dtype: type):
    check(np.linalg.norm, normal(np.random.default_rng(0), shape, dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ord", [1, 2, 3, 1.5, np.inf])
def test_the_gradient_is_zero_where_the_norm_is(ord: float, dtype: type):
    x = mg.Tensor(np.zeros(3, dtype), requires_grad=True)
    np.linalg.norm(x, ord).backward(create_graph=True)
    np.testing.assert_array_equal(x.grad.data, 0)
    first, x.grad = x.grad, None
    if first.requires_grad:
        np.sum(np.real(first)).backward()
        assert np.all(np.isfinite(x.grad.data))


def test_the_gradient_is_right_where_one_element_is_zero():
    for ord in (2, 3, 4):
        check_derivatives(lambda x, ord=ord: np.linalg.norm(x, ord), np.array([1.0, 0.0, -2.0]), rtol=1e-4)
    x = mg.Tensor([1.0, 0.0], requires_grad=True)
    np.linalg.norm(x, 1.5).backward()
    np.testing.assert_allclose(x.grad.data, [1.0, 0.0])


def test_equal_magnitudes_share_the_gradient_of_the_largest():
    x = mg.Tensor([2.0, -2.0, 1.0], requires_grad=True)
    np.linalg.norm(x, np.inf).backward()
    np.testing.assert_array_equal(x.grad.data, [0.5, -0.5, 0.0])


@pytest.mark.parametrize("ord", [0, 1, 2, np.inf])
def test_the_norms_of_integers_are_floats(ord: float):
    check_values(lambda x: np.linalg.norm(x, ord, axis=0), np.array([[1, -2], [3, 4]]))
    check_values(lambda x: np.linalg.norm(x, ord or "fro"), np.array([[1, -2], [3, 4]]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_condition_numbers(p: Any, dtype: type):
    x = np.diag([4.0, 2.0, 1.0]) + 0.4 + normal(np.random.default_rng(0), (2, 3, 3), dtype) / 9
    check(lambda x: np.linalg.cond(x, p), x if p != "nuc" else x[0])


def test_the_condition_of_a_singular_matrix_is_infinite():
    x = mg.Tensor(np.zeros((2, 2)))
    x[0, 0] = 1
    assert np.linalg.cond(x).item() > 1e15


@pytest.mark.parametrize(
    ("f", "error", "words"),
    [
        (lambda x: np.linalg.norm(x, "nuc", 0), mg.ArgumentError, "vectors have no norm of order 'nuc'"),
        (lambda x: np.linalg.norm(x, 3), mg.ArgumentError, "matrices have no norm of order 3"),
        (lambda x: np.linalg.norm(x[None], 2), mg.ShapeError, "one axis or two, not 3"),
        (lambda x: np.linalg.matrix_norm(x[0]), mg.ShapeError, r"\(2,\)"),
        (lambda x: np.linalg.cond(x, 1), np.linalg.LinAlgError, r"inv.*Singular"),
        (lambda x: np.linalg.norm(x, axis=2), IndexError, "axis 2"),
    ],
)
def test_norms_that_there_are_not(f: Callable[..., Any], error: type[Exception], words: str):
    with pytest.raises(error, match=words):
        f(mg.Tensor(np.ones((2, 2))))
