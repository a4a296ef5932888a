"""Nets trained the same way, eagerly and compiled."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg

Step = Callable[..., mg.Tensor]

OPTIMIZERS: dict[str, Callable[[list[mg.Tensor]], mg.optim.Optimizer]] = {
    "sgd": lambda params: mg.optim.SGD(params, 0.1),
    "momentum": lambda params: mg.optim.SGD(params, 0.05, momentum=0.9, weight_decay=1e-3),
    "nesterov": lambda params: mg.optim.SGD(params, 0.05, momentum=0.9, nesterov=True),
    "adagrad": lambda params: mg.optim.AdaGrad(params, 0.05),
    "rmsprop": lambda params: mg.optim.RMSprop(params, 0.001),
    "adam": lambda params: mg.optim.Adam(params, 0.003),
    "adamw": lambda params: mg.optim.AdamW(params, 0.003),
    "schedule": lambda params: mg.optim.SGD(params, lambda step: 0.1 if step < 150 else 0.01),
}


class Net(mg.nn.Module):
    """Two affine layers."""

    def __init__(self, activation: Callable[..., mg.Tensor], dtype: Any) -> None:
        rng = np.random.default_rng(0)
        self.fc1 = mg.nn.Affine(6, 8, rng=rng, dtype=dtype)
        self.fc2 = mg.nn.Affine(8, 4, rng=rng, dtype=dtype)
        self.activation = activation

    def forward(self, x: mg.Tensor) -> mg.Tensor:
        return self.fc2(self.activation(self.fc1(x)))


def training(
    optimizer: str = "sgd", activation: Callable[..., mg.Tensor] = mg.relu, dtype: Any = np.float64
) -> tuple[Net, mg.optim.Optimizer, Step]:
    """A net, its optimizer and its training step, always from the same start."""
    net = Net(activation, dtype)
    made = OPTIMIZERS[optimizer](net.parameters())
    return net, made, step_of(net, made)


def step_of(net: mg.nn.Module, optimizer: mg.optim.Optimizer) -> Step:
    """The training step of a net that tells labels apart."""

    def step(x: mg.Tensor, labels: mg.Tensor) -> mg.Tensor:
        loss = mg.softmax_with_loss(net(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def batch(seed: int = 0, size: int = 12, dtype: Any = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(size, 6)).astype(dtype), rng.integers(0, 4, size)


def memory(compiled: Callable[[Step], Step]) -> tuple[int, int]:
    """Bytes held at the peak of a step by a training of 784-50-10, and those that are left when it is dropped."""
    _trained(compiled)  # what Python and Numba keep from the first time is not the step's
    gc.collect()
    tracemalloc.start()
    step = _trained(compiled)
    gc.collect()
    tracemalloc.reset_peak()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    del step
    gc.collect()
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return peak, left


def _trained(compiled: Callable[[Step], Step]) -> Step:
    """A step on one batch of 100, after a few of them."""
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(100, 784)).astype(np.float32), rng.integers(0, 10, 100)
    net = mg.nn.Sequential(mg.nn.Affine(784, 50, rng=rng), mg.nn.ReLU(), mg.nn.Affine(50, 10, rng=rng))
    step = compiled(step_of(net, mg.optim.SGD(net.parameters(), 0.1)))
    for _ in range(3):
        step(x, labels)
    return lambda: step(x, labels)
