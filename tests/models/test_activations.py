"""The activation functions at the values that the notes print."""

import numpy as np
import pytest

import minigrad as mg
from models.activations import ACTIVATIONS, step


def test_step_is_0_at_0():
    assert step([-1.0, 0.0, 1e-9, 5.0]).tolist() == [0, 0, 1, 1]


def test_sigmoid_has_the_values_of_the_notes_and_does_not_overflow():
    values = ACTIVATIONS["sigmoid"](np.array([1.0, 2.0, -1000.0, 1000.0])).numpy()
    np.testing.assert_allclose(values, [0.731, 0.880, 0, 1], atol=1e-3)


def test_relu_and_identity():
    np.testing.assert_array_equal(ACTIVATIONS["relu"](np.array([-3.0, 0.0, 3.0])).numpy(), [0, 0, 3])
    np.testing.assert_array_equal(ACTIVATIONS["identity"](np.array([-3.0, 3.0])).numpy(), [-3, 3])


def test_softmax_has_the_values_of_the_notes():
    np.testing.assert_allclose(
        mg.softmax(np.array([1010.0, 1000.0, 990.0])).numpy(),
        [9.99954600e-01, 4.53978686e-05, 2.06106005e-09],
        rtol=1e-8,
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_passes_a_gradient(name):
    x = mg.Tensor([0.5, 1.5], requires_grad=True)
    ACTIVATIONS[name](x).sum().backward()
    h = 1e-6
    above, below = (ACTIVATIONS[name](x.numpy() + s).numpy() for s in (h, -h))
    np.testing.assert_allclose(x.grad.numpy(), (above - below) / (2 * h), rtol=1e-6)
