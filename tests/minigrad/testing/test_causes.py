"""Rarer causes, and mistakes that no cause is given for."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.testing import GradientError, check_layer

RNG = np.random.default_rng(40)
X = np.random.default_rng(8).normal(size=(3, 4))


def message(forward, backward, *inputs, **options):
    with pytest.raises(GradientError) as caught:
        check_layer(forward, backward, *inputs, **options)
    return str(caught.value)


def test_mistake_of_no_kind_has_no_cause():
    def backward(g, x, w):
        odd = 1 + np.sin(7 * np.arange(w.size)).reshape(w.shape)
        return g @ w.T, (x.T @ g) * odd

    assert "likely cause" not in message(
        lambda x, w: x @ w, backward, np.ones((2, 1)), RNG.normal(size=(1, 6))
    )


def test_complex_gradient_wrong_in_part():
    z = RNG.normal(size=5) + 1j * RNG.normal(size=5)

    def backward(g, z):
        return g * np.conj(2 * z) * np.where(np.arange(5) % 2 == 0, 1.5, 1.0)

    assert "scale: got == c * expected with a constant ratio c = 1.5" in message(lambda z: z * z, backward, z)


def test_many_wrong_elements_of_many():
    x = RNG.normal(size=(20, 30))

    def half(g, x):
        return np.where(x > 0, 2 * g, g)

    def some(g):
        g = g.copy()
        g[3, :4] *= 2
        return g

    assert "of a sample" in message(lambda x: x.copy(), half, x)
    assert "4 of 600 elements" in message(lambda x: x.copy(), some, x)


def test_rarer_causes():
    x = np.abs(X) + 0.5
    assert "a factor too many: got == expected * 'x'" in message(lambda x: x.copy(), lambda g, x: g * x, x)
    assert "a term too many: expected == got - the gradient for 'b'" in message(
        lambda a, b: a * b, lambda g, a, b: (g * b + g * a, g * a), x, X
    )
    assert "got is shifted" in message(lambda x: x.copy(), lambda g: np.roll(g, -1, 1), x)
    integers = np.array([0, 1, 1])
    assert "scale" in message(
        lambda x, i: x[i], lambda g, x, i: (_scattered(g, x, i) * 3.3, None), X, integers
    )
    assert "where a mean (1/N)" in message(
        lambda x: np.asarray(x.mean()), lambda g, x: np.ones_like(x) * g, X
    )
    assert "got == -expected / N" in message(
        lambda x: x.sum(axis=0), lambda g, x: -np.ones_like(x) * g / 3, X
    )


def _scattered(g, x, i):
    out = np.zeros_like(x)
    np.add.at(out, i, g)
    return out


def test_wrong_only_for_some_elements():
    x = np.array([-2.0, -1.0, 1.5, 2.0])
    assert "where the input is positive" in message(
        lambda x: x.copy(), lambda g, x: np.where(x > 0, g * 1.3, g), x
    )


def test_wrong_eps_of_a_complex_rule_is_no_forgotten_eps():
    z = RNG.normal(size=3) + 1j * RNG.normal(size=3)
    assert "likely cause" not in message(lambda z: z * z, lambda g, z: g * np.conj(2 * z + 1e-3 * z**3), z)


def test_missing_mean_of_several_rows():
    x = RNG.normal(size=(9, 8))

    def forward(x):
        return x - x.mean(axis=0)

    assert "constant along axis 0" in message(forward, lambda g: g.copy() - 0.5 * g.mean(axis=0), x[:4])
    assert "72 elements of 'x' wrong" in message(forward, lambda g: g.copy() - 0.5 * g.mean(axis=0), x)


def test_factors_of_integers_and_infinities_are_passed_over():
    x = np.array([1.0, 2.0, 3.0])
    weights = np.array([1, 2, 3])
    text = message(lambda x, w: x * w, lambda g, x, w: (g * (w + 0.1 * x**3), None), x, weights)
    assert "factor" not in text
