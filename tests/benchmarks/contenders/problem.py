"""The problem every contender solves, and what a contender is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEARNING_RATE = 0.1


@dataclass(frozen=True)
class Problem:
    """Train two affine layers with a ReLU between them on one batch, by softmax with cross entropy and SGD.

    `x` is (batch, inputs) float32, `labels` is (batch,) int64.
    """

    inputs: int
    hidden: int
    classes: int
    x: NDArray[np.float32]
    labels: NDArray[np.int64]

    @classmethod
    def named(cls, name: str) -> Self:
        """Make the problem of a name like '784-50-10:100': sizes of the layers, then of the batch."""
        sizes, _, batch = name.partition(":")
        inputs, hidden, classes = map(int, sizes.split("-"))
        rng = np.random.default_rng(0)
        x = rng.normal(0, 0.3, (int(batch), inputs)).astype(np.float32)
        return cls(inputs, hidden, classes, x, rng.integers(classes, size=int(batch)))

    def parameters(self) -> list[NDArray[np.float32]]:
        """Draw the first w1, b1, w2, b2, the same for every contender (He's normal initialisation)."""
        rng = np.random.default_rng(1)
        parameters = []
        for fan_in, fan_out in ((self.inputs, self.hidden), (self.hidden, self.classes)):
            w = rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))
            parameters += [w.astype(np.float32), np.zeros(fan_out, np.float32)]
        return parameters


@dataclass(frozen=True)
class Training:
    """A contender at work on a problem.

    `step` makes one whole step (forward, backward, update) and returns the loss before the update.
    `parameters` reads w1, b1, w2, b2 as they are now; None marks what trains nothing and bounds the time.
    """

    step: Callable[[], SupportsFloat]
    parameters: Callable[[], Sequence[ArrayLike]] | None
