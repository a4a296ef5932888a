"""Mistakes and kinks of the second order."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import GradientError, check_rule

RNG = np.random.default_rng(8)
X = RNG.normal(size=(3, 4))


def test_inputs_that_a_rule_refuses_in_the_second_order():
    with pytest.raises(GradientError, match="cannot be differentiated again"):
        check_rule(lambda x: mg.exp(x) if not x.requires_grad else _cut(x), X, order=2)


def _cut(x):
    class Cut(mg.Function):
        def forward(self, x):
            self.y = np.exp(x)
            return self.y

        def backward(self, grad):
            return grad * np.asarray(self.y)

    return Cut()(x)


def test_second_order_that_leaves_minigrad_in_part():
    class Cut(mg.Function):
        def forward(self, x):
            self.x = x
            return x * x

        def backward(self, grad):
            known = grad.detach() if isinstance(grad, mg.Tensor) else grad
            return (grad + known) * self.x

    assert check_rule(Cut, X).ok
    with pytest.raises(
        GradientError, match="does not agree with the backward that it is the derivative of, for 'grad'"
    ):
        check_rule(Cut, X, order=2)


def test_kink_of_the_second_order_is_judged():
    class Bent(mg.Function):
        """ReLU with a slope of 7 at its kink."""

        def forward(self, x):
            self.x = x
            return np.maximum(x, 0)

        def backward(self, grad):
            return grad * np.where(self.x > 0, 1.0, np.where(self.x == 0, 7.0, 0.0))

    class Square(mg.Function):
        """max(x, 0)², whose derivative has the kink."""

        def forward(self, x):
            self.x = x
            return np.maximum(x, 0) ** 2

        def backward(self, grad):
            return 2 * grad * Bent()(self.x)

    def squared(x):
        return Square()(x)

    x = np.array([-1.0, 0.0, 2.0])
    assert check_rule(lambda x: mg.relu(x) ** 2, x, order=2).higher.kinks > 0
    with pytest.raises(
        GradientError, match=r"backward \(derivative 2\) is wrong at a kink or tie of input 0"
    ):
        check_rule(squared, x, order=2)


def test_staircase_of_rounded_values_is_no_mistake():
    assert check_rule(np.tanh, np.array([[5.7e3, 86.7], [2.0e5, -16.6798284]]), order=2).ok


def test_second_order_at_floats_too_small_to_resolve():
    report = check_rule(lambda x: mg.relu(x) ** 2, np.array([[5e-324, -5e-324]]), order=2)
    assert "beyond what floats resolve" in report.higher.checks["transpose"]
