"""The factory of the rules' tests: values against NumPy, two orders of derivatives against differences, and torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.testing import assert_allclose

import minigrad as mg

Arrays = Sequence[np.ndarray]


def check(f: Callable[..., Any], *arrays: np.ndarray, seed: int = 0, second: bool = True) -> None:
    """Checks f, which calls NumPy, on Tensors of these arrays, as far as they are floats."""
    rng = np.random.default_rng(seed)
    check_values(f, arrays)
    upstream = [rng.standard_normal(np.shape(y)).astype(np.result_type(y)) for y in outputs(f(*arrays))]
    upstream = [strided(u) for u in upstream]
    first = gradient_of(f, upstream)
    check_single(f, first, arrays)
    directions = [rng.uniform(-1, 1, a.shape) if a.dtype.kind == "f" else None for a in arrays]
    check_slope(lambda *xs: total(f, upstream, xs), first, arrays, directions)
    if second:
        weights = [rng.standard_normal(a.shape) for a in arrays]

        def contracted(*xs: np.ndarray) -> float:
            return sum(np.sum(w * g) for w, g in zip(weights, first(*xs), strict=True) if g is not None)

        check_slope(contracted, lambda *xs: second_of(f, upstream, weights, xs), arrays, directions)


def check_single(
    f: Callable[..., Any], gradient: Callable[..., list[np.ndarray | None]], arrays: Arrays
) -> None:
    """Checks that float32 stays what NumPy makes of it, and has about the gradients of float64."""
    small = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
    for y, truth in zip(outputs(f(*tensors(small))), outputs(f(*small)), strict=True):
        assert y.dtype == np.asarray(truth).dtype
    large = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in small]
    for found, truth in zip(gradient(*small), gradient(*large), strict=True):
        if truth is not None:
            scale = float(np.max(np.abs(truth), initial=1.0))
            assert_allclose(found, truth, rtol=0, atol=1e-4 * scale)


def outputs(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def strided(a: np.ndarray) -> np.ndarray:
    """The same values, not contiguous."""
    if not a.ndim:
        return a
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def tensors(arrays: Arrays) -> list[mg.Tensor]:
    made = [mg.Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    for tensor, a in zip(made, arrays, strict=True):
        tensor._data = a  # the very layout that was given
    return made


def check_values(f: Callable[..., Any], arrays: Arrays) -> None:
    expected = outputs(f(*arrays))
    found = outputs(f(*tensors(arrays)))
    assert len(found) == len(expected)
    for y, truth in zip(found, expected, strict=True):
        truth = np.asarray(truth)
        assert isinstance(y, mg.Tensor)
        assert y.shape == truth.shape
        assert y.dtype == truth.dtype
        eps = np.finfo(y.dtype).eps if y.dtype.kind == "f" else 0
        assert_allclose(y.numpy(), truth, rtol=32 * eps, atol=32 * eps)


def total(f: Callable[..., Any], upstream: Arrays, arrays: Arrays) -> float:
    return sum(float(np.sum(u * y)) for u, y in zip(upstream, outputs(f(*arrays)), strict=True))


def loss_of(f: Callable[..., Any], upstream: Arrays, xs: list[mg.Tensor]) -> mg.Tensor:
    """The same number as `total`, with the upstream gradient handed in as it lies in memory."""
    return sum((np.sum(y * u) for u, y in zip(upstream, outputs(f(*xs)), strict=True)), mg.Tensor(0.0))


def gradient_of(f: Callable[..., Any], upstream: Arrays) -> Callable[..., list[np.ndarray | None]]:
    def gradient(*arrays: np.ndarray) -> list[np.ndarray | None]:
        xs = tensors(arrays)
        ys = outputs(f(*xs))
        if len(ys) == 1 and ys[0].requires_grad:
            ys[0].backward(upstream[0])
        else:
            loss_of(f, upstream, xs).backward()
        for x in xs:
            if x.requires_grad and x.grad is not None:
                assert x.grad.shape == x.shape
                assert x.grad.dtype == x.dtype
        return [None if not x.requires_grad else zeros(x) if x.grad is None else x.grad.numpy() for x in xs]

    return gradient


def zeros(x: mg.Tensor) -> np.ndarray:
    return np.zeros(x.shape, x.dtype)


def second_of(
    f: Callable[..., Any], upstream: Arrays, weights: Arrays, arrays: Arrays
) -> list[np.ndarray | None]:
    """The gradient of the weighted sum of the first gradients, by a recorded backward pass."""
    xs = tensors(arrays)
    loss_of(f, upstream, xs).backward(create_graph=True)
    firsts = [x.grad for x in xs]
    for x in xs:
        x.grad = None
    contracted = sum(
        (np.sum(g * w) for g, w in zip(firsts, weights, strict=True) if g is not None), mg.Tensor(0.0)
    )
    if contracted.requires_grad:
        contracted.backward()
    return [None if not x.requires_grad else zeros(x) if x.grad is None else x.grad.numpy() for x in xs]


def check_slope(
    value: Callable[..., float],
    gradient: Callable[..., list[np.ndarray | None]],
    arrays: Arrays,
    directions: list[np.ndarray | None],
) -> None:
    """The gradient along a direction against central differences, extrapolated once."""

    def moved(step: float) -> float:
        return value(*(a if d is None else a + step * d for a, d in zip(arrays, directions, strict=True)))

    h = 1e-3
    difference = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
    parts = [
        float(np.sum(g * d)) for g, d in zip(gradient(*arrays), directions, strict=True) if g is not None
    ]
    scale = max([abs(difference), *map(abs, parts)])
    assert_allclose(sum(parts), difference, rtol=0, atol=1e-7 * scale + 1e-8)
