"""Derivatives of the third order: the one rule gives every order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from tests.minigrad.rules.differences import normal, pairing, slope


def derivative(f: Callable[..., Any], x: np.ndarray, way: np.ndarray, order: int) -> Any:
    """The directional derivative of the given order of the sum of f's squared elements, at x along `way`."""
    t = mg.Tensor(x, requires_grad=True)
    y = np.sum(np.square(np.abs(f(t))))
    for _ in range(order):
        t.grad = None
        y.backward(create_graph=True)
        y = pairing(way, t.grad)
    return y.item()


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(
    "f",
    [
        pytest.param(lambda x: np.matmul(np.matmul(x, x), x), id="matmul"),
        pytest.param(lambda x: np.einsum("ij,jk,kk->i", x, x, x), id="einsum"),
        pytest.param(lambda x: np.kron(np.kron(x, x), x), id="kron"),
        pytest.param(np.linalg.inv, id="inv"),
        pytest.param(np.linalg.det, id="det"),
        pytest.param(lambda x: np.linalg.slogdet(x)[1], id="slogdet"),
        pytest.param(lambda x: np.linalg.solve(x, np.ones(3)), id="solve"),
        pytest.param(lambda x: np.linalg.pinv(x[:, :2]), id="pinv"),
        pytest.param(np.linalg.svdvals, id="svdvals"),
        pytest.param(lambda x: np.abs(np.linalg.svd(x).U), id="svd"),
        pytest.param(lambda x: np.linalg.eigvalsh(x + x.conj().T), id="eigvalsh"),
        pytest.param(np.linalg.eigvals, id="eigvals"),
        pytest.param(lambda x: np.linalg.qr(x).Q, id="qr"),
        pytest.param(lambda x: np.linalg.cholesky(np.matmul(x, x.conj().T)), id="cholesky"),
        pytest.param(lambda x: np.linalg.norm(x, 3, axis=0), id="norm"),
        pytest.param(lambda x: np.fft.ifft2(np.fft.fft2(x) ** 3), id="fft"),
        pytest.param(lambda x: np.convolve(np.convolve(x[0], x[1]), x[2], "same"), id="convolve"),
    ],
)
def test_third_derivatives_are_those_of_differences(f: Callable[..., Any], dtype: type):
    rng = np.random.default_rng(3)
    x = np.diag([2.0, 4.0, 7.0]) + normal(rng, (3, 3), dtype) / 3
    way = normal(rng, (3, 3), dtype) / 3
    expected = slope(lambda h: derivative(f, x + h * way, way, 2))
    assert derivative(f, x, way, 3) == pytest.approx(expected, rel=1e-5, abs=1e-6)
