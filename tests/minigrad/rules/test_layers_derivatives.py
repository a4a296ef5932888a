"""Every layer: its derivatives against differences, in every dtype and memory layout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.differences import check_derivatives
from tests.minigrad.rules.layer_cases import CASES, Array, Draw, gradients, of_floats

every_layer = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
draws = st.builds(
    lambda seed, n, m: Draw(np.random.default_rng(seed), n, m),
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(1, 4),
)


@every_layer
@settings(max_examples=8)
@given(draw=draws)
def test_the_first_and_second_derivatives_are_those_of_differences(case, draw):
    f, floats = of_floats(*case(draw))
    check_derivatives(f, *floats)


@every_layer
@settings(max_examples=3)
@given(draw=draws)
def test_float32_stays_float32_and_agrees_with_float64(case, draw):
    f, inputs = case(draw)
    single = [x.astype(np.float32) if x.dtype == np.float64 else x for x in inputs]
    y = f(*inputs)
    y32 = f(*(mg.Tensor(x) for x in single))
    assert y32.dtype == np.float32 or _has_float64_constants(f)
    np.testing.assert_allclose(y32.numpy(), y.numpy(), rtol=1e-3, atol=1e-4)
    upstream = draw.rng.normal(size=y.shape)
    for found, expected in zip(gradients(f, single, upstream), gradients(f, inputs, upstream), strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@every_layer
@settings(max_examples=3)
@given(draw=draws)
def test_the_memory_layout_of_inputs_and_of_the_gradient_does_not_matter(case, draw):
    f, inputs = case(draw)
    upstream = draw.rng.normal(size=f(*inputs).shape)
    scattered = [_scattered(x) for x in inputs]
    np.testing.assert_allclose(f(*scattered).numpy(), f(*inputs).numpy(), rtol=1e-12, atol=1e-12)
    found = gradients(f, scattered, _scattered(upstream))
    for a, b in zip(found, gradients(f, inputs, upstream), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@every_layer
def test_no_array_is_changed(case):
    draw = Draw(np.random.default_rng(0), 3, 3)
    f, inputs = case(draw)
    copies = [x.copy() for x in inputs]
    upstream = draw.rng.normal(size=f(*inputs).shape)
    upstream_copy = upstream.copy()
    gradients(f, inputs, upstream)
    for x, copy in zip([*inputs, upstream], [*copies, upstream_copy], strict=True):
        np.testing.assert_array_equal(x, copy)


def _scattered(x: Array) -> Array:
    """The same values, read backwards and with gaps from a larger array."""
    gaps = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
    view = gaps[(..., *(slice(None, None, -2),) * x.ndim)]
    view[...] = x
    return view


def _has_float64_constants(f: object) -> bool:
    return bool(getattr(f, "args", ()))


@pytest.mark.parametrize("shape", [(), (0, 3)])
@pytest.mark.parametrize(
    "f", [mg.relu, mg.sigmoid, mg.tanh, mg.leaky_relu, mg.elu, mg.gelu, mg.silu, mg.softplus]
)
def test_an_activation_takes_one_value_and_none(f, shape):
    check_derivatives(f, np.full(shape, 0.7))
