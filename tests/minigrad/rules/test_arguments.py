"""The arguments of NumPy's functions beside their arrays: taken, or refused by name."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import minigrad as mg
from minigrad.registry import RULES
from tests.minigrad.names import COVERED
from tests.minigrad.rules.checking import check


def resolve(name):
    value = np
    for part in name.split("."):
        value = getattr(value, part)
    return value


def functions():
    names = [name for names in COVERED.values() for name in names.split()]
    return [name for name in names if not isinstance(resolve(name), np.ufunc)]


@pytest.mark.parametrize("name", functions())
def test_a_rule_takes_every_parameter_that_numpy_has(name):
    function = resolve(name)
    numpys, ours = (inspect.signature(f).parameters for f in (function, RULES[function]))
    assert [
        name for name in numpys if name not in ours and not (name == "kwargs" and "options" in ours)
    ] == []


RNG = np.random.default_rng(0)
A, B, V = RNG.uniform(0.2, 0.9, (3, 3)), RNG.uniform(0.2, 0.9, (3, 3)), RNG.uniform(0.2, 0.9, 3)
X, SPD = RNG.uniform(0.2, 0.9, (2, 3, 4)), A @ A.T + np.eye(3)
MASK = np.array([[True, False, True], [True, True, False], [False, True, True]])

UFUNCS = {
    "where": lambda a: np.exp(a, where=MASK, out=np.zeros_like(a)),
    "where with two results": lambda a: np.modf(a, where=MASK, out=(np.zeros_like(a), np.zeros_like(a))),
    "where of a class": lambda a: np.sign(a, where=MASK, out=np.zeros_like(a)),
    "where without out": lambda a: np.multiply(a, a, where=True),
    "casting": lambda a: np.add(a, 1.5, casting="same_kind", order="F", subok=False),
    "signature": lambda a: np.conjugate(a, signature="d->d"),
    "divmod": lambda a: np.divmod(a, 0.3),
    "divmod by": lambda a: np.divmod(7.0, 1.8 + 0.1 * a),
    "real by its name": lambda a: np.real(val=a),
    "fix": lambda a: np.fix(x=a),
}
PRODUCTS = {
    "axes": lambda a, b: np.matmul(a, b, axes=[(1, 0), (0, 1), (1, 0)]),
    "axes of a stack": lambda a, b: np.matmul(X * a[0, 0], X, axes=[(1, 2), (2, 1), (0, 1)]) * b[1, 1],
    "axes of vectors": lambda a, b: np.matmul(a[0], b[1], axes=[0, 0, ()]),
    "axes of a row": lambda a, b: np.matmul(a[0], b, axes=[0, (1, 0), 0]),
    "dtype": lambda a, b: np.matmul(a, b, dtype=np.float64, casting="safe", order="C"),
    "vecdot, axes": lambda a, b: np.vecdot(a, b, axes=[0, 1]),
    "vecdot, dtype": lambda a, b: np.vecdot(a, b, axis=0, keepdims=True, dtype=np.float64),
    "matvec, axes": lambda a, b: np.matvec(a, b, axes=[(1, 0), 0, 0]),
    "vecmat, axes": lambda a, b: np.vecmat(a, b, axes=[0, (1, 0), 0], order="C"),
    "concatenate": lambda a, b: np.concatenate([a, b], 1, dtype=np.float64, casting="safe"),
    "stack": lambda a, b: np.stack([a, b], -1, dtype=np.float64),
    "vstack": lambda a, b: np.vstack([a, b], dtype=np.float64),
}
OTHERS = {
    "nanmax of some": (lambda a: np.nanmax(a, axis=0, where=MASK, initial=0.3), A),
    "nanmax, started": (lambda a: np.nanmax(np.where(MASK, a, np.nan), axis=(), initial=0.1), A),
    "nanvar of too few": (lambda a: np.nansum(np.nanvar(np.where(MASK, a, np.nan), axis=0, ddof=1)), A),
    "nanstd": (lambda a: np.nanstd(np.where(MASK, a, np.nan), axis=0, correction=1, keepdims=True), A),
    "nanquantile by weights": (
        lambda a: np.nanquantile(np.where(MASK, a, np.nan), 0.4, 1, weights=B, method="inverted_cdf"),
        A,
    ),
    "an axis of a number": (lambda a: np.max(a[0, 0], axis=-1) + np.sum(a[1, 1], axis=0), A),
    "convolve by number": (lambda a: np.convolve(a[0], a[1, :2], 0) + np.correlate(a[0], a[1, :2], 1)[1:], A),
    "convolve of a number": (lambda a: np.convolve(a[0, 0], a[1]), A),
    "trace": (lambda a: np.trace(X * a[0, 0], 1, 0, 2, None), A),
    "resize to more": (lambda a: np.resize(a, (4, 5)), A),
    "gradient of a number": (lambda a: np.sum(np.gradient(a[0, 0])) + a[0, 0], A),
    "cumulative_sum of a number": (lambda a: np.cumulative_sum(a[0, 0]), A),
    "the largest magnitude of nothing": (lambda a: np.linalg.norm(a[:0], np.inf, axis=0) + a[0], A),
    "the norm of rows along a tuple": (lambda a: np.linalg.norm(a, axis=(0,)), A),
    "astype": (lambda a: np.astype(a, np.float64, copy=False, device="cpu"), A),
}
CASES = {
    **{name: (f, A) for name, f in UFUNCS.items()},
    **{name: (f, A, B) for name, f in PRODUCTS.items()},
    **OTHERS,
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:Degrees of freedom")
def test_two_derivatives_agree_with_differences(name):
    f, *arrays = CASES[name]
    check(f, *arrays)


ORDERS = {
    "ravel A": lambda a: np.ravel(a, "A"),
    "ravel K": lambda a: np.ravel(a, order="K"),
    "ravel F": lambda a: np.ravel(a, order="F"),
    "reshape A": lambda a: np.reshape(a, (9,), order="A"),
    "copy": lambda a: np.ravel(np.copy(a, "F", subok=False)),
}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("array", [A, np.asfortranarray(A)], ids=["C", "F"])
def test_the_order_of_memory_is_numpys(name, array):
    t = mg.Tensor(array, requires_grad=True)
    y = ORDERS[name](t)
    np.testing.assert_array_equal(y.numpy(), ORDERS[name](array))
    y.backward(y.numpy())
    np.testing.assert_array_equal(t.grad.numpy(), array)


OUT = {
    "matmul": lambda a, out: np.matmul(a, a, out=out),
    "matmul, third": lambda a, out: np.matmul(a, a, out),
    "dot": lambda a, out: np.dot(a, a, out),
    "outer": lambda a, out: np.outer(a[0], a[1], out),
    "vecdot": lambda a, out: np.vecdot(a[:, None], a, out=out),
    "matvec": lambda a, out: np.matvec(a, a, out=out),
    "trace": lambda a, out: np.trace(np.broadcast_to(a, (3, 3, 3, 3)), 0, 0, 1, None, out),
    "fft": lambda a, out: np.fft.irfft(a, 3, -1, "ortho", out),
    "comparison of some": lambda a, out: np.less(a, 0.5, where=MASK, out=out, casting="unsafe"),
    "concatenate": lambda a, out: np.concatenate([a[:1], a[1:]], 0, out),
    "multi_dot": lambda a, out: np.linalg.multi_dot([a, a, a], out=out),
}


@pytest.mark.parametrize("name", OUT)
def test_out_has_what_numpy_writes(name):
    t, out, expected = mg.Tensor(A, requires_grad=True), mg.Tensor(np.ones((3, 3))), np.ones((3, 3))
    OUT[name](A, expected)
    assert OUT[name](t, out) is out
    np.testing.assert_allclose(out.numpy(), expected)
    assert out.requires_grad is (name != "comparison of some")


REFUSED = {
    "clip": (lambda a: np.clip(a, 0.1, 0.5, min=0.2), "given twice"),
    "where": (lambda a: np.where(a > 0.5, a), "both x and y"),
    "concatenate to integers": (lambda a: np.concatenate([a, a], dtype=int), "same_kind"),
    "block": (lambda a: np.block([a, [a]]), "different depths"),
    "diag": (lambda a: np.diag(a[None]), "vector or a matrix"),
    "tril": (lambda a: np.tril(a[0, 0]), "triangle"),
    "full_like": (lambda a: np.full_like(a, 1, device="gpu"), "device"),
    "astype": (lambda a: np.astype(a, np.float32, device="gpu"), "device"),
    "pad": (lambda a: np.pad(a, 1.5), "integers"),
    "pad by a function": (lambda a: np.pad(a, 1, lambda *_: None), "function as mode"),
    "select": (lambda a: np.select([A], [a]), "booleans"),
    "select of nothing": (lambda a: mg.select([], []), "condition at least"),
    "sort": (lambda a: np.sort(a, order="x"), "order"),
    "interp": (lambda a: np.interp(a, [0.0, 1.0], [1.0]), "as many points"),
    "interp, period": (lambda a: np.interp(a, [0.0], [1.0], period=0), "period"),
    "cov": (lambda a: np.cov(a, aweights=[-1.0, 1, 1]), "negative"),
    "norm": (lambda a: np.linalg.norm(X * a[0, 0], axis=(0, 1, 2)), "one axis or two"),
    "cond": (lambda a: np.linalg.cond(a[:0]), "empty"),
    "vecdot": (lambda a: np.vecdot(a, a, axes=[(1, 0), 0]), "axes of its inputs"),
    "matmul": (lambda a: np.matmul(a, a, axis=0), "axis"),
    "split": (lambda a: np.split(a, 0), "equal parts"),
    "nanmax": (lambda a: np.nanmax(a, where=MASK), "initial="),
    "all": (lambda a: np.all(a, axis=2), "np.all.*axis 2"),
    "roll": (lambda a: np.roll(a, 1, axis=2), "np.roll.*axis 2"),
    "delete": (lambda a: np.delete(a, 7, 0), "np.delete.*index 7"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_numpy_refuses_is_refused_by_name(name):
    call, words = REFUSED[name]
    with pytest.raises((mg.MinigradError, TypeError), match=words):
        call(mg.Tensor(A, requires_grad=True))


def test_integers_are_never_nan():
    t = mg.Tensor([3, 1, 2])
    assert (np.nanmax(t).item(), np.nanmin(t, initial=0).item(), np.nanmax(t).dtype) == (3, 0, int)


def test_matmuls_error_names_it_once():
    with pytest.raises(mg.ShapeError) as caught:
        mg.Tensor(A) @ mg.Tensor(np.ones((2, 3)))
    assert str(caught.value).count("matmul") == 1
