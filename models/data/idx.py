"""The IDX format, in which MNIST and Fashion-MNIST are published."""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError

# http://yann.lecun.com/exdb/mnist/: two zero bytes, the dtype, the number of dimensions, then each
# dimension as a big-endian uint32, then the values, big-endian, the last index varying fastest.
_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_AT_BEST = 1032  # DEFLATE never packs more than 1032 bytes into one


def read_idx(path: Path) -> NDArray[np.generic]:
    """The array in an IDX file, gzipped or not.

    Args:
        path: The file; whether it is gzipped is read from its first bytes.

    Returns:
        An array of the shape and the dtype that the file's header gives.

    Raises:
        InputError: The file is missing or damaged: a wrong magic number, too few or too many bytes for its
            header, a gzip stream that breaks off or whose checksum is wrong.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            gzipped = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
            file.seek(0)
            if not gzipped:
                return _read(file, path, at_most=size)
            with gzip.open(file) as stream:
                return _read(stream, path, at_most=size * _GZIP_AT_BEST)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: damaged gzip: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _read(stream: BinaryIO | gzip.GzipFile, path: Path, at_most: int) -> NDArray[np.generic]:
    """The array in an opened file that can hold `at_most` bytes, however its header lies."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise InputError(f"{path}: not an IDX file: magic number 0x{magic.hex()}")
    dtype, ndim = np.dtype(_DTYPES[magic[2]]), magic[3]
    header = stream.read(4 * ndim)
    if len(header) < 4 * ndim:
        raise InputError(f"{path}: truncated in its header")
    shape = struct.unpack(f">{ndim}I", header)
    expected = math.prod(shape) * dtype.itemsize
    data = stream.read(min(expected, at_most))
    if len(data) < expected:
        raise InputError(f"{path}: truncated: {len(data)} bytes of the {expected} for shape {shape}")
    if stream.read(1):  # reading to the end is also what checks a gzip stream's checksum
        raise InputError(f"{path}: more bytes than the {expected} for shape {shape}")
    return np.frombuffer(data, dtype).astype(dtype.newbyteorder("="), copy=False).reshape(shape)


def write_idx(path: Path, array: NDArray[np.generic]) -> None:
    """Writes an array as an IDX file, gzipped if the name ends in .gz.

    Raises:
        InputError: IDX has no code for the array's dtype.
    """
    codes = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
    big_endian = array.dtype.newbyteorder(">")
    if big_endian not in codes:
        raise InputError(f"{path}: IDX has no dtype {array.dtype}")
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, codes[big_endian], array.ndim, *array.shape)
    data = header + array.astype(big_endian).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
