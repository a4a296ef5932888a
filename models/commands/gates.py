"""`python -m models gates`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from models.commands.options import Seed
from models.data import Split, load_data
from models.data.made import TRUTH_TABLE
from models.evaluation import accuracy, classify
from models.perceptrons import GATES
from models.pictures import Classify, regions, save_picture
from models.recipes import recipe
from models.training import train_quietly


def gates(
    seed: Seed = 0,
    out: Annotated[Path, typer.Option(help="Where to save the picture (.svg or .png).")] = Path("gates.svg"),
) -> None:
    """The logic gates as perceptrons, and why XOR takes two layers.

    Prints the truth tables, trains one line and then two layers on XOR, and draws how each cuts the plane.
    """
    print("x1 x2  " + "  ".join(f"{name:>4}" for name in GATES))
    for x in TRUTH_TABLE:
        print(f"{x[0]:2.0f} {x[1]:2.0f}  " + "  ".join(f"{gate(x):4}" for gate in GATES.values()))
    panels: dict[str, tuple[Classify, Split]] = {
        name: (gate, Split(TRUTH_TABLE, gate(TRUTH_TABLE))) for name, gate in GATES.items()
    }
    table = load_data("xor", np.random.default_rng(seed))
    for name, learner in (("line", "one line"), ("xor", "two layers")):
        net = train_quietly(recipe(name).with_options(seed=seed), table).net
        score = f"{learner}: {round(accuracy(net, table.test) * len(table.test))} of {len(table.test)} right"
        print(f"XOR learned by {score}")
        panels[score] = partial(classify, net), table.test
    save_picture(regions(panels, "x1", "x2", ("0", "1")), out)
    print(f"The regions are in {out}")
