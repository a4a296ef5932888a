"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from models.data import DATASETS

DataName = Annotated[str | None, typer.Option("--data", help=f"The data set: {', '.join(DATASETS)}.")]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="The folder with the files of the data set. Without it, mnist and fashion-mnist are taken from "
        "the folder of their name in $MINIGRAD_DATA, or downloaded once into the user's cache."
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(help="Where to download mnist or fashion-mnist from, instead of the known address."),
]
Seed = Annotated[int, typer.Option(min=0, help="What every random number comes from.")]
Source = Annotated[
    Path,
    typer.Argument(
        help="A run folder that `train` made; or a file .pkl or .npz of arrays W1, b1, W2, b2, ...",
        show_default=False,
    ),
]
Activation = Annotated[
    str, typer.Option(help="What the hidden units do, where the net comes from a file of weights alone.")
]
