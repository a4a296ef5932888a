"""The one table of what minigrad's own rules are checked at. A rule added to minigrad is checked once it stands here;
an elementwise one, whose inputs may lie between 1/4 and 3/4, needs no entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.function import Function
from minigrad.rules import elementwise, reductions, scans, shaping, solving
from minigrad.rules.declare import Elementwise
from minigrad.rules.layers import (
    activations,
    cross_entropies,
    dense,
    embeddings,
    losses,
    normalisation,
    softmaxes,
)

RNG = np.random.default_rng(20)
V, W = RNG.normal(size=4), RNG.normal(size=4)
M, N = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))
S, T = RNG.normal(size=(3, 3)) + 2 * np.eye(3), RNG.normal(size=(3, 3))
P = np.abs(M) / np.abs(M).sum(axis=1, keepdims=True)
TIES = RNG.integers(-2, 3, size=(3, 4)) / 2
IMAGES, FILTERS = RNG.normal(size=(2, 2, 5, 5)), RNG.normal(size=(3, 2, 3, 3))
LABELS = np.array([0, 3, 1])
Z = RNG.normal(size=(2, 3)) + 1j * RNG.normal(size=(2, 3))


@dataclass(frozen=True)
class Sample:
    """A rule and inputs for it.

    Args:
        op: a Function, or a callable of Tensors where the rule is reached through NumPy's name.
        inputs: what it is checked at.
        order: how many derivatives are checked.
        options: of check_rule.
    """

    op: Any
    inputs: tuple[Any, ...]
    order: int = 2
    options: dict[str, Any] = field(default_factory=dict)


def at(op: Any, *inputs: Any, order: int = 2, **options: Any) -> Sample:
    return Sample(op, inputs, order, options)


# Elementwise rules that are not at home between 1/4 and 3/4, or have kinks worth a visit.
ELEMENTWISE: dict[str, list[tuple[Any, ...]]] = {
    "Arccosh": [(1 + np.abs(V),)],
    "Ldexp": [(V, np.array([1, -2, 0, 3]))],
    "Absolute": [(TIES,), (M,), (Z,)],
    "Fabs": [(TIES,)],
    "Maximum": [(TIES, TIES[::-1]), (M, V)],
    "Minimum": [(TIES, TIES[::-1])],
    "Fmax": [(TIES, TIES[::-1])],
    "Fmin": [(TIES, TIES[::-1])],
    "Add": [(M, V)],
    "Subtract": [(M, np.float64(2.0))],
    "Multiply": [(M, V), (Z, Z[:1])],
    "Divide": [(M, 1 + V**2), (Z, Z[:1])],
    "Power": [(1 + M**2, V), (M, np.array([2, 3, 1, 0]))],
    "Hypot": [(M, V)],
    "Copysign": [(M, W)],
    "Remainder": [(M, 1.3 + np.abs(V))],
    "Fmod": [(M, 1.3 + np.abs(V))],
    "Floor": [(M,)],
    "Rint": [(TIES,)],
    "Sqrt": [(np.abs(V),)],
    "Exp": [(Z,), (M,)],
    "Log": [(Z,), (np.abs(M) + 0.1,)],
    "Arctan2": [(M, V)],
    "Sinc": [(TIES,), (M,)],
    "Logaddexp": [(M, V)],
    "Real": [(Z,)],
    "Imag": [(Z,)],
    "Tanh": [(M,)],
    "Nextafter": [(M, V)],
}


# All other rules, by the name of their class.
def _with_item(x: Any, value: Any) -> Any:
    y = x.copy()
    y[1] = value
    return y


SAMPLES: dict[str, list[Sample]] = {
    "Conjugate": [at(np.conjugate, Z)],
    "Sign": [at(np.sign, M), at(np.sign, TIES)],
    "Angle": [at(np.angle, Z)],
    "MatMul": [
        at(np.matmul, M, N),
        at(np.matmul, V, W),
        at(np.matmul, M, V),
        at(np.matmul, IMAGES, T[:, :2].repeat(2, 0)[:5]),
    ],
    "Dot": [at(np.dot, M, N), at(np.dot, V, W), at(np.dot, M, np.float64(2.0))],
    "VDot": [at(np.vdot, V, W), at(np.vdot, Z, Z * 1j)],
    "Convolve": [at(lambda a, v: np.convolve(a, v, "same"), V, np.array([1.0, -2.0, 0.5]))],
    "Cholesky": [at(lambda a: np.linalg.cholesky(a @ a.T + 2 * np.eye(3)), S)],
    "QR": [at(np.linalg.qr, S)],
    "Eigh": [at(lambda a: tuple(np.linalg.eigh(a + a.T)), S)],
    "Eig": [at(lambda a: np.linalg.eigvals(a @ a.T).real, S)],
    "SVD": [at(lambda a: np.linalg.svd(a, compute_uv=False), M)],
    "Einsum": [at(lambda a, b: np.einsum("ij,jk->ki", a, b), M, N), at(lambda a: np.einsum("ii->i", a), S)],
    "SincDerivative": [at(np.sinc, np.abs(M) + 0.1, order=3)],
    "I0Derivative": [at(np.i0, M, order=3)],
    "Clip": [at(lambda x: np.clip(x, -0.5, 0.5), M), at(np.clip, M, np.float64(-0.5), V + 2)],
    "Where": [at(lambda x, y: np.where(TIES > 0, x, y), M, V)],
    "NanToNum": [at(elementwise.NanToNum, M)],
    "Round": [at(elementwise.Round, M)],
    "Modf": [at(elementwise.Modf, M)],
    "Divmod": [at(np.divmod, M, 1.3 + np.abs(V))],
    "Frexp": [at(lambda x: np.frexp(x)[0], M)],
    "Astype": [at(lambda x: x.astype(np.float64), M)],
    "Copy": [at(elementwise.Copy, M)],
    "GetItem": [at(lambda x: x[1:, ::2], M), at(lambda x: x[[0, 0, 2]], M), at(lambda x: x[x > 0], M)],
    "Scatter": [at(lambda x: x[[0, 0, 2]], M, order=3)],
    "SetItem": [at(_with_item, M, V)],
    "Fourier": [at(np.fft.fft, Z), at(np.fft.ifft2, Z)],
    "RealFourier": [at(np.fft.rfft, M)],
    "InverseRealFourier": [at(lambda z: np.fft.irfft(z, 5), Z)],
    "Concatenate": [at(lambda a, b: np.concatenate([a, b], axis=1), M, TIES)],
    "Stack": [at(lambda a, b: np.stack([a, b], axis=1), M, TIES)],
    "Unstack": [at(lambda a: np.unstack(a, axis=1), M)],
    "ReLU": [at(activations.ReLU, M), at(activations.ReLU, TIES)],
    "Sigmoid": [at(activations.Sigmoid, 3 * M, order=3)],
    "Tanh": [at(activations.Tanh, M, order=3)],
    "LeakyReLU": [at(activations.LeakyReLU(0.1), M), at(activations.LeakyReLU(0.1), TIES)],
    "ELU": [at(activations.ELU(1.5), M)],
    "GELU": [at(activations.GELU, M)],
    "SiLU": [at(activations.SiLU, M)],
    "Softplus": [at(activations.Softplus, 3 * M)],
    "Dropout": [at(activations.Dropout(0.5), M, TIES > 0)],
    "Unfold": [at(mg.conv2d, IMAGES, FILTERS, order=3)],
    "Fold": [at(lambda x, w: mg.conv2d(x, w, padding=1), IMAGES, FILTERS, order=3)],
    "Convolution": [at(lambda x, w: mg.conv2d(x, w, stride=2, padding=1), IMAGES, FILTERS)],
    "FiltersGradient": [at(mg.conv2d, IMAGES, FILTERS)],
    "ImagesGradient": [at(mg.conv2d, IMAGES, FILTERS)],
    "SoftmaxWithLoss": [
        at(cross_entropies.SoftmaxWithLoss, M, LABELS),
        at(cross_entropies.SoftmaxWithLoss, M, P, wrt=[0]),
    ],
    "CrossEntropyError": [at(cross_entropies.CrossEntropyError, P, LABELS)],
    "BinaryCrossEntropyWithLogits": [at(cross_entropies.BinaryCrossEntropyWithLogits, M, P)],
    "Affine": [at(dense.Affine, M, N, V[:2]), at(dense.Affine, M, N), at(dense.Affine, V, N, W[:2])],
    "Embedding": [at(embeddings.Embedding, np.array([0, 2, 2]), M)],
    "MeanSquaredError": [at(losses.MeanSquaredError, M, TIES)],
    "HingeLoss": [at(losses.HingeLoss, M, np.sign(M[::-1]), wrt=[0])],
    "HuberLoss": [at(losses.HuberLoss(0.7), M, TIES)],
    "KLDivergence": [at(losses.KLDivergence, np.log(P), P[::-1])],
    "Normalisation": [],
    "BatchNorm": [at(normalisation.BatchNorm(1e-3), M, V, W)],
    "LayerNorm": [at(normalisation.LayerNorm(1e-3), M, V, W)],
    "FixedBatchNorm": [
        at(normalisation.FixedBatchNorm(1e-3), M, V, W, np.abs(V), 1 + np.abs(W), wrt=[0, 1, 2])
    ],
    "MaxPool": [at(lambda x: mg.max_pool2d(x, 2), IMAGES)],
    "AvgPool": [at(lambda x: mg.avg_pool2d(x, 2), IMAGES)],
    "Sum": [
        at(reductions.Sum(axis=0), M),
        at(reductions.Sum(), M),
        at(reductions.Sum(axis=(0, 1), keepdims=True), M),
    ],
    "Mean": [at(reductions.Mean(axis=1), M), at(reductions.Mean(keepdims=True), M)],
    "Prod": [at(reductions.Prod(axis=1), M), at(reductions.Prod(axis=0), TIES)],
    "Max": [at(reductions.Max(axis=1), M), at(reductions.Max(axis=1), TIES)],
    "Min": [at(reductions.Min(axis=0), M), at(reductions.Min(), TIES)],
    "Softmax": [at(softmaxes.Softmax, M)],
    "LogSoftmax": [at(softmaxes.LogSoftmax, M)],
    "LogSumExp": [at(mg.logsumexp, M)],
    "PowerNorm": [at(lambda x: np.linalg.vector_norm(x, ord=3, axis=1), M)],
    "Reshape": [at(shaping.Reshape((2, 6)), M)],
    "Transpose": [at(shaping.Transpose(), M), at(shaping.Transpose((2, 0, 3, 1)), IMAGES)],
    "BroadcastTo": [at(shaping.BroadcastTo((3, 4)), V)],
    "CumSum": [at(scans.CumSum(axis=1), M), at(scans.CumSum(), M)],
    "CumProd": [at(scans.CumProd(axis=1), M), at(scans.CumProd(axis=0), TIES)],
    "Inv": [at(solving.Inv, S)],
    "Solve": [at(solving.Solve, S, T), at(solving.Solve, S, V[:3])],
    "Det": [at(solving.Det, S)],
    "Cofactors": [at(solving.Cofactors, S)],
    "Slogdet": [at(lambda a: np.linalg.slogdet(a)[1], S)],
    "Pinv": [at(solving.Pinv, M)],
}

# Classes that only lend their parts to others.
PARTS = {"Ufunc", "Elementwise", "Reduction", "Extremum", "Normalisation", "Pool"}


def own_rules() -> list[type[Function]]:
    """All Functions that the modules of minigrad's rules define."""
    found = []
    unread = [Function]
    while unread:
        for cls in unread.pop().__subclasses__():
            unread.append(cls)
            if cls.__module__.startswith("minigrad.rules") and cls.__name__ not in PARTS:
                found.append(cls)
    return found


def samples_of(cls: type[Function]) -> Iterator[Sample]:
    """What a rule is checked at."""
    if not issubclass(cls, Elementwise):
        yield from SAMPLES.get(cls.__name__, [])
        return
    between = np.linspace(0.25, 0.75, 4)
    count = len(cls.derivatives)
    yield from (
        Sample(cls, inputs)
        for inputs in ELEMENTWISE.get(cls.__name__, [(between, between[::-1] + 0.05)[:count]])
    )
