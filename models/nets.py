"""MLP, from which every net here is built."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

import minigrad as mg
from minigrad.tensor import Operand
from models.activations import ACTIVATIONS
from models.errors import InputError
from models.naming import look_up


class MLP(mg.nn.Module):
    """A multilayer perceptron: affine layers with an activation between them. Called on x, it gives logits.

    Args:
        sizes: The number of inputs, of the units of each hidden layer, and of outputs.
        activation: What the hidden units do, a key of `models.activations.ACTIVATIONS`.
        weight: How weights are drawn, as `mg.nn.normal(std)`; by default `mg.nn.he` for relu, `mg.nn.xavier`
            for the others.
        bias: How biases are drawn; by default they are 0.
        rng: What draws; by default a generator seeded with 0.
        dtype: The parameters' dtype.

    Raises:
        InputError: There are fewer than two sizes, or no such activation.

    Example:
        >>> net = MLP([784, 50, 10], "sigmoid")
        >>> net(np.zeros((3, 784), np.float32)).shape
        (3, 10)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        *,
        weight: mg.nn.Initialiser | None = None,
        bias: mg.nn.Initialiser | None = None,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if len(sizes) < 2:
            raise InputError(f"an MLP needs at least two sizes, its inputs and its outputs, not {sizes}")
        rng = rng or np.random.default_rng(0)
        weight = weight or (mg.nn.he if activation == "relu" else mg.nn.xavier)
        self.sizes = tuple(sizes)
        self.activation = look_up("activation", ACTIVATIONS, activation)
        self.layers = [
            mg.nn.Affine(fan_in, fan_out, weight=weight, bias=bias or True, rng=rng, dtype=dtype)
            for fan_in, fan_out in pairwise(sizes)
        ]

    def forward(self, x: Operand) -> mg.Tensor:
        """The logits (N, outputs) of the examples x (N, inputs)."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        y: mg.Tensor = last(x)
        return y


def from_arrays(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike], activation: str = "sigmoid"
) -> MLP:
    """The MLP with these parameters.

    Args:
        weights: One (fan_in, fan_out) for each layer.
        biases: One (fan_out,) for each layer.
        activation: What the hidden units do.

    Raises:
        InputError: The shapes do not follow one another.
    """
    ws, bs = [np.asarray(w) for w in weights], [np.asarray(b) for b in biases]
    if not ws or len(ws) != len(bs) or any(w.ndim != 2 for w in ws):
        raise InputError("an MLP needs a matrix and a bias for each layer")
    sizes = [ws[0].shape[0], *(w.shape[1] for w in ws)]
    for number, (w, b, (fan_in, fan_out)) in enumerate(zip(ws, bs, pairwise(sizes), strict=True), 1):
        if w.shape != (fan_in, fan_out) or b.shape != (fan_out,):
            needs = f"a weight {(fan_in, fan_out)} and a bias {(fan_out,)}"
            raise InputError(f"layer {number} needs {needs}, not {w.shape} and {b.shape}")
    net = MLP(sizes, activation, dtype=np.result_type(*ws))
    state: dict[str, NDArray[np.floating]] = {}
    for number, (w, b) in enumerate(zip(ws, bs, strict=True)):
        state |= {f"layers.{number}.w": w, f"layers.{number}.b": b}
    net.load_state_dict(state)
    return net


def three_layer_net() -> MLP:
    """The notes' net of 2, 3, 2 and 2 units, sigmoid, sigmoid and identity, with its weights written out.

    Example:
        >>> three_layer_net()([[1.0, 0.5]]).numpy().round(8)
        array([[0.31682708, 0.69627909]])
    """
    return from_arrays(
        [
            [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]],
            [[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]],
            [[0.1, 0.3], [0.2, 0.4]],
        ],
        [[0.1, 0.2, 0.3], [0.1, 0.2], [0.1, 0.2]],
    )
