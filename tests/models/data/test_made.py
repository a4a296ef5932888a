"""The carried digits, the data that is made, and the names of data sets."""

import numpy as np
import pytest

from models.data import DATASETS, load_data
from models.errors import InputError


def test_the_carried_digits_are_1797_pictures_of_ten_kinds():
    data = load_data("digits", np.random.default_rng(0))
    assert len(data.train) + len(data.test) == 1797
    assert (data.features, data.image_shape, data.classes) == (64, (8, 8), 10)
    assert (data.train.x.min(), data.train.x.max()) == (0, 1)
    assert np.bincount(np.concatenate([data.train.labels, data.test.labels])).tolist() == [
        *(178, 182, 177, 183, 181, 182, 181, 179, 174, 180)  # the counts that UCI publishes
    ]


def test_a_spiral_is_drawn_by_the_generator_it_is_given():
    one, same, other = (load_data("spiral", np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.train.x, same.train.x)
    assert (one.train.x != other.train.x).any()
    assert np.bincount(one.train.labels).tolist() == [100, 100, 100]
    assert np.hypot(*one.train.x.T).max() <= 1.0001


def test_quadrants_are_labelled_as_in_geometry():
    data = load_data("quadrants", np.random.default_rng(0))
    for x, y, label in zip(*data.test.x.T, data.test.labels, strict=True):
        assert label == {(True, True): 0, (False, True): 1, (False, False): 2, (True, False): 3}[x > 0, y > 0]


def test_xor_is_true_where_exactly_one_is():
    table = load_data("xor", np.random.default_rng(0)).train
    assert [int(a) ^ int(b) for a, b in table.x] == table.labels.tolist()


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError) as error:
        load_data("cifar", np.random.default_rng(0))
    assert all(name in str(error.value) for name in ("cifar", *DATASETS))
