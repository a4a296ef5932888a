"""Pickles of plain arrays, read without running anything that is in them.

A pickle is a program: it may call whatever it can name. Here it can name only stand-ins, for the few names
that NumPy writes into the pickle of an array, and they do nothing but note its shape, dtype and bytes.
"""

import gzip
import io
import pickle
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError

Plain = (
    NDArray[np.generic] | dict[str, "Plain"] | list["Plain"] | tuple["Plain", ...] | str | int | float | None
)


class _DType:
    """Notes a dtype, from its code ("f4") and its state, whose second item is the byte order."""

    __slots__ = ("dtype",)

    def __init__(self, code: str) -> None:
        self.dtype = np.dtype(code)
        if self.dtype.kind not in "biuf":
            raise pickle.UnpicklingError(f"an array of dtype {self.dtype}")

    def __setstate__(self, state: tuple[object, ...]) -> None:
        if state[1] == ">":
            self.dtype = self.dtype.newbyteorder(">")


class _Array:
    """Notes an array, from its state: (version, shape, dtype, whether in Fortran's order, bytes)."""

    __slots__ = ("array",)

    def __setstate__(self, state: tuple[object, ...]) -> None:
        _, shape, dtype, fortran, data = state
        self.note(data, dtype, shape, "F" if fortran else "C")

    def note(self, data: object, dtype: object, shape: object, order: object) -> None:
        # Python 2 wrote bytes as a string, which comes in as Latin-1.
        data = data.encode("latin1") if isinstance(data, str) else data
        if not (
            isinstance(data, (bytes, bytearray)) and isinstance(dtype, _DType) and isinstance(shape, tuple)
        ):
            raise pickle.UnpicklingError("an array without its bytes, its dtype or its shape")
        array = np.frombuffer(data, dtype.dtype).reshape(shape, order="F" if order == "F" else "C")
        self.array = array.astype(array.dtype.newbyteorder("="), order="C")


class _NewDType:
    __slots__ = ()

    def __call__(self, code: str, *_: object) -> _DType:
        return _DType(code)


class _NewArray:
    __slots__ = ()

    def __call__(self, *_: object) -> _Array:
        return _Array()


class _FromBuffer:
    """How protocol 5 writes an array: all of it in the arguments of one call."""

    __slots__ = ()

    def __call__(self, data: object, dtype: object, shape: object, order: object) -> _Array:
        noted = _Array()
        noted.note(data, dtype, shape, order)
        return noted


class _Latin1:
    """How protocol 2 writes bytes: `_codecs.encode(string, "latin1")`, and `bytes()` for none."""

    __slots__ = ()

    def __call__(self, text: str = "", _: str = "latin1") -> bytes:
        return text.encode("latin1")


class _PlainUnpickler(pickle.Unpickler):
    """Knows the names in the pickle of an array, and no other."""

    def find_class(self, module: str, name: str) -> object:
        match module, name:
            case ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct"):
                return _NewArray()
            case ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer"):
                return _FromBuffer()
            case ("numpy", "dtype"):
                return _NewDType()
            case ("numpy", "ndarray"):
                return None  # only ever handed to _reconstruct
            case ("_codecs", "encode") | ("__builtin__", "bytes"):
                return _Latin1()
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is no plain array; nothing was run")


# What damaged or hostile input makes the unpickler and gzip raise.
_REFUSED = (
    *(pickle.UnpicklingError, AttributeError, EOFError, IndexError, KeyError, TypeError, ValueError),
    *(OverflowError, MemoryError, RecursionError, gzip.BadGzipFile, zlib.error),
)


def read_pickle(path: Path) -> Plain:
    """The plain arrays in a pickle, gzipped or not: dicts, lists and tuples of arrays, strings and numbers.

    Args:
        path: The file, as written by Python 2 or 3 and by any NumPy.

    Returns:
        What was pickled, with arrays of bools, integers or floats.

    Raises:
        InputError: The file is missing, damaged, or names anything but plain arrays. Nothing in it is run.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return _arrays(_PlainUnpickler(io.BytesIO(data), encoding="latin1").load())
    except _REFUSED as error:
        raise InputError(f"{path}: not a pickle of plain arrays: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _arrays(value: object) -> Plain:
    """The value with every noted array in its place."""
    match value:
        case _Array():
            return value.array
        case dict():
            return {str(key): _arrays(item) for key, item in value.items()}
        case list():
            return [_arrays(item) for item in value]
        case tuple():
            return tuple(_arrays(item) for item in value)
        case str() | int() | float() | None:
            return value
    raise pickle.UnpicklingError(f"it holds a {type(value).__name__}")
