"""Breaches of the contract, of purity, of linearity and of layout that the catalogue does not hold."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import GradientError, check_layer, check_rule

RNG = np.random.default_rng(8)
X = RNG.normal(size=(3, 4))


def message(forward, backward, *inputs, **options):
    with pytest.raises(GradientError) as caught:
        check_layer(forward, backward, *inputs, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (lambda g: g.tolist(), "returned a list, not an array"),
        (lambda g: g.astype(complex), "the real part is what a real input's gradient keeps"),
        (lambda g: g.astype(np.longdouble), "a longdouble constant or array in the rule widens the gradient"),
        (lambda g: g.astype(int), "holds no fractions"),
        (lambda g: g.T, "transpose: the gradient has the input's shape reversed"),
        (lambda g: np.ones((5, 5)), "returned a gradient of shape (5, 5)"),
    ],
)
def test_breach_of_the_contract(returned, words):
    assert words.replace("longdouble", str(np.dtype(np.longdouble))) in message(
        lambda x: x.copy(), returned, X
    )


def test_axes_in_another_order():
    x = RNG.normal(size=(2, 3, 4))
    assert "axes in another order" in message(lambda x: x.copy(), lambda g: g.transpose(1, 2, 0), x)


def test_number_is_a_gradient_of_a_number():
    assert check_layer(lambda x: 2 * x, lambda g: 2 * float(g), np.array(1.5), dtypes=("f8",)).ok


def test_write_to_a_buffer_that_the_output_views():
    class Buffered:
        def forward(self, x):
            self.buffer = np.exp(x)
            return self.buffer[:]

        def backward(self, grad):
            self.buffer *= 2
            return grad * self.buffer / 2

    with pytest.raises(GradientError, match="writes into the saved output 0"):
        check_layer(Buffered(), X)


def test_write_to_an_upstream_gradient_that_was_unlocked():
    def backward(grad):
        grad.flags.writeable = True
        grad *= 2
        return grad

    assert "writes into the upstream gradient" in message(lambda x: 2 * x, backward, X)


def test_write_to_a_saved_array_of_a_function():
    class Scales(mg.Function):
        def forward(self, x):
            self.parts = {"two": (2 * np.ones(x.shape), [x])}
            return 2 * x

        def backward(self, grad):
            two = self.parts["two"][0]
            two *= grad
            return two

    with pytest.raises(GradientError, match="writes into an array that forward saved"):
        check_rule(Scales, X)


def test_write_to_one_of_several_operands():
    def backward(a, b, x):
        a += b
        return a

    assert "upstream gradient of output 0" in message(lambda x: (x.copy(), x.copy()), backward, X)

    def writes_input(g, x):
        x *= 2
        return g

    assert "writes into input 0 'x'" in message(lambda x: x.copy(), writes_input, X)


def test_second_forward_that_writes():
    calls = []

    def forward(x):
        calls.append(1)
        if len(calls) > 1:
            x *= 1
        return x.copy()

    assert "forward writes into input 0 'x'" in message(forward, lambda g: g, X)


def test_zero_strides_that_are_seen():
    def backward(g):
        return g * (1 + (0 in g.strides))

    found = message(lambda x: x.copy(), backward, X)
    assert "how the upstream gradient lies in memory: the gradient for input 0 'x'" in found
    assert "changes with zero strides" in found


def test_second_run_that_writes():
    calls = []

    def backward(g):
        calls.append(1)
        if len(calls) > 1:
            g *= 1
        return g

    assert "writes into the upstream gradient" in message(lambda x: x.copy(), backward, X)


def test_forward_whose_shape_changes():
    sizes = iter(range(2, 100))
    assert "then (3,) float64" in message(
        lambda x: np.zeros(next(sizes)) + x.sum(), lambda g, x: g.sum() * x, X
    )


def test_upstream_gradient_clipped_far_out():
    def backward(g):
        return np.sign(g) * np.abs(g) ** 1.5

    assert "a nonlinear function of the upstream gradient" in message(lambda x: x.copy(), backward, X)


def test_abs_of_the_upstream_gradient_scales_but_does_not_add():
    assert "scales but does not add" in message(lambda x: x.copy(), np.abs, X)


def test_zero_upstream_gradient_that_becomes_nan():
    assert "0 * inf or 0 / 0" in message(lambda x: x.copy(), lambda g: g * (g / g), X)


def test_layout_that_changes_rounding_only():
    def forward(x):
        return (x + 1e10).sum(axis=0) - 1e10 * len(x)

    report = check_layer(
        forward, lambda g, x: np.ones_like(x) * g, RNG.normal(size=(40, 3)), min_resolution=1e-2
    )
    assert report.ok


def test_layout_that_matters_for_two_operands_together():
    def forward(a, b):
        odd = not a.flags.c_contiguous and not b.flags.c_contiguous
        return a + b + odd

    assert "how its operands lies in memory" in message(forward, lambda g, a, b: (g, g.copy()), X, X + 1)


def test_sign_of_the_upstream_gradient():
    assert "only its sign is used" in message(lambda x: x.copy(), np.sign, X)
