"""gradcheck: functions of Tensors, and Modules with their parameters by name."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.rules.layers.dense import Affine
from minigrad.testing import GradientError, gradcheck

RNG = np.random.default_rng(2)
X = RNG.normal(size=(6, 5)).astype(np.float32)
LABELS = RNG.integers(0, 3, 6)


class Doubled(Affine):
    """An affine rule whose bias gradient is a thousandth too large."""

    def backward(self, grad):
        dx, dw, db = super().backward(grad)
        return dx, dw, 1.001 * db


class Layer(mg.nn.Affine):
    """An affine layer of the wrong rule."""

    def forward(self, x):
        return Doubled()(x, self.w, self.b)


class Model(mg.nn.Module):
    """A small net and its loss."""

    def __init__(self, hidden=mg.nn.Affine):
        rng = np.random.default_rng(3)
        self.fc1 = hidden(5, 8, rng=rng)
        self.fc2 = mg.nn.Affine(8, 3, rng=rng)

    def forward(self, x, labels):
        return mg.softmax_with_loss(self.fc2(mg.relu(self.fc1(x))), labels)


def test_module_is_checked_with_its_parameters_by_name():
    report = gradcheck(Model(), X, LABELS)
    assert [entry.name for entry in report.inputs] == ["x", "fc1.w", "fc1.b", "fc2.w", "fc2.b"]
    assert report.conclusive
    assert report.resolution < 1e-6


def test_wrong_parameter_is_named():
    with pytest.raises(
        GradientError, match=r"Model.backward is wrong for input 3 'fc1.b' \(shape \(8,\)\)"
    ) as caught:
        gradcheck(Model(Layer), X, LABELS)
    assert "ratio c = 1.001" in str(caught.value)
    assert "'x' and 'fc1.w' and 'fc2.w' and 'fc2.b' agree to" in str(caught.value)


def test_module_keeps_its_values_dtypes_and_gradients():
    model = Model()
    model(X, LABELS).backward()
    before = [(p.data, p.grad) for p in model.parameters()]
    gradcheck(model, X, LABELS)
    after = [(p.data, p.grad) for p in model.parameters()]
    assert all(a is c and b is d for (a, b), (c, d) in zip(before, after, strict=True))


def test_function_of_several_tensors():
    report = gradcheck(lambda a, b: (a * b, a - mg.exp(b)), X, X + 1)
    assert report.resolution < 1e-10


def test_only_what_is_asked_for():
    assert [entry.name for entry in gradcheck(Model(), X, LABELS, wrt=["fc2.b"]).inputs] == ["fc2.b"]


def test_forward_that_draws_random_numbers_is_told_so_first():
    rng = np.random.default_rng(0)
    with pytest.raises(GradientError, match="forward is not deterministic"):
        gradcheck(lambda x: x * rng.random(x.shape), X)


def test_forward_that_is_not_finite_is_inconclusive():
    with np.errstate(all="ignore"):
        assert not gradcheck(lambda x: mg.log(x - x), X).conclusive


def test_input_that_hardly_matters_is_looked_at_by_itself():
    report = gradcheck(lambda a, b: a.sum() + 1e-12 * b.sum(), X, X)
    assert {entry.name: entry.status for entry in report.inputs}["a"] == "proven"


def test_input_without_influence():
    report = gradcheck(lambda a, b: mg.exp(a), X, X)
    assert [entry.status for entry in report.inputs] == ["proven", "proven"]


def test_empty_input():
    report = gradcheck(lambda a, b: mg.exp(a), X, np.zeros((0, 2)))
    assert {entry.name: entry.status for entry in report.inputs} == {"a": "proven", "b": "empty"}


@pytest.mark.slow
def test_net_of_a_million_parameters():
    rng = np.random.default_rng(0)
    net = mg.nn.Sequential(
        mg.nn.Affine(784, 900, rng=rng),
        mg.nn.ReLU(),
        mg.nn.Affine(900, 350, rng=rng),
        mg.nn.Affine(350, 10, rng=rng),
    )
    assert sum(p.size for p in net.parameters()) > 1_000_000
    report = gradcheck(net, rng.normal(size=(4, 784)))
    assert report.conclusive
