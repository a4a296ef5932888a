"""A run folder: what was trained, how, and how far it has come; readable whenever the run was killed.

- `config.json`: the recipe, the net's sizes, where the data is.
- `checkpoint.safetensors`: the weights by name; the optimizer's state under `optimizer/`; the step and the place
  in the data as metadata. It is always the last complete one.
- `metrics.jsonl`: one line a report. A line may be ahead of the checkpoint; it is dropped on resuming.
- `graph.svg`, `graph.html`: the computation graph of the loss, before the first step.
- `curves.svg`: the loss and the accuracies.
- `events/`: for TensorBoard, if asked for.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from models.errors import InputError
from models.files import append_line, write_atomically
from models.recipes import Recipe

Arrays = dict[str, NDArray[Any]]

_CONFIG, _CHECKPOINT, _METRICS = "config.json", "checkpoint.safetensors", "metrics.jsonl"
_OPTIMIZER = "optimizer/"


@dataclass(frozen=True)
class Config:
    """What was fixed when a run began.

    Args:
        recipe: How the net is built and trained.
        sizes: The units of each layer, inputs and outputs included.
        image_shape: (rows, columns) of an example that is a picture, else None.
        data_dir: The folder that the data was read from, if one was named.
    """

    recipe: Recipe
    sizes: tuple[int, ...]
    image_shape: tuple[int, int] | None
    data_dir: Path | None

    def to_json(self) -> str:
        """The configuration as `from_json` takes it."""
        values = {
            "recipe": self.recipe.to_json(),
            "sizes": self.sizes,
            "image_shape": self.image_shape,
            "data_dir": None if self.data_dir is None else str(self.data_dir),
        }
        return json.dumps(values, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Config":
        """The configuration that `to_json` gave.

        Raises:
            ValueError, KeyError, TypeError: The text is something else.
        """
        values = json.loads(text)
        rows_columns = values["image_shape"]
        return cls(
            Recipe.from_json(values["recipe"]),
            tuple(values["sizes"]),
            None if rows_columns is None else (int(rows_columns[0]), int(rows_columns[1])),
            None if values["data_dir"] is None else Path(values["data_dir"]),
        )


@dataclass(frozen=True)
class Checkpoint:
    """A moment of training from which it can go on to the same numbers.

    Args:
        step: How many steps have been taken.
        seconds: How long they took.
        batches: Where the drawing of mini-batches stands.
        weights: The net's parameters, by name.
        optimizer: The optimizer's state, by name.
    """

    step: int
    seconds: float
    batches: dict[str, Any]
    weights: Arrays
    optimizer: Arrays


class Run:
    """A run folder that exists.

    Args:
        folder: Where it is.

    Raises:
        InputError: It is no run folder, or its configuration is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / _CONFIG
        try:
            self.config = Config.from_json(path.read_text())
        except FileNotFoundError as error:
            raise InputError(f"{folder}: no run folder: it has no {_CONFIG}") from error
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: damaged: {error!r}") from error

    @classmethod
    def create(cls, folder: Path, config: Config, start: Checkpoint, pictures: Mapping[str, str]) -> "Run":
        """Makes a run folder with a first checkpoint, the whole of it or nothing.

        Args:
            folder: Where it is to be.
            config: What is fixed from now on.
            start: The net before the first step.
            pictures: More files of text, by name.

        Raises:
            InputError: The folder exists, or cannot be made.
        """
        if folder.exists():
            raise InputError(
                f"{folder}: exists already; go on with it by --resume, or name another with --out"
            )
        part = folder.with_name(f".{folder.name}.part")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            write_atomically(part / _CONFIG, config.to_json().encode())
            _write_checkpoint(part / _CHECKPOINT, start)
            for name, content in pictures.items():
                write_atomically(part / name, content.encode())
            part.rename(folder)
        except (OSError, InputError) as error:
            shutil.rmtree(part, ignore_errors=True)
            reason = error.strerror if isinstance(error, OSError) else error
            raise InputError(f"{folder}: cannot be made: {reason}") from error
        return cls(folder)

    def change(self, config: Config) -> None:
        """Puts another configuration in the place of this one."""
        write_atomically(self.folder / _CONFIG, config.to_json().encode())
        self.config = config

    def save(self, checkpoint: Checkpoint) -> None:
        """Puts a checkpoint in the place of the last one.

        Raises:
            InputError: It cannot be written; the last one is still there.
        """
        _write_checkpoint(self.folder / _CHECKPOINT, checkpoint)

    def checkpoint(self) -> Checkpoint:
        """The last complete checkpoint.

        Raises:
            InputError: The file is missing or damaged.
        """
        path = self.folder / _CHECKPOINT
        try:
            with safe_open(path, framework="numpy") as file:
                metadata = json.loads(file.metadata()["training"])
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
            return Checkpoint(
                step=int(metadata["step"]),
                seconds=float(metadata["seconds"]),
                batches=dict(metadata["batches"]),
                weights={k: v for k, v in arrays.items() if not k.startswith(_OPTIMIZER)},
                optimizer={
                    k.removeprefix(_OPTIMIZER): v for k, v in arrays.items() if k.startswith(_OPTIMIZER)
                },
            )
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}") from error
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: damaged: {error}") from error

    def add_metrics(self, values: dict[str, float]) -> None:
        """Appends one report to the metrics."""
        append_line(self.folder / _METRICS, json.dumps(values))

    def metrics(self) -> list[dict[str, float]]:
        """The reports so far, whole lines only."""
        path = self.folder / _METRICS
        return list(_whole_lines(path.read_bytes())) if path.exists() else []

    def rewind(self, step: int) -> None:
        """Drops the reports of steps after `step`, and a line that was cut short."""
        kept = [json.dumps(values) + "\n" for values in self.metrics() if values["step"] <= step]
        write_atomically(self.folder / _METRICS, "".join(kept).encode())


def _write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    training = {"step": checkpoint.step, "seconds": checkpoint.seconds, "batches": checkpoint.batches}
    state = {_OPTIMIZER + name: array for name, array in checkpoint.optimizer.items()}
    tensors = {name: np.asarray(array, order="C") for name, array in {**checkpoint.weights, **state}.items()}
    write_atomically(path, save(tensors, {"training": json.dumps(training)}))


def _whole_lines(data: bytes) -> Iterator[dict[str, float]]:
    whole, _, _ = data.rpartition(b"\n")
    for line in whole.splitlines():
        yield json.loads(line)
