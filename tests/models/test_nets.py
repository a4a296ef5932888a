"""MLP, the named nets and their numbers."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import gradcheck
from models import MLP
from models.data import load_data
from models.errors import InputError
from models.evaluation import classify
from models.losses import LOSSES, Cost
from models.nets import from_arrays, three_layer_net
from models.recipes import RECIPES, recipe
from models.trained import load_trained
from models.training import build


def test_the_three_layer_net_gives_the_numbers_of_the_notes():
    logits = three_layer_net()(np.array([[1.0, 0.5]])).numpy()
    np.testing.assert_allclose(logits, [[0.31682708, 0.69627909]], atol=5e-9)


@pytest.mark.parametrize("batch_size", [1, 100])
def test_the_books_weights_read_93_52_percent_of_the_digits(mnist_folder, book_weights, batch_size):
    test = load_data("mnist", np.random.default_rng(0), folder=mnist_folder).test
    net = load_trained(book_weights).net
    assert net.sizes == (784, 50, 100, 10)
    assert (classify(net, test.x, batch_size) == test.labels).mean() == 0.9352


def test_an_mlp_is_affine_maps_with_an_activation_between():
    net = MLP([3, 4, 2], "tanh", rng=np.random.default_rng(1), dtype=np.float64)
    x = np.random.default_rng(2).standard_normal((5, 3))
    w1, b1, w2, b2 = (p.numpy() for p in net.parameters())
    np.testing.assert_allclose(net(x).numpy(), np.tanh(x @ w1 + b1) @ w2 + b2)


def test_the_same_generator_draws_the_same_net():
    first, same, other = (MLP([3, 2], rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.layers[0].w.numpy(), same.layers[0].w.numpy())
    assert (first.layers[0].w.numpy() != other.layers[0].w.numpy()).any()


@pytest.mark.parametrize(("activation", "variance"), [("relu", 2 / 500), ("sigmoid", 1 / 500)])
def test_weights_start_as_suits_the_activation(activation, variance):
    net = MLP([500, 400, 2], activation, rng=np.random.default_rng(0))
    assert net.layers[0].w.numpy().var() == pytest.approx(variance, rel=0.02)
    assert not net.layers[0].b.numpy().any()


def test_nets_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="at least two sizes"):
        MLP([3])
    with pytest.raises(InputError, match="no activation 'swish'; there are relu"):
        MLP([3, 2], "swish")
    with pytest.raises(InputError, match="layer 2 needs a weight"):
        from_arrays([np.zeros((3, 2)), np.zeros((3, 2))], [np.zeros(2), np.zeros(2)])
    with pytest.raises(InputError, match="for each layer"):
        from_arrays([np.zeros((3, 2))], [])
    with pytest.raises(InputError, match="no net 'lenet'; there are mlp, two-layer"):
        recipe("lenet")


@pytest.mark.parametrize("name", RECIPES)
def test_backpropagation_agrees_with_differences_on_every_named_net(name):
    chosen = recipe(name)
    data = load_data(chosen.data, np.random.default_rng(0))
    net = build(chosen, data, np.random.default_rng(0), np.float64)
    report = gradcheck(Cost(net, LOSSES[chosen.loss]), data.train[:3].x, data.train[:3].labels)
    assert report.conclusive, str(report)
    assert len(report.inputs) == 1 + 2 * (len(chosen.hidden) + 1)


def test_backpropagation_agrees_with_differences_on_every_parameter_of_784_50_10(mnist_folder):
    data = load_data("mnist", np.random.default_rng(0), folder=mnist_folder)
    net = build(recipe("two-layer"), data, np.random.default_rng(0), np.float64)
    assert sum(p.size for p in net.parameters()) == 39_760
    report = gradcheck(Cost(net, LOSSES["softmax"]), data.train[:3].x, data.train[:3].labels)
    assert report.conclusive
    assert report.resolution < 1e-9


def test_nielsens_four_equations_agree_with_the_engine():
    """BP1 to BP4 (Neural Networks and Deep Learning, chapter 2), by hand, on a net of three layers."""
    rng = np.random.default_rng(0)
    net = MLP(
        [4, 5, 6, 3], "sigmoid", weight=mg.nn.normal(1.0), bias=mg.nn.normal(1.0), rng=rng, dtype=np.float64
    )
    x, labels = rng.random((1, 4)), np.array([2])
    y = np.eye(3)[labels]

    activations = [x]
    for layer in net.layers:
        z = activations[-1] @ layer.w.numpy() + layer.b.numpy()
        activations.append(1 / (1 + np.exp(-z)))
    slopes = [a * (1 - a) for a in activations]
    delta = (activations[-1] - y) * slopes[-1]  # BP1
    bias_gradients, weight_gradients = [], []
    for number in reversed(range(len(net.layers))):
        bias_gradients.insert(0, delta[0])  # BP3
        weight_gradients.insert(0, activations[number].T @ delta)  # BP4
        delta = (delta @ net.layers[number].w.numpy().T) * slopes[number]  # BP2

    LOSSES["quadratic"].cost(net(x), labels).backward()
    for layer, dw, db in zip(net.layers, weight_gradients, bias_gradients, strict=True):
        np.testing.assert_allclose(layer.w.grad.numpy(), dw, rtol=0, atol=1e-12)
        np.testing.assert_allclose(layer.b.grad.numpy(), db, rtol=0, atol=1e-12)


def test_affine_flattens_and_takes_a_bias_of_either_shape():
    x, w, b = np.arange(24.0).reshape(2, 3, 4), np.arange(24.0).reshape(12, 2), np.array([1.0, 2.0])
    expected = x.reshape(2, 12) @ w + b
    np.testing.assert_array_equal(mg.affine(x, w, b).numpy(), expected)
    np.testing.assert_array_equal(mg.affine(x, w, b[None]).numpy(), expected)
