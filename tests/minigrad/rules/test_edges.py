"""What holds at ties, kinks and singular points, where differences tell nothing: see docs/coverage.md."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg


def gradient(f, *values, dtype=np.float64):
    xs = [mg.Tensor(np.array(v, dtype), requires_grad=True) for v in values]
    y = f(*xs)
    y.backward(np.ones(y.shape, y.dtype))
    grads = [x.grad.numpy().tolist() for x in xs]
    return grads[0] if len(grads) == 1 else grads


@pytest.mark.parametrize("f", [np.max, np.amax, np.min, np.amin])
def test_ties_share_equally(f):
    assert gradient(f, [2.0, 2.0, 2.0, 2.0]) == [0.25] * 4


def test_ties_share_with_initial():
    assert gradient(lambda x: np.max(x, initial=2.0), [2.0, 1.0]) == [0.5, 0.0]


@pytest.mark.parametrize("f", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_two_equal_numbers_share(f):
    assert gradient(f, [1.0], [1.0]) == [[0.5], [0.5]]


@pytest.mark.parametrize("f", [np.fmax, np.fmin])
def test_nan_loses_against_a_number(f):
    assert gradient(f, [np.nan, 1.0], [2.0, np.nan]) == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("f", [np.abs, np.fabs, np.sign])
def test_the_slope_of_a_kink_is_zero(f):
    assert gradient(f, [0.0, -0.0]) == [0.0, 0.0]


def test_clip_passes_the_gradient_at_its_bounds():
    assert gradient(lambda x: np.clip(x, -1, 1), [-2.0, -1.0, 0.0, 1.0, 2.0]) == [0, 1, 1, 1, 0]


def test_clip_passes_the_rest_to_the_bound_that_holds():
    assert gradient(np.clip, [-2.0, 0.0, 5.0], [-1.0] * 3, [1.0] * 3) == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert gradient(np.clip, [0.0], [2.0], [1.0]) == [
        [0],
        [0],
        [1],
    ]  # NumPy gives the upper of crossed bounds


def test_equal_elements_are_sorted_by_their_places():
    assert gradient(lambda x: np.sort(x) * np.arange(3.0), [1.0, 1.0, 0.0]) == [1.0, 2.0, 0.0]


@pytest.mark.parametrize("f", [np.hypot, np.arctan2])
def test_the_origin_has_gradient_zero(f):
    assert gradient(f, [0.0], [0.0]) == [[0.0], [0.0]]


def test_the_deviation_of_equal_numbers_has_gradient_zero():
    assert gradient(np.std, [3.0, 3.0, 3.0]) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("power", [0, 1, 2, 3, 0.5])
def test_a_power_at_zero(power):
    slope = {0: 0.0, 1: 1.0, 0.5: np.inf}.get(power, 0.0)
    assert gradient(lambda x: x**power, [0.0]) == [slope]


def test_zero_to_a_power_has_no_slope_in_the_power():
    assert gradient(np.power, [0.0], [2.0]) == [[0.0], [0.0]]


def test_a_zero_gradient_stays_zero():
    assert gradient(lambda x: np.where(x > 0, np.sqrt(x), 0), [0.0, 4.0]) == [0.0, 0.25]
    assert gradient(lambda x: np.where(x != 0, 1 / np.where(x == 0, 1, x), 0), [0.0, 2.0]) == [0.0, -0.25]


def test_sinc_has_all_its_derivatives_at_zero():
    x = mg.Tensor([0.0, 1e-8, 1e-3], requires_grad=True)
    np.sinc(x).sum().backward(create_graph=True)
    first, x.grad = x.grad, None
    np.testing.assert_allclose(first.numpy(), -(np.pi**2) / 3 * x.numpy(), rtol=1e-5, atol=1e-15)
    first.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), -(np.pi**2) / 3, rtol=1e-5)


@pytest.mark.parametrize("x", [-30.0, -3.0, 0.7, 5.0, 50.0])
def test_sinc_far_from_zero(x):
    slope = (np.cos(np.pi * x) - np.sinc(x)) / x
    np.testing.assert_allclose(gradient(np.sinc, [x]), [slope], rtol=1e-11, atol=1e-15)


def test_nan_to_num_lets_no_gradient_to_what_it_replaced():
    assert gradient(np.nan_to_num, [1.0, np.nan, np.inf]) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("f", [np.nanmax, np.nanmin, np.nansum, np.nanmean, np.nanprod, np.nanvar])
def test_nan_has_no_gradient_where_it_is_skipped(f):
    assert gradient(f, [np.nan, 3.0])[0] == 0.0


@pytest.mark.filterwarnings("ignore:All-NaN")
def test_nothing_but_nan():
    t = mg.Tensor([np.nan, np.nan], requires_grad=True)
    assert np.isnan(np.nanmax(t).item())
    assert np.isnan(np.nanmin(t).item())
    assert np.nansum(t).item() == 0


@pytest.mark.parametrize("f", [np.max, np.min, lambda x: mg.max_pool1d(x[None, None], 4)])
def test_nan_is_the_extremum_and_has_the_gradient(f):
    assert gradient(f, [1.0, np.nan, 3.0, 2.0]) == [0.0, 1.0, 0.0, 0.0]


def test_modf_and_frexp():
    assert gradient(lambda x: np.modf(x)[0], [1.5, -2.25]) == [1.0, 1.0]
    assert gradient(lambda x: np.frexp(x)[0], [3.0, 0.75]) == [0.25, 1.0]
    assert gradient(lambda x: np.ldexp(x, [3, -1]), [1.0, 1.0]) == [8.0, 0.5]


@pytest.mark.parametrize(
    "f", [np.equal, np.floor, np.isnan, np.argmax, np.argsort, np.zeros_like, np.searchsorted]
)
def test_integers_and_booleans_carry_no_gradient(f):
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    y = f(t, t) if f in (np.equal, np.searchsorted) else f(t)
    assert f is np.floor or not y.requires_grad


def test_average_without_weight_is_an_error():
    t = mg.Tensor([[1.0, 2.0]], requires_grad=True)
    with pytest.raises(ZeroDivisionError):
        np.average(t, weights=np.zeros((1, 2)))
    with pytest.raises(TypeError, match="axis"):
        np.average(t, weights=[1.0, 2.0])
    with pytest.raises(mg.ShapeError, match="weights"):
        np.average(t, weights=[1.0, 2.0], axis=0)


@pytest.mark.parametrize(
    "call",
    {
        "sum": lambda t: np.sum(t, axis=2),
        "max": lambda t: np.max(t, axis=-3),
        "var": lambda t: np.var(t, axis=5),
        "squeeze": lambda t: np.squeeze(t, 7),
        "moveaxis": lambda t: np.moveaxis(t, 0, 9),
        "sort": lambda t: np.sort(t, axis=2),
        "concatenate": lambda t: np.concatenate([t, t], axis=2),
        "take": lambda t: np.take(t, [0], axis=2),
    }.items(),
    ids=lambda item: item[0],
)
def test_an_axis_that_is_not_there_is_an_error(call):
    with pytest.raises(mg.AxisError, match="out of bounds"):
        call[1](mg.Tensor(np.ones((2, 2)), requires_grad=True))


def test_moveaxis_and_squeeze_of_what_does_not_fit():
    t = mg.Tensor(np.ones((2, 3)))
    with pytest.raises(ValueError, match="axes to move"):
        np.moveaxis(t, (0, 1), 0)
    with pytest.raises(ValueError, match="length 1"):
        np.squeeze(t, 0)
    with pytest.raises(ValueError, match="indexing"):
        np.meshgrid(t[0], indexing="yx")


THIRD = {
    "a power": (lambda x: x**4, lambda x: 24 * x),
    "sin": (np.sin, lambda x: -np.cos(x)),
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 2 / x**3),
    "a root": (np.sqrt, lambda x: 0.375 * x**-2.5),
    "a product": (lambda x: np.prod([[1.0, 2.0]] * x[:, None] * x[:, None], axis=1), lambda x: 48 * x),
    "a running product": (lambda x: np.cumprod(np.stack([x, x, x]), axis=0)[-1], lambda x: 6 + 0 * x),
    "a variance": (lambda x: np.var(np.stack([x**2, 0 * x]), axis=0), lambda x: 6 * x),
    "an index": (lambda x: (x[[0, 1]] * x[[0, 1]]) ** 2, lambda x: 24 * x),
}


@pytest.mark.parametrize("name", THIRD)
def test_third_derivatives_have_their_closed_form(name):
    f, closed = THIRD[name]
    x = mg.Tensor([0.7, 1.9], requires_grad=True)
    y = f(x)
    for _ in range(3):
        x.grad = None
        y.sum().backward(create_graph=True)
        y = x.grad
    np.testing.assert_allclose(y.numpy(), closed(x.numpy()), rtol=1e-9)
