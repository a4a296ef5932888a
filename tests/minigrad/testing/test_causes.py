"""Rarer causes, and mistakes that no cause is given for."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.testing import GradientError, check_layer

RNG = np.random.default_rng(40)


def cause(forward, backward, *inputs):
    with pytest.raises(GradientError) as caught:
        check_layer(forward, backward, *inputs)
    return caught.value.report.problems[0].cause


def test_mistake_of_no_kind_has_no_cause():
    def backward(g, x, w):
        odd = 1 + np.sin(7 * np.arange(w.size)).reshape(w.shape)
        return g @ w.T, (x.T @ g) * odd

    assert not cause(lambda x, w: x @ w, backward, np.ones((2, 1)), RNG.normal(size=(1, 6)))


def test_complex_gradient_wrong_in_part():
    z = RNG.normal(size=5) + 1j * RNG.normal(size=5)

    def backward(g, z):
        return g * np.conj(2 * z) * np.where(np.arange(5) % 2 == 0, 1.5, 1.0)

    assert cause(lambda z: z * z, backward, z) == "scale: got == c * expected with a constant ratio c = 1.5"
