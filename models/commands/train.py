"""`python -m models train`."""

from pathlib import Path
from typing import Annotated

import typer

from models.activations import ACTIVATIONS
from models.commands.options import BaseUrl, DataDir, DataName
from models.commands.sessions import begin, finish, resume
from models.errors import InputError
from models.events import Events
from models.optimizers import OPTIMIZERS
from models.recipes import RECIPES
from models.schedules import SCHEDULES


def units(hidden: str) -> tuple[int, ...]:
    """The numbers in a list such as "50,100".

    Raises:
        InputError: It is no list of whole numbers from 1.
    """
    counts = [part.strip() for part in hidden.split(",") if part.strip()]
    if not all(count.isdecimal() and int(count) for count in counts):
        raise InputError(f"--hidden takes whole numbers from 1, with commas between them, not {hidden!r}")
    return tuple(int(count) for count in counts)


def train(
    net: Annotated[str | None, typer.Option(help=f"The net: {', '.join(RECIPES)}. By default mlp.")] = None,
    data: DataName = None,
    data_dir: DataDir = None,
    base_url: BaseUrl = None,
    hidden: Annotated[
        str | None, typer.Option(help="Units of the hidden layers, first to last, such as 100 or 50,100.")
    ] = None,
    activation: Annotated[str | None, typer.Option(help=f"Hidden units: {', '.join(ACTIVATIONS)}.")] = None,
    optimizer: Annotated[str | None, typer.Option(help=f"One of {', '.join(OPTIMIZERS)}.")] = None,
    rate: Annotated[float | None, typer.Option(min=0, help="The learning rate.")] = None,
    momentum: Annotated[float | None, typer.Option(min=0, max=1, help="For sgd and nesterov.")] = None,
    schedule: Annotated[
        str | None, typer.Option(help=f"How the rate changes over the run: {', '.join(SCHEDULES)}.")
    ] = None,
    l2: Annotated[
        float | None,
        typer.Option(min=0, help="λ: adds λ/2 Σ w² over the weights, not the biases, to the loss."),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Examples a step.")] = None,
    replacement: Annotated[
        bool | None, typer.Option(help="Draw mini-batches with replacement, or shuffle and cut each epoch.")
    ] = None,
    validation: Annotated[
        float | None, typer.Option(min=0, max=0.9, help="The share of training examples to hold out.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="How often to go through all examples; or")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="how many steps to take.")] = None,
    every: Annotated[
        int | None, typer.Option(min=1, help="After how many steps to report and to save a checkpoint.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="What every random number comes from.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run folder to make. By default one in runs/.")] = None,
    resumed: Annotated[Path | None, typer.Option("--resume", help="A run folder to go on with.")] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write TensorBoard events into the run folder.")
    ] = False,
    compiled: Annotated[bool, typer.Option("--compile", help="Compile the training step: faster.")] = False,
) -> None:
    """Train a net and keep it in a run folder: weights, metrics and curves.

    Without options: a net of 100 hidden units on the digits that come with the package, in a few seconds.
    Every net has its own settings, which the options change.

    Examples:
      python -m models train

      python -m models train --net two-layer --data mnist --data-dir ~/mnist

      python -m models train --data mnist --hidden 100 --optimizer adam --rate 1e-3 --epochs 5

      python -m models train --resume runs/mlp-digits-20261121-213819 --steps 6000
    """
    options = {
        "net": net,
        "data": data,
        "hidden": None if hidden is None else units(hidden),
        "activation": activation,
        "optimizer": optimizer,
        "rate": rate,
        "momentum": momentum,
        "schedule": schedule,
        "l2": l2,
        "batch_size": batch_size,
        "replacement": replacement,
        "validation": validation,
        "epochs": epochs,
        "steps": steps,
        "every": every,
        "seed": seed,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if resumed is not None and out is not None:
        raise InputError(f"--resume goes on in {resumed}: leave out --out")
    events = Events() if tensorboard else None
    if resumed is None:
        run, training = begin(given, data_dir, base_url, out)
    else:
        run, training = resume(resumed, given, data_dir, base_url)
    if compiled:
        training.compile()
    finish(run, training, events)
