"""Sorting, order statistics, and what reads a table in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.checking import check, check_values
from tests.minigrad.rules.strategies import arrays, axes


@pytest.mark.parametrize("name", ["sort", "partition"])
@settings(max_examples=8)
@given(data=st.data())
def test_sorting(name, data):
    a = data.draw(arrays(min_dims=1, min_side=1))
    axis = data.draw(axes(a.ndim, several=False))
    kth = () if name == "sort" else (0,)
    check(lambda x: np.sort(getattr(np, name)(x, *kth, axis=axis), axis=axis), a)


METHODS = (
    "inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear "
    "median_unbiased normal_unbiased lower higher midpoint nearest"
)


@pytest.mark.parametrize("method", METHODS.split())
@settings(max_examples=5)
@given(data=st.data())
def test_quantile_by_every_method(method, data):
    a = data.draw(arrays(min_side=1))
    options = {"axis": data.draw(axes(a.ndim)), "keepdims": data.draw(st.booleans()), "method": method}
    q = data.draw(st.sampled_from([0.3, 0.0, 1.0, [0.1, 0.77], [[0.5], [0.2]]]))
    assume(options["axis"] != ())
    check(lambda x: np.quantile(x, q, **options), a)


@settings(max_examples=8)
@given(data=st.data())
def test_median_and_percentile(data):
    a = data.draw(arrays(min_side=1))
    options = {"axis": data.draw(axes(a.ndim)), "keepdims": data.draw(st.booleans())}
    assume(options["axis"] != ())
    check(lambda x: (np.median(x, **options), np.percentile(x, [12.5, 60], **options)), a)


def test_a_quantile_with_weights():
    a = np.random.default_rng(1).permutation(12).reshape(3, 4) * 1.0
    w = np.arange(1.0, 5.0)
    check(lambda x: np.quantile(x, [0.2, 0.6], axis=1, weights=w, method="inverted_cdf"), a)


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_quantiles_without_nan(axis):
    a = np.random.default_rng(1).permutation(12).reshape(3, 4) * 1.0
    a[0, 1] = a[2, 3] = np.nan
    options = {"axis": axis, "keepdims": axis == 0}
    call = lambda x: (np.nanmedian(x, **options), np.nanpercentile(x, [10, 60.0], **options))  # noqa: E731
    check_values(call, a)
    t = mg.Tensor(a, requires_grad=True)
    call(t)[1].sum().backward()
    assert np.isfinite(t.grad.numpy()).all()
    np.testing.assert_allclose(np.nansum(t.grad.numpy()), call(a)[1].size)


def test_nan_makes_a_quantile_nan():
    assert np.isnan(np.median(mg.Tensor([1.0, np.nan, 2.0])).item())


INTERP = {
    "inside and outside": {},
    "given ends": {"left": -1.0, "right": 7.0},
    "a period": {"period": 3.0},
}


@pytest.mark.parametrize("name", INTERP)
def test_interp(name):
    x = np.array([[-0.7, 0.3, 1.1], [1.9, 2.6, 4.4]])
    xp, fp = np.array([0.0, 0.9, 2.1, 2.8]), np.array([1.0, -2.0, 0.5, 3.0])
    check(lambda *a: np.interp(*a, **INTERP[name]), x, xp, fp)


def test_interp_in_a_table_of_one():
    check(np.interp, np.array([-1.0, 0.5]), np.array([0.0]), np.array([2.0]))
