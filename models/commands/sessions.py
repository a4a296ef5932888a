"""A training from its beginning, or from its last checkpoint, to its end: watched, and kept in a run folder."""

import dataclasses
import itertools
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.console import Console

import minigrad as mg
from models.data import Dataset, load_data
from models.errors import DivergedError, InputError
from models.evaluation import accuracy
from models.events import Events
from models.graphs import loss_graph
from models.pictures import curves, save_picture
from models.progress import Display
from models.recipes import Recipe, recipe
from models.runs import Config, Run
from models.training import Report, Training

_MAY_CHANGE = {"epochs", "steps"}  # what a resumed run can be given anew: how far to go


def begin(
    given: Mapping[str, Any], data_dir: Path | None, base_url: str | None, out: Path | None
) -> tuple[Run, Training]:
    """A new run folder and its training, before the first step.

    Args:
        given: Settings by the names of `Recipe`, in place of those of the net's own recipe.
        data_dir: Where the data is.
        base_url: Where to download it from.
        out: The folder to make; by default one in `runs` that is named after the net, the data and the time.

    Raises:
        InputError: A setting or the data cannot be used, or the folder cannot be made.
    """
    chosen = recipe(given.get("net", "mlp")).with_options(**given)
    data = _data(chosen, data_dir, base_url)
    training = Training(chosen, data)
    config = Config(chosen, training.net.sizes, data.image_shape, data_dir and data_dir.absolute())
    return Run.create(
        out or _fresh_folder(chosen), config, training.checkpoint(), _graphs(training)
    ), training


def _data(chosen: Recipe, data_dir: Path | None, base_url: str | None) -> Dataset:
    return load_data(chosen.data, np.random.default_rng(chosen.seed), folder=data_dir, base_url=base_url)


def _graphs(training: Training) -> dict[str, str]:
    """The pictures of the loss on a first batch, by file name; laid out at once, without another program."""
    chosen = training.recipe
    batch = training.train[: training.batches.batch_size]
    title = f"{chosen.net} on {chosen.data}"
    drawing = loss_graph(training.net, training.loss, batch, title, engine="minigrad")
    return {"graph.svg": drawing.svg(), "graph.html": drawing.html()}


def _fresh_folder(chosen: Recipe) -> Path:
    name = f"{chosen.net}-{chosen.data}-{datetime.now():%Y%m%d-%H%M%S}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(folder for folder in (Path("runs") / name for name in names) if not folder.exists())


def resume(
    folder: Path, given: Mapping[str, Any], data_dir: Path | None, base_url: str | None
) -> tuple[Run, Training]:
    """A run folder and its training, at its last checkpoint.

    Args:
        folder: The run folder.
        given: Settings by the names of `Recipe`; but for `epochs` and `steps` they must be those of the run.
        data_dir: Where the data is now, if it was moved.
        base_url: Where to download it from.

    Raises:
        InputError: It is no run folder, one of another net or with other settings, or damaged.
    """
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


def finish(run: Run, training: Training, events: Events | None) -> None:
    """Trains to the last step, showing how it goes; each report is kept in the run folder with a checkpoint.

    Raises:
        DivergedError: The loss is no number any more; the last good checkpoint is kept.
        typer.Exit: Ctrl-C; the last complete checkpoint is kept. The exit status is 130.
    """
    try:
        _train(run, training, events)
    except KeyboardInterrupt:
        _draw_curves(run)
        kept = run.checkpoint().step
        print(f"Interrupted. The checkpoint of step {kept} is kept; to go on:")
        print(f"  python -m models train --resume {run.folder}")
        raise typer.Exit(130) from None
    except DivergedError as error:
        _draw_curves(run)
        kept = run.checkpoint().step
        raise DivergedError(f"{error}; the checkpoint of step {kept} is kept in {run.folder}") from error
    _draw_curves(run)
    right, count = accuracy(training.net, training.test), len(training.test)
    print(
        f"Accuracy {right:.4f} on {count} test examples, {accuracy(training.net, training.train):.4f} on "
        f"{len(training.train)} training examples, after {training.step} steps in {training.seconds:.1f} s.\n"
        f"Weights, metrics, curves and the graph are in {run.folder}"
    )


def _train(run: Run, training: Training, events: Events | None) -> None:
    if events is not None:
        events.open(run.folder / "events", training.step)
    display = Display(training.steps, training.step, training.batches.batch_size, Console())
    try:
        with display:
            for report in training.run(display.step):
                run.add_metrics(report.to_json())
                run.save(training.checkpoint())
                if events is not None:
                    events.add(report)
                display.report(report.step, report.test_acc, _line(report, training))
    finally:
        if events is not None:
            events.close()


def _draw_curves(run: Run) -> None:
    chosen = run.config.recipe
    save_picture(curves(run.metrics(), f"{chosen.net} on {chosen.data}"), run.folder / "curves.svg")


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
