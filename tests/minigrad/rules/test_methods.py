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
    "subtract.reduce of some": lambda a: np.subtract.reduce(a, 1, where=A > 0.5, initial=0.5, keepdims=True),
    "logaddexp.reduce of some": lambda a: np.logaddexp.reduce(a, axis=(0, 1), where=A > 0.5),
    "fmax.reduce of some": lambda a: np.fmax.reduce(a, axis=0, where=[True, False, True, True], initial=0.1),
    "hypot.reduce": lambda a: np.hypot.reduce(a, initial=0.5),
    "divide.reduce": np.divide.reduce,
    "add.accumulate": lambda a: np.add.accumulate(a, axis=1),
    "multiply.accumulate": np.multiply.accumulate,
    "maximum.accumulate": lambda a: np.maximum.accumulate(a, axis=-1),
    "subtract.accumulate": lambda a: np.subtract.accumulate(a, -1, dtype=np.float64),
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


def test_the_dtype_of_a_method_is_that_of_its_computation():
    t = mg.Tensor(A, requires_grad=True)
    for method in (np.hypot.reduce, np.hypot.accumulate, lambda t, dtype: np.hypot.outer(t, V, dtype=dtype)):
        np.testing.assert_array_equal(method(t, dtype=np.float32).numpy(), method(A, dtype=np.float32))


def test_methods_of_nothing():
    empty = np.ones((0, 2))
    for method in (
        np.hypot.reduce,
        np.subtract.accumulate,
        lambda a: np.add.reduceat(a, np.array([], int), 1),
    ):
        np.testing.assert_array_equal(method(mg.Tensor(empty)).numpy(), method(empty))


@pytest.mark.parametrize(
    ("call", "words"),
    {
        "an order that matters": (lambda t: np.subtract.reduce(t, axis=None), "reorderable"),
        "no identity": (lambda t: np.divide.reduce(t, where=A > 0.5), "identity"),
        "an axis": (lambda t: np.hypot.reduce(t, axis=2), "axis 2"),
        "an index": (lambda t: np.hypot.reduceat(t, [3]), "index 3"),
    }.values(),
    ids=["order", "identity", "axis", "index"],
)
def test_what_numpy_does_not_reduce_is_an_error(call, words):
    with pytest.raises((ValueError, IndexError), match=words):
        call(mg.Tensor(A))


def test_at_of_what_has_no_gradient():
    t, bits = mg.Tensor([6, 3, 5]), np.array([6, 3, 5])
    np.bitwise_and.at(t, [0, 0, 2], [5, 3, 4])
    np.bitwise_and.at(bits, [0, 0, 2], [5, 3, 4])
    np.testing.assert_array_equal(t.numpy(), bits)
