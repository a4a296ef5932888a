"""Convolution and correlation of sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.differences import check, normal

LENGTHS = st.integers(1, 7)
DTYPES = st.sampled_from([float, complex])


@given(LENGTHS, LENGTHS, st.sampled_from(["full", "same", "valid"]), DTYPES)
@pytest.mark.parametrize("f", [np.convolve, np.correlate])
def test_every_mode_whichever_is_longer(f: Callable[..., Any], n: int, m: int, mode: str, dtype: type):
    rng = np.random.default_rng(0)
    check(lambda a, v: f(a, v, mode), normal(rng, (n,), dtype), normal(rng, (m,), dtype))


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
