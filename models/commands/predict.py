"""`python -m models predict`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from models.commands.options import Activation, Source
from models.data.picture import fit_picture, read_picture
from models.errors import InputError
from models.evaluation import logits
from models.pictures import digits, save_picture
from models.trained import Trained, load_trained

_BAR = 40  # characters for a probability of 1


def predict(
    source: Source,
    pictures: Annotated[
        list[Path], typer.Argument(help="Pictures of a digit (PNG and the like), or digits as text (.txt).")
    ],
    invert: Annotated[
        bool | None,
        typer.Option(
            help="Exchange black and white, or do not. By default as the edge of the picture asks for."
        ),
    ] = None,
    activation: Activation = "sigmoid",
    show: Annotated[
        Path | None, typer.Option(help="Where to save what the net saw, as a picture (.svg or .png).")
    ] = None,
) -> None:
    """Ask a trained net which digit a picture shows.

    A picture may be of any size, dark on light or light on dark: it is made to look like those that the net
    was trained on, and what was done to it is told.

    Examples:
      python -m models predict runs/mlp-mnist-20261121-213819 seven.png

      python -m models predict sample_weight.pkl seven.png --no-invert --show seen.png
    """
    trained = load_trained(source, activation)
    shape = _image_shape(trained, source)
    seen, captions = [], []
    for path in pictures:
        grey = read_picture(path)
        try:
            picture, done = fit_picture(grey, shape, invert)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        answer = logits(trained.net, picture.reshape(1, -1))
        probabilities = trained.loss.output(answer).numpy()[0]
        print(f"{path}: {probabilities.argmax()}   ({'; '.join(done)})")
        for digit, probability in enumerate(probabilities):
            print(f"  {digit}  {probability:.4f}  {'█' * round(float(probability) * _BAR)}".rstrip())
        seen.append(picture)
        captions.append(f"{path.name}: {probabilities.argmax()}")
    if show is not None:
        save_picture(digits(np.stack(seen), captions, "what the net saw"), show)
        print(f"What the net saw is in {show}")


def _image_shape(trained: Trained, source: Path) -> tuple[int, int]:
    """The rows and columns that the net takes: those it was trained on, else a square of its inputs."""
    if trained.config is not None:
        if trained.config.image_shape is None:
            raise InputError(f"{source}: was trained on {trained.config.recipe.data}, which are no pictures")
        return trained.config.image_shape
    side = round(trained.net.sizes[0] ** 0.5)
    if side * side != trained.net.sizes[0]:
        raise InputError(
            f"{source}: the net takes {trained.net.sizes[0]} values, which make no square picture"
        )
    return side, side
