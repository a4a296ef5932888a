"""Einstein's summation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from tests.minigrad.rules.checking import check
from tests.minigrad.rules.differences import normal

FORMS = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij , jk", [(2, 3), (3, 4)]),
    ("ba", [(2, 3)]),
    ("ii", [(3, 3)]),
    ("ii->i", [(3, 3)]),
    ("iij->j", [(3, 3, 2)]),
    ("iii->i", [(2, 2, 2)]),
    ("ij->", [(2, 3)]),
    ("ij->j", [(2, 3)]),
    ("i,i,i", [(3,), (3,), (3,)]),
    ("ij,ji,k->", [(2, 3), (3, 2), (4,)]),
    ("...ij,...jk->...ik", [(2, 2, 3), (3, 2)]),
    ("...ij,...jk", [(2, 2, 3), (3, 2)]),
    ("...->...", [(2, 3)]),
    ("i...->...", [(2, 3)]),
    ("b...,b...->...", [(2, 3), (2, 1)]),
    ("ij,jk->ik", [(2, 1), (3, 4)]),
    (",i", [(), (3,)]),
]


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("optimize", [False, True, "greedy"])
@pytest.mark.parametrize(("subscripts", "shapes"), FORMS, ids=str)
def test_every_form_of_subscripts(subscripts: str, shapes: list[Any], optimize: Any, dtype: type):
    rng = np.random.default_rng(0)
    check(lambda *xs: np.einsum(subscripts, *xs, optimize=optimize), *(normal(rng, s, dtype) for s in shapes))


@settings(max_examples=8)
@given(st.data())
def test_any_summation_of_two_operands(data: st.DataObject):
    lengths = dict(zip("abc", data.draw(st.tuples(*[st.integers(1, 3)] * 3)), strict=True))
    sides = [data.draw(st.text("abc", max_size=3)) for _ in range(2)]
    output = (
        "".join(data.draw(st.sets(st.sampled_from(sorted({*sides[0], *sides[1]}))))) if any(sides) else ""
    )
    rng = np.random.default_rng(0)
    operands = [normal(rng, tuple(lengths[label] for label in side)) for side in sides]
    check(lambda a, b: np.einsum(f"{','.join(sides)}->{output}", a, b), *operands)


@pytest.mark.parametrize("path", [["einsum_path", (0, 1), (0, 1)], ["einsum_path", (1, 2), (0, 1)]])
def test_a_given_path_of_contraction(path: list[Any]):
    rng = np.random.default_rng(0)
    operands = [normal(rng, (3, 3)) for _ in range(3)]
    check(lambda *xs: np.einsum("ij,jk,kl", *xs, optimize=path), *operands)


def test_operands_with_lists_of_labels():
    rng = np.random.default_rng(0)
    a, b = normal(rng, (2, 3)), normal(rng, (3, 4))
    check(lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), a, b)
    check(lambda a, b: np.einsum(a, [0, 30], b, [30, 2]), a, b)
    check(lambda a, b: np.einsum(a, [Ellipsis, 1], b, [1, 2], [2, Ellipsis]), a, b)


def test_numpys_other_keywords():
    x = mg.Tensor(np.ones((2, 2), np.float32), requires_grad=True)
    y = np.einsum("ij->j", x, dtype=float, casting="same_kind", order="C")
    assert y.dtype == float
    y.sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("subscripts", "shapes", "words"),
    [
        ("ij,jk", [(2, 3)], "for 2 operands, not 1"),
        ("ij", [(2, 3, 4)], "'ij'.* does not fit operand 0 of 3 axes"),
        ("i...j", [(2,)], "does not fit operand 0 of 1 axes"),
        ("ij,jk", [(2, 3), (2, 3)], "einsum"),
    ],
)
def test_subscripts_that_do_not_fit(subscripts: str, shapes: list[Any], words: str):
    with pytest.raises(mg.ShapeError, match=words):
        np.einsum(subscripts, *(mg.Tensor(np.ones(shape)) for shape in shapes))
