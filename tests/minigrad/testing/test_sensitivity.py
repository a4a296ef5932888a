"""How small a mistake is seen: a factor of 1 + 1e-9 in float64, of 1 + 1e-5 in float32 alone, one element of 8,192."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import GradientError, check_layer, check_rule
from minigrad.testing.observing import mutating
from tests.minigrad.testing import catalogue

RNG = np.random.default_rng(30)
X = RNG.normal(size=(4, 6))
RULES = {
    "sigmoid": (mg.sigmoid, X),
    "tanh": (np.tanh, X),
    "exp": (np.exp, X),
    "log": (np.log, RNG.uniform(0.5, 2, size=(4, 6))),
    "softmax with loss": (mg.softmax_with_loss, X, np.array([0, 5, 2, 2])),
    "affine": (mg.affine, X, RNG.normal(size=(6, 3)), RNG.normal(size=3)),
    "matmul": (np.matmul, X, RNG.normal(size=(6, 3))),
    "layer norm": (mg.layer_norm, X, RNG.normal(size=6), RNG.normal(size=6)),
    "conv2d": (mg.conv2d, RNG.normal(size=(2, 2, 4, 4)), RNG.normal(size=(2, 2, 2, 2))),
}
EACH_INPUT = [
    pytest.param(op, inputs, index, id=f"{name}-{index}")
    for name, (op, *inputs) in RULES.items()
    for index, x in enumerate(inputs)
    if x.dtype == np.float64
]


class Planted:
    """A mutation of the gradient of one input."""

    def __init__(self, change, index):
        self.change, self.index = change, index

    def of(self, op):
        def record(values):
            outputs, pullback = op.record(values)
            return outputs, lambda upstream: self._changed(pullback(upstream))

        return replace(op, record=record)

    def _changed(self, gradients):
        return tuple(self.change(g) if i == self.index else g for i, g in enumerate(gradients))


@pytest.mark.parametrize("factor", [1 + 1e-9, 1 - 1e-9])
@pytest.mark.parametrize(("op", "inputs", "index"), EACH_INPUT)
def test_factor_of_a_billionth_is_caught_in_float64(op, inputs, index, factor):
    for seed in range(3):
        planted = Planted(lambda g: g * g.dtype.type(factor), index)
        with mutating(planted), pytest.raises(GradientError, match="scale: got == c"):
            check_rule(op, *inputs, seed=seed)


@pytest.mark.parametrize("factor", [1 + 1e-5, 1 - 1e-5])
@pytest.mark.parametrize(("op", "inputs", "index"), EACH_INPUT)
def test_factor_of_a_hundred_thousandth_is_caught_in_float32_alone(op, inputs, index, factor):
    def change(g):
        return g * np.float32(factor) if g.dtype == np.float32 else g

    for seed in range(3):
        with mutating(Planted(change, index)), pytest.raises(GradientError, match="wrong in float32"):
            check_rule(op, *inputs, seed=seed)


@pytest.mark.parametrize("seed", range(5))
def test_one_wrong_element_of_many_is_found(seed):
    rng = np.random.default_rng(seed)
    x, where = rng.normal(size=(64, 128)), (rng.integers(64), rng.integers(128))

    class OneWrong(catalogue.right.Sigmoid):
        def backward(self, grad):
            g = super().backward(grad)
            g[where] *= 1 + 1e-7
            return g

    with pytest.raises(GradientError, match="1 of 8,192 elements of 'x' wrong") as caught:
        check_layer(OneWrong(), x, seed=seed)
    assert f"element [{where[0]}, {where[1]}]" in str(caught.value)
