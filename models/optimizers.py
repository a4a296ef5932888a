"""The optimizers that a recipe can name: each takes the parameters, the rate of every step, and the momentum."""

from collections.abc import Callable
from functools import partial

import minigrad as mg
from minigrad.optim import Optimizer, Schedule

Maker = Callable[[list[mg.Tensor], Schedule, float], Optimizer]

OPTIMIZERS: dict[str, Maker] = {
    "sgd": mg.optim.SGD,
    "nesterov": partial(mg.optim.SGD, nesterov=True),
    "adagrad": lambda parameters, rate, _: mg.optim.AdaGrad(parameters, rate),
    "rmsprop": lambda parameters, rate, _: mg.optim.RMSprop(parameters, rate),
    "adam": lambda parameters, rate, _: mg.optim.Adam(parameters, rate),
}
