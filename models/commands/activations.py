"""`python -m models activations`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import minigrad as mg
from models.activations import ACTIVATIONS, step
from models.pictures import functions, save_picture


def activations(
    out: Annotated[Path, typer.Option(help="Where to save the plot (.svg or .png).")] = Path(
        "activations.svg"
    ),
) -> None:
    """The activation functions: a table of values, and a plot."""
    table = {"step": step, **ACTIVATIONS}
    at = np.array([-1000.0, -2.0, -1.0, 0.0, 1.0, 2.0, 1000.0])
    print("       x  " + "  ".join(f"{name:>9}" for name in table))
    columns = [np.asarray(function(at)) for function in table.values()]
    for x, *values in zip(at, *columns, strict=True):
        print(f"{x:8g}  " + "  ".join(f"{value:9.4g}" for value in values))
    scores = np.array([1010.0, 1000.0, 990.0])
    print(f"softmax of {scores}: {mg.softmax(scores).numpy()}")
    x = np.linspace(-5, 5, 1001)
    save_picture(functions({name: (x, np.asarray(function(x))) for name, function in table.items()}), out)
    print(f"The plot is in {out}")
