"""Operators give what NumPy's give, whichever side the Tensor is on, in place too."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import minigrad as mg

A, B = np.array([[7.5, 2.0], [3.25, 5.0]]), np.array([2.0, 1.5])
INTS, SHIFTS = np.array([6, 3, 8]), np.array([1, 2, 1])

ARITHMETIC = "add sub mul truediv floordiv mod pow"
BITS = "and_ or_ xor lshift rshift"
COMPARISONS = "eq ne lt le gt ge"


def same(found, truth) -> None:
    assert isinstance(found, mg.Tensor)
    assert found.dtype == truth.dtype
    np.testing.assert_array_equal(found.numpy(), truth)


@pytest.mark.parametrize("name", [*ARITHMETIC.split(), *COMPARISONS.split()])
def test_arithmetic_and_comparisons(name):
    f = getattr(operator, name)
    same(f(mg.Tensor(A), mg.Tensor(B)), f(A, B))
    same(f(mg.Tensor(A), B), f(A, B))
    same(f(A, mg.Tensor(B)), f(A, B))
    same(f(mg.Tensor(A), 2), f(A, 2))
    same(f(2, mg.Tensor(A)), f(2, A))


@pytest.mark.parametrize("name", BITS.split())
def test_bits(name):
    f = getattr(operator, name)
    same(f(mg.Tensor(INTS), mg.Tensor(SHIFTS)), f(INTS, SHIFTS))
    same(f(INTS, mg.Tensor(SHIFTS)), f(INTS, SHIFTS))
    same(f(9, mg.Tensor(SHIFTS)), f(9, SHIFTS))


@pytest.mark.parametrize("name", [f"i{name.strip('_')}" for name in [*ARITHMETIC.split(), *BITS.split()]])
def test_in_place_operators_bind_the_tensor(name):
    a, b = (INTS, SHIFTS) if name in ("iand", "ior", "ixor", "ilshift", "irshift") else (A, B)
    f = getattr(operator, name)
    t = mg.Tensor(a)
    held = t.numpy()
    assert f(t, b) is t
    same(t, f(a.copy(), b))
    np.testing.assert_array_equal(held, a)


def test_matrix_products():
    t = mg.Tensor(A)
    same(t @ A, A @ A)
    same(A @ t, A @ A)
    same(A.tolist() @ t, A @ A)
    t @= A
    same(t, A @ A)


@pytest.mark.parametrize("f", [operator.neg, operator.pos, operator.abs])
def test_signs(f):
    same(f(mg.Tensor(-A)), f(-A))


def test_invert():
    same(~mg.Tensor(INTS), ~INTS)
    same(~mg.Tensor(A > 3), ~(A > 3))


def test_divmod():
    for x, truth in zip(divmod(mg.Tensor(A), B), divmod(A, B), strict=True):
        same(x, truth)


def test_tensors_are_keys():
    t, u = mg.Tensor(A), mg.Tensor(A)
    assert {t: 1, u: 2}[t] == 1


def test_an_in_place_result_of_another_shape_or_dtype_is_an_error():
    t = mg.Tensor(B)
    with pytest.raises(mg.ShapeError, match="in place"):
        t += A
    u = mg.Tensor(INTS)
    with pytest.raises(mg.DtypeError, match="in place"):
        u += 0.5


def test_views_of_axes():
    t = mg.Tensor(A)
    same(t.T, A.T)
    same(t.mT, A.mT)
    same(t.transpose(1, 0), A.transpose(1, 0))
    same(t.transpose((0, 1)), A)
    same(t.real, A)
    same(t.imag, A.imag)
    with pytest.raises(mg.AxisError):
        mg.Tensor(B).mT  # noqa: B018
