"""The derivatives of NumPy's functions, and the fused operations that nets are made of."""

from minigrad.rules import (
    elementwise,
    indexing,
    joining,
    layers,
    linalg,
    methods,
    ordering,
    padding,
    reductions,
    scans,
    shaping,
    statistics,
    values,
)

__all__ = [
    "elementwise",
    "indexing",
    "joining",
    "layers",
    "linalg",
    "methods",
    "ordering",
    "padding",
    "reductions",
    "scans",
    "shaping",
    "statistics",
    "values",
]
