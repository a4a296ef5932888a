"""Signatures are read, shapes agree with them, values keep their bounds, layouts are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad.testing import CheckError, rule_test
from minigrad.testing.optional import MissingDependencyError, require
from minigrad.testing.strategies import LARGEST_SIDE, Signature, inputs, sides, values


@pytest.mark.parametrize("text", ["", "(n", "(n)", "n->n", "(n) (m)->(n)", "(n)->"])
def test_what_is_no_signature_is_refused(text):
    with pytest.raises(CheckError, match="is no signature"):
        Signature.parse(text)


def test_signature_tells_the_axes():
    signature = Signature.parse(" (n, i),(i,3) -> (n,3)")
    assert signature.axes == ("n", "i")
    assert signature.shapes({"n": 2, "i": 5}) == ((2, 5), (5, 3))


@given(arrays=inputs("(n,i),(i,o),(o)->(n,o)"))
def test_shapes_fit_the_signature(arrays):
    x, w, b = arrays
    assert x.shape[1] == w.shape[0]
    assert b.shape == w.shape[1:]
    assert max(*x.shape, *w.shape) <= LARGEST_SIDE


@given(arrays=inputs("(),()->()"))
def test_without_axes_shapes_broadcast(arrays):
    assert np.broadcast_shapes(*(a.shape for a in arrays)) is not None


@given(
    arrays=inputs("(n,c),(n)->()", min_side=1, elements={1: lambda chosen: st.integers(0, chosen["c"] - 1)})
)
def test_elements_may_depend_on_the_sides(arrays):
    logits, labels = arrays
    assert labels.dtype == np.int64
    assert np.all(labels < logits.shape[1])


@pytest.mark.parametrize(("low", "high"), [(0.0, np.inf), (-1.0, 1.0), (2.0, 3.0), (-np.inf, -5.0)])
def test_values_keep_their_bounds(low, high):
    @given(x=values((3,), low, high))
    def holds(x):
        assert np.all((x > low) & (x < high))

    holds()


def test_bounds_with_nothing_between_them_are_refused():
    with pytest.raises(CheckError, match="no floats between"):
        values((3,), 1e-9, 1e-7)


@pytest.mark.parametrize(
    "wanted",
    [
        lambda a: a.ndim == 2 and min(a.shape) > 1 and a.flags.f_contiguous and not a.flags.c_contiguous,
        lambda a: a.size > 1 and min(a.strides) < 0,
        lambda a: a.size > 1 and a.strides[-1] > a.itemsize and a.flags.f_contiguous is False,
        lambda a: a.size > 2 and len(np.unique(a)) < a.size,
        lambda a: a.size > 0 and np.abs(a).max() > 1000,
        lambda a: a.size == 0,
    ],
)
def test_layouts_ties_large_and_empty_arrays_are_drawn(wanted):
    find(inputs("(n,m)->(n,m)").map(lambda arrays: arrays[0]), wanted, settings=settings(max_examples=2000))


def test_square_shrinks_as_a_square():
    drawn = find(sides(("n", "m")), lambda s: s["n"] == s["m"] >= 2)
    assert drawn == {"n": 2, "m": 2}


def test_property_of_a_right_rule_passes():
    @rule_test("(n,i),(i,o)->(n,o)", min_side=1)
    def product():
        return mg.matmul

    product()
    assert product.__name__ == "product"


def test_property_that_says_nothing_fails():
    @rule_test("(n)->(n)", max_side=0)
    def empty():
        return mg.exp

    with pytest.raises(AssertionError, match="examples say nothing"):
        empty()


def test_missing_dependency_says_what_to_install():
    with pytest.raises(
        MissingDependencyError, match=r'rule_test needs no_such_module: pip install "minigrad\[testing\]"'
    ):
        require("no_such_module", "rule_test")
