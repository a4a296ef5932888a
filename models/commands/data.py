"""`python -m models data`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from models.commands.options import BaseUrl, DataDir, Seed
from models.data import DATASETS, load_data
from models.pictures import digits, examples_in_the_plane, save_picture


def data(
    name: Annotated[str, typer.Argument(help=f"The data set: {', '.join(DATASETS)}.")] = "digits",
    data_dir: DataDir = None,
    base_url: BaseUrl = None,
    count: Annotated[int, typer.Option(min=1, help="Pictures to show.")] = 32,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option(help="Where to save the picture (.svg or .png).")] = Path("data.svg"),
) -> None:
    """Look at a data set: how many examples of each class there are, and the first of them as a picture.

    Examples:
      python -m models data digits

      python -m models data text --data-dir ~/digits-as-text
    """
    examples = load_data(name, np.random.default_rng(seed), folder=data_dir, base_url=base_url)
    print(
        f"{name}: {len(examples.train)} examples to train on, {len(examples.test)} to test on, "
        f"{examples.features} values each from {examples.train.x.min():g} to {examples.train.x.max():g}"
    )
    for kind, split in (("train", examples.train), ("test", examples.test)):
        counts = np.bincount(split.labels, minlength=examples.classes)
        print(f"  {kind:5} " + "  ".join(f"{label}: {number}" for label, number in enumerate(counts)))
    if examples.image_shape is None:
        figure = examples_in_the_plane(examples.train, examples.classes)
    else:
        shown = examples.train[:count]
        images = shown.x.reshape(len(shown), *examples.image_shape)
        figure = digits(images, [str(label) for label in shown.labels], name)
    save_picture(figure, out)
    print(f"The picture is in {out}")
