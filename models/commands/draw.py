"""`python -m models draw`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from models.commands.options import BaseUrl, DataDir, DataName, Seed
from models.data import load_data
from models.graphs import loss_graph
from models.losses import LOSSES
from models.recipes import RECIPES, recipe
from models.training import build


def draw(
    net: Annotated[str, typer.Argument(help=f"The net: {', '.join(RECIPES)}.")] = "mlp",
    data: DataName = None,
    data_dir: DataDir = None,
    base_url: BaseUrl = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples that the loss is computed of.")] = 100,
    seed: Seed = 0,
    out: Annotated[
        Path,
        typer.Option(
            help="Where to save the picture; the ending says as what: .svg, .html, .png, .pdf, .dot, .json."
        ),
    ] = Path("graph.svg"),
) -> None:
    """Draw the computation graph of a net's loss, with its gradients.

    Examples:
      python -m models draw

      python -m models draw two-layer --out two-layer.html
    """
    chosen = recipe(net).with_options(data=data, seed=seed)
    examples = load_data(chosen.data, np.random.default_rng(seed), folder=data_dir, base_url=base_url)
    module = build(chosen, examples, np.random.default_rng(seed))
    title = f"{net} on {chosen.data}"
    loss_graph(module, LOSSES[chosen.loss], examples.train[:batch_size], title).save(out)
    print(f"The graph is in {out}")
