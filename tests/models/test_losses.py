"""The losses of the notes, by their formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from models.data.prepare import one_hot
from models.losses import LOSSES, quadratic_cost

# The notes' example: probabilities for a digit that is a 2.
Y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
T = np.eye(10)[2]


def test_mean_squared_error_is_half_the_sum_of_squares():
    assert mg.mean_squared_error(Y, T).item() == pytest.approx(0.0975)


def test_cross_entropy_is_the_same_for_one_hot_and_for_index_labels():
    one_hot_labels = mg.cross_entropy_error(Y[None], T[None]).item()
    assert one_hot_labels == pytest.approx(0.510825457)
    assert mg.cross_entropy_error(Y[None], np.array([2])).item() == one_hot_labels


def test_quadratic_cost_is_the_mean_of_half_the_squared_distances():
    a, y = np.array([[1.0, 0.0], [0.0, 0.5]]), np.array([[0.0, 0.0], [0.0, 0.0]])
    assert quadratic_cost(mg.Tensor(a), y).item() == (1 + 0.25) / (2 * 2)


@given(st.integers(0, 9), st.integers(1, 5), st.integers(2, 6))
def test_softmax_with_loss_is_softmax_then_cross_entropy(seed, n, classes):
    rng = np.random.default_rng(seed)
    logits, labels = rng.standard_normal((n, classes)), rng.integers(classes, size=n)
    together = LOSSES["softmax"].cost(mg.Tensor(logits), labels).item()
    assert together == pytest.approx(-np.log(mg.softmax(logits).numpy()[np.arange(n), labels]).mean())
    assert mg.softmax_with_loss(logits, one_hot(labels, classes)).item() == pytest.approx(together)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_softmax_with_loss_stands_logits_of_any_size(size):
    logits = mg.Tensor([[size, 0.0, 0.0]], requires_grad=True)
    loss = LOSSES["softmax"].cost(logits, np.array([1]))
    loss.backward()
    assert loss.item() == pytest.approx(1e4 if size > 0 else np.log(2))
    expected = [[1, -1, 0]] if size > 0 else [[0, -0.5, 0.5]]
    np.testing.assert_allclose(logits.grad.numpy(), expected, atol=1e-12)


def test_the_outputs_are_probabilities():
    logits = np.array([[2.0, -1.0, 0.0]])
    assert LOSSES["softmax"].output(logits).numpy().sum() == pytest.approx(1)
    np.testing.assert_allclose(LOSSES["quadratic"].output(logits).numpy(), 1 / (1 + np.exp(-logits)))
