"""The notes' own computation, with which minigrad's time is compared: it takes the same step."""

import numpy as np

from models import MLP
from models.data.prepare import one_hot
from models.losses import LOSSES
from tests.benchmarks.contenders.notes import NielsensNetwork, TwoLayerNet

RNG = np.random.default_rng(0)
X, LABELS = RNG.random((5, 6)), RNG.integers(3, size=5)
T = one_hot(LABELS, 3).astype(float)


def gradients_of(net: MLP, loss: str) -> list[np.ndarray]:
    LOSSES[loss].cost(net(X), LABELS).backward()
    return [p.grad.numpy() for p in net.parameters()]


def test_nielsens_loops_take_the_step_of_minigrad():
    network = NielsensNetwork([6, 4, 3], RNG)
    net = MLP([6, 4, 3], "sigmoid", dtype=np.float64)
    layers = enumerate(zip(network.weights, network.biases, strict=True))
    net.load_state_dict(
        {
            name: array
            for i, (w, b) in layers
            for name, array in ((f"layers.{i}.w", w.T), (f"layers.{i}.b", b[:, 0]))
        }
    )
    expected = [
        p.numpy() - 3 * g for p, g in zip(net.parameters(), gradients_of(net, "quadratic"), strict=True)
    ]
    network.update_mini_batch([(x[:, None], t[:, None]) for x, t in zip(X, T, strict=True)], eta=3.0)
    taken = [a for w, b in zip(network.weights, network.biases, strict=True) for a in (w.T, b[:, 0])]
    for ours, theirs in zip(expected, taken, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_the_two_layer_net_takes_the_step_of_minigrad():
    notes = TwoLayerNet([6, 4, 3], RNG)
    net = MLP([6, 4, 3], "sigmoid", dtype=np.float64)
    names = ["layers.0.w", "layers.0.b", "layers.1.w", "layers.1.b"]
    net.load_state_dict(dict(zip(names, notes.params.values(), strict=True)))
    for ours, theirs in zip(gradients_of(net, "softmax"), notes.gradient(X, T).values(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
