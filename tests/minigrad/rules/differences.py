"""What tests of rules compare with: NumPy's results, differences, and torch's gradients."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
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


def results(y: Any) -> list[Any]:
    """The floating results of a function that gives one or several."""
    return [part for part in (y if isinstance(y, tuple) else [y]) if np.asarray(part).dtype.kind in "fc"]


def pairing(a: Any, b: Any) -> Any:
    """The real inner product: how fast a loss with gradient a grows along b."""
    return np.sum(np.real(np.conjugate(a) * b))


def slope(f: Callable[[float], float]) -> float:
    """The derivative at 0, by a five-point stencil: right to about 1e-10 for a smooth function."""
    h = STEP
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def gradients(loss: Callable[..., Any], xs: list[np.ndarray], **options: bool) -> tuple[list[Any], list[Any]]:
    """The Tensors that a real loss was computed from, and its gradients; zeros where none arrives."""
    tensors = [mg.Tensor(x, requires_grad=True) for x in xs]
    y = loss(*tensors)
    if y.requires_grad:
        y.backward(**options)
    return tensors, [mg.Tensor(np.zeros_like(t.data)) if t.grad is None else t.grad for t in tensors]


def check_values(f: Callable[..., Any], *inputs: Any, rtol: float = 1e-9) -> None:
    """The results for Tensors are those of NumPy for arrays, in value, shape and dtype."""
    found, expected = f(*map(mg.Tensor, inputs)), f(*map(np.asarray, inputs))
    for y, truth in zip(results(found), results(expected), strict=True):
        assert isinstance(y, mg.Tensor)
        assert (y.shape, y.dtype) == (np.shape(truth), np.asarray(truth).dtype)
        np.testing.assert_allclose(y.data, truth, rtol, 1e-10)


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
        f: takes Tensors, gives one result or a tuple.
        inputs: where the derivatives are taken; each an array, float64 or complex128.
        seed: of the combination and the directions.
        tangents: makes a direction in which an input may move.
        orders: 1, or 2 for the second derivatives too, against differences of the first.
        rtol: the difference allowed, relative to the slope, or to 1 where that is smaller.
    """
    rng = np.random.default_rng(seed)
    xs = [np.asarray(x) for x in inputs]
    weights = [normal_like(rng, y.data) for y in results(f(*map(mg.Tensor, xs)))]
    ways = [tangents(rng, x) for x in xs]
    others = [tangents(rng, x) for x in xs]

    def loss(*ts: Any) -> Any:
        return sum(pairing(w, y) for w, y in zip(weights, results(f(*ts)), strict=True))

    def total(vectors: list[np.ndarray], grads: list[Any]) -> Any:
        return sum(pairing(v, g) for v, g in zip(vectors, grads, strict=True))

    def moved(h: float) -> list[np.ndarray]:
        return [x + h * way for x, way in zip(xs, ways, strict=True)]

    def agree(found: Any, expected: float, order: str) -> None:
        assert abs(found - expected) <= rtol * max(1.0, abs(expected)), (
            f"{order} order: {found} is not {expected}"
        )

    tensors, grads = gradients(loss, xs, create_graph=orders == 2)
    assert [(g.shape, g.dtype) for g in grads] == [(x.shape, x.dtype) for x in xs]
    agree(total(ways, grads).item(), slope(lambda h: loss(*map(mg.Tensor, moved(h))).item()), "first")
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


def scattered(x: Any) -> np.ndarray:
    """The same values, read backwards and with gaps from a larger array."""
    x = np.asarray(x)
    gaps = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
    view = gaps[(..., *(slice(None, None, -2),) * x.ndim)]
    view[...] = x
    return view


def backward_of(f: Callable[..., Any], upstream: list[np.ndarray], xs: list[np.ndarray]) -> list[np.ndarray]:
    """The gradients of f's results, at arrays and from upstream gradients that keep their memory layout."""
    tensors = [mg.Tensor(x, requires_grad=True) for x in xs]
    for tensor, x in zip(tensors, xs, strict=True):
        tensor.data = x
    for y, grad in zip(results(f(*tensors)), upstream, strict=True):
        if y.requires_grad:
            y.backward(grad, retain_graph=True)
    return [np.zeros_like(t.data) if t.grad is None else t.grad.data for t in tensors]


def check_layouts(f: Callable[..., Any], *inputs: Any, seed: int = 7) -> None:
    """Inputs and upstream gradients that are not contiguous give the same gradients as those that are."""
    rng = np.random.default_rng(seed)
    xs = [np.asarray(x) for x in inputs]
    upstream = [normal_like(rng, y.data) for y in results(f(*map(mg.Tensor, xs)))]
    found = backward_of(f, [scattered(u) for u in upstream], [scattered(x) for x in xs])
    for gradient, truth in zip(found, backward_of(f, upstream, xs), strict=True):
        scale = np.max(np.abs(truth), initial=1.0)
        np.testing.assert_allclose(gradient / scale, truth / scale, 0, 1e-9)


def check_single(f: Callable[..., Any], *inputs: Any, seed: int = 7, tolerance: float = 1e-3) -> None:
    """Single precision stays what NumPy makes of it, and has about the gradients of double precision."""
    rng = np.random.default_rng(seed)
    small = [np.asarray(x).astype(np.complex64 if np.iscomplexobj(x) else np.float32) for x in inputs]
    large = [x.astype(np.complex128 if np.iscomplexobj(x) else np.float64) for x in small]
    ys = results(f(*map(mg.Tensor, small)))
    assert [y.dtype for y in ys] == [np.asarray(y).dtype for y in results(f(*small))]
    upstream = [normal_like(rng, y.data) for y in ys]
    single = backward_of(f, [u.astype(y.dtype) for u, y in zip(upstream, ys, strict=True)], small)
    for gradient, x, truth in zip(single, small, backward_of(f, upstream, large), strict=True):
        assert (gradient.shape, gradient.dtype) == (x.shape, x.dtype)
        scale = np.max(np.abs(truth), initial=1.0)
        np.testing.assert_allclose(gradient / scale, truth / scale, 0, tolerance)


def check(f: Callable[..., Any], *inputs: Any, **options: Any) -> None:
    """The results are NumPy's, and their derivatives those of differences, in every layout and precision."""
    check_values(f, *inputs)
    check_derivatives(f, *inputs, **options)
    check_layouts(f, *inputs)
    check_single(f, *inputs)


def check_torch(
    torch: ModuleType, f: Callable[..., Any], peer: Callable[..., Any], *inputs: Any, rtol: float = 1e-10
) -> None:
    """The gradients of a random combination of the results are those of torch."""
    rng = np.random.default_rng(7)
    ours = [mg.Tensor(x, requires_grad=True) for x in inputs]
    theirs = [torch.tensor(np.asarray(x), requires_grad=True) for x in inputs]
    found, expected = results(f(*ours)), peer(*theirs)
    expected = expected if isinstance(expected, tuple) else (expected,)
    weights = [normal_like(rng, y.data) for y in found]
    sum(pairing(w, y) for w, y in zip(weights, found, strict=True)).backward()
    sum((torch.tensor(w).conj() * y).real.sum() for w, y in zip(weights, expected, strict=True)).backward()
    for x, peers in zip(ours, theirs, strict=True):
        expected = peers.grad.resolve_conj().numpy()
        scale = np.max(np.abs(expected), initial=1.0)
        np.testing.assert_allclose(x.grad.data / scale, expected / scale, 0, rtol)
