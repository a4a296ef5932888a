"""`python -m models check`."""

from typing import Annotated

import numpy as np
import typer

from models.commands.options import BaseUrl, DataDir, DataName, Seed
from models.data import load_data
from models.differences import check_net
from models.losses import LOSSES
from models.recipes import RECIPES, recipe
from models.training import build


def check(
    net: Annotated[str, typer.Option(help=f"The net: {', '.join(RECIPES)}.")] = "two-layer",
    data: DataName = None,
    data_dir: DataDir = None,
    base_url: BaseUrl = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples to compute the loss of.")] = 3,
    h: Annotated[float, typer.Option("--step", help="h of the central difference.")] = 1e-4,
    tolerance: Annotated[float, typer.Option(help="The greatest difference allowed.")] = 1e-6,
    seed: Seed = 0,
) -> None:
    """Check backpropagation against central differences, on every element of every parameter of a net.

    Prints the mean and the greatest difference for each parameter. The exit status is 1 if one is too great.

    Example:
      python -m models check --net two-layer --data mnist --data-dir ~/mnist
    """
    chosen = recipe(net).with_options(data=data, seed=seed)
    examples = load_data(chosen.data, np.random.default_rng(seed), folder=data_dir, base_url=base_url)
    module = build(chosen, examples, np.random.default_rng(seed), np.float64)
    agreements = check_net(module, LOSSES[chosen.loss], examples.train[:batch_size], h)
    for each in agreements:
        verdict = "agrees" if each.holds(tolerance) else "DIFFERS"
        print(
            f"{each.name:12} {each.shape!s:12} mean difference {each.mean_difference:.2e}  "
            f"worst {each.worst_difference:.2e}  largest gradient {each.largest_gradient:.2e}  {verdict}"
        )
    if not all(each.holds(tolerance) for each in agreements):
        raise typer.Exit(1)
