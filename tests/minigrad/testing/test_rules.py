"""check_rule: Functions as classes and instances, callables of Tensors, higher orders, kinks, float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import CheckError, GradientError, check_rule
from tests.minigrad.testing import catalogue

X = np.random.default_rng(1).normal(size=(3, 4))


class Sigmoid(catalogue.right.Sigmoid, mg.Function):
    """The right rule of the catalogue."""


@dataclass(eq=False)
class Scale(mg.Function):
    """A rule with a static parameter."""

    factor: float

    def forward(self, x: Any) -> Any:
        return self.factor * x

    def backward(self, grad: Any) -> Any:
        return self.factor * grad


def test_report_prints_what_was_checked():
    report = check_rule(Sigmoid, X, order=2)
    text = str(report)
    assert text.startswith("Sigmoid: proven to ")
    assert "Sigmoid, derivative 2: proven to " in text
    assert "layout: Fortran order, negative strides, strides with gaps, zero strides" in text
    assert report.ok
    assert report.conclusive
    assert report.higher.order == 2
    assert [entry.name for entry in report.higher.inputs] == ["x", "grad"]


def test_right_to_the_third_order():
    report = check_rule(Sigmoid, X, order=3)
    assert report.higher.higher.order == 3
    assert report.higher.higher.resolution < 1e-9


def test_instance_with_parameters_and_the_call_that_repeats_it():
    assert check_rule(Scale(3.0), X).reproduce == "check_rule(Scale(factor=3.0), x, seed=0)"
    with pytest.raises(CheckError, match=r"Scale.*needs its parameters; pass an instance"):
        check_rule(Scale, X)


def test_callable_of_tensors_and_numpy_functions():
    assert check_rule(lambda x, w: mg.tanh(x @ w), X, X.T, order=2).resolution < 1e-9
    assert check_rule(np.exp, mg.Tensor(X), order=2).name == "exp"


def test_lists_are_arrays_and_the_rest_is_handed_on():
    class Power(mg.Function):
        def forward(self, x, n, _note=None):
            self.x, self.n = x, n
            return x**n

        def backward(self, grad):
            return grad * self.n * self.x ** (self.n - 1), None, None

    report = check_rule(Power, [1.0, 2.0, 3.0], 3, None, order=2)
    assert [entry.name for entry in report.inputs] == ["x"]


def test_several_outputs():
    class SinCos(mg.Function):
        def forward(self, x):
            self.s, self.c = np.sin(x), np.cos(x)
            return self.s, self.c

        def backward(self, ds, dc):
            return ds * self.c - dc * self.s

    assert check_rule(SinCos, X, order=2).conclusive


def test_wrong_in_the_second_order_only():
    class Cube(mg.Function):
        def forward(self, x):
            self.slope = 3 * mg.Tensor(x).detach().numpy() ** 2 if isinstance(x, mg.Tensor) else 3 * x**2
            return x**3

        def backward(self, grad):
            return grad * self.slope

    assert check_rule(Cube, X).ok
    with pytest.raises(GradientError, match=r"Cube.backward \(derivative 2\) is wrong for input 0 'x'"):
        check_rule(Cube, X, order=2)


def test_rule_that_leaves_minigrad_cannot_be_differentiated_again():
    class Leaves(Sigmoid):
        def backward(self, grad):
            return grad * np.asarray(self.y) * (1 - self.y)

    assert check_rule(Leaves, X).ok
    with pytest.raises(GradientError, match="cannot be differentiated again") as caught:
        check_rule(Leaves, X, order=2)
    assert not caught.value.report.ok
    assert "NumPy functions that take a Tensor" in str(caught.value)


def test_wrong_first_order_ends_the_check():
    class Wrong(Sigmoid):
        def backward(self, grad):
            return 2 * super().backward(grad)

    with pytest.raises(GradientError) as caught:
        check_rule(Wrong, X, order=2)
    assert caught.value.report.higher is None


def test_message_has_the_form_that_is_promised():
    class Affine(catalogue.scale.MeanBias, mg.Function):
        pass

    with pytest.raises(GradientError) as caught:
        check_rule(Affine, np.zeros((2, 1)), np.zeros((1, 1)), np.zeros(1))
    lines = str(caught.value).splitlines()
    assert lines[0] == "Affine.backward is wrong for input 2 'b' (shape (1,))"
    assert lines[1].startswith("  element [0]: expected ")
    assert lines[1].endswith("(ratio 0.5)")
    assert lines[2].startswith("  1 of 1 elements of 'b' wrong; 'x' and 'w' agree to ")
    assert lines[3] == "  likely cause: got == expected / N (N = 2): mean over axis 0 where a sum is needed"
    assert lines[4].startswith("  not a kink (one-sided slopes agree to ")
    assert lines[5] == "  inputs: x=[[0.],[0.]] w=[[0.]] b=[0.]"
    assert lines[6] == "  reproduce: check_rule(Affine(), x, w, b, seed=0)"
    assert isinstance(caught.value, mg.MinigradError)
    assert isinstance(caught.value, AssertionError)


@pytest.mark.parametrize(
    ("op", "inputs", "message"),
    [
        (lambda x: 3.0, (X,), "<lambda> returned a float, not a Tensor"),
        (3, (X,), "int is neither a Function nor a callable"),
        (Sigmoid, (np.arange(3),), "no input holds floats"),
        (Sigmoid, (np.array([1.0, -np.inf]),), r"'x' \[1\] is -inf"),
    ],
)
def test_bad_input_is_refused(op, inputs, message):
    with pytest.raises(CheckError, match=message):
        check_rule(op, *inputs)


# Kinks


class ReLU(catalogue.right.ReLU, mg.Function):
    """The right rule of the catalogue."""


KINKED = np.array([[-1.0, 0.0, 2.0], [0.0, 0.5, -0.25]])


def test_kink_is_judged_by_its_subgradients_and_the_rest_by_slopes():
    report = check_rule(ReLU, KINKED)
    assert report.kinks == 2
    assert "2 at a kink" in str(report)
    assert report.resolution < 1e-12


def test_kink_may_be_an_error_or_ignored():
    with pytest.raises(GradientError, match="the input sits on a kink"):
        check_rule(ReLU, KINKED, at_kink="error")

    class Steep(ReLU):
        def forward(self, x):
            self.x = x
            return super().forward(x)

        def backward(self, grad):
            return np.where(np.equal(self.x, 0), 7 * grad, grad * self.mask)

    assert check_rule(Steep, KINKED, at_kink="ignore").kinks == 2
    with pytest.raises(GradientError, match="at a kink or tie"):
        check_rule(Steep, KINKED)


def test_input_of_kinks_alone():
    report = check_rule(ReLU, np.zeros(3))
    assert [entry.status for entry in report.inputs] == ["at kinks"]
    assert report.conclusive


def test_slope_that_is_rightly_infinite_is_set_aside():
    report = check_rule(np.sqrt, np.array([0.0, 1.0, 4.0]))
    assert report.conclusive
    assert report.kinks == 1


# float32


def test_float32_is_compared_with_float64():
    report = check_rule(Sigmoid, X)
    assert report.checks["float32"].startswith("float32 agrees with float64 to ")
    assert "float32" not in check_rule(Sigmoid, X, dtypes=("f8",)).checks
    assert "layout" not in check_rule(Sigmoid, X, layouts=False).checks


def test_branch_on_the_dtype_is_found():
    class Branch(Sigmoid):
        def backward(self, grad):
            g = super().backward(grad)
            return g * np.float32(1 + 2e-5) if g.dtype == np.float32 else g

    with pytest.raises(GradientError, match=r"wrong in float32 for input 0 'x'.*right in float64"):
        check_rule(Branch, np.array([-1.0, 0.5, 2.0]))


@pytest.mark.parametrize(
    ("forward", "backward", "x", "found"),
    [
        (lambda x: x * 1.0, lambda g: g, 1e-30, "beyond float32"),
        (lambda x: x.astype(np.float64), lambda g: g, 1.0, "computes in float64"),
        (
            lambda x: x * x.dtype.type(1e30) * x.dtype.type(1e30),
            lambda g: g * 1e30 * 1e30,
            1.0,
            "overflows in float32",
        ),
        (
            lambda x: x * 1.0,
            lambda g: g * g.dtype.type(1e30) * g.dtype.type(1e30) / 1e60,
            1.0,
            "not finite in float32",
        ),
    ],
)
def test_float32_that_cannot_be_compared_says_why(forward, backward, x, found):
    rule = type(
        "Rule", (mg.Function,), {"forward": lambda _, x: forward(x), "backward": lambda _, g: backward(g)}
    )
    with np.errstate(all="ignore"):
        report = check_rule(rule, np.array([x]))
    assert found in report.checks["float32"]
