"""What minigrad and torch both have, they agree on: values, first and second derivatives, in float64."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minigrad as mg

LABELS = np.array([2, 0, 1, 2])

# Of a matrix of four rows and three columns with entries from 0.1 to 0.9: in minigrad, and in torch.
PAIRS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    "absolute": (np.absolute, lambda torch, x: torch.abs(x)),
    "clip": (lambda x: np.clip(x, 0.3, 0.7), lambda torch, x: torch.clamp(x, 0.3, 0.7)),
    "cos": (np.cos, lambda torch, x: torch.cos(x)),
    "exp": (np.exp, lambda torch, x: torch.exp(x)),
    "expm1": (np.expm1, lambda torch, x: torch.expm1(x)),
    "indexing": (lambda x: x[[0, 2, 2], 1:], lambda torch, x: x[[0, 2, 2], 1:]),
    "log": (np.log, lambda torch, x: torch.log(x)),
    "log1p": (np.log1p, lambda torch, x: torch.log1p(x)),
    "log_softmax": (mg.log_softmax, lambda torch, x: torch.log_softmax(x, -1)),
    "matmul": (lambda x: x.T @ x, lambda torch, x: x.T @ x),
    "max": (lambda x: np.max(x, axis=1), lambda torch, x: torch.amax(x, 1)),
    "mean": (lambda x: np.mean(x, axis=0), lambda torch, x: torch.mean(x, 0)),
    "power": (lambda x: x**2.5, lambda torch, x: x**2.5),
    "reciprocal": (np.reciprocal, lambda torch, x: torch.reciprocal(x)),
    "relu": (lambda x: mg.relu(x - 0.5), lambda torch, x: torch.relu(x - 0.5)),
    "sigmoid": (mg.sigmoid, lambda torch, x: torch.sigmoid(x)),
    "sin": (np.sin, lambda torch, x: torch.sin(x)),
    "softmax": (mg.softmax, lambda torch, x: torch.softmax(x, -1)),
    "softmax_with_loss": (
        lambda x: mg.softmax_with_loss(x, LABELS),
        lambda torch, x: torch.nn.functional.cross_entropy(x, torch.as_tensor(LABELS)),
    ),
    "sqrt": (np.sqrt, lambda torch, x: torch.sqrt(x)),
    "stack": (lambda x: np.stack([x, x * x], axis=1), lambda torch, x: torch.stack([x, x * x], 1)),
    "tanh": (np.tanh, lambda torch, x: torch.tanh(x)),
    "where": (lambda x: np.where(x > 0.5, x * x, x), lambda torch, x: torch.where(x > 0.5, x * x, x)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_values_and_derivatives_agree(name: str, torch: ModuleType):
    ours, theirs = PAIRS[name]
    rng = np.random.default_rng(0)
    values = rng.uniform(0.1, 0.9, (4, 3))

    x = mg.Tensor(values, requires_grad=True)
    y = ours(x)
    upstream = rng.standard_normal(y.shape)
    y.backward(upstream, create_graph=True)
    first, x.grad = x.grad, None
    (first * first * x).sum().backward()
    second = x.grad

    x_torch = torch.tensor(values, requires_grad=True)
    y_torch = theirs(torch, x_torch)
    (first_torch,) = torch.autograd.grad(y_torch, x_torch, torch.tensor(upstream), create_graph=True)
    (second_torch,) = torch.autograd.grad((first_torch * first_torch * x_torch).sum(), x_torch)

    np.testing.assert_allclose(y.data, y_torch.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(first.data, first_torch.detach().numpy(), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(second.data, second_torch.numpy(), rtol=1e-10, atol=1e-12)
