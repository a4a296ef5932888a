"""The optimizers that a recipe can name."""

from collections.abc import Callable

import minigrad as mg
from models.recipes import Recipe

OPTIMIZERS: dict[str, Callable[[list[mg.Tensor], Recipe], mg.optim.Optimizer]] = {
    "sgd": lambda parameters, recipe: mg.optim.SGD(parameters, recipe.rate, momentum=recipe.momentum),
    "nesterov": lambda parameters, recipe: mg.optim.SGD(
        parameters, recipe.rate, momentum=recipe.momentum, nesterov=True
    ),
    "adam": lambda parameters, recipe: mg.optim.Adam(parameters, recipe.rate),
}
