"""`python -m models evaluate`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from models.commands.options import Activation, BaseUrl, DataDir, DataName, Seed, Source
from models.data import Dataset, Split, load_data
from models.errors import InputError
from models.evaluation import confusion_counts, logits
from models.pictures import confusion, digits, save_picture
from models.trained import Trained, load_trained

_SHOWN = 32  # mistakes in the picture


def evaluate(
    source: Source,
    data: DataName = None,
    data_dir: DataDir = None,
    base_url: BaseUrl = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples a forward pass.")] = 1000,
    activation: Activation = "sigmoid",
    seed: Seed = 0,
    out: Annotated[
        Path | None, typer.Option(help="The folder for the pictures. By default the run folder, or this one.")
    ] = None,
) -> None:
    """Test a trained net: its accuracy, its confusion matrix and its worst mistakes as pictures.

    Examples:
      python -m models evaluate runs/mlp-digits-20261121-213819

      python -m models evaluate sample_weight.pkl --data mnist --data-dir ~/mnist
    """
    trained = load_trained(source, activation)
    examples = data_for(trained, source, data, data_dir, base_url, seed)
    scores = trained.loss.output(logits(trained.net, examples.test.x, batch_size)).numpy()
    answers, labels = scores.argmax(axis=1), examples.test.labels
    counts = confusion_counts(answers, labels, examples.classes)
    accuracy = float((answers == labels).mean())
    print(f"Accuracy {accuracy:.4f}: {counts.trace()} of {len(labels)} test examples of {examples.name}")
    for label, row in enumerate(counts):
        print(f"  label {label}: {row[label]:5} of {row.sum():5}{_often_taken_for(label, row)}")
    folder = out or (source if source.is_dir() else Path())
    folder.mkdir(parents=True, exist_ok=True)
    save_picture(confusion(counts, accuracy), folder / "confusion.svg")
    print(f"The confusion matrix is in {folder / 'confusion.svg'}")
    if examples.image_shape is not None and (answers != labels).any():
        _save_mistakes(examples.test, examples.image_shape, scores, folder / "mistakes.svg")


def data_for(
    trained: Trained, source: Path, data: str | None, data_dir: Path | None, base_url: str | None, seed: int
) -> Dataset:
    """The data set to ask a trained net about: the one named, else the one it was trained on.

    Raises:
        InputError: None is named or known, or its examples are not of the net's size.
    """
    config = trained.config
    name = data or (config.recipe.data if config else None)
    if name is None:
        raise InputError(f"{source}: weights do not tell their data set: name it with --data")
    same = config is not None and name == config.recipe.data
    folder = data_dir or (config.data_dir if config and same else None)
    seed = config.recipe.seed if config and same else seed
    examples = load_data(name, np.random.default_rng(seed), folder=folder, base_url=base_url)
    takes, knows = trained.net.sizes[0], trained.net.sizes[-1]
    if (takes, knows) != (examples.features, examples.classes):
        raise InputError(
            f"{source}: the net takes {takes} values and knows {knows} classes, "
            f"but {name} has {examples.features} and {examples.classes}"
        )
    return examples


def _often_taken_for(label: int, row: NDArray[np.int64]) -> str:
    wrong = row.copy()
    wrong[label] = 0
    return f", most often taken for {wrong.argmax()} ({wrong.max()})" if wrong.any() else ""


def _save_mistakes(test: Split, shape: tuple[int, int], scores: NDArray[np.floating], path: Path) -> None:
    """The mistakes about which the net was surest."""
    answers, labels = scores.argmax(axis=1), test.labels
    wrong = np.flatnonzero(answers != labels)
    worst = wrong[np.argsort(-scores[wrong, answers[wrong]])][:_SHOWN]
    images = test.x[worst].reshape(len(worst), *shape)
    captions = [f"{labels[i]} as {answers[i]} ({scores[i, answers[i]]:.2f})" for i in worst]
    save_picture(digits(images, captions, "label as answer (probability)"), path)
    print(f"The {len(worst)} worst of {len(wrong)} mistakes are in {path}")
