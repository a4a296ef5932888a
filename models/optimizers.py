"""The optimizers that a recipe can name."""

from collections.abc import Callable

import minigrad as mg
from models.recipes import Recipe

OPTIMIZERS: dict[str, Callable[[list[mg.Tensor], Recipe], mg.optim.Optimizer]] = {
    "sgd": lambda parameters, recipe: mg.optim.SGD(parameters, recipe.rate, momentum=recipe.momentum),
    "nesterov": lambda parameters, recipe: mg.optim.SGD(
        parameters, recipe.rate, momentum=recipe.momentum, nesterov=True
    ),
    "adagrad": lambda parameters, recipe: mg.optim.AdaGrad(parameters, recipe.rate),
    "rmsprop": lambda parameters, recipe: mg.optim.RMSprop(parameters, recipe.rate),
    "adam": lambda parameters, recipe: mg.optim.Adam(parameters, recipe.rate),
}
