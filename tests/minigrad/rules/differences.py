"""Derivatives against differences: of the first order, and of the second by differences of the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg

STEP = 1e-3


def random_like(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Standard normal numbers, complex ones for a complex array."""
    real = rng.standard_normal(x.shape)
    return real + 1j * rng.standard_normal(x.shape) if np.iscomplexobj(x) else real


def results(y: Any) -> list[Any]:
    """The floating results of a function that gives one or several."""
    return [part for part in (y if isinstance(y, tuple) else [y]) if part.dtype.kind in "fc"]


def slope(f: Callable[[float], float]) -> float:
    """The derivative at 0, by a five-point stencil: right to about 1e-11 for a smooth function."""
    h = STEP
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def gradients(loss: Callable[..., Any], xs: list[np.ndarray], **options: bool) -> tuple[list[mg.Tensor], Any]:
    """The gradients of a real loss of Tensors, and the Tensors; zeros where none arrives."""
    tensors = [mg.Tensor(x, requires_grad=True) for x in xs]
    loss(*tensors).backward(**options)
    return tensors, [t.grad if t.grad is not None else mg.Tensor(np.zeros_like(t.data)) for t in tensors]


def pairing(a: Any, b: Any) -> Any:
    """The real inner product: how much a loss grows with gradient a along b."""
    return np.sum(np.real(np.conjugate(a) * b))


def check_derivatives(
    f: Callable[..., Any],
    *inputs: Any,
    seed: int = 0,
    tangents: Callable[[np.random.Generator, np.ndarray], np.ndarray] = random_like,
    orders: int = 2,
    rtol: float = 1e-6,
) -> None:
    """Compares the gradient of a random combination of f's results, along random directions, with differences.

    Args:
        f: takes Tensors (or arrays), gives one result or a tuple.
        inputs: where the derivatives are taken; each an array, float64 or complex128.
        seed: of the combination and of the directions.
        tangents: the directions in which an input may move.
        orders: 1, or 2 for the second derivatives too.
        rtol: allowed difference, relative to the size of the slope and 1.
    """
    rng = np.random.default_rng(seed)
    xs = [np.asarray(x) for x in inputs]
    weights = [random_like(rng, np.asarray(y)) for y in results(f(*map(mg.Tensor, xs)))]
    ways = [tangents(rng, x) for x in xs]

    def loss(*ts: Any) -> Any:
        return sum(pairing(w, y) for w, y in zip(weights, results(f(*ts)), strict=True))

    def moved(h: float) -> list[np.ndarray]:
        return [x + h * way for x, way in zip(xs, ways, strict=True)]

    def agree(found: float, expected: float, what: str) -> None:
        assert abs(found - expected) <= rtol * max(1.0, abs(expected)), f"{what}: {found} != {expected}"

    tensors, grads = gradients(loss, xs)
    for x, grad in zip(xs, grads, strict=True):
        assert grad.shape == x.shape
        assert grad.dtype == x.dtype
    found = sum(float(pairing(g.data, way)) for g, way in zip(grads, ways, strict=True))
    agree(found, slope(lambda h: float(loss(*map(mg.Tensor, moved(h))).data)), "first order")
    if orders == 1:
        return
    others = [tangents(rng, x) for x in xs]

    def along(grads: list[mg.Tensor]) -> Any:
        return sum(pairing(other, g) for g, other in zip(grads, others, strict=True))

    tensors, grads = gradients(loss, xs, create_graph=True)
    total = along(grads)
    for t in tensors:
        t.grad = None
    if total.requires_grad:
        total.backward()
    seconds = [t.grad.data if t.grad is not None else np.zeros_like(t.data) for t in tensors]
    found = sum(float(pairing(g, way)) for g, way in zip(seconds, ways, strict=True))
    agree(found, slope(lambda h: float(along(gradients(loss, moved(h))[1]).data)), "second order")
