"""What training minimises, by name, and how the same net's logits become probabilities."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad.tensor import Operand


@dataclass(frozen=True)
class Loss:
    """A loss and the output activation that belongs to it.

    Args:
        cost: From logits (N, C) and labels (N,) to a single number, the mean over the examples.
        output: From logits (N, C) to one number from 0 to 1 for each class.
    """

    cost: Callable[[mg.Tensor, NDArray[np.int64]], mg.Tensor]
    output: Callable[[Operand], mg.Tensor]


class Cost(mg.nn.Module):
    """A net and what it is trained to make small: called on examples (N, D) and labels (N,), it gives the loss.

    Args:
        net: From examples to logits.
        loss: What is computed of them.

    Example:
        >>> cost = Cost(mg.nn.Affine(3, 2), LOSSES["softmax"])
        >>> [name for name, _ in cost.named_parameters()]
        ['net.w', 'net.b']
    """

    def __init__(self, net: mg.nn.Module, loss: Loss) -> None:
        self.net, self.loss = net, loss

    def forward(self, x: Operand, labels: NDArray[np.int64]) -> mg.Tensor:
        """The loss, a single number."""
        return self.loss.cost(self.net(x), labels)


def quadratic_cost(a: mg.Tensor, y: Operand) -> mg.Tensor:
    """1/(2n) Σ ‖y - a‖² over n examples (Nielsen, *Neural Networks and Deep Learning*, equation 6).

    Args:
        a: Shape (n, C): what the output units answer.
        y: Shape (n, C): what they should.

    Returns:
        A single number.

    Example:
        >>> quadratic_cost(mg.Tensor([[1.0, 0.0]]), np.array([[0.0, 0.5]])).item()
        0.625
    """
    return mg.mean_squared_error(a, y) / len(a)


def _sigmoid_quadratic(logits: mg.Tensor, labels: NDArray[np.int64]) -> mg.Tensor:
    rows = mg.Tensor(np.eye(logits.shape[1], dtype=np.float32))  # a Tensor, which a compiled step can index
    return quadratic_cost(mg.sigmoid(logits), rows[labels])


LOSSES = {
    "softmax": Loss(cost=mg.softmax_with_loss, output=mg.softmax),
    "quadratic": Loss(cost=_sigmoid_quadratic, output=mg.sigmoid),
}
