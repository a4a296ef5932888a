"""Convolution and correlation of sequences, and covariances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.checking import check, check_values
from tests.minigrad.rules.differences import normal

LENGTHS = st.integers(1, 7)
DTYPES = st.sampled_from([float, complex])


@settings(max_examples=8)
@given(LENGTHS, LENGTHS, st.sampled_from(["full", "same", "valid"]), DTYPES)
@pytest.mark.parametrize("f", [np.convolve, np.correlate])
def test_every_mode_whichever_is_longer(f: Callable[..., Any], n: int, m: int, mode: str, dtype: type):
    rng = np.random.default_rng(0)
    check(lambda a, v: f(a, v, mode), normal(rng, (n,), dtype), normal(rng, (m,), dtype))


def test_booleans_stay_booleans():
    check_values(np.correlate, np.array([True, False]), np.array([True, True]))
    assert np.correlate(mg.Tensor([True]), np.array([True])).dtype == bool


def test_a_constant_kernel():
    x = mg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    np.convolve(x, [1.0, -1.0]).sum().backward()
    np.convolve([1.0, 2.0], x, "valid").sum().backward()
    np.testing.assert_allclose(x.grad.data, [2.0, 3.0, 1.0])


@pytest.mark.parametrize("f", [np.convolve, np.correlate])
def test_what_cannot_be_convolved(f: Callable[..., Any]):
    x = mg.Tensor([1.0, 2.0])
    with pytest.raises(mg.ArgumentError, match=r"mode.*'round'"):
        f(x, x, "round")
    with pytest.raises(mg.ShapeError, match=r"v \(0,\)"):
        f(x, np.ones(0))
    with pytest.raises(mg.ShapeError, match=r"a \(1, 2\)"):
        f(x[None], x)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bias": True},
        {"ddof": 2},
        {"fweights": [1, 2, 0, 3, 1]},
        {"aweights": [0.1, 0.2, 0.5, 1.0, 0.3]},
        {"fweights": [1, 2, 0, 3, 1], "aweights": [0.1, 0.2, 0.5, 1.0, 0.3], "ddof": 0},
    ],
    ids=str,
)
def test_cov(options: dict[str, Any], dtype: type):
    rng = np.random.default_rng(0)
    x, y = normal(rng, (3, 5), dtype), normal(rng, (5,), dtype)
    check(lambda x: np.cov(x, **options), x)
    check(lambda y: np.cov(y, **options), y)
    check(lambda x, y: np.cov(x, y, **options), x, y)
    check(lambda x, y: np.cov(x, y, rowvar=False, **options), x.T, y)
    check(lambda x: np.cov(x, x, rowvar=False, **options), x.T)


def test_cov_is_differentiable_in_its_weights():
    rng = np.random.default_rng(0)
    check(lambda x, w: np.cov(x, aweights=w), normal(rng, (2, 4)), rng.uniform(0.5, 1, 4))


def test_cov_has_numpys_dtype():
    x = mg.Tensor(np.eye(3, dtype=np.float32))
    assert np.cov(x).dtype == np.float64
    assert np.cov(x, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("dtype", [float, complex])
def test_corrcoef(dtype: type):
    rng = np.random.default_rng(0)
    x, y = normal(rng, (3, 5), dtype), normal(rng, (2, 5), dtype)
    check(np.corrcoef, x)
    check(np.corrcoef, x, y)
    check(lambda x: np.corrcoef(x, rowvar=False), x)
    check(np.corrcoef, x[0])


def test_cov_takes_two_axes_at_most():
    with pytest.raises(mg.ShapeError, match=r"\(2, 2, 2\)"):
        np.cov(mg.Tensor(np.ones((2, 2, 2))))
