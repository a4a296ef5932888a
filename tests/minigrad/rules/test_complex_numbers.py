"""Complex numbers across the rules: the gradient of z = x + iy is ∂L/∂x + i ∂L/∂y, as in torch."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from tests.minigrad.rules.checking import check, check_torch
from tests.minigrad.rules.differences import normal

HOLOMORPHIC = [
    np.exp, np.log, np.sqrt, np.square, np.reciprocal, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh,
    np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh,
    np.exp2, np.expm1, np.log2, np.log10, np.log1p, np.negative, np.positive,
]  # fmt: skip
NOT_HOLOMORPHIC = [np.abs, np.angle, np.real, np.imag, np.conj, np.conjugate, np.sign]
REDUCTIONS = [np.sum, np.mean, np.prod, np.cumsum, np.cumprod, np.var, np.std]


def numbers(shape: tuple[int, ...] = (3, 2), dtype: type = complex, seed: int = 0) -> np.ndarray:
    return normal(np.random.default_rng(seed), shape, dtype)


@pytest.mark.parametrize("f", HOLOMORPHIC + NOT_HOLOMORPHIC[:5] + NOT_HOLOMORPHIC[6:] + REDUCTIONS)
def test_functions_of_complex_numbers(f: Callable[..., Any]):
    check(f, numbers(), rtol=1e-5)


@pytest.mark.parametrize("f", NOT_HOLOMORPHIC[:5] + NOT_HOLOMORPHIC[6:])
def test_parts_of_real_numbers(f: Callable[..., Any]):
    check(f, numbers(dtype=float))


@pytest.mark.parametrize("f", [np.add, np.subtract, np.multiply, np.divide])
@pytest.mark.parametrize(("a", "b"), [(complex, complex), (float, complex), (complex, float)])
def test_arithmetic_of_real_and_complex_numbers(f: Callable[..., Any], a: type, b: type):
    check(f, numbers(dtype=a), numbers((2,), b, 1))


@pytest.mark.parametrize(("a", "b"), [(complex, complex), (float, complex), (complex, float)])
def test_powers(a: type, b: type):
    base, exponent = numbers(dtype=a), numbers((2,), b, 1)
    check(np.power, np.abs(base) if a is float else base, exponent)


@pytest.mark.parametrize("exponent", [0, 1, 2, -1, 0.5, 1 + 2j])
def test_constant_powers(exponent: complex):
    check(lambda z: z**exponent, numbers())


def test_angle_in_degrees():
    check(lambda z: np.angle(z, deg=True), numbers())


def test_the_gradients_are_zero_at_zero():
    for f in (np.abs, np.angle, lambda z: np.real(np.sign(z))):
        z = mg.Tensor(np.zeros(2, complex), requires_grad=True)
        f(z).sum().backward(create_graph=True)
        np.testing.assert_array_equal(z.grad.data, 0)


def test_the_gradient_points_where_a_real_loss_grows():
    z = mg.Tensor(3 + 4j, requires_grad=True)
    (np.abs(z) ** 2).backward()
    assert z.grad.item() == pytest.approx(6 + 8j)


def test_the_gradient_of_a_real_input_is_real():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    z = np.exp(1j * x) * x
    np.abs(z + 1).sum().backward(create_graph=True)
    assert x.grad.dtype == np.float64
    y = mg.Tensor([1.0, 2.0], requires_grad=True)
    z.backward(np.array([1.0, 2.0j]))
    assert y.dtype == np.float64


def test_the_attributes_of_a_tensor():
    z = mg.Tensor([1 + 2j, -1j], requires_grad=True)
    (2 * z.real + 3 * z.imag + np.real(z.conj() * 1j) + np.real(z.conjugate())).sum().backward()
    np.testing.assert_array_equal(z.grad.data, [3 + 4j, 3 + 4j])
    x = mg.Tensor([1.0, 2.0])
    assert x.real is x
    assert x.conj() is x
    np.testing.assert_array_equal(x.imag.data, [0, 0])


def test_backward_from_a_complex_value_needs_its_gradient():
    z = mg.Tensor(1 + 2j, requires_grad=True)
    with pytest.raises(mg.DtypeError, match="complex value has no slope"):
        (z * z).backward()
    (z * z).backward(1)
    assert z.grad.item() == 2 - 4j


def test_backward_from_a_real_value_takes_no_complex_gradient():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(mg.DtypeError, match="complex gradient"):
        (x * x).backward(np.array([1j, 1]))


def test_mixed_arithmetic_agrees_with_torch(torch: ModuleType):
    x, z = numbers((3,), float), numbers((3,))
    for name in ("multiply", "divide", "subtract"):
        check_torch(torch, getattr(np, name), getattr(torch, name), x, z)
        check_torch(torch, getattr(np, name), getattr(torch, name), z, x)
    check_torch(torch, np.power, torch.pow, np.abs(x), z)
    check_torch(torch, np.sign, torch.sgn, z)
