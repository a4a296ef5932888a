"""`python -m models quadrants`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from models.commands.options import Seed
from models.data import Split, load_data
from models.evaluation import classify
from models.pictures import regions, save_picture
from models.recipes import recipe
from models.training import train_quietly

_ROMAN = ("I", "II", "III", "IV")


def quadrants(
    seed: Seed = 0,
    steps: Annotated[int, typer.Option(min=1, help="Full-batch steps.")] = 10_000,
    out: Annotated[Path, typer.Option(help="Where to save the picture (.svg or .png).")] = Path(
        "quadrants.svg"
    ),
) -> None:
    """Train a net of 2, 50 and 4 units to tell in which quadrant a point lies, from one point in each.

    Prints where it puts the points (±2, ±2), and draws the regions into which it cuts the plane.
    """
    points = load_data("quadrants", np.random.default_rng(seed))
    training = train_quietly(recipe("quadrants").with_options(seed=seed, steps=steps), points)
    answers = classify(training.net, points.test.x)
    for (x, y), answer, label in zip(points.test.x, answers, points.test.labels, strict=True):
        wrong = "" if answer == label else f", but lies in {_ROMAN[label]}"
        print(f"({x:2.0f}, {y:2.0f}) falls in quadrant {_ROMAN[answer]}{wrong}")
    shown = Split(np.concatenate([points.train.x, points.test.x]), np.tile(points.test.labels, 2))
    panels = {"quadrants": (partial(classify, training.net), shown)}
    save_picture(regions(panels, "x", "y", _ROMAN), out)
    print(f"The regions are in {out}")
