"""Elementwise rules: their dtypes, and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from tests.minigrad.rules.cases import TABLE
from tests.minigrad.rules.checking import check


@pytest.mark.parametrize(("name", "domains"), TABLE, ids=[name for name, _ in TABLE])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int32])
def test_dtypes_are_numpys(name, domains, dtype):
    inputs = [np.array([np.mean(domain)], float).astype(dtype) for domain in domains]
    with np.errstate(all="ignore"):
        found, expected = (getattr(np, name)(*xs) for xs in (map(mg.Tensor, inputs), inputs))
    for y, truth in zip(found, expected, strict=True) if isinstance(expected, tuple) else [(found, expected)]:
        assert y.dtype == truth.dtype
        np.testing.assert_array_equal(y.numpy(), truth)


def test_polyval():
    check(np.polyval, np.array([1.0, -2.0, 0.5]), np.array([[0.3, 1.2], [-0.7, 2.0]]))


@pytest.mark.parametrize(
    "options", [{}, {"endpoint": False}, {"axis": -1, "num": 4}, {"num": 1}, {"retstep": True}]
)
def test_linspace(options):
    check(lambda a, b: np.linspace(a, b, **{"num": 5, **options}), np.array([0.5, 1.0]), np.array(3.0))
