"""Rows: whatever a rule does, the rows of one pass are what as many passes give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import Tensor, engine
from minigrad.rows import NotRowwiseError, Rows, row_index
from tests.minigrad.testing.own_rules import own_rules, samples_of

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(3, 4, 5))
MATRIX, VECTOR = RNG.normal(size=(5, 2)), RNG.normal(size=5)


def backward(roots, select):
    """The gradients of the leaves, from the selected rows of what each root is handed."""
    return engine.run([(y._node, select(grads)) for y, grads in roots], retain_graph=True)


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(sample, id=f"{cls.__name__}-{k}")
        for cls in own_rules()
        for k, sample in enumerate(samples_of(cls))
    ],
)
def test_the_rows_of_every_rule_are_those_of_separate_passes(sample):
    by = sample.options.get("wrt", range(len(sample.inputs)))
    inputs = [
        Tensor(x, requires_grad=True) if i in by and np.asarray(x).dtype.kind in "fc" else x
        for i, x in enumerate(sample.inputs)
    ]
    op = sample.op() if isinstance(sample.op, type) else sample.op
    results = op(*inputs)
    results = [y for y in (results if isinstance(results, tuple) else [results]) if y.requires_grad]
    roots = [(y, RNG.normal(size=(3, *y.shape)).astype(y.dtype)) for y in results]
    together = backward(roots, Rows)
    for k in range(3):
        alone = backward(roots, lambda grads, k=k: grads[k])
        assert alone.keys() == together.keys()
        for x, grad in alone.items():
            rows = together[x].data[k] if isinstance(together[x], Rows) else together[x]
            np.testing.assert_allclose(rows, grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + np.ones((2, 1, 1)),
        lambda x: np.maximum(np.ones(5), x),
        lambda x: x @ MATRIX,
        lambda x: x @ VECTOR,
        lambda x: np.ones(4) @ x,
        lambda x: np.ones((3, 4)) @ x,
        lambda x: MATRIX.T @ x[0],
        lambda x: VECTOR @ x[0],
        lambda x: x[1:, None, ..., ::2],
        lambda x: x[[0, 0, 2]],
        lambda x: x[..., [True, False, True, False, True]],
        lambda x: x.T,
        lambda x: np.transpose(x, (-1, 0)),
        lambda x: x.sum(),
        lambda x: x.sum(axis=-1, keepdims=True),
        np.maximum.reduce,
        lambda x: np.multiply.reduce(x, axis=(0, 1)),
        lambda x: x.reshape(2, 10),
        lambda x: np.reshape(x, -1),
        lambda x: np.broadcast_to(x, (2, 4, 5)),
        lambda x: np.where(x > 0, x, np.ones((2, 1, 1))),
        np.zeros_like,
        lambda x: x.conjugate().real.astype(np.float32),
        lambda x: np.ones(x.shape) * len(x) * x.size * np.ndim(x) * np.size(x) * np.shape(x)[1] + x,
    ],
)
def test_each_row_is_treated_as_an_array_of_its_own(f):
    rows = f(Rows(DATA))
    expected = np.stack([f(row) for row in DATA])
    assert rows.dtype == expected.dtype
    np.testing.assert_allclose(rows.data, expected, rtol=1e-5 if rows.dtype == np.float32 else 1e-12)


@pytest.mark.parametrize(
    "f",
    [
        np.asarray,
        float,
        bool,
        lambda x: x.argsort(),
        np.cumsum,
        np.add.accumulate,
        lambda x: np.add.reduce(x, initial=1.0),
        np.modf,
        lambda x: np.add(x, 1.0, where=False),
        lambda x: np.linalg.inv(x[:, :4]),
        lambda x: np.vecdot(x, x),
        lambda x: x @ x.T,
        lambda x: x @ np.ones((2, 5, 3)),
        lambda x: np.reshape(x, (5, 4), order="F"),
        lambda x: np.zeros_like(x, dtype=int),
        lambda x: x[[0, 1], [1, 2]],
        lambda x: x[0, :, [0, 1]],
        lambda x: x[True],
    ],
)
def test_what_rows_do_not_know_is_left_to_one_after_the_other(f):
    with pytest.raises(NotRowwiseError):
        f(Rows(DATA))


def test_rows_that_agree_have_a_truth_value():
    assert Rows(np.ones(3))
    assert not Rows(np.zeros(3))
    with pytest.raises(NotRowwiseError, match="disagree"):
        bool(Rows(np.array([0.0, 1.0])))


def test_a_rule_that_looks_at_its_gradient_is_run_on_every_row():
    class OnlyPositive(mg.Function):
        def forward(self, x):
            return x * 1.0

        def backward(self, grad):
            return grad if float(grad.sum()) > 0 else np.zeros(len(grad))

    jacobian = mg.jacobian(lambda x: np.array([[1.0, 2.0], [-3.0, -4.0]]) @ OnlyPositive()(x))
    assert jacobian(np.ones(2)).tolist() == [[1, 2], [0, 0]]


def test_hooks_see_one_row_after_the_other():
    seen = []

    def f(x):
        y = x * 2.0
        y.register_hook(lambda grad: seen.append(grad.shape))
        return y

    assert mg.jacobian(f)(np.ones(2)).tolist() == [[2, 0], [0, 2]]
    assert seen == [(2,), (2,)]


@given(st.integers(1, 300))
def test_any_number_of_rows_is_carried(n):
    assert np.array_equal(mg.jacobian(lambda x: np.flip(x) * 2.0)(np.ones(n)), 2 * np.fliplr(np.eye(n)))


def test_an_index_of_rows_leaves_their_axis_alone():
    assert row_index(0) == (slice(None), 0)
    assert row_index((0, ...)) == (slice(None), 0, ...)
