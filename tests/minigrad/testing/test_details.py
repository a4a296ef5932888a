"""What the catalogue does not reach: rarer breaches of the contract, rarer causes, and the limits of the checker."""

from __future__ import annotations

import subprocess
import sys
from contextvars import Context
from dataclasses import replace

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import GradientError, Report, check_layer, check_rule
from minigrad.testing.agreement import close
from minigrad.testing.kinks import hull_distance
from minigrad.testing.operation import same_bits
from minigrad.testing.plugin import _unshrunk
from minigrad.testing.richardson import Estimate
from minigrad.testing.selection import input_names
from minigrad.testing.values import _coarse

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


def test_too_many_ties_to_know_are_inconclusive():
    x = np.ones((1, 10))
    report = check_layer(lambda x: x.max(axis=-1), lambda g, x: g[:, None] * (x == x.max()), x)
    assert "too many gradients meet at this kink" in report.inputs[0].reason


def test_edge_of_the_domain_is_set_aside():
    def forward(x):
        return x * np.sqrt(x)

    x = np.array([0.0, 1.0, 4.0])
    assert check_layer(forward, lambda g, x: 1.5 * g * np.sqrt(x), x).kinks == 1
    assert "expected / 2" in message(forward, lambda g, x: 0.75 * g * np.sqrt(x), x)
    alone = check_layer(forward, lambda g, x: 1.5 * g * np.sqrt(x), np.array([0.0]))
    assert "edge of the domain" in alone.inputs[0].reason


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


def test_what_has_no_signature_has_numbered_inputs():
    assert input_names(min, 2, None) == ("input0", "input1")


def test_inconclusive_report_prints_its_reason():
    with np.errstate(all="ignore"):
        text = str(check_layer(np.exp, lambda g, x: g * np.exp(x), np.array([1000.0])))
    assert text.startswith("exp: inconclusive\n")
    assert "'x' (1,): inconclusive (the forward is not finite" in text


def test_nobody_need_listen_to_a_check():
    assert Context().run(check_layer, np.exp, lambda g, x: g * np.exp(x), X).ok


def test_second_order_at_floats_too_small_to_resolve():
    report = check_rule(lambda x: mg.relu(x) ** 2, np.array([[5e-324, -5e-324]]), order=2)
    assert "beyond what floats resolve" in report.higher.checks["transpose"]


def test_report_of_a_right_rule_has_a_message_too():
    report = check_layer(lambda x: 2 * x, lambda g: 2 * g, X)
    assert report.message() == str(report)
    assert Report("Empty").resolution == np.inf


def test_close_and_same_bits():
    a = np.array([1.0, np.inf])
    with np.errstate(all="ignore"):
        assert close(a, a.copy(), 1.0)
        assert not close(a, np.array([1.0, 2.0]), 1.0)
    assert not close(a, a[:1], 1.0)
    assert same_bits(np.array([1, 2]), np.array([1, 2]))
    assert not same_bits(np.array([1.0]), np.array([1], np.float32))


def test_hull_distance_stops_after_the_iterations_allowed():
    rows = RNG.normal(size=(30, 8))
    assert hull_distance(np.zeros(8), rows, iterations=1) >= hull_distance(np.zeros(8), rows)


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


def test_the_module_runs():
    command = [sys.executable, "-m", "minigrad", "check", "nothing.py"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "nothing.py is no Python file" in run.stderr


def test_mutation_needs_no_hypothesis(monkeypatch):
    monkeypatch.delitem(sys.modules, "hypothesis")
    with _unshrunk():
        assert "hypothesis" not in sys.modules


def test_estimate_says_why_it_is_coarse():
    unclear = Estimate(1.0, 0.5, 1.0, 1.0, 0.0, 0.0)
    assert "shows on no single one" in _coarse(unclear)
    assert "contradict" in _coarse(replace(unclear, bound=np.inf))
    assert "resolve only 2e+00" in _coarse(replace(unclear, bound=2.0))
    assert "not finite" in _coarse(replace(unclear, residual=np.nan))
    assert replace(unclear, bound=np.inf).resolution == np.inf


def test_wrong_eps_of_a_complex_rule_is_no_forgotten_eps():
    z = RNG.normal(size=3) + 1j * RNG.normal(size=3)
    assert "likely cause" not in message(lambda z: z * z, lambda g, z: g * np.conj(2 * z + 1e-3 * z**3), z)


def test_missing_mean_of_several_rows():
    x = RNG.normal(size=(9, 8))

    def forward(x):
        return x - x.mean(axis=0)

    assert "constant along axis 0" in message(forward, lambda g: g.copy() - 0.5 * g.mean(axis=0), x[:4])
    assert "72 elements of 'x' wrong" in message(forward, lambda g: g.copy() - 0.5 * g.mean(axis=0), x)


def test_sign_of_the_upstream_gradient():
    assert "only its sign is used" in message(lambda x: x.copy(), np.sign, X)


def test_overflow_at_extreme_inputs_is_no_mistake():
    def backward(g, x):
        with np.errstate(all="ignore"):
            return -2 * g * x / (1 + x * x) ** 2

    with np.errstate(all="ignore"):
        assert check_layer(lambda x: 1 / (1 + x * x), backward, np.array([1e160, 1.0])).ok


def test_where_floats_are_coarser_than_the_function_a_complex_step_proves_it():
    x = np.array([1e38])
    assert check_layer(np.sin, lambda g, x: g * np.cos(x), x).resolution < 1e-13
    assert not check_layer(lambda x: np.sin(x.real), lambda g, x: g * np.cos(x), x).conclusive


def test_long_doubles_prove_what_rounding_hides():
    if np.finfo(np.longdouble).eps == np.finfo(float).eps:
        pytest.skip("long doubles are doubles on this machine")

    def forward(x):
        return np.abs(np.sin(x) + 1e5) - 1e5

    assert check_layer(forward, lambda g, x: g * np.cos(x), X).resolution < 1e-9


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


def test_factors_of_integers_and_infinities_are_passed_over():
    x = np.array([1.0, 2.0, 3.0])
    weights = np.array([1, 2, 3])
    text = message(lambda x, w: x * w, lambda g, x, w: (g * (w + 0.1 * x**3), None), x, weights)
    assert "factor" not in text
