"""check_layer takes a layer as the textbooks print it, in whatever way it returns its gradients."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.testing import CheckError, GradientError, check_layer

RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=2)


class Affine:
    """W and b as attributes; backward returns dx and leaves dW and db behind."""

    def __init__(self, w, b, factor=1.0):
        self.W, self.b, self.factor = w, b, factor

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.factor * (self.x.T @ dout)
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


def test_parameters_are_checked_by_the_attributes_that_the_caller_names():
    layer = Affine(W, B)
    report = check_layer(layer, X, params={"W": "dW", "b": "db"})
    assert [entry.name for entry in report.inputs] == ["x", "W", "b"]
    assert layer.W is W, "the layer keeps its own parameters"


def test_wrong_parameter_gradient_is_named():
    with pytest.raises(GradientError, match=r"Affine.backward is wrong for input 1 'W'") as caught:
        check_layer(Affine(W, B, factor=-1.0), X, params={"W": "dW", "b": "db"})
    assert "'x' and 'b' agree to" in str(caught.value)
    assert caught.value.report.inputs[1].status == "wrong"


class Returns(Affine):
    """As Affine, but backward returns all gradients at once."""

    def __init__(self, w, b, kind):
        super().__init__(w, b)
        self.kind = kind

    def backward(self, dout):
        dx = super().backward(dout)
        if self.kind == "tuple":
            return dx, self.dW, self.db
        return {"dx": dx, "W": self.dW, "db": self.db}


@pytest.mark.parametrize("kind", ["tuple", "dict"])
def test_gradients_come_as_a_tuple_or_a_dict(kind):
    assert check_layer(Returns(W, B, kind), X, params={"W": "dW", "b": "db"}).conclusive


def forward(x, w, b):
    return x @ w + b


def test_two_functions_with_the_inputs_handed_back():
    def backward(dout, x, w, _):
        return dout @ w.T, x.T @ dout, dout.sum(axis=0)

    assert check_layer(forward, backward, X, W, B).conclusive


def test_two_functions_with_a_cache():
    def affine_forward(x, w, b):
        return x @ w + b, (x, w)

    def affine_backward(dout, cache):
        x, w = cache
        return dout @ w.T, x.T @ dout, dout.sum(axis=0)

    report = check_layer(affine_forward, affine_backward, X, W, B)
    assert report.name == "affine"
    assert report.conclusive


def test_two_functions_with_a_dict_of_gradients():
    saved = {}

    def remember(x, w, b):
        saved.update(x=x, w=w)
        return forward(x, w, b)

    def backward(dout):
        return {"x": dout @ saved["w"].T, "dw": saved["x"].T @ dout, "b": dout.sum(axis=0)}

    assert check_layer(remember, backward, X, W, B).conclusive


def test_only_what_is_asked_for_is_checked():
    def backward(dout, _x, w, _b):
        return dout @ w.T, None, dout.sum(axis=0)

    report = check_layer(forward, backward, X, W, B, wrt=["x", 2])
    assert [entry.name for entry in report.inputs] == ["x", "b"]


def test_names_are_the_callers_or_numbers():
    report = check_layer(
        np.hypot, lambda g, a, b: (g * a / np.hypot(a, b), g * b / np.hypot(a, b)), X, X + 3, names="ab"
    )
    assert [entry.name for entry in report.inputs] == ["a", "b"]
    report = check_layer(lambda *xs: xs[0], lambda g: g.copy(), X)
    assert report.inputs[0].name == "input0"


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((object(), X), {}, "object has no method 'forward'"),
        ((Affine(W, B), X), {"wrt": ["y"]}, "wrt names 'y', but the inputs are x"),
        ((Affine(W, B), X), {"names": ["a", "b"]}, "2 names for 1 inputs"),
        ((lambda x: x, lambda g: g, np.arange(3)), {}, "no input holds floats"),
        (
            (lambda x, i: x[i], lambda g: g, X, np.arange(3)),
            {"wrt": ["i"]},
            "input 'i' is int64 and has no gradient",
        ),
        ((lambda x: x, lambda g: g, np.array([[1.0, np.nan]])), {}, r"'x' \[0, 1\] is nan"),
        ((lambda x: x, lambda g: g, np.array([np.inf])), {}, r"'x' \[0\] is inf"),
        ((lambda x: x > 0, lambda g: g, X), {}, "returned no array of floats"),
    ],
)
def test_bad_input_is_refused_with_the_reason(arguments, options, message):
    with pytest.raises(CheckError, match=message):
        check_layer(*arguments, **options)


def test_exception_in_backward_keeps_its_traceback_and_tells_the_inputs():
    def backward(_):
        raise KeyError("cache")

    with pytest.raises(KeyError) as caught:
        check_layer(lambda x: 2 * x, backward, np.array([1.0, 2.0]))
    assert caught.traceback[-1].name == "backward"
    assert "was checked at x=[1.,2.]" in caught.value.__notes__[0]


@pytest.mark.parametrize("method", ["forward", "backward"])
def test_value_error_of_the_rule_is_the_rules_own(method):
    def fail(*_):
        raise ValueError("shapes do not match")

    functions = {"forward": lambda x: 2 * x, "backward": lambda g: 2 * g} | {method: fail}
    with pytest.raises(ValueError, match="shapes do not match"):
        check_layer(functions["forward"], functions["backward"], X)


def test_forward_that_overflows_is_inconclusive():
    report = check_layer(np.exp, lambda g, x: g * np.exp(x), np.array([1000.0]))
    assert not report.conclusive
    assert "the forward is not finite: 'output 0' [0] is inf" in report.inputs[0].reason


def test_empty_input_has_nothing_to_compare():
    report = check_layer(lambda x: 2 * x, lambda g: 2 * g, np.zeros((0, 3)))
    assert report.ok
    assert report.inputs[0].status == "empty"


def test_float32_inputs_are_judged_in_float64():
    report = check_layer(np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2), X.astype(np.float32))
    assert report.resolution < 1e-11


def test_complex_layer():
    z = RNG.normal(size=(2, 3)) + 1j * RNG.normal(size=(2, 3))
    assert check_layer(lambda z: z * z, lambda g, z: g * np.conj(2 * z), z).conclusive
    assert check_layer(
        lambda x: np.exp(1j * x), lambda g, x: (g * np.conj(1j * np.exp(1j * x))).real, X
    ).conclusive
    with pytest.raises(GradientError, match=r"conj\(expected\)"):
        check_layer(lambda z: z * z, lambda g, z: np.conj(g) * 2 * z, z)
