"""Functions that move elements: a table of calls, each for any array with the axes it needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

import minigrad as mg
from tests.minigrad.rules.checking import check
from tests.minigrad.rules.strategies import arrays

# The least number of axes, and calls.
CALLS = {
    0: {
        "reshape": lambda a: np.reshape(a, -1),
        "reshape, by columns": lambda a: np.reshape(a, (-1,), order="F"),
        "ravel": np.ravel,
        "ravel, by columns": lambda a: np.ravel(a, "F"),
        "transpose": np.transpose,
        "expand_dims": lambda a: np.expand_dims(a, (0, -1)),
        "squeeze": np.squeeze,
        "squeeze an axis": lambda a: np.squeeze(np.expand_dims(a, 0), 0),
        "broadcast_to": lambda a: np.broadcast_to(a, (2, *a.shape)),
        "broadcast_arrays": lambda a: np.broadcast_arrays(a, np.zeros((2, 1, 1, 1))),
        "atleast_1d": np.atleast_1d,
        "atleast_2d": lambda a: np.atleast_2d(a, a),
        "atleast_3d": np.atleast_3d,
        "repeat": lambda a: np.repeat(a, 2),
        "tile": lambda a: np.tile(a, (2, 1, 3)),
        "flip": np.flip,
        "roll": lambda a: np.roll(a, 2),
        "diagflat": lambda a: np.diagflat(a, -1),
        "copy": np.copy,
        "astype": lambda a: np.astype(a, np.float64),
        "full_like": lambda a: np.full_like(a, np.sum(a), shape=(2, 2)),
        "pad with a constant": lambda a: np.pad(a, 2, constant_values=1.5),
    },
    1: {
        "permute_dims": lambda a: np.permute_dims(a, range(-1, a.ndim - 1)),
        "moveaxis": lambda a: np.moveaxis(a, 0, -1),
        "rollaxis": lambda a: np.rollaxis(a, -1, 0),
        "swapaxes": lambda a: np.swapaxes(a, 0, -1),
        "flip an axis": lambda a: np.flip(a, -1),
        "roll an axis": lambda a: np.roll(a, (1, -1), (0, -1)),
        "repeat along an axis": lambda a: np.repeat(a, np.arange(a.shape[0]) % 3, axis=0),
        "flipud": np.flipud,
        "diag": lambda a: np.diag(a, 1) if a.ndim < 3 else a,
        "delete": lambda a: np.delete(a, [0], axis=0) if a.shape[0] else a,
        "sliding_window_view": lambda a: sliding_window_view(a, min(2, a.shape[0]), axis=0),
        "tril": lambda a: np.tril(a, 1),
        "triu": lambda a: np.triu(a, -1),
        "pad an axis": lambda a: np.pad(a, [(1, 2), *[(0, 0)] * (a.ndim - 1)]),
    },
    2: {
        "matrix_transpose": np.matrix_transpose,
        "fliplr": np.fliplr,
        "rot90": lambda a: [np.rot90(a, k, (1, 0)) for k in range(-1, 4)],
        "diagonal": lambda a: np.diagonal(a, -1, 1, 0),
        "transpose by axes": lambda a: np.transpose(a, (1, 0, *range(2, a.ndim))),
    },
}
TABLE = [(dims, name) for dims, calls in CALLS.items() for name in calls]


@pytest.mark.parametrize(("dims", "name"), TABLE, ids=[name for _, name in TABLE])
@settings(max_examples=5)
@given(data=st.data())
def test_two_derivatives_agree_with_differences(dims, name, data):
    check(CALLS[dims][name], data.draw(arrays(min_dims=dims)))


PADDED = {
    "edge": {},
    "reflect": {},
    "symmetric": {},
    "wrap": {},
    "reflect, odd": {"reflect_type": "odd"},
    "symmetric, odd": {"reflect_type": "odd"},
    "linear_ramp": {"end_values": ((1.0, 2.0), (-1.0, 0.5))},
    "maximum": {},
    "minimum": {"stat_length": 2},
    "mean": {"stat_length": ((1, 2), (2, 1))},
    "median": {},
    "constant": {"constant_values": ((1.0, 2.0), (3.0, 4.0))},
}


@pytest.mark.parametrize("mode", PADDED)
@pytest.mark.parametrize("width", [0, 2, ((3, 0), (1, 5))], ids=str)
def test_pad_in_every_mode(mode, width):
    a = np.random.default_rng(0).permutation(12).reshape(3, 4) * 0.4
    check(lambda x: np.pad(x, width, mode.split(",")[0], **PADDED[mode]), a)


@pytest.mark.parametrize("options", [{}, {"indexing": "ij"}, {"sparse": True}])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_meshgrid(options, count):
    check(lambda *xs: np.meshgrid(*xs, **options), *(np.arange(n + 2.0) for n in range(count)))


def test_resize_repeats_what_is_too_short():
    check(lambda a: np.resize(a, (3, 3)), np.arange(4.0))


@pytest.mark.parametrize("k", [-2, 0, 1])
def test_diag_of_a_matrix_is_its_diagonal(k):
    check(lambda a: np.diag(a, k), np.arange(12.0).reshape(3, 4))


def test_pad_takes_widths_by_axis():
    t = mg.Tensor(np.ones((2, 3)), requires_grad=True)
    y = np.pad(t, {-1: (1, 2), 0: 1})
    np.testing.assert_array_equal(y.numpy(), np.pad(t.numpy(), ((1, 1), (1, 2))))
    y.sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), np.ones((2, 3)))
