"""The named nets: how each is built, and how it is trained unless told otherwise."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from models.errors import InputError
from models.naming import look_up

_REPORTS = 10  # in a run whose length is given in steps; one whose length is given in epochs reports on each


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run: the same recipe on the same data gives the same numbers.

    Args:
        net: The name it goes by, a key of `RECIPES`.
        hidden: How many units each hidden layer has.
        activation: What the hidden units do, a key of `ACTIVATIONS`.
        weight_std: The standard deviation that weights start with; None for the one that suits the
            activation: He's for relu, Xavier's for the others.
        bias_std: The standard deviation that biases start with.
        loss: What is minimised, a key of `LOSSES`; it also says how logits become probabilities.
        data: The data set, one of `DATASETS`.
        validation: The share of the training examples (the last ones) that is held out.
        optimizer: A key of `OPTIMIZERS`.
        rate: The learning rate.
        momentum: How much of the last step goes into the next; for the optimizers that have it.
        schedule: How the rate changes over the run, a key of `SCHEDULES`.
        l2: λ: the loss grows by λ/2 times the sum of the squares of all weights, biases excepted.
        batch_size: How many examples a step sees; all of them if there are fewer.
        replacement: Whether an example may come twice in an epoch.
        epochs: How often all examples are gone through; or
        steps: how many steps are taken.
        every: After how many steps to report and to save; by default after each epoch, or ten times in a run
            whose length is given in steps.
        seed: What every random number comes from.
    """

    net: str
    hidden: tuple[int, ...]
    activation: str = "sigmoid"
    weight_std: float | None = None
    bias_std: float = 0.0
    loss: str = "softmax"
    data: str = "digits"
    validation: float = 0.0
    optimizer: str = "sgd"
    rate: float = 0.1
    momentum: float = 0.0
    schedule: str = "constant"
    l2: float = 0.0
    batch_size: int = 100
    replacement: bool = False
    epochs: int | None = None
    steps: int | None = None
    every: int | None = None
    seed: int = 0

    def total_steps(self, per_epoch: int) -> int:
        """How many steps the run takes, where an epoch takes `per_epoch`; one epoch if neither is given."""
        return self.steps or (self.epochs or 1) * per_epoch

    def steps_between_reports(self, per_epoch: int) -> int:
        """After how many steps there is a report, where an epoch takes `per_epoch`."""
        return self.every or (math.ceil(self.steps / _REPORTS) if self.steps else per_epoch)

    def with_options(self, **options: Any) -> "Recipe":
        """This recipe with every option that is not None put in its place.

        `epochs` and `steps` replace each other.

        Raises:
            InputError: Both `epochs` and `steps` are given.
        """
        given = {name: value for name, value in options.items() if value is not None}
        if "epochs" in given and "steps" in given:
            raise InputError("--epochs and --steps exclude each other: give one")
        if "epochs" in given or "steps" in given:
            given = {"epochs": None, "steps": None, **given}
        return dataclasses.replace(self, **given)

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain values, which `from_json` takes."""
        return {**dataclasses.asdict(self), "hidden": list(self.hidden)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Recipe":
        """The recipe that `to_json` gave.

        Raises:
            TypeError: The values are not those of a recipe.
        """
        return cls(**{**values, "hidden": tuple(values["hidden"])})


RECIPES = {
    recipe.net: recipe
    for recipe in (
        Recipe("mlp", hidden=(100,), activation="relu", optimizer="adam", rate=1e-3, steps=3_000),
        Recipe("two-layer", hidden=(50,), weight_std=0.01, rate=0.1, replacement=True, steps=10_000),
        Recipe("book", hidden=(50, 100), rate=0.1, replacement=True, steps=10_000),
        Recipe(
            "nielsen",
            hidden=(30,),
            weight_std=1.0,
            bias_std=1.0,
            loss="quadratic",
            validation=1 / 6,
            rate=3.0,
            batch_size=10,
            epochs=30,
        ),
        Recipe(
            "quadrants", hidden=(50,), activation="relu", data="quadrants", rate=0.001, l2=0.001, steps=10_000
        ),
        Recipe("line", hidden=(), data="xor", rate=0.5, steps=100),
        Recipe("xor", hidden=(4,), activation="tanh", data="xor", rate=0.5, steps=2_000),
    )
}


def recipe(net: str) -> Recipe:
    """The recipe of a named net.

    Raises:
        InputError: There is no such net.
    """
    return look_up("net", RECIPES, net)
