"""The derivatives of NumPy's functions, and the fused operations that nets are made of."""

from minigrad.rules import (
    complex_numbers,
    correlation,
    decompositions,
    einsum,
    elementwise,
    fourier,
    indexing,
    layers,
    norms,
    products,
    reductions,
    shaping,
    solving,
    values,
)

__all__ = [
    "complex_numbers",
    "correlation",
    "decompositions",
    "einsum",
    "elementwise",
    "fourier",
    "indexing",
    "layers",
    "norms",
    "products",
    "reductions",
    "shaping",
    "solving",
    "values",
]
