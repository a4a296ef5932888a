"""`python -m models train`."""

import dataclasses
import itertools
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

import minigrad as mg
from models.activations import ACTIVATIONS
from models.commands.options import BaseUrl, DataDir, DataName
from models.data import Dataset, load_data
from models.errors import DivergedError, InputError
from models.evaluation import accuracy
from models.events import Events
from models.optimizers import OPTIMIZERS
from models.pictures import curves, save_picture
from models.progress import Display
from models.recipes import RECIPES, Recipe, recipe
from models.runs import Config, Run
from models.schedules import SCHEDULES
from models.training import Report, Training

_MAY_CHANGE = {"epochs", "steps"}  # what --resume can be given anew: how far to go


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
    resume: Annotated[Path | None, typer.Option(help="A run folder to go on with.")] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write TensorBoard events into the run folder.")
    ] = False,
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
        "hidden": None if hidden is None else _units(hidden),
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
    events = Events() if tensorboard else None
    if resume is None:
        chosen = recipe(net or "mlp").with_options(**given)
        examples = _data(chosen, data_dir, base_url)
        training = Training(chosen, examples)
        config = Config(chosen, training.net.sizes, examples.image_shape, data_dir)
        run = Run.create(out or _fresh_folder(chosen), config, training.checkpoint())
    else:
        run, training = _resumed(resume, given, data_dir, base_url)
    _train(run, training, events)


def _units(hidden: str) -> tuple[int, ...]:
    try:
        units = tuple(int(part) for part in hidden.split(",") if part.strip())
    except ValueError:
        units = (0,)
    if any(count < 1 for count in units):
        raise InputError(f"--hidden takes whole numbers from 1, with commas between them, not {hidden!r}")
    return units


def _data(chosen: Recipe, data_dir: Path | None, base_url: str | None) -> Dataset:
    return load_data(chosen.data, np.random.default_rng(chosen.seed), folder=data_dir, base_url=base_url)


def _fresh_folder(chosen: Recipe) -> Path:
    name = f"{chosen.net}-{chosen.data}-{datetime.now():%Y%m%d-%H%M%S}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(folder for folder in (Path("runs") / name for name in names) if not folder.exists())


def _resumed(
    folder: Path, given: Mapping[str, object], data_dir: Path | None, base_url: str | None
) -> tuple[Run, Training]:
    run = Run(folder)
    begun = run.config.recipe
    for name in given.keys() - _MAY_CHANGE:
        if given[name] != getattr(begun, name):
            option = "--" + name.replace("_", "-")
            raise InputError(f"{folder}: was begun with {option} {getattr(begun, name)}, not {given[name]}")
    chosen = begun.with_options(**{name: given[name] for name in given.keys() & _MAY_CHANGE})
    training = Training(chosen, _data(chosen, data_dir or run.config.data_dir, base_url))
    checkpoint = run.checkpoint()
    try:
        training.restore(checkpoint)
    except mg.MinigradError as error:
        raise InputError(f"{folder}: the checkpoint is not of this net: {error}") from error
    run.rewind(checkpoint.step)
    run.change(dataclasses.replace(run.config, recipe=chosen))
    return run, training


def _train(run: Run, training: Training, events: Events | None) -> None:
    console = Console()
    if events is not None:
        events.open(run.folder / "events", training.step)
    display = Display(training.steps, training.step, training.batches.batch_size, console)
    try:
        with display:
            for report in training.run(display.step):
                run.add_metrics(report.to_json())
                run.save(training.checkpoint())
                if events is not None:
                    events.add(report)
                display.report(report.step, report.test_acc, _line(report, training))
    except KeyboardInterrupt:
        _draw_curves(run)
        kept = run.checkpoint().step
        print(f"Interrupted. The checkpoint of step {kept} is kept; to go on:")
        print(f"  python -m models train --resume {run.folder}")
        raise typer.Exit(130) from None
    except DivergedError as error:
        _draw_curves(run)
        raise DivergedError(
            f"{error}; the checkpoint of step {run.checkpoint().step} is kept in {run.folder}"
        ) from error
    finally:
        if events is not None:
            events.close()
    _draw_curves(run)
    _summarise(run, training)


def _line(report: Report, training: Training) -> str:
    """As "Epoch 0: 9129 / 10000" where reports come by epochs, else with the step."""
    per_epoch = training.batches.per_epoch
    when = f"Epoch {report.step // per_epoch - 1}" if training.every == per_epoch else f"Step {report.step}"
    count = len(training.test)
    held_out = "" if report.validation_acc is None else f"  validation {report.validation_acc:.4f}"
    return (
        f"{when}: {round(report.test_acc * count)} / {count}  "
        f"loss {report.train_loss:.4f}  train {report.train_acc:.4f}{held_out}  test {report.test_acc:.4f}  "
        f"{report.step * training.batches.batch_size / report.seconds:,.0f} images/s"
    )


def _draw_curves(run: Run) -> None:
    chosen = run.config.recipe
    save_picture(curves(run.metrics(), f"{chosen.net} on {chosen.data}"), run.folder / "curves.svg")


def _summarise(run: Run, training: Training) -> None:
    right, count = accuracy(training.net, training.test), len(training.test)
    print(
        f"Accuracy {right:.4f} on {count} test examples, {accuracy(training.net, training.train):.4f} on "
        f"{len(training.train)} training examples, after {training.step} steps in {training.seconds:.1f} s.\n"
        f"Weights, metrics and curves are in {run.folder}"
    )
