"""The restricted unpickler: it reads arrays of every protocol, and runs nothing."""

import contextlib
import gzip
import os
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.data.pickles import read_pickle
from models.errors import InputError

ARRAYS = hnp.arrays(
    st.sampled_from(["?", "u1", "<i2", ">i4", "<i8", "<f4", ">f8", "f2"]),
    hnp.array_shapes(min_dims=0, min_side=0),
)


@given(ARRAYS, st.integers(0, pickle.HIGHEST_PROTOCOL), st.booleans())
def test_arrays_of_every_protocol_come_back(tmp_path_factory, array, protocol, fortran):
    path = tmp_path_factory.getbasetemp() / "arrays.pkl"
    array = np.asfortranarray(array) if fortran else array
    path.write_bytes(pickle.dumps({"W1": array, "more": [(array, 1.5, "x", None)]}, protocol))
    read = read_pickle(path)
    for copy in (read["W1"], read["more"][0][0]):
        np.testing.assert_array_equal(copy, array)
        assert copy.dtype == array.dtype.newbyteorder("=")
    assert read["more"][0][1:] == (1.5, "x", None)


def test_a_gzipped_pickle_is_read(tmp_path):
    path = tmp_path / "a.pkl.gz"
    path.write_bytes(gzip.compress(pickle.dumps(np.arange(3))))
    np.testing.assert_array_equal(read_pickle(path), [0, 1, 2])


PYTHON_2 = b"""cnumpy.core.multiarray
_reconstruct
(cnumpy
ndarray
(I0
tS'b'
tR(I1
(I3
tcnumpy
dtype
(S'u1'
I0
I1
tR(I3
S'|'
NNNI-1
I-1
I0
tbI00
S'\\xc8\\xc9\\xca'
tb."""


def test_an_array_pickled_by_python_2_is_read(tmp_path):
    (tmp_path / "a.pkl").write_bytes(PYTHON_2)
    np.testing.assert_array_equal(read_pickle(tmp_path / "a.pkl"), [200, 201, 202])


class Runs:
    """Pickles as a call that makes a file."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_is_refused_and_does_not_run(tmp_path, protocol):
    made, path = tmp_path / "made", tmp_path / "evil.pkl"
    for evil in (
        Runs(os.mkdir, str(made)),
        Runs(eval, f"open({str(made)!r}, 'w')"),
        Runs(np.save, str(made), 1),
    ):
        path.write_bytes(pickle.dumps({"W1": evil}, protocol))
        with pytest.raises(InputError, match=r"evil.pkl: .* nothing was run"):
            read_pickle(path)
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "value",
    [np.array([{}], dtype=object), np.array(["a"]), np.zeros(1, complex), {1, 2}, np.float64(1), b"bytes"],
    ids=["objects", "strings", "complex", "set", "scalar", "bytes"],
)
def test_what_is_no_plain_array_is_refused(tmp_path, value):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps([value]))
    with pytest.raises(InputError, match=r"a\.pkl: not a pickle of plain arrays"):
        read_pickle(path)


def test_a_list_that_holds_itself_is_refused(tmp_path):
    endless = []
    endless.append(endless)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(endless))
    with pytest.raises(InputError, match="not a pickle of plain arrays"):
        read_pickle(tmp_path / "a.pkl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere: No such file"):
        read_pickle(tmp_path / "nowhere")


WHOLE = pickle.dumps({"W": np.arange(4.0)}, 3)


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=0, max_size=3))
def test_a_damaged_pickle_is_refused_or_read_as_plain_values(tmp_path_factory, position, bytes_put_in):
    path = tmp_path_factory.getbasetemp() / "damaged.pkl"
    path.write_bytes(WHOLE[:position] + bytes_put_in + WHOLE[position + len(bytes_put_in) :][: -1 or None])
    with contextlib.suppress(InputError):
        read_pickle(path)
