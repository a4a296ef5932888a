"""The plots: curves, decision regions, the confusion matrix, mistakes, activations. Each returns a Figure."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.data.dataset import Split
from models.errors import InputError
from models.files import write_atomically

Points = NDArray[np.float32]
Classify = Callable[[Points], NDArray[np.int64]]

_CLASS_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")  # Paul Tol's "bright"
_MARKERS = "os^Dv*"


def save_picture(figure: Figure, path: Path) -> None:
    """Writes a figure in the format that the ending of `path` names, such as .svg or .png.

    The same figure gives the same bytes.

    Raises:
        InputError: There is no such format, or the file cannot be written.
    """
    buffer = io.BytesIO()
    kind = path.suffix.removeprefix(".")
    if kind not in figure.canvas.get_supported_filetypes():
        raise InputError(f"{path}: its ending names no picture format; take .svg, .png or .pdf")
    with mpl.rc_context({"svg.hashsalt": "minigrad"}):
        figure.savefig(buffer, format=kind, metadata={"Date": None} if kind == "svg" else None)
    write_atomically(path, buffer.getvalue())


def curves(metrics: Sequence[Mapping[str, float]], title: str) -> Figure:
    """The loss and the accuracies of a run over its steps."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    steps = [line["step"] for line in metrics]
    for axes, keys in ((loss, ("train_loss",)), (accuracy, ("train_acc", "validation_acc", "test_acc"))):
        for key in keys:
            if metrics and key in metrics[0]:
                axes.plot(steps, [line[key] for line in metrics], label=key, marker=".", clip_on=False)
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        if metrics:
            axes.legend()
    loss.set_ylabel("loss")
    loss.set_ylim(bottom=0)
    accuracy.set_ylabel("accuracy")
    accuracy.set_ylim(top=1)
    figure.suptitle(title)
    return figure


def regions(
    panels: Mapping[str, tuple[Classify, Split]], x_label: str, y_label: str, classes: Sequence[str]
) -> Figure:
    """In rows of three, each by its title: how a classifier cuts the plane, and its examples.

    Args:
        panels: By title: what gives each point (N, 2) its class, and the examples to show.
        x_label: What the first feature is.
        y_label: What the second is.
        classes: What each class is called.
    """
    across = min(3, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(2.9 * across + 0.7, 3.1 * down + 0.2), layout="constrained")
    frames = figure.subplots(down, across, squeeze=False).ravel()
    for axes in frames[len(panels) :]:
        axes.axis("off")
    for axes, (title, (classify, examples)) in zip(frames, panels.items(), strict=False):
        _regions(axes, classify, examples, classes)
        axes.set_title(title)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
    figure.legend(*frames[0].get_legend_handles_labels(), loc="outside right center")
    return figure


def _regions(axes: Axes, classify: Classify, examples: Split, classes: Sequence[str]) -> None:
    low, high = examples.x.min(axis=0), examples.x.max(axis=0)
    margin = 0.4 * (high - low)
    across, up = (
        np.linspace(start, stop, 201, dtype=np.float32)
        for start, stop in zip(low - margin, high + margin, strict=True)
    )
    grid = np.stack(np.meshgrid(across, up), axis=-1)
    answers = classify(grid.reshape(-1, 2)).reshape(len(up), len(across))
    axes.pcolormesh(
        *(across, up, answers),
        cmap=ListedColormap(_CLASS_COLOURS[: len(classes)]),
        vmin=-0.5,
        vmax=len(classes) - 0.5,
        alpha=0.35,
        rasterized=True,
    )
    for label, name in enumerate(classes):
        x, y = examples.x[examples.labels == label].T
        axes.scatter(x, y, label=name, **_style(label))


def examples_in_the_plane(examples: Split, classes: int) -> Figure:
    """Examples of two features each as points."""
    figure = Figure(figsize=(4.5, 4), layout="constrained")
    axes = figure.subplots()
    for label in range(classes):
        x, y = examples.x[examples.labels == label].T
        axes.scatter(x, y, label=f"{label}", **_style(label))
    figure.legend(loc="outside right center")
    return figure


def _style(label: int) -> dict[str, Any]:
    """How the points of a class are drawn."""
    return {"color": _CLASS_COLOURS[label], "marker": _MARKERS[label], "edgecolor": "black"}


def confusion(counts: NDArray[np.int64], accuracy: float) -> Figure:
    """How often each class (row) was taken for each (column)."""
    figure = Figure(figsize=(6, 5.6), layout="constrained")
    axes = figure.subplots()
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, f"{count}", ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(counts)))
    axes.set_yticks(range(len(counts)))
    axes.set_xlabel("predicted")
    axes.set_ylabel("label")
    axes.set_title(f"accuracy {accuracy:.4f}")
    return figure


def digits(images: NDArray[np.float32], captions: Sequence[str], title: str) -> Figure:
    """Pictures (N, rows, columns) in rows of eight, with a caption over each."""
    across = min(8, len(images))
    down = -(-len(images) // across)
    figure = Figure(figsize=(1.35 * across, 1.6 * down + 0.5), layout="constrained")
    frames = figure.subplots(down, across, squeeze=False).ravel()
    for axes in frames:
        axes.axis("off")
    for axes, image, caption in zip(frames, images, captions, strict=False):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        axes.set_title(caption, fontsize=8)
    figure.suptitle(title)
    return figure


def functions(values: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]) -> Figure:
    """Functions of one number, each by its name and its points (x, y), in frames side by side."""
    figure = Figure(figsize=(2.6 * len(values), 2.8), layout="constrained")
    for axes, (name, (x, y)) in zip(figure.subplots(1, len(values)), values.items(), strict=True):
        axes.plot(x, y)
        axes.axhline(0, color="black", linewidth=0.5)
        axes.axvline(0, color="black", linewidth=0.5)
        axes.set_title(name)
        axes.set_xlabel("x")
        axes.grid(alpha=0.3)
    return figure
