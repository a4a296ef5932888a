"""Planted bugs: layers with one mistake each, and the words that must name it.

Plain NumPy, so that every front can check them; the benchmark counts what other checkers see of them.
"""

from tests.minigrad.testing.catalogue import (
    axes,
    contract,
    elements,
    inputs,
    kinks,
    memory,
    right,
    scale,
    terms,
)
from tests.minigrad.testing.catalogue.planting import BUGS, Bug

__all__ = [
    "BUGS",
    "Bug",
    "axes",
    "contract",
    "elements",
    "inputs",
    "kinks",
    "memory",
    "right",
    "scale",
    "terms",
]
