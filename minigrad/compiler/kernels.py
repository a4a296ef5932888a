"""Kernels: NumPy's own inner loops called from compiled code, so that the numbers are NumPy's to the last bit.

A ufunc's loop computes along one axis: `loop(arguments, lengths, strides, 0)`, with the addresses of the arguments, the
lengths of the loop and of the core dimensions, and the strides (NumPy's C interface, PyUFuncGenericFunction). That of
`np.matmul` calls the BLAS that NumPy is built with; that of `np.add` adds a row in pairs, as `np.sum` does.

The source of a step holds the text of those that it uses, compiled.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from minigrad.tensor import Array

Loop: TypeAlias = Callable[[int, int, int, int], Any]

FRAME = 16  # numbers that a kernel needs for the addresses, lengths and strides that it hands to a loop


def address_of(ufunc: np.ufunc, types: str) -> int | None:
    """The address of a ufunc's loop for these types ("ff->f"); None where there is none that stands alone."""
    if types not in ufunc.types:
        return None
    # NumPy's C interface: what every object has, four counts, the addresses of the loops, those of their data.
    first, i = id(ufunc) + object.__basicsize__ + 4 * ctypes.sizeof(ctypes.c_int), ufunc.types.index(types)
    loops, data = (ctypes.c_size_t * 2).from_address(first)
    addresses = ctypes.c_size_t * len(ufunc.types)
    stands_alone = not data or not addresses.from_address(data)[i]
    return addresses.from_address(loops)[i] if stands_alone else None


def product(loop: Loop, frame: Array, a: Array, b: Array, out: Array) -> Array:
    """The matrix product of a and b into out."""
    frame[0], frame[1], frame[2] = a.ctypes.data, b.ctypes.data, out.ctypes.data
    frame[3], frame[4], frame[5], frame[6] = 1, a.shape[0], a.shape[1], b.shape[1]
    frame[7:10] = 0
    frame[10], frame[11], frame[12], frame[13] = a.strides[0], a.strides[1], b.strides[0], b.strides[1]
    frame[14], frame[15] = out.strides[0], out.strides[1]
    start = frame.ctypes.data
    loop(start, start + 24, start + 56, 0)
    return out


def elementwise(loop: Loop, frame: Array, x: Array, out: Array) -> None:
    """A function of every element of x into out; both are contiguous."""
    frame[0], frame[1], frame[2] = x.ctypes.data, out.ctypes.data, out.size
    frame[3] = frame[4] = out.itemsize
    start = frame.ctypes.data
    loop(start, start + 16, start + 24, 0)


def elementwise2(loop: Loop, frame: Array, x: Array, y: Array, out: Array) -> None:
    """A function of every element of x and of y into out; all are contiguous, and x or y may be a single number."""
    frame[0], frame[1], frame[2], frame[3] = x.ctypes.data, y.ctypes.data, out.ctypes.data, out.size
    frame[4] = x.itemsize if x.size > 1 else 0
    frame[5] = y.itemsize if y.size > 1 else 0
    frame[6] = out.itemsize
    start = frame.ctypes.data
    loop(start, start + 24, start + 32, 0)


def total(loop: Loop, frame: Array, x: Array, out: Array) -> Array:
    """The sums of x (outer, kept, inner) into out (kept,): every inner row in pairs, one row after the other."""
    outer, kept, inner = x.shape
    frame[3], frame[4], frame[5], frame[6] = inner, 0, x.itemsize, 0
    start = frame.ctypes.data
    out[:] = 0
    for i in range(outer):
        for j in range(kept):
            frame[0] = frame[2] = out.ctypes.data + j * x.itemsize
            frame[1] = x.ctypes.data + (i * kept + j) * inner * x.itemsize
            loop(start, start + 24, start + 32, 0)
    return out
