"""Gradients by central differences: slow, obvious, and what backpropagation is checked against."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from models.data.dataset import Split
from models.losses import Loss
from models.nets import MLP


def numerical_gradient(
    f: Callable[[], float], x: NDArray[np.float64], h: float = 1e-4
) -> NDArray[np.float64]:
    """∂f/∂x by (f(x + h) - f(x - h)) / 2h, one element of x after the other.

    Args:
        f: Computes the value from what `x` holds at the moment; `x` is changed for each call, and put back.
        x: Any shape, float64, contiguous.
        h: The step.

    Returns:
        An array of x's shape; its error is of the order h² where f is smooth.

    Example:
        >>> x = np.array([3.0, 4.0])
        >>> numerical_gradient(lambda: float((x**2).sum()), x).round(6)
        array([6., 8.])
    """
    gradient = np.empty_like(x)
    values, slopes = x.reshape(-1), gradient.reshape(-1)
    for i, value in enumerate(values.tolist()):
        values[i] = value + h
        above = f()
        values[i] = value - h
        below = f()
        values[i] = value
        slopes[i] = (above - below) / (2 * h)
    return gradient


@dataclass(frozen=True)
class Agreement:
    """How well backpropagation and differences agree on one parameter.

    Args:
        name: The parameter.
        shape: Its shape.
        mean_difference: How far the two are apart, in the mean over its elements.
        worst_difference: How far at most.
        largest_gradient: The largest size of an element of its gradient, by differences.
    """

    name: str
    shape: tuple[int, ...]
    mean_difference: float
    worst_difference: float
    largest_gradient: float

    def holds(self, tolerance: float) -> bool:
        """Whether the worst difference is small beside the largest gradient, or 1 if that is larger."""
        return self.worst_difference <= tolerance * max(1.0, self.largest_gradient)


def _gradient(parameter: mg.Tensor) -> NDArray[np.float64]:
    """What backpropagation found; zeros where the value does not depend on the parameter."""
    return np.zeros(parameter.shape) if parameter.grad is None else parameter.grad.numpy()


def check_net(net: MLP, loss: Loss, examples: Split, h: float = 1e-4) -> list[Agreement]:
    """Compares backpropagation with central differences, on every element of every parameter.

    Args:
        net: With float64 parameters: in float32 the differences would be rounding errors.
        loss: What is differentiated.
        examples: On what.
        h: The step of the differences.
    """

    def value() -> mg.Tensor:
        return loss.cost(net(examples.x.astype(np.float64)), examples.labels)

    def number() -> float:
        with mg.no_grad():
            return float(value().item())

    net.zero_grad()
    value().backward()
    agreements = []
    for name, parameter in net.named_parameters():
        measured = numerical_gradient(number, parameter.data, h)
        difference = np.abs(_gradient(parameter) - measured)
        agreements.append(
            Agreement(
                name,
                parameter.shape,
                float(difference.mean()),
                float(difference.max()),
                float(np.abs(measured).max()),
            )
        )
    return agreements
