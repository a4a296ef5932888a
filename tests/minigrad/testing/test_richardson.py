"""The bound holds: it covers the error of the residual, and yet it is small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.testing.kinks import hull_distance
from minigrad.testing.operation import Operation, Point
from minigrad.testing.richardson import LONG, SHORT, confirm, draw_direction, element_scale, residual

FUNCTIONS = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1 / x),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "runge": (lambda x: 1 / (1 + 25 * x * x), lambda x: -50 * x / (1 + 25 * x * x) ** 2),
}


def point_of(f, df, x):
    op = Operation(
        "f", (x,), ("x",), (0,), lambda v: (f(v[0]),), lambda v: ((f(v[0]),), lambda g: (g[0] * df(v[0]),))
    )
    return Point.of(op, (np.ones_like(x),))


@pytest.mark.parametrize("name", FUNCTIONS)
@given(seed=st.integers(0, 10_000))
def test_bound_covers_the_error_of_a_right_gradient(name, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.25, 4, size=rng.integers(1, 20))
    point = point_of(*FUNCTIONS[name], x)
    estimate = residual(point, {0: draw_direction(x, point.gradients[0], rng)}, SHORT)
    assert estimate.agrees
    assert estimate.resolution < 1e-9


@given(x=st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: abs(x) > 2.0**-900))
def test_steps_are_exact_and_never_cross_zero(x):
    x = np.array([x])
    u = draw_direction(x, np.zeros(1), np.random.default_rng(0))
    for h in LONG[3:]:
        ahead, behind = x + h * u, x - h * u
        assert np.all(np.sign(ahead) == np.sign(x)) or not np.isfinite(ahead)
        assert np.all((ahead - x) - (x - behind) == 0) or not np.isfinite(ahead).all()


def test_zero_is_stepped_by_the_scale_of_the_others():
    assert element_scale(np.array([0.0, 0.3, 0.3])).tolist() == [0.25, 0.25, 0.25]
    assert element_scale(np.zeros(2)).tolist() == [1.0, 1.0]


def test_direction_of_complex_numbers_moves_both_parts():
    z = np.array([1 + 2j, -3 + 0.5j])
    u = draw_direction(z, z, np.random.default_rng(0))
    assert np.all(u.real != 0)
    assert np.all(u.imag != 0)


def test_staircase_is_flat_at_fine_steps():
    x = np.array([1000.3])
    point = point_of(np.floor, np.zeros_like, x)
    along = {0: np.array([512.0])}
    coarse = residual(point, along, LONG[:4])
    assert coarse.differs
    assert confirm(point, along, coarse).agrees


def test_wrong_gradient_is_confirmed():
    x = np.array([0.7])
    point = point_of(np.sin, lambda v: np.cos(v) * (1 + 1e-9), x)
    along = {0: np.array([0.5])}
    found = residual(point, along, LONG)
    assert confirm(point, along, found).differs


def test_floats_too_coarse_for_the_function_prove_nothing():
    x = np.array([1e38])
    point = point_of(np.sin, np.cos, x)
    along = {0: np.array([2.0**126])}
    assert not confirm(point, along, residual(point, along, LONG)).differs


@pytest.mark.parametrize(
    ("target", "rows", "distance"),
    [
        ([0.5, 0.5], [[1, 0], [0, 1]], 0.0),
        ([1, 1], [[1, 0], [0, 1]], np.sqrt(0.5)),
        ([0.2, 0.3, 0.5], np.eye(3), 0.0),
        ([2, 0], [[1, 1], [1, -1]], 1.0),
        ([3.0], [[1.0]], 2.0),
        ([0, 0], [[1, 0], [-1, 0.5], [-1, -0.5]], 0.0),
    ],
)
def test_distance_to_a_convex_hull(target, rows, distance):
    assert hull_distance(np.array(target, float), np.array(rows, float)) == pytest.approx(distance, abs=1e-5)
