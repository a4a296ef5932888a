"""Reductions, over every axis and keyword."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.checking import check, scattered
from tests.minigrad.rules.strategies import arrays, axes, masks, spaced

PLAIN = "sum prod mean var std max min amax amin ptp"
NAN = "nansum nanprod nanmean nanvar nanstd nanmax nanmin"
MASKED = "sum prod mean var max min amax amin nansum"
STARTED = "sum prod max min amax amin"


def calls(f, a, draw):
    """Keywords that NumPy accepts for this array without a warning."""
    options = {"axis": draw(axes(a.ndim)), "keepdims": draw(st.booleans())}
    if f.__name__ in STARTED.split():
        options["initial"] = 0.25
    if f.__name__ in MASKED.split() and draw(st.booleans()):
        options["where"] = draw(masks(a.shape))
    if f.__name__ in ("var", "std"):
        options[draw(st.sampled_from(["ddof", "correction"]))] = draw(st.sampled_from([0, 1, 0.5]))
    return options


def is_defined(f, a, options) -> bool:
    """Whether every result has elements enough."""
    where = np.broadcast_to(options.get("where", True), a.shape)
    counts = np.sum(where, axis=options["axis"])
    return (
        bool(np.all(counts > (0 if f.__name__ in (*STARTED.split(), "nansum", "nanprod") else 2)))
        and a.size > 0
    )


@pytest.mark.parametrize("name", [*PLAIN.split(), *NAN.split()])
@settings(max_examples=5)
@given(data=st.data())
def test_two_derivatives_agree_with_differences(name, data):
    f, a = getattr(np, name), data.draw(arrays())
    options = calls(f, a, data.draw)
    if "initial" in options or is_defined(f, a, options):
        check(lambda x: f(x, **options), a)


def cases():
    a, m = np.random.default_rng(0).random((3, 4)), np.array([0.3, 0.1, 0.2])
    return {
        "average": (np.average, a),
        "average along an axis": (lambda a: np.average(a, axis=(0, 1), keepdims=True), a),
        "average with weights": (lambda a, w: np.average(a, weights=w), a, a + 1),
        "average with weights of an axis": (lambda a, w: np.average(a, axis=0, weights=w), a, m),
        "average with weights of two axes": (lambda a, w: np.average(a, (1, 0), w), a, a.T + 1),
        "average and the sum of weights": (
            lambda a, w: np.average(a, axis=0, weights=w, returned=True),
            a,
            m,
        ),
        "average and the count": (lambda a: np.average(a, axis=1, returned=True), a),
        "var of a given mean": (lambda a, m: np.var(a, axis=1, mean=m[:, None]), a, m),
        "var by its name": (lambda a: np.var(a=a, dtype=np.float64), a),
    }


@pytest.mark.parametrize("name", cases())
def test_averages(name):
    f, *arrays_ = cases()[name]
    check(f, *arrays_)


@pytest.mark.parametrize("f", [np.sum, np.mean, np.var, np.std, np.prod, np.max, np.median, np.average])
@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_dtypes_are_numpys(f, dtype):
    a = np.arange(1, 7).reshape(2, 3).astype(dtype)
    t = mg.Tensor(a)
    assert f(t).dtype == np.asarray(f(a)).dtype
    np.testing.assert_allclose(f(t, axis=1).numpy(), f(a, axis=1), rtol=1e-6)
    assert f([1.0, 2.0]) == f(mg.Tensor([1.0, 2.0])).item()


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min", "std", "var"])
def test_scattered_values_and_upstream_gradients_change_nothing(name):
    check(lambda x: getattr(np, name)(x, axis=0), scattered(spaced(np.random.default_rng(0), (3, 4))))
