"""Derivatives by differences: what those of the rules are compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg

STEP = 1e-3


def normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: type = float) -> np.ndarray:
    """Standard normal numbers; of a complex dtype, for either part."""
    real = rng.standard_normal(shape)
    return real + 1j * rng.standard_normal(shape) if dtype is complex else real


def normal_like(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    return normal(rng, x.shape, complex if np.iscomplexobj(x) else float)


def hermitian_like(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """A direction in which Hermitian matrices stay Hermitian."""
    a = normal_like(rng, x)
    return a + np.conj(np.swapaxes(a, -1, -2))


def is_float(x: Any) -> bool:
    """Whether a gradient may be asked for."""
    return x.dtype.kind in "fc"


def results(y: Any) -> list[Any]:
    """The floating results of a function that gives one or several."""
    parts = y if isinstance(y, (tuple, list)) else [y]
    return [part for part in parts if is_float(part if hasattr(part, "dtype") else np.asarray(part))]


def pairing(a: Any, b: Any) -> Any:
    """The real inner product: how fast a loss with gradient a grows along b."""
    return np.sum(np.real(np.conjugate(a) * b))


def slope(f: Callable[[float], float]) -> float:
    """The derivative at 0, by a five-point stencil: right to about 1e-10 for a smooth function."""
    h = STEP
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def gradients(loss: Callable[..., Any], xs: list[np.ndarray], **options: bool) -> tuple[list[Any], list[Any]]:
    """The Tensors that a real loss was computed from, and its gradients; zeros where none arrives."""
    tensors = [mg.Tensor(x, requires_grad=is_float(x)) for x in xs]
    y = loss(*tensors)
    if y.requires_grad:
        y.backward(**options)
    return tensors, [mg.Tensor(np.zeros_like(t.data)) if t.grad is None else t.grad for t in tensors]


def check_derivatives(
    f: Callable[..., Any],
    *inputs: Any,
    seed: int = 7,
    tangents: Callable[[np.random.Generator, np.ndarray], np.ndarray] = normal_like,
    orders: int = 2,
    rtol: float = 1e-6,
) -> None:
    """The gradient of a random combination of f's results agrees with differences, along random directions.

    Args:
        f: takes arrays or Tensors, gives one result or several.
        inputs: where the derivatives are taken, float64 or complex128; integers and booleans stay as they are.
        seed: of the combination and the directions.
        tangents: makes a direction in which an input may move.
        orders: 1, or 2 for the second derivatives too, against differences of the first.
        rtol: the difference allowed, relative to the slope, or to 1 where that is smaller.
    """
    rng = np.random.default_rng(seed)
    xs = [np.asarray(x) for x in inputs]
    weights = [normal_like(rng, y.numpy()) for y in results(f(*map(mg.Tensor, xs)))]
    ways, others = ([tangents(rng, x) if is_float(x) else np.zeros(x.shape) for x in xs] for _ in range(2))

    def loss(*ts: Any) -> Any:
        return sum(pairing(w, y) for w, y in zip(weights, results(f(*ts)), strict=True))

    def total(vectors: list[np.ndarray], grads: list[Any]) -> Any:
        return sum(pairing(v, g) for v, g in zip(vectors, grads, strict=True))

    def moved(h: float) -> list[np.ndarray]:
        return [x + h * way if is_float(x) else x for x, way in zip(xs, ways, strict=True)]

    def at(h: float) -> float:
        return float(loss(*moved(h)))

    def agree(found: Any, expected: float, order: str) -> None:
        assert abs(found - expected) <= rtol * max(1.0, abs(expected)), (
            f"{order} order: {found} is not {expected}"
        )

    tensors, grads = gradients(loss, xs, create_graph=orders == 2)
    assert [(g.shape, g.dtype) for g in grads] == [(x.shape, x.dtype) for x in xs]
    agree(total(ways, grads).item(), slope(at), "first")
    if orders == 2:
        for t in tensors:
            t.grad = None
        once = total(others, grads)
        if once.requires_grad:
            once.backward()
        seconds = [np.zeros_like(t.data) if t.grad is None else t.grad for t in tensors]
        found = total(ways, seconds)
        expected = slope(lambda h: total(others, gradients(loss, moved(h))[1]).item())
        agree(found.item(), expected, "second")
