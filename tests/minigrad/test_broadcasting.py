"""Broadcasting undone."""

import numpy as np
from hypothesis import given
from hypothesis.extra import numpy as hnp

from minigrad.broadcasting import broadcasts_to, unbroadcast


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0))
def test_it_is_the_transpose_of_broadcasting(shapes):
    """⟨broadcast(a), g⟩ = ⟨a, unbroadcast(g)⟩."""
    shape, result = shapes.input_shapes[0], shapes.result_shape
    rng = np.random.default_rng(0)
    a, g = rng.integers(-4, 5, shape).astype(float), rng.integers(-4, 5, result).astype(float)
    back = unbroadcast(g, shape)
    assert back.shape == shape
    assert (np.broadcast_to(a, result) * g).sum() == (a * back).sum()


@given(hnp.array_shapes(min_dims=0, min_side=0), hnp.array_shapes(min_dims=0, min_side=0))
def test_broadcasts_to_says_what_numpy_does(shape, larger):
    try:
        np.broadcast_to(np.empty(shape), larger)
        possible = True
    except ValueError:
        possible = False
    assert broadcasts_to(shape, larger) == possible
