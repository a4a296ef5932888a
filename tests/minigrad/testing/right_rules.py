"""Right rules in plain NumPy, with kinks, ties, jumps and singular points, and values that provoke them: what a checker
must never call wrong. The table is separate from minigrad's rules, so that it judges the checker alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np

from minigrad.testing.operation import Array

Rule = tuple[Callable[..., Any], Callable[..., Any]]


@dataclass(frozen=True)
class Right:
    """A right rule: forward, backward(upstream, *inputs), and the shapes of its inputs for sides n, m, k."""

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    shapes: Callable[[int, int, int], tuple[tuple[int, ...], ...]]
    positive: bool = False


def _one(n: int, m: int, _: int) -> tuple[tuple[int, ...], ...]:
    return ((n, m),)


def _two(n: int, m: int, _: int) -> tuple[tuple[int, ...], ...]:
    return ((n, m), (n, m))


def elementwise(f: Callable[[Array], Array], df: Callable[[Array], Array]) -> Rule:
    """A function of each element and its derivative."""
    return f, (lambda grad, x: grad * df(x))


ELEMENTWISE: dict[str, Rule] = {
    "exp": elementwise(np.exp, np.exp),
    "expm1": elementwise(np.expm1, np.exp),
    "tanh": elementwise(np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sigmoid": elementwise(
        lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x)))
    ),
    "softplus": elementwise(lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
    "sin": elementwise(np.sin, np.cos),
    "arctan": elementwise(np.arctan, lambda x: 1 / (1 + x * x)),
    "arcsinh": elementwise(np.arcsinh, lambda x: 1 / np.sqrt(1 + x * x)),
    "square": elementwise(np.square, lambda x: 2 * x),
    "cube": elementwise(lambda x: x**3, lambda x: 3 * x**2),
    "reciprocal of 1 + x squared": elementwise(
        lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2
    ),
    "sinc": elementwise(
        np.sinc,
        lambda x: np.where(
            np.abs(x) < 0.25,
            np.pi
            * sum(
                (-1) ** k * 2 * k * (np.pi * x) ** (2 * k - 1) / factorial(2 * k + 1) for k in range(1, 11)
            ),
            (np.cos(np.pi * x) - np.sinc(x)) / np.where(x == 0, 1, x),
        ),
    ),
    "abs": elementwise(np.abs, np.sign),
    "relu": elementwise(lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    "relu with 1 at 0": elementwise(lambda x: np.maximum(x, 0), lambda x: (x >= 0) * 1.0),
    "leaky relu": elementwise(lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1)),
    "elu": elementwise(
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0))),
    ),
    "clip": elementwise(lambda x: np.clip(x, -1, 1), lambda x: (np.abs(x) <= 1) * 1.0),
    "hard sigmoid": elementwise(lambda x: np.clip(x / 6 + 0.5, 0, 1), lambda x: (np.abs(x) < 3) / 6),
    "floor": elementwise(np.floor, np.zeros_like),
    "sign": elementwise(np.sign, np.zeros_like),
    "round": elementwise(np.round, np.zeros_like),
    "where": elementwise(lambda x: np.where(x > 0.5, x * x, 0), lambda x: np.where(x > 0.5, 2 * x, 0)),
}

POSITIVE: dict[str, Rule] = {
    "log": elementwise(np.log, lambda x: 1 / x),
    "sqrt": elementwise(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "cbrt": elementwise(np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2)),
    "reciprocal": elementwise(lambda x: 1 / x, lambda x: -1 / x**2),
    "power": elementwise(lambda x: x**2.5, lambda x: 2.5 * x**1.5),
    "log1p": elementwise(np.log1p, lambda x: 1 / (1 + x)),
}


def _sort_back(grad: Array, x: Array) -> Array:
    out = np.zeros_like(x)
    np.put_along_axis(out, np.argsort(x, axis=-1, kind="stable"), grad, axis=-1)
    return out


def _median_back(grad: Array, x: Array) -> Array:
    n = x.shape[-1]
    order = np.argsort(x, axis=-1, kind="stable")
    out = np.zeros_like(x)
    for k in {(n - 1) // 2, n // 2}:
        share = 1.0 if n % 2 else 0.5
        np.put_along_axis(out, order[..., k : k + 1], share * grad[..., None], axis=-1)
    return out


def _max_shared(grad: Array, x: Array) -> Array:
    mask = x == x.max(axis=-1, keepdims=True)
    return grad[..., None] * mask / mask.sum(axis=-1, keepdims=True)


def _max_first(grad: Array, x: Array) -> Array:
    out = np.zeros_like(x)
    np.put_along_axis(out, x.argmax(axis=-1)[..., None], grad[..., None], axis=-1)
    return out


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _softmax_back(grad: Array, x: Array) -> Array:
    y = _softmax(x)
    return y * (grad - (grad * y).sum(axis=-1, keepdims=True))


def _norm_back(grad: Array, x: Array) -> Array:
    norm = np.sqrt((x * x).sum(axis=-1, keepdims=True))
    return grad[..., None] * np.where(norm > 0, x / np.where(norm > 0, norm, 1), 0)


def _layer_norm(x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)


def _layer_norm_back(grad: Array, x: Array) -> Array:
    y = _layer_norm(x)
    scale = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    mean = grad.mean(axis=-1, keepdims=True)
    return scale * (grad - mean - y * (grad * y).mean(axis=-1, keepdims=True))


def _prod_back(grad: Array, x: Array) -> Array:
    out = np.empty_like(x)
    for j in range(x.shape[-1]):
        out[..., j] = grad * np.delete(x, j, axis=-1).prod(axis=-1)
    return out


def _pool_back(grad: Array, x: Array) -> Array:
    windows = x.reshape(*x.shape[:-1], -1, 2)
    return _max_first(grad, windows).reshape(x.shape)


def _maximum_back(grad: Array, a: Array, b: Array) -> tuple[Array, Array]:
    first = np.where(a > b, 1, np.where(a == b, 0.5, 0))
    return grad * first, grad * (1 - first)


def _hypot_back(grad: Array, a: Array, b: Array) -> tuple[Array, Array]:
    h = np.hypot(a, b)
    safe = np.where(h > 0, h, 1)
    return grad * a / safe, grad * b / safe


RULES: list[Right] = [
    *(Right(name, *rule, _one) for name, rule in ELEMENTWISE.items()),
    *(Right(name, *rule, _one, positive=True) for name, rule in POSITIVE.items()),
    Right("sort", lambda x: np.sort(x, axis=-1), _sort_back, _one),
    Right("median", lambda x: np.median(x, axis=-1), _median_back, _one),
    Right("max, ties shared", lambda x: x.max(axis=-1), _max_shared, _one),
    Right("max, first of ties", lambda x: x.max(axis=-1), _max_first, _one),
    Right("softmax", _softmax, _softmax_back, _one),
    Right("norm", lambda x: np.sqrt((x * x).sum(axis=-1)), _norm_back, _one),
    Right("layer norm", _layer_norm, _layer_norm_back, _one),
    Right("product", lambda x: x.prod(axis=-1), _prod_back, _one),
    Right("sum", lambda x: x.sum(axis=0), lambda grad, x: np.ones_like(x) * grad, _one),
    Right("mean", lambda x: x.mean(axis=0), lambda grad, x: np.ones_like(x) * grad / len(x), _one),
    Right("cumsum", lambda x: x.cumsum(axis=0), lambda grad, x: grad[::-1].cumsum(axis=0)[::-1], _one),
    Right("transpose", lambda x: x.T, lambda grad, x: grad.T, _one),
    Right(
        "max pool",
        lambda x: x.reshape(*x.shape[:-1], -1, 2).max(axis=-1),
        _pool_back,
        lambda n, m, k: ((n, 2 * m),),
    ),
    Right("add", lambda a, b: a + b, lambda grad, a, b: (grad, grad), _two),
    Right("multiply", lambda a, b: a * b, lambda grad, a, b: (grad * b, grad * a), _two),
    Right("maximum", np.maximum, _maximum_back, _two),
    Right("hypot", np.hypot, _hypot_back, _two),
    Right(
        "matmul",
        lambda a, b: a @ b,
        lambda grad, a, b: (grad @ b.T, a.T @ grad),
        lambda n, m, k: ((n, m), (m, k)),
    ),
    Right(
        "affine",
        lambda x, w, b: x @ w + b,
        lambda grad, x, w, b: (grad @ w.T, x.T @ grad, grad.sum(axis=0)),
        lambda n, m, k: ((n, m), (m, k), (k,)),
    ),
    Right(
        "relu of affine",
        lambda x, w, b: np.maximum(x @ w + b, 0),
        lambda grad, x, w, b: (
            ((x @ w + b > 0) * grad) @ w.T,
            x.T @ ((x @ w + b > 0) * grad),
            ((x @ w + b > 0) * grad).sum(axis=0),
        ),
        lambda n, m, k: ((n, m), (m, k), (k,)),
    ),
]

LARGE_FLOATS = (1e16, 1e150, 1.7976931348623157e308, 9007199254740992.0, 3.4028234663852886e38)
SMALL_FLOATS = (5e-324, -5e-324, 2.2250738585072014e-308, 1e-150, 1.1754943508222875e-38, 6.103515625e-05)
NEAR_ONE = (1.0, -1.0, 1.0000000000000002, 0.9999999999999999, 1.1, 0.5, 1 / 3)
PLAIN = (0.0, -0.0, 2.0, 1.5, -2.5, 3.0, 1e-5, -1e-5, 1e-8, 20.0, 100.0, 709.0, 65536.0, -65535.5)
SPECIAL = np.array([*LARGE_FLOATS, *SMALL_FLOATS, *NEAR_ONE, *PLAIN])


def draw(rng: np.random.Generator, shape: tuple[int, ...], kind: str) -> Array:
    """Values of one kind: normal, a grid of eighths with ties and zeros, wide (10^+-6), or special floats."""
    if kind == "normal":
        return rng.normal(size=shape)
    if kind == "grid":
        return rng.integers(-16, 17, size=shape) / 8
    if kind == "wide":
        return rng.choice([-1.0, 1.0], shape) * 10 ** rng.uniform(-6, 6, size=shape)
    if kind == "ties":
        return rng.choice(np.array([-1.0, 0.0, 1.0, 2.0]), shape)
    return rng.choice(SPECIAL, shape)


KINDS = ("normal", "grid", "wide", "ties", "special")


def trials(
    rng: np.random.Generator, count: int, largest: int = 5
) -> Iterator[tuple[Right, str, tuple[Array, ...]]]:
    """Right rules at random inputs, each rule and kind of value in turn."""
    for t in range(count):
        rule = RULES[t % len(RULES)]
        kind = KINDS[(t // len(RULES)) % len(KINDS)]
        n, m, k = rng.integers(1, largest, size=3)
        inputs = tuple(draw(rng, shape, kind) for shape in rule.shapes(int(n), int(m), int(k)))
        if rule.positive:
            inputs = tuple(np.abs(x) for x in inputs)
        yield rule, kind, inputs
