"""Scaling, one-hot labels and mini-batches."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.prepare import Batches, flatten, one_hot, scale, standardise


def test_scaling_reaches_from_0_to_1():
    np.testing.assert_array_equal(scale(np.array([0, 255], np.uint8)), np.array([0, 1], np.float32))
    assert scale(np.arange(3, dtype=np.uint8)).dtype == np.float32


def test_flattening_keeps_the_rows():
    assert flatten(np.zeros((5, 4, 3), np.float32)).shape == (5, 12)


def test_standardised_features_have_mean_0_and_deviation_1():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((500, 3)) * [1, 5, 0] + [2, -3, 7]).astype(np.float32)
    z = standardise(x)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(z.std(axis=0), [1, 1, 0], atol=1e-5)
    np.testing.assert_array_equal(standardise(x[:7], like=x), z[:7])


def test_one_hot_rows_are_the_labels():
    np.testing.assert_array_equal(one_hot(np.array([1, 0, 2]), 3), [[0, 1, 0], [1, 0, 0], [0, 0, 1]])


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 9))
def test_without_replacement_no_example_comes_twice_in_an_epoch(count, batch_size, seed):
    batches = Batches(count, batch_size, np.random.default_rng(seed))
    for _ in range(3):
        epoch = np.concatenate([next(batches) for _ in range(batches.per_epoch)])
        assert len(set(epoch.tolist())) == len(epoch) > count - min(count, batch_size)
        assert set(epoch.tolist()) <= set(range(count))


def test_every_epoch_is_shuffled_anew():
    batches = Batches(100, 100, np.random.default_rng(0))
    assert next(batches).tolist() != next(batches).tolist()


def test_with_replacement_examples_are_drawn_alike():
    batches = Batches(10, 1000, np.random.default_rng(0), replacement=True)
    counts = np.bincount(next(batches), minlength=10)
    assert counts.sum() == 1000
    assert (abs(counts - 100) < 5 * np.sqrt(90)).all()  # five deviations of a binomial(1000, 1/10)


@pytest.mark.parametrize("replacement", [False, True])
@given(taken=st.integers(0, 12))
def test_restoring_a_state_gives_the_same_batches(replacement, taken):
    batches = Batches(20, 6, np.random.default_rng(1), replacement=replacement)
    for _ in range(taken):
        next(batches)
    state = json.loads(json.dumps(batches.state()))
    follow = [next(batches).tolist() for _ in range(7)]
    again = Batches(20, 6, np.random.default_rng(99), replacement=replacement)
    again.restore(state)
    assert [next(again).tolist() for _ in range(7)] == follow
