"""Optimizers: step by step beside torch's, their state, and bad settings."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim

STEPS = 7

# Ours, and the name and settings of torch's.
PEERS = {
    "SGD": (lambda p: optim.SGD(p, 0.1), "SGD", {"lr": 0.1}),
    "SGD, decay": (lambda p: optim.SGD(p, 0.1, weight_decay=0.2), "SGD", {"lr": 0.1, "weight_decay": 0.2}),
    "momentum": (
        lambda p: optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.1),
        "SGD",
        {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
    ),
    "Nesterov": (
        lambda p: optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
        "SGD",
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    "AdaGrad": (
        lambda p: optim.AdaGrad(p, 0.1, weight_decay=0.1),
        "Adagrad",
        {"lr": 0.1, "weight_decay": 0.1},
    ),
    "RMSprop": (
        lambda p: optim.RMSprop(p, 0.1, decay=0.8, weight_decay=0.1),
        "RMSprop",
        {"lr": 0.1, "alpha": 0.8, "weight_decay": 0.1},
    ),
    "Adam": (lambda p: optim.Adam(p, 0.1), "Adam", {"lr": 0.1}),
    "Adam, settings": (
        lambda p: optim.Adam(p, 0.1, (0.8, 0.9), 1e-4, 0.1),
        "Adam",
        {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-4, "weight_decay": 0.1},
    ),
    "AdamW": (
        lambda p: optim.AdamW(p, 0.1, weight_decay=0.3),
        "AdamW",
        {"lr": 0.1, "weight_decay": 0.3},
    ),
}


def parameters():
    rng = np.random.default_rng(0)
    return [mg.Tensor(rng.normal(size=shape), requires_grad=True) for shape in ((3, 2), (4,), ())]


def descend(optimizer, steps=STEPS):
    """Steps down a bowl; the values after each of them."""
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        sum((((p - 1) ** 2 + 1) ** 0.5).sum() for p in optimizer.params).backward()
        optimizer.step()
        path.append([p.numpy() for p in optimizer.params])
    return path


@pytest.mark.parametrize(("make", "name", "settings"), PEERS.values(), ids=PEERS)
def test_every_step_is_that_of_torch(torch, make, name, settings):
    path = descend(make(parameters()))
    theirs = [torch.tensor(p.numpy(), requires_grad=True) for p in parameters()]
    optimizer = getattr(torch.optim, name)(theirs, **settings)
    for values in path:
        optimizer.zero_grad()
        sum((((p - 1) ** 2 + 1) ** 0.5).sum() for p in theirs).backward()
        optimizer.step()
        for ours, p in zip(values, theirs, strict=True):
            np.testing.assert_allclose(ours, p.detach().numpy(), rtol=1e-12, atol=1e-12)


every_optimizer = pytest.mark.parametrize("make", [make for make, _, _ in PEERS.values()], ids=PEERS)


@every_optimizer
def test_it_comes_down_a_bowl(make):
    values = descend(make(parameters()), steps=100)[-1]
    assert (
        max(np.abs(v - 1).max() for v in values) < max(np.abs(p.numpy() - 1).max() for p in parameters()) / 2
    )


@every_optimizer
def test_float32_parameters_and_their_state_stay_float32(make):
    p = mg.Tensor(np.ones(3, np.float32), requires_grad=True)
    optimizer = make([p])
    descend(optimizer, steps=2)
    assert p.dtype == np.float32
    assert all(array.dtype == np.float32 for state in optimizer.state for array in state)


@every_optimizer
def test_saved_state_goes_on_where_it_stood(make):
    whole = make(parameters())
    descend(whole, 2)
    state = {name: array.copy() for name, array in whole.state_dict().items()}
    resumed = make([mg.Tensor(p.numpy(), requires_grad=True) for p in whole.params])
    resumed.load_state_dict(state)
    for a, b in zip(descend(resumed, 3)[-1], descend(whole, 3)[-1], strict=True):
        np.testing.assert_array_equal(a, b)


@every_optimizer
def test_a_step_writes_into_no_array(make):
    params = parameters()
    optimizer = make(params)
    before = [p.numpy() for p in params]
    copies = [array.copy() for array in before]
    descend(optimizer, steps=2)
    for array, copy in zip(before, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_parameter_without_a_gradient_is_left_alone():
    first, second = (mg.Tensor(1.0, requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([first, second], lr=0.1, weight_decay=0.5)
    (first * first).backward()
    optimizer.step()
    assert first.item() != 1
    assert second.item() == 1


def test_state_of_another_optimizer_or_shape_is_refused():
    params = parameters()
    with pytest.raises(optim.OptimizerError, match="not that of Adam"):
        optim.Adam(params).load_state_dict(optim.SGD(params, 0.1).state_dict())
    other = optim.Adam([mg.Tensor(np.ones(5), requires_grad=True)])
    with pytest.raises(optim.OptimizerError, match="not that of Adam"):
        optim.Adam(params[:1]).load_state_dict(other.state_dict())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: optim.SGD([], 0.1), "SGD was given no parameters"),
        (lambda: optim.SGD([mg.Tensor(1.0)], 0.1), "parameter 0 is no Tensor that requires a gradient"),
        (lambda: optim.SGD([np.ones(3)], 0.1), "parameter 0 is no Tensor"),
        (lambda: optim.Adam(parameters(), -0.1), "Adam: the learning rate is -0.1"),
        (lambda: optim.Adam(parameters(), weight_decay=-1.0), "Adam: the weight decay is -1.0"),
        (lambda: optim.SGD(parameters(), 0.1, momentum=-0.5), "momentum is -0.5"),
        (lambda: optim.SGD(parameters(), 0.1, nesterov=True), "positive for Nesterov"),
    ],
    ids=["none", "constant", "array", "rate", "decay", "momentum", "nesterov"],
)
def test_bad_settings_are_named(make, words):
    with pytest.raises(optim.OptimizerError, match=words) as error:
        make()
    assert isinstance(error.value, ValueError)


def test_an_optimizer_without_a_rule_says_so():
    p = mg.Tensor(1.0, requires_grad=True)
    p.grad = mg.Tensor(1.0)
    with pytest.raises(NotImplementedError, match="Optimizer defines no update"):
        optim.Optimizer([p], 0.1).step()


def test_an_update_in_another_dtype_is_cast_back():
    class Widening(mg.optim.Optimizer):
        def update(self, p, grad):
            return p - np.float64(0.5) * grad

    p = mg.Tensor(np.ones(2, np.float32), requires_grad=True)
    p.sum().backward()
    Widening([p], lr=0.5).step()
    assert p.dtype == np.float32
    np.testing.assert_array_equal(p.numpy(), 0.5)


def test_an_update_rule_of_ones_own_is_plain_numpy():
    class SignDescent(optim.Optimizer):
        def update(self, p, grad):
            return p - self.lr * np.sign(grad)

    p = mg.Tensor([1.0, -2.0], requires_grad=True)
    (p * p).sum().backward()
    SignDescent([p], lr=0.5).step()
    np.testing.assert_array_equal(p.numpy(), [0.5, -1.5])
