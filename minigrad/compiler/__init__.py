"""Compiling: a function traced once, planned, and run as NumPy or Numba source."""

from minigrad.compiler.compiled import Compiled, compile
from minigrad.compiler.errors import CompileError

__all__ = ["CompileError", "Compiled", "compile"]
