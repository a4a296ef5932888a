"""Automatic differentiation for NumPy."""
