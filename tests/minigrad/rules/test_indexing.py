"""Indexing and assignment in every form that NumPy has."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from tests.minigrad.rules.checking import check

A = np.arange(24.0).reshape(2, 3, 4) / 7
V = np.arange(5.0) / 3

INDICES = {
    "an integer": 1,
    "a negative integer": -1,
    "integers": (1, -2, 0),
    "a slice": slice(1, None),
    "a slice with a step": (slice(None), slice(None, None, -2)),
    "an ellipsis": (..., 2),
    "a new axis": (None, 0, None),
    "nothing": (),
    "an empty slice": slice(2, 2),
    "an array": np.array([1, 0, 1]),
    "a list": [0, -1, 0],
    "arrays that broadcast": (np.array([[0], [1]]), np.array([2, 0])),
    "arrays apart": ([0, 1], slice(None), [3, 3]),
    "an array and slices": (slice(None), [2, 2, 0], slice(1, 3)),
    "an array and an integer": (0, [1, 1]),
    "a mask": A > 1,
    "a mask of an axis": np.array([True, False]),
    "a mask and a slice": (slice(None), np.array([True, False, True]), 1),
    "a mask that is nowhere true": A > 100,
    "True": True,
    "False": False,
    "NumPy's integer": np.int64(1),
    "an array without axes": np.array(1),
}


@pytest.mark.parametrize("name", INDICES)
def test_reading(name):
    check(lambda a: a[INDICES[name]], A)


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("number", [False, True])
def test_writing(name, number):
    value = np.array(2.5) if number else np.random.default_rng(0).random(A[INDICES[name]].shape)

    def written(a, value):
        y = a * 1
        y[INDICES[name]] = value
        return y

    check(written, A, value)


def test_writing_broadcasts_the_value():
    def written(a, row):
        y = a * 1
        y[:, 1:] = row
        return y

    check(written, A, np.arange(4.0))


def test_writing_drops_leading_axes_of_the_value():
    def written(a, row):
        y = a * 1
        y[0, 0] = row
        return y

    check(written, A, np.arange(4.0).reshape(1, 1, 4))


def test_an_index_may_be_a_tensor():
    order = mg.Tensor([2, 0])
    t = mg.Tensor(V, requires_grad=True)
    t[order].sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), [1, 0, 1, 0, 0])
    u = mg.Tensor(V, requires_grad=True)
    (u[u > 0.5] * 2).sum().backward()
    np.testing.assert_array_equal(u.grad.numpy(), [0, 0, 2, 2, 2])


def test_the_last_of_repeated_writes_has_the_gradient():
    t = mg.Tensor(V, requires_grad=True)
    value = mg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = t * 1
    y[[0, 0, 1]] = value
    y.backward(np.arange(1.0, 6.0))
    np.testing.assert_array_equal(y.numpy()[:2], [2, 3])
    np.testing.assert_array_equal(value.grad.numpy(), [0, 1, 2])
    np.testing.assert_array_equal(t.grad.numpy(), [0, 0, 3, 4, 5])


def test_a_slice_is_a_value_and_no_window():
    t = mg.Tensor(V, requires_grad=True)
    y = t * 1
    part = y[:2]
    part += 10
    np.testing.assert_array_equal(y.numpy(), V)
    y[:2] += 5
    np.testing.assert_array_equal(part.numpy(), V[:2] + 10)
    (part.sum() + 3 * y.sum()).backward()
    np.testing.assert_array_equal(t.grad.numpy(), [4, 4, 3, 3, 3])


def test_in_place_operators():
    t = mg.Tensor(V + 1, requires_grad=True)
    y = t * 1
    y += t
    y *= t
    y -= 1
    y /= 2
    y **= 2
    y.sum().backward()
    x = V + 1
    np.testing.assert_allclose(t.grad.numpy(), (2 * x * x - 1) * 2 * x)


def test_a_leaf_that_requires_a_gradient_cannot_be_changed_in_place():
    t = mg.Tensor(V, requires_grad=True, name="v")
    for change in (
        lambda: t.__setitem__(0, 1.0),
        lambda: t.__iadd__(1),
        lambda: np.add.at(t, [0], 1.0),
        lambda: np.put_along_axis(t, np.array([0]), 1.0, 0),
        lambda: np.copyto(t, 0.0),
    ):
        with pytest.raises(mg.GraphError, match=r"'v'.*no_grad"):
            change()
    with mg.no_grad():
        t[0] = 7.0
    assert t.numpy()[0] == 7


def test_a_bad_index_says_so():
    t = mg.Tensor(V, requires_grad=True, name="v")
    with pytest.raises(mg.BoundsError, match=r"index 9 is out of bounds.*x 'v' \(5,\) float64"):
        t[9]
    with pytest.raises(mg.BoundsError, match=r"index 9 is out of bounds.*x \(5,\) float64"):
        (t * 1)[9] = 1.0
    with pytest.raises(ValueError, match=r"broadcast|shape"):
        (t * 1)[:3] = np.ones(4)


READING = {
    "take": lambda a: np.take(a, [5, 5, -1]),
    "take along an axis": lambda a: np.take(a, np.array([[0, 2], [1, 1]]), axis=1),
    "take by wrapping": lambda a: np.take(a, [7, -9], axis=2, mode="wrap"),
    "take by clipping": lambda a: np.take(a, [7, -9], axis=-1, mode="clip"),
    "take_along_axis": lambda a: np.take_along_axis(a, np.argsort(-np.asarray(a), axis=1), axis=1),
    "take_along_axis, flat": lambda a: np.take_along_axis(a, np.array([3, 3]), axis=None),
    "compress": lambda a: np.compress([False, True, True], a, axis=1),
    "compress, flat": lambda a: np.compress([False, True, True], a),
    "extract": lambda a: np.extract(A > 2, a),
    "select": lambda a: np.select([A > 2, A > 1], [a, a * a], default=-1.0),
    "choose": lambda a: np.choose([0, 2, 1, 1], [a, a * 2, 7.0]),
    "choose by wrapping": lambda a: np.choose([0, 5, -1, 1], [a, a * 2], mode="wrap"),
    "choose by clipping": lambda a: np.choose([0, 5, -1, 1], [a, a * 2], mode="clip"),
    "piecewise": lambda a: np.piecewise(a, [A < 1, A > 2], [np.square, 3.0, lambda x: x * 2]),
    "piecewise, one condition": lambda a: np.piecewise(a[0, 0], A[0, 0] < 0.3, [np.square, 1.0]),
    "where": lambda a: np.where(A > 1, a, a * a),
}


@pytest.mark.parametrize("name", READING)
def test_functions_that_read(name):
    check(READING[name], A)


def test_bincount():
    check(lambda w: np.bincount([0, 2, 2, 5, 0], w, minlength=8), V)
    np.testing.assert_array_equal(np.bincount(mg.Tensor([1, 1, 3])).numpy(), [0, 2, 0, 1])


WRITING = {
    "put": lambda y, u: np.put(y, [0, 9, -1], u),
    "put by clipping": lambda y, u: np.put(y, [0, 99], u, mode="clip"),
    "put_along_axis": lambda y, u: np.put_along_axis(y, np.array([[[1]], [[0]]]), u[0], 1),
    "put_along_axis, flat": lambda y, u: np.put_along_axis(y, np.array([4, 2]), u, None),
    "putmask": lambda y, u: np.putmask(y, A > 1, u),
    "place": lambda y, u: np.place(y, A > 1, u),
    "copyto": lambda y, u: np.copyto(y, u[0]),
    "copyto where": lambda y, u: np.copyto(y, u[1], where=A > 1),
    "add.at": lambda y, u: np.add.at(y, (0, [1, 1]), u[:1]),
    "subtract.at": lambda y, u: np.subtract.at(y, (slice(None), 0, [1, 1]), u[0]),
    "multiply.at": lambda y, u: np.multiply.at(y, (0, 0, [1, 1]), u),
    "exp.at": lambda y, u: np.exp.at(y, (0, 0, [1, 2, 1])),
}


@pytest.mark.parametrize("name", WRITING)
def test_functions_that_write(name):
    def written(a, u):
        y = a * 1
        WRITING[name](y, u)
        return y

    check(written, A / 4, np.array([1.5, 2.5]))


@pytest.mark.parametrize("wrap", [False, True])
def test_fill_diagonal(wrap):
    def filled(a, u):
        y = a * 1
        np.fill_diagonal(y, u, wrap)
        return y

    check(filled, np.arange(15.0).reshape(5, 3), np.array([1.5, 2.5]))


def test_nothing_with_a_gradient_is_written_into_an_array():
    array, t = np.zeros(3), mg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for write in (
        lambda: np.copyto(array, t),
        lambda: np.add.at(array, [0, 1, 2], t),
        lambda: np.put(array, [0], t[:1]),
    ):
        with pytest.raises(mg.DtypeError, match="array"):
            write()
    np.copyto(array, t.detach())
    np.testing.assert_array_equal(array, [1, 2, 3])


ERRORS = {
    "a mode of take": lambda t: np.take(t, [0], mode="nearest"),
    "choose beyond the choices": lambda t: np.choose([3], [t, t]),
    "functions for the conditions": lambda t: np.piecewise(t, [V > 1], [1.0, 2.0, 3.0]),
    "a copy that loses digits": lambda t: np.copyto(mg.Tensor([1, 2, 3, 4, 5]), t),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_is_an_error(name):
    with pytest.raises((ValueError, TypeError)):
        ERRORS[name](mg.Tensor(V, requires_grad=True))
