"""Every layer: its derivatives against differences, in every dtype and memory layout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.checking import check
from tests.minigrad.rules.differences import check_derivatives
from tests.minigrad.rules.layer_cases import CASES, Draw, gradients, of_floats

every_layer = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
draws = st.builds(
    lambda seed, n, m: Draw(np.random.default_rng(seed), n, m),
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(1, 4),
)


@every_layer
@settings(max_examples=5)
@given(draw=draws)
def test_two_derivatives_agree_with_differences(case, draw):
    f, floats = of_floats(*case(draw))
    check(f, *floats)


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


@pytest.mark.parametrize("shape", [(), (0, 3)])
@pytest.mark.parametrize(
    "f", [mg.relu, mg.sigmoid, mg.tanh, mg.leaky_relu, mg.elu, mg.gelu, mg.silu, mg.softplus]
)
def test_an_activation_takes_one_value_and_none(f, shape):
    check_derivatives(f, np.full(shape, 0.7))
