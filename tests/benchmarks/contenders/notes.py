"""The two nets of the notes, computed as the notes compute them: what minigrad's time is compared with."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(z: Array) -> Array:
    """Elementwise 1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-z))


class NielsensNetwork:
    """Nielsen's `Network`: column vectors, one example after the other, the quadratic cost."""

    def __init__(self, sizes: list[int], rng: np.random.Generator) -> None:
        self.biases = [rng.standard_normal((out, 1)) for out in sizes[1:]]
        self.weights = [rng.standard_normal((out, into)) for into, out in pairwise(sizes)]

    def update_mini_batch(self, batch: list[tuple[Array, Array]], eta: float) -> None:
        """One step of gradient descent, the gradients of the examples added up one by one."""
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            delta_b, delta_w = self.backprop(x, y)
            nabla_b = [nb + db for nb, db in zip(nabla_b, delta_b, strict=True)]
            nabla_w = [nw + dw for nw, dw in zip(nabla_w, delta_w, strict=True)]
        self.weights = [w - eta / len(batch) * nw for w, nw in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - eta / len(batch) * nb for b, nb in zip(self.biases, nabla_b, strict=True)]

    def backprop(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """The gradients of one example's cost, by the four equations."""
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights, strict=True):
            zs.append(w @ activations[-1] + b)
            activations.append(sigmoid(zs[-1]))
        delta = (activations[-1] - y) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
        nabla_b, nabla_w = [delta], [delta @ activations[-2].T]
        for layer in range(2, len(self.weights) + 1):
            slope = sigmoid(zs[-layer]) * (1 - sigmoid(zs[-layer]))
            delta = (self.weights[-layer + 1].T @ delta) * slope
            nabla_b.insert(0, delta)
            nabla_w.insert(0, delta @ activations[-layer - 1].T)
        return nabla_b, nabla_w


class TwoLayerNet:
    """The notes' two-layer net: softmax with cross entropy, the layers kept in a dict, float64."""

    def __init__(self, sizes: list[int], rng: np.random.Generator) -> None:
        into, hidden, out = sizes
        self.params = {
            "W1": 0.01 * rng.standard_normal((into, hidden)),
            "b1": np.zeros(hidden),
            "W2": 0.01 * rng.standard_normal((hidden, out)),
            "b2": np.zeros(out),
        }

    def step(self, x: Array, t: Array, rate: float) -> float:
        """One step of gradient descent on a batch with one-hot labels; gives the loss after it."""
        for key, gradient in self.gradient(x, t).items():
            self.params[key] -= rate * gradient
        return self.loss(x, t)

    def predict(self, x: Array) -> Array:
        """Probabilities."""
        p = self.params
        scores = sigmoid(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        exp = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)

    def loss(self, x: Array, t: Array) -> float:
        """Cross entropy."""
        return float(-(t * np.log(self.predict(x) + 1e-7)).sum() / len(x))

    def gradient(self, x: Array, t: Array) -> dict[str, Array]:
        """By backpropagation."""
        p = self.params
        z1 = sigmoid(x @ p["W1"] + p["b1"])
        dy = (self.predict(x) - t) / len(x)
        da1 = dy @ p["W2"].T * z1 * (1 - z1)
        return {"W1": x.T @ da1, "b1": da1.sum(axis=0), "W2": z1.T @ dy, "b2": dy.sum(axis=0)}
