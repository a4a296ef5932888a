"""Matrix decompositions, compared by what does not depend on the signs or phases of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.checking import check, check_values
from tests.minigrad.rules.differences import check_derivatives, hermitian_like, normal

DTYPES = [float, complex]
SHAPES = [(4, 3), (3, 4), (3, 3), (2, 4, 2), (1, 1)]


def adjoint(a: Any) -> Any:
    return np.conj(np.swapaxes(a, -1, -2))


def hermitian(n: int, dtype: type, batch: tuple[int, ...] = ()) -> np.ndarray:
    """Matrices whose eigenvalues lie well apart."""
    return hermitian_like(np.random.default_rng(0), np.zeros((*batch, n, n), dtype)) / 4 + np.diag(
        range(1, 2 * n, 2)
    )


def general(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Matrices whose singular values lie well apart."""
    m, n = shape[-2:]
    spread = np.zeros((m, n))
    np.fill_diagonal(spread, range(2, 2 + 2 * min(m, n), 2))
    return spread + normal(np.random.default_rng(0), shape, dtype) / 3


def projectors(v: Any, n: int) -> Any:
    """Of the first n of orthonormal columns, weighted apart."""
    first = v[..., :n]
    return np.matmul(first * np.arange(1.0, n + 1), adjoint(first))


def of_svd(result: Any) -> tuple[Any, ...]:
    """What does not depend on the signs or phases of the vectors, nor on the basis of the rest."""
    u, s, vh = result
    k = s.shape[-1]
    rest_u, rest_v = u[..., k:], adjoint(vh[..., k:, :])
    return (
        s,
        projectors(u, k),
        projectors(adjoint(vh), k),
        np.matmul(u[..., :k] * np.arange(1.0, k + 1), vh[..., :k, :]),
        np.matmul(rest_u, adjoint(rest_u)),
        np.matmul(rest_v, adjoint(rest_v)),
    )


@settings(max_examples=8)
@given(st.sampled_from(SHAPES), st.sampled_from(DTYPES), st.booleans())
def test_svd(shape: tuple[int, ...], dtype: type, full_matrices: bool):
    check(lambda a: of_svd(np.linalg.svd(a, full_matrices=full_matrices)), general(shape, dtype))


@settings(max_examples=8)
@given(st.sampled_from(SHAPES), st.sampled_from(DTYPES))
def test_singular_values(shape: tuple[int, ...], dtype: type):
    check(np.linalg.svdvals, general(shape, dtype))
    check(lambda a: np.linalg.svd(a, compute_uv=False), general(shape, dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_svd_of_hermitian_matrices(dtype: type):
    a = hermitian(3, dtype, (2,)) - 2.2 * np.eye(3)
    check(lambda a: of_svd(np.linalg.svd(a, hermitian=True)), a, tangents=hermitian_like)
    check(lambda a: np.linalg.svd(a, compute_uv=False, hermitian=True), a, tangents=hermitian_like)


def test_equal_singular_values_have_the_gradient_of_their_sum():
    a = mg.Tensor(np.eye(3), requires_grad=True)
    _, s, _ = np.linalg.svd(a)
    s.sum().backward()
    np.testing.assert_allclose(a.grad.data, np.eye(3), atol=1e-12)


def test_results_are_named_as_in_numpy():
    a = mg.Tensor(np.eye(3), requires_grad=True)
    assert np.linalg.svd(a).S.shape == (3,)
    assert np.linalg.qr(a).Q.shape == (3, 3)
    assert np.linalg.eigh(a).eigenvalues.shape == (3,)
    assert np.linalg.eig(a).eigenvectors.shape == (3, 3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("uplo", ["L", "U"])
@pytest.mark.parametrize("batch", [(), (2,)])
def test_eigh(uplo: str, batch: tuple[int, ...], dtype: type):
    a = hermitian(3, dtype, batch)
    check(lambda a: np.linalg.eigvalsh(a, uplo), a, tangents=hermitian_like)

    def invariants(a: Any) -> Any:
        w, v = np.linalg.eigh(a, UPLO=uplo)
        return w, projectors(v, 3)

    check(invariants, a, tangents=hermitian_like)


def test_the_gradient_of_a_hermitian_matrix_is_hermitian():
    for dtype in DTYPES:
        a = mg.Tensor(hermitian(3, dtype), requires_grad=True)
        (np.linalg.eigvalsh(a)[0] + np.real(np.linalg.cholesky(a)[2, 1])).backward()
        np.testing.assert_allclose(a.grad.data, adjoint(a.grad.data), atol=1e-12)


@settings(max_examples=8)
@given(st.sampled_from([(3, 3), (2, 4, 4), (1, 1)]), st.sampled_from(DTYPES))
def test_eig(shape: tuple[int, ...], dtype: type):
    a = general(shape, dtype)

    def invariants(a: Any) -> Any:
        w, v = np.linalg.eig(a)
        return w, np.real(v * np.conj(v)), v * np.conj(v[..., :1, :])

    check(invariants, a)
    check(np.linalg.eigvals, a)


def test_complex_eigenvalues_of_a_real_matrix():
    a = np.array([[1.0, -2.0, 0.1], [2.0, 1.5, 0.3], [0.2, -0.1, 4.0]])
    assert np.iscomplexobj(np.linalg.eigvals(a))
    check(np.linalg.eigvals, a)


@settings(max_examples=8)
@given(st.integers(1, 4), st.sampled_from(DTYPES), st.booleans(), st.sampled_from([(), (2,)]))
def test_cholesky(n: int, dtype: type, upper: bool, batch: tuple[int, ...]):
    a = np.eye(n) + hermitian(n, dtype, batch)
    check(lambda a: np.linalg.cholesky(a, upper=upper), a, tangents=hermitian_like)


@settings(max_examples=8)
@given(st.sampled_from(SHAPES), st.sampled_from(DTYPES))
def test_qr(shape: tuple[int, ...], dtype: type):
    a = general(shape, dtype)
    check(np.linalg.qr, a)
    check(lambda a: np.linalg.qr(a, mode="r"), a)
    if shape[-2] <= shape[-1]:
        check(lambda a: np.linalg.qr(a, "complete"), a)


def test_matrices_that_have_no_decomposition():
    with pytest.raises(mg.LinAlgError, match=r"cholesky: Matrix is not positive definite  \(a 'k' \(2, 2\)"):
        np.linalg.cholesky(mg.Tensor(-np.eye(2), name="k"))
    with pytest.raises(mg.LinAlgError, match=r"eigh.*square"):
        np.linalg.eigh(mg.Tensor(np.ones((2, 3))))
    with pytest.raises(mg.ShapeError, match=r"qr needs matrices, not shape \(2,\)"):
        np.linalg.qr(mg.Tensor(np.ones(2)))
    with pytest.raises(mg.ArgumentError, match="mode"):
        np.linalg.qr(mg.Tensor(np.ones((2, 2))), mode="full")
    for mode, shape in (("complete", (3, 2)), ("raw", (2, 2))):
        with pytest.raises(mg.NoRuleError, match=mode):
            np.linalg.qr(mg.Tensor(np.ones(shape)), mode=mode)


def test_values_without_a_gradient():
    check_values(np.linalg.svdvals, np.arange(6).reshape(2, 3))
    check_derivatives(lambda a: np.linalg.svdvals(a).sum(), np.eye(2), orders=1)
