"""The derivatives of NumPy's functions, and the fused operations that nets are made of."""

from minigrad.rules import (
    activations,
    convolution,
    elementwise,
    embedding,
    indexing,
    layers,
    linalg,
    losses,
    normalisation,
    pooling,
    reductions,
    shaping,
    softmax,
    values,
)

__all__ = [
    "activations",
    "convolution",
    "elementwise",
    "embedding",
    "indexing",
    "layers",
    "linalg",
    "losses",
    "normalisation",
    "pooling",
    "reductions",
    "shaping",
    "softmax",
    "values",
]
