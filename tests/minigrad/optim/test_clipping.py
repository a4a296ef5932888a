"""Clipping of gradients, by norm and by value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import optim


def parameters(seed=0):
    rng = np.random.default_rng(seed)
    params = [mg.Tensor(np.zeros(shape), requires_grad=True) for shape in ((3, 2), (4,), ())]
    for p in params:
        p.grad = mg.Tensor(3 * rng.normal(size=p.shape))
    return [*params, mg.Tensor(1.0, requires_grad=True)]  # the last has no gradient


def grads(params):
    return np.concatenate([p.grad.numpy().ravel() for p in params if p.grad is not None])


@given(seed=st.integers(0, 1000), bound=st.floats(1e-3, 1e3))
def test_the_norm_of_all_gradients_is_at_most_the_bound_and_their_direction_stays(seed, bound):
    params = parameters(seed)
    before = grads(params)
    norm = optim.clip_grad_norm(params, bound)
    after = grads(params)
    assert norm == pytest.approx(np.linalg.norm(before))
    assert np.linalg.norm(after) == pytest.approx(min(norm, bound))
    np.testing.assert_allclose(after * norm, before * np.linalg.norm(after))
    assert params[-1].grad is None


def test_gradients_within_the_bound_are_left_as_they_are():
    params = parameters()
    kept = [p.grad for p in params]
    optim.clip_grad_norm(params, 1e6)
    assert all(p.grad is grad for p, grad in zip(params, kept, strict=True))


@given(seed=st.integers(0, 1000), limit=st.floats(1e-3, 10))
def test_every_element_is_moved_into_the_limits(seed, limit):
    params = parameters(seed)
    before = grads(params)
    optim.clip_grad_value(params, limit)
    np.testing.assert_array_equal(grads(params), np.clip(before, -limit, limit))
    assert params[-1].grad is None


def test_clipping_is_that_of_torch(torch):
    for ours, theirs in (
        (optim.clip_grad_norm, torch.nn.utils.clip_grad_norm_),
        (optim.clip_grad_value, torch.nn.utils.clip_grad_value_),
    ):
        params = parameters()
        peers = [torch.zeros(p.shape, dtype=torch.float64, requires_grad=True) for p in params[:-1]]
        for p, peer in zip(params[:-1], peers, strict=True):
            peer.grad = torch.tensor(p.grad.numpy())
        ours(params, 1.5)
        theirs(peers, 1.5)
        for p, peer in zip(params[:-1], peers, strict=True):
            np.testing.assert_allclose(p.grad.numpy(), peer.grad.numpy(), rtol=1e-6)


def test_float32_gradients_stay_float32():
    p = mg.Tensor(np.zeros(2, np.float32), requires_grad=True)
    (p * np.array([3.0, 4.0], np.float32)).sum().backward()
    optim.clip_grad_norm([p], 1.0)
    optim.clip_grad_value([p], 0.5)
    assert p.grad.dtype == np.float32


def test_no_parameters_have_the_norm_zero():
    assert optim.clip_grad_norm([], 1.0) == 0


@pytest.mark.parametrize("clip", [optim.clip_grad_norm, optim.clip_grad_value])
@pytest.mark.parametrize("bound", [0.0, -1.0, np.nan])
def test_a_bound_that_is_not_positive_is_refused(clip, bound):
    with pytest.raises(optim.ClippingError, match=f"is {bound}, and must be positive"):
        clip(parameters(), bound)
