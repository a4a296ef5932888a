"""Derivatives by central differences, and what minigrad gives, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

import minigrad as mg

Array = NDArray[np.floating]
Operation = Callable[..., mg.Tensor]
STEP = 1e-5


def leaves(inputs: Sequence[Array]) -> list[mg.Tensor]:
    """The inputs as Tensors, in the very memory layout that they have; floats require a gradient."""
    tensors = []
    for x in inputs:
        tensor = mg.Tensor(x, requires_grad=np.issubdtype(np.asarray(x).dtype, np.floating))
        tensor.data = x
        tensors.append(tensor)
    return tensors


def gradients(f: Operation, inputs: Sequence[Array], upstream: Array) -> list[Array]:
    """The gradient with respect to each floating-point input."""
    tensors = leaves(inputs)
    f(*tensors).backward(upstream)
    return [t.grad.numpy() for t in tensors if t.requires_grad]


def second(f: Operation, inputs: Sequence[Array], upstream: Array, directions: Sequence[Array]) -> list[Array]:
    """The gradients of the sum of the products of the gradients and some directions."""
    tensors = leaves(inputs)
    floats = [t for t in tensors if t.requires_grad]
    f(*tensors).backward(upstream, create_graph=True)
    first = [t.grad for t in floats]
    for t in floats:
        t.grad = None
    total = sum((g * d).sum() for g, d in zip(first, directions, strict=True))
    if total.requires_grad:
        total.backward()
    return [np.zeros_like(t.data) if t.grad is None else t.grad.numpy() for t in floats]


def differences(f: Callable[..., float], inputs: Sequence[Array]) -> list[Array]:
    """The gradients of a function of arrays by central differences, with respect to floating-point inputs."""
    found = []
    for i, x in enumerate(inputs):
        if not np.issubdtype(np.asarray(x).dtype, np.floating):
            continue
        slopes = np.empty(x.shape)
        for place in np.ndindex(x.shape):
            sides = []
            for h in (STEP, -STEP):
                moved = np.array(x)
                moved[place] += h
                sides.append(f(*inputs[:i], moved, *inputs[i + 1 :]))
            slopes[place] = (sides[0] - sides[1]) / (2 * STEP)
        found.append(slopes)
    return found


def check_first(f: Operation, inputs: Sequence[Array], rng: np.random.Generator) -> None:
    """The gradients are those of differences."""
    upstream = rng.normal(size=f(*inputs).shape)
    expected = differences(lambda *xs: float((f(*xs).numpy() * upstream).sum()), inputs)
    _compare(gradients(f, inputs, upstream), expected)


def check_second(f: Operation, inputs: Sequence[Array], rng: np.random.Generator) -> None:
    """The gradients of gradients are those of differences of gradients."""
    upstream = rng.normal(size=f(*inputs).shape)
    directions = [rng.normal(size=x.shape) for x in inputs if np.issubdtype(x.dtype, np.floating)]

    def along(*xs: Array) -> float:
        pairs = zip(gradients(f, xs, upstream), directions, strict=True)
        return float(sum((g * d).sum() for g, d in pairs))

    _compare(second(f, inputs, upstream, directions), differences(along, inputs))


def _compare(found: Sequence[Array], expected: Sequence[Array]) -> None:
    assert len(found) == len(expected) > 0
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=2e-8 * max(1.0, np.abs(b).max(initial=0)))
