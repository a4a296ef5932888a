"""Every layer with inputs of every size it takes: what the tests of layers run through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg

Array = NDArray[Any]
Operation = Callable[..., mg.Tensor]


@dataclass(frozen=True)
class Draw:
    """Random arrays, and two sizes that Hypothesis chose."""

    rng: np.random.Generator
    n: int
    m: int

    def normal(self, *shape: int) -> Array:
        return self.rng.normal(size=shape)

    def off(self, kink: float, *shape: int) -> Array:
        """Numbers at least 0.1 away from a kink, on both sides."""
        x = self.rng.normal(size=shape)
        return kink + x + np.copysign(0.1, x)

    def distinct(self, *shape: int) -> Array:
        """Numbers that are at least 0.1 apart."""
        return 0.1 * self.rng.permutation(np.prod(shape, dtype=int)).reshape(shape) - 1

    def labels(self, *shape: int, classes: int) -> Array:
        return self.rng.integers(classes, size=shape)

    def probabilities(self, *shape: int) -> Array:
        rows = self.rng.random(shape) + 0.1
        return rows / rows.sum(axis=-1, keepdims=True)


Case = Callable[[Draw], tuple[Operation, list[Array]]]

CASES: dict[str, Case] = {
    "affine": lambda d: (mg.affine, [d.normal(d.n, d.m), d.normal(d.m, 3), d.normal(3)]),
    "affine, no bias": lambda d: (mg.affine, [d.normal(d.n, d.m), d.normal(d.m, 3)]),
    "affine, bias (1, M)": lambda d: (mg.affine, [d.normal(d.n, d.m), d.normal(d.m, 3), d.normal(1, 3)]),
    "affine, images": lambda d: (mg.affine, [d.normal(d.n, d.m, 2), d.normal(2 * d.m, 3), d.normal(3)]),
    "affine, one sample": lambda d: (mg.affine, [d.normal(d.m), d.normal(d.m, d.n), d.normal(d.n)]),
    "relu": lambda d: (mg.relu, [d.off(0, d.n, d.m)]),
    "sigmoid": lambda d: (mg.sigmoid, [d.normal(d.n, d.m)]),
    "tanh": lambda d: (mg.tanh, [d.normal(d.n, d.m)]),
    "leaky_relu": lambda d: (partial(mg.leaky_relu, negative_slope=0.2), [d.off(0, d.n, d.m)]),
    "elu": lambda d: (partial(mg.elu, alpha=0.7), [d.off(0, d.n, d.m)]),
    "gelu": lambda d: (mg.gelu, [3 * d.normal(d.n, d.m)]),
    "silu": lambda d: (mg.silu, [d.normal(d.n, d.m)]),
    "softplus": lambda d: (mg.softplus, [d.normal(d.n, d.m)]),
    "dropout": lambda d: (partial(mg.dropout, p=0.3), [d.normal(d.n, d.m), d.rng.random((d.n, d.m)) > 0.3]),
    "softmax": lambda d: (mg.softmax, [d.normal(d.n, d.m)]),
    "log_softmax": lambda d: (mg.log_softmax, [d.normal(d.n, d.m)]),
    "logsumexp": lambda d: (mg.logsumexp, [d.normal(d.n, d.m)]),
    "logsumexp, axis": lambda d: (partial(mg.logsumexp, axis=-1), [d.normal(d.n, d.m)]),
    "logsumexp, axes": lambda d: (partial(mg.logsumexp, axis=(0, 2), keepdims=True), [d.normal(d.n, d.m, 2)]),
    "softmax_with_loss": lambda d: (mg.softmax_with_loss, [d.normal(d.n, d.m), d.labels(d.n, classes=d.m)]),
    "softmax_with_loss, rows": lambda d: (
        partial(_swapped, mg.softmax_with_loss, mg.Tensor(d.probabilities(d.n, d.m))),
        [d.normal(d.n, d.m)],
    ),
    "softmax_with_loss, one sample": lambda d: (
        mg.softmax_with_loss,
        [d.normal(d.m), d.labels(classes=d.m)],
    ),
    "mean_squared_error": lambda d: (mg.mean_squared_error, [d.normal(d.n, d.m), d.normal(d.n, d.m)]),
    "cross_entropy_error": lambda d: (
        mg.cross_entropy_error,
        [d.probabilities(d.n, d.m), d.labels(d.n, classes=d.m)],
    ),
    "binary_cross_entropy_with_logits": lambda d: (
        mg.binary_cross_entropy_with_logits,
        [d.normal(d.n, d.m), d.rng.random((d.n, d.m))],
    ),
    "hinge_loss": lambda d: (mg.hinge_loss, [d.off(1, d.n, d.m), d.rng.choice([-1, 1], (d.n, d.m))]),
    "huber_loss": lambda d: (
        partial(mg.huber_loss, delta=0.5),
        [d.off(0.5, d.n, d.m) * d.rng.choice([-1, 1], (d.n, d.m)), np.zeros((d.n, d.m))],
    ),
    "kl_div": lambda d: (mg.kl_div, [np.log(d.probabilities(d.n, d.m)), d.probabilities(d.n, d.m)]),
    "batch_norm": lambda d: (mg.batch_norm, [d.distinct(d.n + 1, d.m), d.normal(d.m), d.normal(d.m)]),
    "batch_norm, images": lambda d: (
        mg.batch_norm,
        [d.distinct(d.n, d.m, 2, 2), d.normal(d.m), d.normal(d.m)],
    ),
    "batch_norm, known statistics": lambda d: (
        partial(_known_statistics, d.normal(d.m), d.rng.random(d.m) + 0.5),
        [d.normal(d.n, d.m, 2), d.normal(d.m), d.normal(d.m)],
    ),
    "layer_norm": lambda d: (
        mg.layer_norm,
        [d.distinct(d.n, d.m + 1), d.normal(d.m + 1), d.normal(d.m + 1)],
    ),
    "layer_norm, two axes": lambda d: (
        mg.layer_norm,
        [d.distinct(2, d.n, d.m + 1), d.normal(d.n, d.m + 1), d.normal(d.n, d.m + 1)],
    ),
    "conv1d": lambda d: (mg.conv1d, [d.normal(2, d.n, d.m + 2), d.normal(2, d.n, 3), d.normal(2)]),
    "conv1d, no bias": lambda d: (
        partial(mg.conv1d, stride=d.m),
        [d.normal(d.n, 1, 5), d.normal(2, 1, 2)],
    ),
    "conv2d": lambda d: (mg.conv2d, [d.normal(d.n, 2, d.m + 1, 3), d.normal(1, 2, 2, 2), d.normal(1)]),
    "conv2d, padding": lambda d: (
        partial(mg.conv2d, padding=(1, 0)),
        [d.normal(d.n, 1, d.m, 3), d.normal(2, 1, 3, 2), d.normal(2)],
    ),
    "conv2d, padding beyond the kernel": lambda d: (
        partial(mg.conv2d, padding=2),
        [d.normal(1, 1, d.n, d.m), d.normal(1, 1, 2, 2), d.normal(1)],
    ),
    "conv2d, stride": lambda d: (
        partial(mg.conv2d, stride=(2, 1), padding=1),
        [d.normal(1, 1, d.n + 1, d.m + 1), d.normal(2, 1, 3, 3), d.normal(2)],
    ),
    "conv2d, dilation": lambda d: (
        partial(mg.conv2d, dilation=(2, 1), padding=1),
        [d.normal(1, 1, d.n + 2, d.m + 1), d.normal(2, 1, 2, 2), d.normal(2)],
    ),
    "conv2d, dilation and stride": lambda d: (
        partial(mg.conv2d, dilation=2, stride=2),
        [d.normal(1, 1, d.n + 2, d.m + 2), d.normal(2, 1, 2, 2), d.normal(2)],
    ),
    "conv2d, groups": lambda d: (
        partial(mg.conv2d, groups=d.n),
        [d.normal(1, 2 * d.n, 2, 3), d.normal(2 * d.n, 2, 2, 2), d.normal(2 * d.n)],
    ),
    "conv2d, groups and stride": lambda d: (
        partial(mg.conv2d, groups=2, stride=2),
        [d.normal(d.n, 2, 3, d.m + 1), d.normal(4, 1, 2, 2), d.normal(4)],
    ),
    "max_pool1d": lambda d: (partial(mg.max_pool1d, kernel_size=2), [d.distinct(d.n, 2, d.m + 1)]),
    "max_pool2d": lambda d: (partial(mg.max_pool2d, kernel_size=2), [d.distinct(1, 2, d.n + 1, d.m + 1)]),
    "max_pool2d, overlapping": lambda d: (
        partial(mg.max_pool2d, kernel_size=(3, 2), stride=1, padding=1),
        [d.distinct(1, 1, d.n + 1, d.m + 1)],
    ),
    "avg_pool1d": lambda d: (partial(mg.avg_pool1d, kernel_size=2), [d.normal(d.n, 2, d.m + 1)]),
    "avg_pool2d": lambda d: (partial(mg.avg_pool2d, kernel_size=2), [d.normal(1, 2, d.n + 1, d.m + 1)]),
    "avg_pool2d, overlapping": lambda d: (
        partial(mg.avg_pool2d, kernel_size=(3, 2), stride=1, padding=1),
        [d.normal(1, 1, d.n + 1, d.m + 1)],
    ),
    "embedding": lambda d: (mg.embedding, [d.labels(d.n, 2, classes=d.m), d.normal(d.m, 3)]),
}


def of_floats(f: Operation, inputs: Sequence[Array]) -> tuple[Operation, list[Array]]:
    """The function of the floating-point inputs alone, the others held."""

    def held(*floats: Any) -> mg.Tensor:
        moving: Iterator[Any] = iter(floats)
        return f(*(next(moving) if x.dtype.kind == "f" else x for x in inputs))

    return held, [x for x in inputs if x.dtype.kind == "f"]


def gradients(f: Operation, inputs: Sequence[Array], upstream: Array) -> list[Array]:
    """The gradient with respect to each floating-point input, which keeps the memory layout that it has."""
    held, floats = of_floats(f, inputs)
    tensors = []
    for x in floats:
        tensor = mg.Tensor(x, requires_grad=True)
        tensor.data = x
        tensors.append(tensor)
    held(*tensors).backward(upstream)
    return [tensor.grad.numpy() for tensor in tensors]


def _swapped(f: Operation, second: mg.Tensor, first: Array) -> mg.Tensor:
    return f(first, second)


def _known_statistics(mean: Array, var: Array, x: Array, gamma: Array, beta: Array) -> mg.Tensor:
    return mg.batch_norm(x, gamma, beta, mean, var)
