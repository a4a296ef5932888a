"""The schedules that a recipe can name: each makes, of a rate and the steps of a run, the rate of every step."""

import math
from collections.abc import Callable

from minigrad.optim import CosineSchedule, Schedule, StepSchedule, WarmUp


def constant(rate: float, steps: int) -> Schedule:  # noqa: ARG001  made like the others
    """The same rate throughout."""
    return lambda _step: rate


def cosine(rate: float, steps: int) -> Schedule:
    """Down to 0 along half a cosine."""
    return CosineSchedule(rate, steps)


def warm_cosine(rate: float, steps: int) -> Schedule:
    """Up from 0 over the first twentieth of the run, and down to 0 along half a cosine."""
    return WarmUp(CosineSchedule(rate, steps), steps=math.ceil(steps / 20))


def drops(rate: float, steps: int) -> Schedule:
    """To a tenth after each third of the run."""
    return StepSchedule(rate, every=math.ceil(steps / 3), factor=0.1)


SCHEDULES: dict[str, Callable[[float, int], Schedule]] = {
    "constant": constant,
    "cosine": cosine,
    "warm-cosine": warm_cosine,
    "drops": drops,
}
