"""Functions that join arrays or take them apart."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from tests.minigrad.rules.checking import check

A, B, V, W = (
    np.arange(6.0).reshape(2, 3),
    np.arange(3.0, 9.0).reshape(2, 3),
    np.arange(3.0),
    np.arange(1.0, 4.0),
)
S = np.array(2.5)
CUBE = np.arange(24.0).reshape(2, 3, 4)

JOINED = {
    "concatenate": (lambda *xs: np.concatenate(xs), A, B, A),
    "concatenate along an axis": (lambda *xs: np.concatenate(xs, axis=-1), A, B),
    "concatenate all elements": (lambda *xs: np.concatenate(xs, axis=None), A, V, S),
    "concatenate to a dtype": (lambda *xs: np.concatenate(xs, dtype=np.float64), A, B),
    "stack": (lambda *xs: np.stack(xs, axis=-1), A, B),
    "hstack": (lambda *xs: np.hstack(xs), A, B),
    "hstack of vectors": (lambda *xs: np.hstack(xs), V, S),
    "vstack": (lambda *xs: np.vstack(xs), A, V),
    "dstack": (lambda *xs: np.dstack(xs), A, B),
    "dstack of vectors": (lambda *xs: np.dstack(xs), V, W),
    "column_stack": (lambda *xs: np.column_stack(xs), V, np.ones((3, 2))),
    "block": (lambda a, b, v: np.block([[a, b], [v, v]]), A, B, V),
    "block of numbers": (lambda s, v: np.block([s, v, 1.0]), S, V),
    "append": (np.append, A, V),
    "append along an axis": (lambda a, b: np.append(a, b, axis=0), A, B),
    "insert": (lambda a, s: np.insert(a, 2, s), A, S),
    "insert several": (lambda a, v: np.insert(a, [1, 1, 4], v), A, V),
    "insert along an axis": (lambda a, v: np.insert(a, 1, v, axis=0), A, V),
}
APART = {
    "split": (lambda a: np.split(a, 3, axis=1), A),
    "split at indices": (lambda a: np.split(a, [1, 1, 5], axis=-1), A),
    "split at indices in any order": (lambda a: np.split(a, [2, 1]), V),
    "array_split": (lambda a: np.array_split(a, 2, axis=1), A),
    "hsplit": (lambda a: np.hsplit(a, 3), A),
    "hsplit of a vector": (lambda a: np.hsplit(a, 3), V),
    "vsplit": (lambda a: np.vsplit(a, 2), A),
    "dsplit": (lambda a: np.dsplit(a, 2), CUBE),
    "unstack": (lambda a: np.unstack(a, axis=1), A),
}
CALLS = JOINED | APART


@pytest.mark.parametrize("name", CALLS)
def test_two_derivatives_agree_with_differences(name):
    f, *arrays = CALLS[name]
    check(f, *arrays)


UNSPLIT = {
    "no equal parts": lambda a: np.split(a, 2, axis=1),
    "no third axis": lambda a: np.dsplit(a, 1),
    "no rows": lambda a: np.vsplit(a[0], 1),
}


@pytest.mark.parametrize("name", UNSPLIT)
def test_what_cannot_be_split_is_an_error(name):
    with pytest.raises(ValueError, match=r"split|parts"):
        UNSPLIT[name](mg.Tensor(A))
