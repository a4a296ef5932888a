"""The same functions in torch: values and gradients agree in float64, to 1e-10."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import minigrad as mg

RNG = np.random.default_rng(0)
UNIT = RNG.uniform(0.1, 0.9, (3, 4))
X, Y = RNG.permutation(12).reshape(3, 4) / 4 - 1.4, RNG.permutation(12).reshape(3, 4) / 5 - 0.9
P, ROW = np.abs(X) + 0.3, RNG.uniform(0.2, 1.3, 4)

UNARY = (
    "abs absolute sign negative positive reciprocal square sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan "
    "arcsin arccos arctan sinh cosh tanh arcsinh arctanh asin acos atan asinh atanh deg2rad rad2deg sinc i0 floor "
    "ceil trunc round ravel t flipud fliplr"
)
BINARY = (
    "add subtract multiply divide true_divide pow float_power logaddexp logaddexp2 arctan2 atan2 hypot "
    "maximum minimum fmax fmin remainder fmod copysign"
)

# NumPy's call, torch's call, the arrays.
CALLS = {
    **{name: (getattr(np, name, np.transpose), name, (UNIT,)) for name in UNARY.split()},
    **{name: (getattr(np, name), name, (P, ROW)) for name in BINARY.split()},
    "arccosh": (np.arccosh, "acosh", (P + 1,)),
    "nan_to_num": (np.nan_to_num, "nan_to_num", (np.array([1.0, np.nan, np.inf]),)),
    "where": (lambda a, b: np.where(X > 0, a, b), lambda t, a, b: t.where(t.tensor(X > 0), a, b), (X, Y)),
    "clip": (lambda a: np.clip(a, -0.5, 0.5), lambda t, a: t.clip(a, -0.5, 0.5), (X,)),
    "sum": (lambda a: np.sum(a, axis=0, keepdims=True), lambda t, a: a.sum(0, keepdim=True), (X,)),
    "mean": (lambda a: np.mean(a, axis=(0, 1)), lambda t, a: a.mean((0, 1)), (X,)),
    "prod": (lambda a: np.prod(a, axis=1), lambda t, a: a.prod(1), (X * (X > -1),)),
    "var": (lambda a: np.var(a, axis=0, ddof=1), lambda t, a: a.var(0, correction=1), (X,)),
    "std": (lambda a: np.std(a, axis=1), lambda t, a: a.std(1, correction=0), (X,)),
    "max": (lambda a: np.max(a, axis=1), lambda t, a: a.amax(1), (X,)),
    "max of ties": (lambda a: np.max(a, axis=1), lambda t, a: a.amax(1), (np.ones((2, 3)),)),
    "min": (lambda a: np.min(a, axis=0), lambda t, a: a.amin(0), (X,)),
    "median": (lambda a: np.median(a, axis=0), lambda t, a: a.median(0).values, (X,)),
    "quantile": (lambda a: np.quantile(a, 0.3, axis=0), lambda t, a: t.quantile(a, 0.3, 0), (X,)),
    "nansum": (np.nansum, lambda t, a: t.nansum(a), (np.array([1.0, np.nan]),)),
    "nanmean": (np.nanmean, lambda t, a: t.nanmean(a), (np.array([1.0, np.nan]),)),
    "cumsum": (lambda a: np.cumsum(a, axis=0), lambda t, a: a.cumsum(0), (X,)),
    "cumprod": (lambda a: np.cumprod(a, axis=1), lambda t, a: a.cumprod(1), (X * (X > -1),)),
    "diff": (lambda a: np.diff(a, 2, axis=1), lambda t, a: t.diff(a, 2, 1), (X,)),
    "trapezoid": (np.trapezoid, lambda t, y, x: t.trapezoid(y, x), (X, np.cumsum(ROW))),
    "gradient": (
        lambda a: np.gradient(a, 0.5, axis=1, edge_order=2),
        lambda t, a: t.gradient(a, spacing=0.5, dim=1, edge_order=2)[0],
        (X,),
    ),
    "sort": (lambda a: np.sort(a, axis=1), lambda t, a: a.sort(dim=1, stable=True).values, (X,)),
    "take_along_axis": (
        lambda a: np.take_along_axis(a, np.array([[0, 0, 3]] * 3), 1),
        lambda t, a: t.take_along_dim(a, t.tensor([[0, 0, 3]] * 3), 1),
        (X,),
    ),
    "concatenate": (lambda a, b: np.concatenate([a, b], 1), lambda t, a, b: t.cat([a, b], 1), (X, Y)),
    "stack": (lambda a, b: np.stack([a, b], 1), lambda t, a, b: t.stack([a, b], 1), (X, Y)),
    "hstack": (lambda a, b: np.hstack([a, b]), lambda t, a, b: t.hstack([a, b]), (X, Y)),
    "vstack": (lambda a, b: np.vstack([a, b]), lambda t, a, b: t.vstack([a, b]), (X, Y)),
    "dstack": (lambda a, b: np.dstack([a, b]), lambda t, a, b: t.dstack([a, b]), (X, Y)),
    "repeat": (
        lambda a: np.repeat(a, [1, 0, 2], 0),
        lambda t, a: a.repeat_interleave(t.tensor([1, 0, 2]), 0),
        (X,),
    ),
    "tile": (lambda a: np.tile(a, (2, 3)), lambda t, a: t.tile(a, (2, 3)), (X,)),
    "roll": (lambda a: np.roll(a, 2, 1), lambda t, a: a.roll(2, 1), (X,)),
    "rot90": (np.rot90, lambda t, a: t.rot90(a), (X,)),
    "tril": (np.tril, lambda t, a: t.tril(a), (X,)),
    "triu": (np.triu, lambda t, a: t.triu(a), (X,)),
    "diagonal": (lambda a: np.diagonal(a, 1), lambda t, a: t.diagonal(a, 1), (X,)),
    "diag": (lambda a: np.diag(a, -1), lambda t, a: t.diag(a, -1), (ROW,)),
    "pad": (
        lambda a: np.pad(a, ((0, 0), (2, 1)), "reflect"),
        lambda t, a: t.nn.functional.pad(a, (2, 1), mode="reflect"),
        (X,),
    ),
    "an index": (lambda a: a[[0, 0, 2], 1:], lambda t, a: a[[0, 0, 2], 1:], (X,)),
    "a mask": (lambda a: a[X > 0], lambda t, a: a[t.tensor(X > 0)], (X,)),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients_agree_with_torch(name, torch):
    ours, theirs, arrays = CALLS[name]
    call = getattr(torch, theirs) if isinstance(theirs, str) else functools.partial(theirs, torch)
    xs = [mg.Tensor(a, requires_grad=True) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, truth = ours(*xs), call(*ts)
    np.testing.assert_allclose(y.numpy(), truth.detach().numpy(), rtol=1e-10, atol=1e-10)
    upstream = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(upstream)
    truth.backward(torch.tensor(upstream))
    for x, t in zip(xs, ts, strict=True):
        expected = np.zeros(x.shape) if t.grad is None else t.grad.numpy()
        np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-10, atol=1e-10)
