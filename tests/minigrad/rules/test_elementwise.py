"""Elementwise rules: a table of functions and of where they are smooth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from tests.minigrad.rules.checking import check

ANY, POSITIVE, UNIT, SMALL = (-2.0, 2.0), (0.5, 3.0), (-0.8, 0.8), (0.3, 0.9)

# The function; for each input, an interval in which it is smooth.
SMOOTH = {
    "exp exp2 expm1 sin cos arctan sinh cosh tanh arcsinh square negative positive sinc i0 deg2rad radians": [
        ANY
    ],
    "rad2deg degrees real": [ANY],
    "log log2 log10 log1p sqrt cbrt reciprocal absolute abs fabs tan": [SMALL],
    "arcsin arccos arctanh asin acos atanh": [UNIT],
    "arccosh acosh": [(1.2, 3.0)],
    "sign floor ceil trunc rint fix round around": [SMALL],
    "add subtract multiply logaddexp logaddexp2": [ANY, ANY],
    "divide true_divide": [ANY, POSITIVE],
    "power pow float_power": [POSITIVE, ANY],
    "hypot arctan2 atan2 copysign": [POSITIVE, POSITIVE],
    "maximum minimum fmax fmin": [(0.0, 1.0), (1.1, 2.0)],
    "mod remainder fmod floor_divide divmod": [(3.1, 3.3), (1.2, 1.5)],
    "heaviside": [POSITIVE, ANY],
    "angle": [POSITIVE],
}
TABLE = [(name, domains) for names, domains in SMOOTH.items() for name in names.split()]


@st.composite
def arrays(draw, domains):
    """Broadcastable float64 arrays with 0 to 3 axes of 0 to 3 elements, each in its interval; some not contiguous."""
    shapes = draw(mutually_broadcastable_shapes(num_shapes=len(domains), max_dims=3, max_side=3, min_side=0))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    made = [rng.uniform(*domain, shape) for domain, shape in zip(domains, shapes.input_shapes, strict=True)]
    return [a.T.copy().T if draw(st.booleans()) else a for a in made]


@pytest.mark.parametrize(("name", "domains"), TABLE, ids=[name for name, _ in TABLE])
@settings(max_examples=8)
@given(data=st.data())
def test_two_derivatives_agree_with_differences(name, domains, data):
    check(getattr(np, name), *data.draw(arrays(domains)))


def test_polyval():
    check(np.polyval, np.array([1.0, -2.0, 0.5]), np.array([[0.3, 1.2], [-0.7, 2.0]]))


@pytest.mark.parametrize(
    "options", [{}, {"endpoint": False}, {"axis": -1, "num": 4}, {"num": 1}, {"retstep": True}]
)
def test_linspace(options):
    check(lambda a, b: np.linspace(a, b, **{"num": 5, **options}), np.array([0.5, 1.0]), np.array(3.0))
