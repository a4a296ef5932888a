"""The IDX reader: what it reads, and every damage it must name."""

import contextlib
import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.data.idx import read_idx, write_idx
from models.errors import InputError

DTYPES = st.sampled_from([np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64])


@given(
    hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)), st.sampled_from(["a", "a.gz"])
)
def test_reading_gives_back_what_was_written(tmp_path_factory, array, name):
    path = tmp_path_factory.mktemp("idx") / name
    write_idx(path, array)
    read = read_idx(path)
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


def test_the_bytes_are_those_of_the_format(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(bytes([0, 0, 0x0B, 2]) + struct.pack(">II", 1, 2) + struct.pack(">hh", 258, -1))
    np.testing.assert_array_equal(read_idx(path), [[258, -1]])


IMAGES = bytes([0, 0, 8, 3]) + struct.pack(">III", 2, 2, 2) + bytes(range(8))
PACKED = gzip.compress(IMAGES, mtime=0)
DAMAGED = {
    "not an IDX file: magic number 0x00000703": bytes([0, 0, 7, 3]) + IMAGES[4:],
    "not an IDX file: magic number 0x504b0304": b"PK\3\4" + IMAGES[4:],
    "not an IDX file: magic number 0x0000": IMAGES[:2],
    "truncated in its header": IMAGES[:10],
    "truncated: 7 bytes of the 8": IMAGES[:-1],
    "truncated: 16 bytes of the 64000000000": bytes([0, 0, 8, 3])
    + struct.pack(">III", 4000, 4000, 4000)
    + b"\0" * 16,
    "more bytes than the 8": IMAGES + b"\0",
    "damaged gzip: Compressed file ended": PACKED[:-1],
    "damaged gzip: CRC check failed": PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:],
    "damaged gzip: Error -3": PACKED[:12] + b"\xff" * 8 + PACKED[20:],
    "truncated: 7 bytes": gzip.compress(IMAGES[:-1]),
    "more bytes": gzip.compress(IMAGES + b"\0"),
}


@pytest.mark.parametrize("message", DAMAGED)
def test_damage_is_named_with_the_file(tmp_path, message):
    path = tmp_path / "damaged"
    path.write_bytes(DAMAGED[message])
    with pytest.raises(InputError) as error:
        read_idx(path)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)


@given(st.integers(0, len(PACKED) - 1), st.integers(0, 255))
def test_one_changed_byte_is_refused_or_changes_nothing(tmp_path_factory, position, value):
    path = tmp_path_factory.getbasetemp() / "changed.gz"
    path.write_bytes(PACKED[:position] + bytes([value]) + PACKED[position + 1 :])
    with contextlib.suppress(InputError):
        np.testing.assert_array_equal(read_idx(path).ravel(), range(8))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(InputError, match="nowhere: No such file"):
        read_idx(tmp_path / "nowhere")
    with pytest.raises(InputError, match="Is a directory"):
        read_idx(tmp_path)


def test_a_dtype_without_a_code_is_refused(tmp_path):
    with pytest.raises(InputError, match="no dtype complex128"):
        write_idx(Path(tmp_path / "a"), np.zeros(2, complex))


def test_mnist_is_read_whole(mnist_folder):
    images = read_idx(mnist_folder / "train-images-idx3-ubyte.gz")
    labels = read_idx(mnist_folder / "train-labels-idx1-ubyte.gz")
    assert images.shape == (60000, 28, 28)
    assert images.dtype == np.uint8
    assert labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert round(float(images.mean() / 255), 4) == 0.1307  # the mean that is published for MNIST
