"""The plots are written whole, the same each time, and hold what they are told to show."""

import numpy as np
import pytest

from models.data.dataset import Split
from models.errors import InputError
from models.pictures import confusion, curves, digits, functions, regions, save_picture

METRICS = [
    {"step": 1, "train_loss": 2.0, "train_acc": 0.1, "test_acc": 0.2, "seconds": 1},
    {"step": 2, "train_loss": 1.0, "train_acc": 0.5, "test_acc": 0.4, "seconds": 2},
]


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for name in ("a.svg", "b.svg"):
        save_picture(curves(METRICS, "a run"), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_an_ending_that_is_no_format_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.xyz: its ending names no picture format"):
        save_picture(curves(METRICS, "a run"), tmp_path / "a.xyz")
    with pytest.raises(InputError, match=r"nowhere/a\.svg: cannot be written: No such file"):
        save_picture(curves(METRICS, "a run"), tmp_path / "nowhere" / "a.svg")
    assert list(tmp_path.iterdir()) == []


def test_curves_show_the_metrics_there_are():
    loss, accuracy = curves(METRICS, "a run").axes
    assert loss.lines[0].get_ydata().tolist() == [2.0, 1.0]
    assert [line.get_label() for line in accuracy.lines] == ["train_acc", "test_acc"]


def test_curves_of_a_run_without_a_report_are_empty():
    assert [axes.lines[:] for axes in curves([], "a run").axes] == [[], []]


def test_confusion_writes_every_count_that_is_not_0():
    figure = confusion(np.array([[3, 0], [1, 2]]), accuracy=5 / 6)
    assert sorted(text.get_text() for text in figure.axes[0].texts) == ["1", "2", "3"]
    assert figure.axes[0].get_title() == "accuracy 0.8333"


def test_regions_show_each_class_by_its_name():
    examples = Split(np.array([[0, 0], [1, 1]], np.float32), np.array([0, 1]))
    figure = regions(
        {"half": (lambda x: (x[:, 0] > 0.5).astype(np.int64), examples)}, "x", "y", ("no", "yes")
    )
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["no", "yes"]


def test_digits_have_their_captions():
    figure = digits(np.zeros((9, 4, 4), np.float32), [str(i) for i in range(9)], "nine")
    assert [axes.get_title() for axes in figure.axes[:9]] == [str(i) for i in range(9)]


def test_functions_are_plotted_by_name():
    x = np.linspace(-1, 1, 3)
    assert [axes.get_title() for axes in functions({"f": (x, x), "g": (x, -x)}).axes] == ["f", "g"]
