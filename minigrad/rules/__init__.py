"""The derivatives of NumPy's functions, and the fused operations that nets are made of."""

from minigrad.rules import elementwise, indexing, layers, linalg, reductions, shaping, values

__all__ = ["elementwise", "indexing", "layers", "linalg", "reductions", "shaping", "values"]
