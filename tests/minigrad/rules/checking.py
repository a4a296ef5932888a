"""The factory of the rules' tests: values against NumPy's, two orders of derivatives against differences, and torch."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from numpy.testing import assert_allclose

import minigrad as mg
from tests.minigrad.rules.differences import check_derivatives, is_float, normal_like, pairing, results


def check(f: Callable[..., Any], *inputs: Any, **options: Any) -> None:
    """Checks f, which calls NumPy, at arrays: its values, and its derivatives in every layout and precision.

    Args:
        f: takes arrays or Tensors, gives one result or several.
        inputs: arrays; those of floating-point and complex numbers are differentiated.
        options: of `check_derivatives`.
    """
    check_values(f, *inputs)
    check_derivatives(f, *inputs, **options)
    check_layouts(f, *inputs)
    check_single(f, *inputs)


def check_values(f: Callable[..., Any], *inputs: Any, rtol: float = 1e-9) -> None:
    """The results for Tensors are those of NumPy for arrays, in number, value, shape and dtype."""
    found, expected = f(*map(mg.Tensor, inputs)), f(*map(np.asarray, inputs))
    several = isinstance(expected, (tuple, list))
    for y, truth in zip(found, expected, strict=True) if several else [(found, expected)]:
        assert isinstance(y, mg.Tensor)
        truth = truth.numpy() if isinstance(truth, mg.Tensor) else np.asarray(truth)
        assert y.shape == truth.shape
        assert y.dtype == truth.dtype or y.dtype.kind == truth.dtype.kind == "i"
        assert_allclose(y.numpy(), truth, rtol, 1e-10)


def scattered(x: Any) -> np.ndarray:
    """The same values, read backwards and with gaps from a larger array."""
    x = np.asarray(x)
    gaps = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
    view = gaps[(..., *(slice(None, None, -2),) * x.ndim)]
    view[...] = x
    return view


def backward_of(f: Callable[..., Any], upstream: list[np.ndarray], xs: list[np.ndarray]) -> list[np.ndarray]:
    """The gradients of f's results, at arrays and from upstream gradients that keep their memory layout."""
    tensors = [mg.Tensor(x, requires_grad=is_float(x)) for x in xs]
    for tensor, x in zip(tensors, xs, strict=True):
        tensor.data = x
    for y, grad in zip(results(f(*tensors)), upstream, strict=True):
        if y.requires_grad:
            y.backward(grad, retain_graph=True)
    return [np.zeros_like(t.data) if t.grad is None else t.grad.data for t in tensors if t.requires_grad]


def check_layouts(f: Callable[..., Any], *inputs: Any, seed: int = 7) -> None:
    """Inputs and upstream gradients that are not contiguous give the same gradients as those that are."""
    rng = np.random.default_rng(seed)
    xs = [np.asarray(x) for x in inputs]
    upstream = [normal_like(rng, y.numpy()) for y in results(f(*map(mg.Tensor, xs)))]
    found = backward_of(f, [scattered(u) for u in upstream], [scattered(x) for x in xs])
    for gradient, truth in zip(found, backward_of(f, upstream, xs), strict=True):
        scale = np.max(np.abs(truth), initial=1.0)
        assert_allclose(gradient / scale, truth / scale, 0, 1e-9)


def check_single(f: Callable[..., Any], *inputs: Any, seed: int = 7, tolerance: float = 1e-3) -> None:
    """Single precision stays what NumPy makes of it, and has about the gradients of double precision."""
    rng = np.random.default_rng(seed)
    small = [
        x.astype({"f": np.float32, "c": np.complex64}.get(x.dtype.kind, x.dtype))
        for x in map(np.asarray, inputs)
    ]
    large = [x.astype({"f": np.float64, "c": np.complex128}.get(x.dtype.kind, x.dtype)) for x in small]
    ys = results(f(*map(mg.Tensor, small)))
    assert [y.dtype for y in ys] == [np.asarray(y).dtype for y in results(f(*small))]
    upstream = [normal_like(rng, y.numpy()) for y in ys]
    single = backward_of(f, [u.astype(y.dtype) for u, y in zip(upstream, ys, strict=True)], small)
    floats = [x for x in small if is_float(x)]
    for gradient, x, truth in zip(single, floats, backward_of(f, upstream, large), strict=True):
        assert (gradient.shape, gradient.dtype) == (x.shape, x.dtype)
        scale = np.max(np.abs(truth), initial=1.0)
        assert_allclose(gradient / scale, truth / scale, 0, tolerance)


def check_torch(
    torch: ModuleType, f: Callable[..., Any], peer: Callable[..., Any], *inputs: Any, rtol: float = 1e-10
) -> None:
    """The results, and the gradients of a random combination of them, are those of torch."""
    rng = np.random.default_rng(7)
    xs = [np.array(x, order="C") for x in inputs]
    ours = [mg.Tensor(x, requires_grad=is_float(x)) for x in xs]
    theirs = [torch.tensor(x, requires_grad=is_float(x)) for x in xs]
    found, expected = results(f(*ours)), peer(*theirs)
    expected = list(expected) if isinstance(expected, (tuple, list)) else [expected]
    for y, truth in zip(found, expected, strict=True):
        close(y.numpy(), truth.detach().resolve_conj().numpy(), rtol)
    weights = [normal_like(rng, y.numpy()) for y in found]
    loss = sum(pairing(w, y) for w, y in zip(weights, found, strict=True))
    if loss.requires_grad:
        loss.backward()
        sum(
            (torch.tensor(w).conj() * y).real.sum() for w, y in zip(weights, expected, strict=True)
        ).backward()
    for x, other in zip(ours, theirs, strict=True):
        if x.grad is not None or other.grad is not None:
            zeros = np.zeros_like(x.numpy())
            close(
                zeros if x.grad is None else x.grad.numpy(),
                zeros if other.grad is None else other.grad.resolve_conj().numpy(),
                rtol,
            )


def close(found: np.ndarray, expected: np.ndarray, rtol: float) -> None:
    """Equal to within rtol of the largest element, or of 1."""
    assert found.shape == expected.shape
    scale = np.max(np.abs(expected), initial=1.0)
    assert_allclose(found / scale, expected / scale, 0, rtol)
