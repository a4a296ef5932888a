"""What a net makes of a split of a data set."""

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from models.data.dataset import Split
from models.nets import MLP

_AT_ONCE = 1000  # examples a forward pass: enough for full speed, small enough for the cache


def logits(net: MLP, x: NDArray[np.float32], batch_size: int = _AT_ONCE) -> NDArray[np.floating]:
    """The net's answers (N, C) to the examples (N, D), `batch_size` at a time."""
    # A net that diverges is caught by the loss in training; here its overflow gives some class or other.
    with mg.no_grad(), np.errstate(over="ignore", invalid="ignore"):
        starts = range(0, len(x), batch_size)
        return np.concatenate([net(x[start : start + batch_size]).numpy() for start in starts])


def classify(net: MLP, x: NDArray[np.float32], batch_size: int = _AT_ONCE) -> NDArray[np.int64]:
    """The class (N,) with the greatest logit for each example (N, D)."""
    answers: NDArray[np.int64] = logits(net, x, batch_size).argmax(axis=1)
    return answers


def accuracy(net: MLP, split: Split) -> float:
    """The share of the examples that the net puts in the right class."""
    return float((classify(net, split.x) == split.labels).mean())


def confusion_counts(
    answers: NDArray[np.int64], labels: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """How often each label (row) was answered by each class (column), shape (classes, classes).

    Example:
        >>> confusion_counts(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
        array([[1, 1],
               [0, 1]])
    """
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts
