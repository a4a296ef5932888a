"""Covariances and correlation coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from tests.minigrad.rules.differences import check, normal


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
