"""A net with its trained weights, from a run folder or from a file of weights."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import minigrad as mg
from models.data.pickles import read_pickle
from models.errors import InputError
from models.losses import LOSSES, Loss
from models.naming import look_up
from models.nets import MLP, from_arrays
from models.runs import Arrays, Config, Run


@dataclass(frozen=True)
class Trained:
    """A net that can be asked.

    Args:
        net: With its weights.
        loss: What it was trained on; its `output` makes probabilities of logits.
        config: How it was trained, where that is known.
    """

    net: MLP
    loss: Loss
    config: Config | None = None


def load_trained(source: Path, activation: str = "sigmoid") -> Trained:
    """The net in a run folder, or the one that a file of weights describes.

    Args:
        source: A run folder; or a file .npz or .pkl of arrays W1, b1, W2, b2, ..., which tell the sizes.
        activation: What the hidden units do, if `source` is a file: weights alone do not tell.

    Raises:
        InputError: It is missing or damaged, or the arrays do not make a net.
    """
    if source.is_dir():
        return from_run(Run(source))
    arrays = _read_npz(source) if source.suffix == ".npz" else _read_pickle(source)
    depth = len(arrays) // 2
    expected = {f"{letter}{number}" for letter in "Wb" for number in range(1, depth + 1)}
    if not arrays or set(arrays) != expected:
        raise InputError(f"{source}: holds {', '.join(sorted(arrays)) or 'nothing'}, not W1, b1, W2, b2, ...")
    try:
        layers = range(1, depth + 1)
        net = from_arrays([arrays[f"W{i}"] for i in layers], [arrays[f"b{i}"] for i in layers], activation)
    except mg.MinigradError as error:
        raise InputError(f"{source}: {error}") from error
    return Trained(net, LOSSES["softmax"])


def from_run(run: Run) -> Trained:
    """The net of a run, as its last complete checkpoint has it.

    Raises:
        InputError: The checkpoint is missing or damaged, or its weights are not those of the net.
    """
    recipe = run.config.recipe
    net = MLP(run.config.sizes, recipe.activation)
    try:
        net.load_state_dict(run.checkpoint().weights)
    except mg.MinigradError as error:
        raise InputError(f"{run.folder}: {error}") from error
    return Trained(net, look_up("loss", LOSSES, recipe.loss), run.config)


def _read_npz(path: Path) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: not an npz of arrays: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _read_pickle(path: Path) -> Arrays:
    match read_pickle(path):
        case dict() as arrays if all(isinstance(array, np.ndarray) for array in arrays.values()):
            return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}
    raise InputError(f"{path}: not a dict of arrays W1, b1, W2, b2, ...")
