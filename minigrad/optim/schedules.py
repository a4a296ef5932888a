"""Schedules: the learning rate as a function of the step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

# Gives the learning rate of a step; the first is step 0. What an optimizer takes for a changing `lr`.
Schedule: TypeAlias = Callable[[int], float]


@dataclass(frozen=True)
class StepSchedule:
    """A learning rate that is multiplied by a factor every so many steps.

    Args:
        lr: of the first steps.
        every: the number of steps between two changes.
        factor: what it is multiplied by.

    Example:
        >>> schedule = StepSchedule(0.8, every=10, factor=0.5)
        >>> [schedule(step) for step in (0, 9, 10, 20)]
        [0.8, 0.8, 0.4, 0.2]
    """

    lr: float
    every: int
    factor: float = 0.1

    def __call__(self, step: int) -> float:
        """The learning rate of a step."""
        return self.lr * self.factor ** (step // self.every)


@dataclass(frozen=True)
class CosineSchedule:
    """A learning rate that falls along half a cosine, and then stays (Loshchilov and Hutter 2017, without restarts).

    Args:
        lr: of the first step.
        steps: how many steps it falls for.
        final: what it falls to.

    Example:
        >>> schedule = CosineSchedule(0.1, steps=100)
        >>> [round(schedule(step), 4) for step in (0, 50, 100, 200)]
        [0.1, 0.05, 0.0, 0.0]
    """

    lr: float
    steps: int
    final: float = 0.0

    def __call__(self, step: int) -> float:
        """The learning rate of a step."""
        fallen = min(step / self.steps, 1.0)
        return self.final + 0.5 * (self.lr - self.final) * (1 + math.cos(math.pi * fallen))


@dataclass(frozen=True)
class WarmUp:
    """Another schedule, whose first steps are scaled up in a line: by 1/steps, 2/steps, ... 1 (Goyal et al. 2017).

    Args:
        schedule: what it leads into; a learning rate that shall stay, too.
        steps: how many steps it takes.

    Example:
        >>> schedule = WarmUp(0.8, steps=4)
        >>> [round(schedule(step), 4) for step in range(6)]
        [0.2, 0.4, 0.6, 0.8, 0.8, 0.8]
    """

    schedule: Schedule | float
    steps: int

    def __call__(self, step: int) -> float:
        """The learning rate of a step."""
        lr = self.schedule(step) if callable(self.schedule) else self.schedule
        return lr * min((step + 1) / self.steps, 1.0)
