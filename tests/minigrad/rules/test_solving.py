"""Inverses, determinants and linear equations."""

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
from tests.minigrad.rules.differences import check_derivatives, hermitian_like, normal

DTYPES = [float, complex]
BATCHES = hnp.array_shapes(min_dims=0, max_dims=2, max_side=2)


def regular(seed: int, batch: tuple[int, ...], n: int, dtype: type) -> np.ndarray:
    """Matrices far from singular."""
    return 2 * np.eye(n) + normal(np.random.default_rng(seed), (*batch, n, n), dtype) / max(n, 1)


@settings(max_examples=8)
@given(BATCHES, st.integers(1, 4), st.sampled_from(DTYPES), st.integers(0, 99))
def test_inv_det_and_slogdet(batch: tuple[int, ...], n: int, dtype: type, seed: int):
    a = regular(seed, batch, n, dtype)
    for f in (np.linalg.inv, np.linalg.det, np.linalg.slogdet):
        check(f, a)


@settings(max_examples=8)
@given(BATCHES, st.integers(1, 4), st.integers(1, 3), st.sampled_from(DTYPES), st.integers(0, 99))
def test_solve_for_columns_and_for_a_vector(batch: tuple[int, ...], n: int, k: int, dtype: type, seed: int):
    a = regular(seed, batch, n, dtype)
    rng = np.random.default_rng(seed)
    check(np.linalg.solve, a, normal(rng, (*batch[1:], n, k), dtype))
    check(np.linalg.solve, a, normal(rng, (n,), dtype))


def test_solve_with_a_constant_matrix():
    b = mg.Tensor([1.0, 2.0], requires_grad=True)
    np.linalg.solve(np.diag([2.0, 4.0]), b).sum().backward()
    np.testing.assert_array_equal(b.grad.data, [0.5, 0.25])


@pytest.mark.parametrize("a", [np.zeros((1, 1)), np.ones((2, 2)), np.diag([1.0, 2.0, 0.0]), np.zeros((3, 3))])
def test_the_gradient_of_det_is_there_for_a_singular_matrix(a: np.ndarray):
    check_derivatives(np.linalg.det, a, orders=1)


def test_slogdet_names_its_two_results():
    result = np.linalg.slogdet(mg.Tensor(-np.eye(3), requires_grad=True))
    assert result.sign.item() == -1
    assert result.logabsdet.item() == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensorsolve_and_tensorinv(dtype: type):
    a, b = regular(0, (), 6, dtype), normal(np.random.default_rng(0), (2, 3), dtype)
    check(np.linalg.tensorsolve, a.reshape(2, 3, 6), b)
    check(lambda a, b: np.linalg.tensorsolve(a, b, axes=(0, 2)), a.reshape(2, 6, 3), b.ravel())
    check(np.linalg.tensorinv, a.reshape(2, 3, 3, 2))
    check(lambda a: np.linalg.tensorinv(a, ind=1), a.reshape(6, 2, 3))


@settings(max_examples=8)
@given(BATCHES, st.integers(1, 4), st.integers(1, 4), st.sampled_from(DTYPES))
def test_pinv_of_full_rank(batch: tuple[int, ...], m: int, n: int, dtype: type):
    a = normal(np.random.default_rng(0), (*batch, m, n), dtype) / 2 + 2 * np.eye(m, n)
    check(np.linalg.pinv, a)
    check(lambda a: np.linalg.pinv(a, rtol=1e-10), a)


@pytest.mark.parametrize("dtype", DTYPES)
def test_pinv_of_hermitian_matrices(dtype: type):
    a = regular(0, (2,), 3, dtype)
    a = a + np.conj(np.swapaxes(a, -1, -2))
    check(lambda a: np.linalg.pinv(a, hermitian=True), a, tangents=hermitian_like)
    t = mg.Tensor(a, requires_grad=True)
    np.linalg.pinv(t, hermitian=True).backward(np.ones_like(a) * [1.0, 2.0, 3.0])
    np.testing.assert_allclose(t.grad.data, np.conj(np.swapaxes(t.grad.data, -1, -2)), atol=1e-12)


def test_pinv_drops_what_is_below_rcond():
    a = mg.Tensor(np.diag([1.0, 1e-3]), requires_grad=True)
    y = np.linalg.pinv(a, 1e-2)
    np.testing.assert_allclose(y.data, np.diag([1.0, 0.0]))
    y[0, 0].backward()
    np.testing.assert_allclose(a.grad.data, np.diag([-1.0, 0.0]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("m", "n"), [(5, 3), (3, 5), (3, 3)])
def test_lstsq(m: int, n: int, dtype: type):
    rng = np.random.default_rng(0)
    a = normal(rng, (m, n), dtype)
    for b in (normal(rng, (m,), dtype), normal(rng, (m, 2), dtype)):
        check(np.linalg.lstsq, a, b)
        check_values(lambda a, b: np.linalg.lstsq(a, b, rcond=-1)[0], a, b)
        assert np.linalg.lstsq(mg.Tensor(a), b)[2] == min(m, n)


def test_lstsq_of_lower_rank_gives_no_residuals():
    a = np.outer([1.0, 2.0, 3.0, 4.0], [1.0, 1.0])
    check_values(lambda a: np.linalg.lstsq(a, np.ones(4), rcond=1e-8)[:2], a)
    assert np.linalg.lstsq(mg.Tensor(a), np.ones(4))[2] == 1
    assert np.linalg.matrix_rank(mg.Tensor(a)).item() == 1


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (np.linalg.inv, r"inv: Singular matrix  \(a 'w' \(2, 2\) float64\)"),
        (lambda a: np.linalg.solve(a, np.ones(2)), "solve: Singular matrix"),
        (lambda a: np.linalg.matrix_power(a, -1), "inv: Singular matrix"),
        (lambda a: np.linalg.tensorinv(a, 1), "Singular"),
        (np.linalg.slogdet, None),
    ],
)
def test_a_singular_matrix_is_numpys_error(f: Callable[..., Any], words: str | None):
    w = mg.Tensor(np.ones((2, 2)), requires_grad=True, name="w")
    if words is None:
        with pytest.raises(np.linalg.LinAlgError) as caught:
            f(w)[1].backward()
        assert "in the backward pass of Slogdet" in "".join(caught.value.__notes__)
        return
    with pytest.raises(mg.LinAlgError, match=words) as caught:
        f(w)
    assert isinstance(caught.value, np.linalg.LinAlgError)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (np.linalg.inv, "inv.*square"),
        (lambda a: np.linalg.solve(a, np.ones(3)), "solve"),
        (np.linalg.det, "det.*square"),
        (lambda a: np.linalg.tensorsolve(a, np.ones(2)), "tensorsolve.*not square"),
        (lambda a: np.linalg.tensorinv(a, 1), "first 1 axes"),
        (lambda a: np.linalg.tensorinv(a, 0), "first 0 axes"),
        (lambda a: np.linalg.lstsq(a, np.ones(3)), r"a \(2, 3\) and b \(3,\)"),
    ],
)
def test_shapes_that_do_not_fit(f: Callable[..., Any], words: str):
    with pytest.raises(ValueError, match=words) as caught:
        f(mg.Tensor(np.ones((2, 3))))
    assert isinstance(caught.value, mg.MinigradError)
