"""Elementwise rules: a table of functions and of where they are smooth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.minigrad.rules.checking import check, scattered
from tests.minigrad.rules.strategies import smooth_arrays

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
    "sign floor ceil trunc rint fix round around": [(0.6, 0.9)],
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


@pytest.mark.parametrize(("name", "domains"), TABLE, ids=[name for name, _ in TABLE])
@settings(max_examples=8)
@given(data=st.data())
def test_two_derivatives_agree_with_differences(name, domains, data):
    check(getattr(np, name), *data.draw(smooth_arrays(domains)))


def test_polyval():
    check(np.polyval, np.array([1.0, -2.0, 0.5]), np.array([[0.3, 1.2], [-0.7, 2.0]]))


@pytest.mark.parametrize(
    "options", [{}, {"endpoint": False}, {"axis": -1, "num": 4}, {"num": 1}, {"retstep": True}]
)
def test_linspace(options):
    check(lambda a, b: np.linspace(a, b, **{"num": 5, **options}), np.array([0.5, 1.0]), np.array(3.0))


@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
@pytest.mark.parametrize(("name", "domains"), TABLE, ids=[name for name, _ in TABLE])
def test_so_they_do_for_one_value_for_none_and_for_scattered_ones(name, domains, shape):
    rng = np.random.default_rng(0)
    shapes = [shape, shape[1:]]  # the second input is broadcast
    inputs = [rng.uniform(*domain, s) for domain, s in zip(domains, shapes, strict=False)]
    check(getattr(np, name), *map(scattered, inputs))
