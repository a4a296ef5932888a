"""`python -m models check`."""

from typing import Annotated

import numpy as np
import typer

from minigrad.testing import GradientError, gradcheck
from models.commands.options import BaseUrl, DataDir, DataName, Seed
from models.data import load_data
from models.losses import LOSSES, Cost
from models.recipes import RECIPES, recipe
from models.training import build


def check(
    net: Annotated[str, typer.Option(help=f"The net: {', '.join(RECIPES)}.")] = "two-layer",
    data: DataName = None,
    data_dir: DataDir = None,
    base_url: BaseUrl = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples to compute the loss of.")] = 3,
    tolerance: Annotated[
        float, typer.Option(min=0, help="The relative error that a gradient must be proven to.")
    ] = 1e-6,
    seed: Seed = 0,
) -> None:
    """Check backpropagation against differences, for the inputs and every parameter of a net.

    Prints how closely each gradient is proven. The exit status is 1 if one is wrong, or not proven to the tolerance.

    Example:
      python -m models check --net two-layer --data mnist --data-dir ~/mnist
    """
    chosen = recipe(net).with_options(data=data, seed=seed)
    examples = load_data(chosen.data, np.random.default_rng(seed), folder=data_dir, base_url=base_url)
    cost = Cost(build(chosen, examples, np.random.default_rng(seed), np.float64), LOSSES[chosen.loss])
    batch = examples.train[:batch_size]
    try:
        report = gradcheck(cost, batch.x, batch.labels, min_resolution=tolerance, seed=seed)
    except GradientError as error:
        print(error)
        raise typer.Exit(1) from None
    print(report)
    if not report.conclusive:
        raise typer.Exit(1)
