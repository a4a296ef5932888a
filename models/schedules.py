"""How the learning rate changes over a run: a factor, by how much of the run is done (0 to 1)."""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]

_WARM = 0.05  # the share of the run over which the rate is warmed up
_DROPS, _DROP_TO = 3, 0.1


def constant(_: float) -> float:
    """The same rate throughout."""
    return 1.0


def linear(done: float) -> float:
    """Down to 0 in a straight line."""
    return 1 - done


def cosine(done: float) -> float:
    """Down to 0 along half a cosine (Loshchilov and Hutter 2017, without restarts)."""
    return (1 + math.cos(math.pi * done)) / 2


def warm_cosine(done: float) -> float:
    """Up from 0 over the first twentieth of the run, then `cosine`."""
    return done / _WARM if done < _WARM else cosine((done - _WARM) / (1 - _WARM))


def drops(done: float) -> float:
    """To a tenth of the rate after each third of the run."""
    return float(_DROP_TO ** int(done * _DROPS))


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "linear": linear,
    "cosine": cosine,
    "warm-cosine": warm_cosine,
    "drops": drops,
}
