"""The methods of ufuncs."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from tests.minigrad.rules.checking import check

A = np.random.default_rng(0).permutation(12).reshape(3, 4) / 6 + 0.3
V = np.array([1.2, 0.7, 1.9])

CALLS = {
    "add.reduce": np.add.reduce,
    "add.reduce over all": lambda a: np.add.reduce(a, axis=None, keepdims=True),
    "multiply.reduce": lambda a: np.multiply.reduce(a, axis=1, initial=2.0),
    "maximum.reduce": lambda a: np.maximum.reduce(a, axis=(0, 1)),
    "minimum.reduce": lambda a: np.minimum.reduce(a, 1, where=A > 0.5, initial=9.0),
    "logaddexp.reduce": lambda a: np.logaddexp.reduce(a, axis=None),
    "subtract.reduce": lambda a: np.subtract.reduce(a, axis=-1, keepdims=True),
    "hypot.reduce": lambda a: np.hypot.reduce(a, initial=0.5),
    "divide.reduce": np.divide.reduce,
    "add.accumulate": lambda a: np.add.accumulate(a, axis=1),
    "multiply.accumulate": np.multiply.accumulate,
    "maximum.accumulate": lambda a: np.maximum.accumulate(a, axis=-1),
    "power.accumulate": np.power.accumulate,
    "add.reduceat": lambda a: np.add.reduceat(a, [0, 2, 1], axis=1),
    "multiply.reduceat": lambda a: np.multiply.reduceat(a, [1, 0]),
    "multiply.outer": lambda a: np.multiply.outer(a, V),
    "subtract.outer": lambda a: np.subtract.outer(V, a),
    "power.outer": lambda a: np.power.outer(a, a[0]),
}


@pytest.mark.parametrize("name", CALLS)
def test_two_derivatives_agree_with_differences(name):
    check(CALLS[name], A)


def test_methods_of_what_has_no_gradient():
    t = mg.Tensor(A)
    np.testing.assert_array_equal(np.logical_and.reduce(t > 0.5).numpy(), np.all(A > 0.5, axis=0))
    np.testing.assert_array_equal(np.less.outer(t, V).numpy(), np.less.outer(A, V))


def test_out_of_a_method():
    t, out = mg.Tensor(A, requires_grad=True), mg.Tensor(np.zeros(4))
    assert np.add.reduce(t, out=out) is out
    np.subtract.reduce(t, out=out)
    out.sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), [[1.0] * 4, [-1.0] * 4, [-1.0] * 4])


def test_a_mask_that_a_fold_does_not_take_is_an_error():
    with pytest.raises(mg.NoRuleError, match="where="):
        np.hypot.reduce(mg.Tensor(A), where=A > 0.5)
