"""A net that is a row of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.nn.module import Module


class Sequential(Module):
    """Modules, or any functions of a Tensor, one after the other.

    Example:
        >>> import minigrad as mg
        >>> net = Sequential(mg.nn.Affine(4, 3), mg.relu, mg.nn.Affine(3, 2))
        >>> net(np.zeros((5, 4), np.float32)).shape
        (5, 2)
    """

    def __init__(self, *steps: Callable[[Any], Any]) -> None:
        self.steps = list(steps)

    def forward(self, x: Any) -> Any:
        """Each step on what the one before it gave."""
        y = x
        for step in self.steps:
            y = step(y)
        return y

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Callable[[Any], Any]:
        return self.steps[index]
