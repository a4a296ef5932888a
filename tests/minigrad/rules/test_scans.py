"""Running sums and products, and differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.checking import check
from tests.minigrad.rules.strategies import arrays, axes


@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
@settings(max_examples=8)
@given(data=st.data())
def test_running_results(name, data):
    a = data.draw(arrays(min_dims=1, max_side=7))
    axis = data.draw(axes(a.ndim, several=False))
    check(lambda x: getattr(np, name)(x, axis), a)


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
@pytest.mark.parametrize("include_initial", [False, True])
@settings(max_examples=5)
@given(data=st.data())
def test_running_results_of_the_array_api(name, include_initial, data):
    a = data.draw(arrays(min_dims=1))
    axis = data.draw(st.integers(-a.ndim, a.ndim - 1)) if a.ndim > 1 else None
    check(lambda x: getattr(np, name)(x, axis=axis, include_initial=include_initial), a)


@pytest.mark.parametrize("f", [np.prod, np.cumprod])
@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_a_product_has_the_right_gradient_at_zeros(f, zeros):
    a = np.arange(1.0, 6.0)
    a[[1, 3, 4][:zeros]] = 0
    check(f, a)


DIFFERENCES = {
    "diff": np.diff,
    "diff of the second order": lambda a: np.diff(a, 2, axis=0),
    "diff of no order": lambda a: np.diff(a, 0),
    "diff between ends": lambda a: np.diff(a, prepend=1.0, append=np.sum(a)),
    "ediff1d": np.ediff1d,
    "ediff1d between ends": lambda a: np.ediff1d(a, to_begin=[1.0, 2.0], to_end=np.sum(a)),
    "trapezoid": np.trapezoid,
    "trapezoid along an axis": lambda a: np.trapezoid(a, dx=0.5, axis=0),
}


@pytest.mark.parametrize("name", DIFFERENCES)
@settings(max_examples=5)
@given(data=st.data())
def test_differences(name, data):
    check(DIFFERENCES[name], data.draw(arrays(min_dims=1, min_side=1)))


@pytest.mark.parametrize("shape", [(5,), (2, 5)])
def test_trapezoid_at_given_points(shape):
    check(np.trapezoid, np.linspace(1, 2, 10).reshape(2, 5), np.cumsum(np.ones(shape), -1) ** 1.5)


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("spacing", [(), (0.5,), (0.5, 2.0), (np.array([0.0, 1.0, 3.0]), 0.3)], ids=str)
def test_gradient(edge_order, spacing):
    a = np.random.default_rng(0).random((3, 4))
    check(lambda x: np.gradient(x, *spacing, edge_order=edge_order), a)


def test_gradient_by_coordinates_that_are_tensors():
    x = np.array([0.0, 1.0, 1.5, 3.0])
    check(lambda f, x: np.gradient(f, x, axis=-1), np.random.default_rng(0).random((2, 4)), x)


@pytest.mark.parametrize("f", [np.nancumsum, np.nancumprod])
def test_running_results_without_nan(f):
    t = mg.Tensor([2.0, np.nan, 3.0], requires_grad=True)
    y = f(t)
    np.testing.assert_array_equal(y.numpy(), f(t.numpy()))
    y[-1].backward()
    np.testing.assert_array_equal(t.grad.numpy(), [1, 0, 1] if f is np.nancumsum else [3, 0, 2])


def test_unwrap():
    check(np.unwrap, np.array([[0.1, 3.0, 6.0, 9.4], [0.2, -3.3, 3.4, 0.0]]))
    check(lambda p: np.unwrap(p, axis=0, period=4), np.array([[0.1, 3.0], [3.3, -3.4]]))


MEANINGLESS = {
    "diff of order -1": lambda t: np.diff(t, -1),
    "three spacings for two axes": lambda t: np.gradient(t, 1.0, 2.0, 3.0),
    "a gradient of one element": lambda t: np.gradient(t[:1], axis=0),
    "two coordinates for three elements": lambda t: np.gradient(t, [0.0, 1.0], axis=0),
    "no axis": np.cumulative_sum,
}


@pytest.mark.parametrize("name", MEANINGLESS)
def test_what_has_no_meaning_is_an_error(name):
    with pytest.raises((ValueError, TypeError)):
        MEANINGLESS[name](mg.Tensor(np.ones((3, 3))))
