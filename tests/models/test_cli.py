"""The command line, as a person meets it."""

import errno
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from minigrad.testing.mutation import Mutation
from minigrad.testing.observing import mutating
from models.cli import main
from models.data import load_data
from models.data.idx import write_idx
from models.data.text import write_digit
from models.runs import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refused(capsys, *arguments: object) -> str:
    """Runs a command that must be refused; gives the one line it is told in."""
    assert main([str(argument) for argument in arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.count("\n") == 1
    return told


def done(capsys, *arguments: object) -> str:
    """Runs a command that must succeed; gives what it printed."""
    assert main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture
def run(capsys) -> Path:
    """A run folder, trained a little."""
    done(capsys, "train", "--steps", 300, "--out", "run")
    return Path("run")


def tensors(folder: Path) -> dict[str, np.ndarray]:
    checkpoint = Run(folder).checkpoint()
    return {**checkpoint.weights, **{f"optimizer/{k}": v for k, v in checkpoint.optimizer.items()}}


def assert_same_run(one: Path, other: Path) -> None:
    """The same weights, optimizer state and metrics, to the last bit; times aside."""
    first, second = tensors(one), tensors(other)
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
    untimed = [[{**line, "seconds": 0} for line in Run(folder).metrics()] for folder in (one, other)]
    assert untimed[0] == untimed[1]


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the command in a process of its own; none outlives its test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "models", *map(str, arguments)]
        # The number of BLAS threads changes the last digit, and several processes' threads stand in each other's way.
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        # A shell's background jobs, such as a whole test run, ignore Ctrl-C.
        heeded = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(
                command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        finally:
            signal.signal(signal.SIGINT, heeded)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def wait_for_reports(folder: Path, count: int) -> None:
    metrics = folder / "metrics.jsonl"
    deadline = time.monotonic() + 60
    while not metrics.exists() or metrics.read_text().count("\n") < count:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_train_needs_no_options_and_writes_a_run_folder(capsys):
    told = done(capsys, "train", "--steps", 200)
    (folder,) = Path("runs").iterdir()
    assert folder.name.startswith("mlp-digits-")
    assert {path.name for path in folder.iterdir()} == {
        *("config.json", "checkpoint.safetensors", "metrics.jsonl", "curves.svg"),
        *("graph.svg", "graph.html"),
    }
    assert str(folder) in told
    assert "Step 200: " in told
    last = json.loads((folder / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 200
    assert f"Accuracy {last['test_acc']:.4f} on 297 test examples" in told
    assert "<svg" in (folder / "curves.svg").read_text()
    assert "mlp on digits" in (folder / "graph.svg").read_text()
    assert "SoftmaxWithLoss" in (folder / "graph.html").read_text()


def test_epochs_are_told_as_in_nielsens_notes(capsys):
    assert "Epoch 0: " in done(capsys, "train", "--net", "nielsen", "--epochs", 1, "--out", "run")


@pytest.mark.parametrize("net", ["two-layer", "book", "nielsen", "quadrants", "xor", "line"])
def test_every_net_trains_and_evaluates(capsys, net):
    done(capsys, "train", "--net", net, "--steps", 20, "--out", "run")
    assert "Accuracy" in done(capsys, "evaluate", "run")
    assert Path("run/confusion.svg").exists()


def test_train_on_mnist_with_the_options_of_the_notes(capsys, mnist_folder):
    told = done(
        *(capsys, "train", "--net", "two-layer", "--data", "mnist", "--data-dir", mnist_folder),
        *("--steps", 600, "--rate", 0.5, "--out", "run"),
    )
    assert "on 60000 training examples" in told
    assert Run(Path("run")).metrics()[-1]["test_acc"] > 0.85


def test_a_resumed_run_is_the_run_that_was_never_stopped(capsys):
    options = ("--every", 40, "--optimizer", "adam", "--l2", 1e-4, "--seed", 3)
    done(capsys, "train", "--steps", 400, "--out", "whole", *options)
    done(capsys, "train", "--steps", 200, "--out", "parts", *options)
    done(capsys, "train", "--resume", "parts", "--steps", 400, *options)
    assert_same_run(Path("whole"), Path("parts"))
    assert Run(Path("parts")).config.recipe.steps == 400


@pytest.mark.parametrize("net", ["mlp", "nielsen", "quadrants"])
def test_a_compiled_run_is_the_run_that_is_not_compiled(capsys, monkeypatch, net):
    monkeypatch.setitem(sys.modules, "numba", None)  # NumPy's own calls: the same to the last bit
    options = ("--net", net, "--steps", 60, "--every", 20)
    done(capsys, "train", "--out", "plain", *options)
    done(capsys, "train", "--out", "compiled", "--compile", *options)
    assert_same_run(Path("plain"), Path("compiled"))


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("numba"), reason='needs numba: pip install "minigrad[compile]"')
def test_a_run_compiled_to_loops_has_the_same_metrics(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path / "cache"))
    options = ("--net", "two-layer", "--steps", 300, "--every", 100)
    done(capsys, "train", "--out", "plain", *options)
    done(capsys, "train", "--out", "compiled", "--compile", *options)
    plain, compiled = (Run(Path(folder)).metrics() for folder in ("plain", "compiled"))
    for expected, found in zip(plain, compiled, strict=True):
        assert {**found, "seconds": 0} == pytest.approx({**expected, "seconds": 0}, rel=1e-6)


def test_a_killed_run_resumes_to_the_very_same_numbers(start):
    options = ("--steps", 600, "--every", 20)
    process = start("train", *options, "--out", "killed")
    wait_for_reports(Path("killed"), 5)
    process.kill()
    process.communicate()
    assert 0 < Run(Path("killed")).checkpoint().step < 600
    for others in (("--resume", "killed"), (*options, "--out", "whole")):
        whole = start("train", *others)
        whole.communicate()
        assert whole.returncode == 0
    assert_same_run(Path("whole"), Path("killed"))


@pytest.mark.parametrize("reports", [0, 3])
def test_ctrl_c_keeps_the_last_checkpoint_and_says_how_to_go_on(start, reports):
    process = start("train", "--steps", 400_000, "--every", 50 if reports else 400_000, "--out", "run")
    wait_for_reports(Path("run"), reports) if reports else wait_for_folder(Path("run"))
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    kept = Run(Path("run")).checkpoint().step
    assert kept % 50 == 0
    assert f"The checkpoint of step {kept} is kept" in told
    assert "--resume run" in told


def wait_for_folder(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_finished_run_resumes_to_itself(capsys, run):
    before = tensors(run)
    assert "after 300 steps" in done(capsys, "train", "--resume", run)
    np.testing.assert_array_equal(tensors(run)["layers.0.w"], before["layers.0.w"])


def test_a_run_of_another_net_is_not_resumed(capsys, run):
    assert "run: was begun with --net mlp, not nielsen" in refused(
        capsys, "train", "--resume", run, "--net", "nielsen"
    )
    assert "was begun with --rate 0.001, not 0.5" in refused(capsys, "train", "--resume", run, "--rate", 0.5)


def test_a_checkpoint_of_another_net_is_not_resumed(capsys, run):
    done(capsys, "train", "--hidden", "7", "--steps", 2, "--out", "other")
    (run / "checkpoint.safetensors").write_bytes(Path("other/checkpoint.safetensors").read_bytes())
    assert "run: the checkpoint is not of this net: " in refused(capsys, "train", "--resume", run)
    assert "run: parameter 'layers.0.w' has shape (64, 100), not (64, 7)" in refused(capsys, "evaluate", run)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(capsys):
    told = refused(
        *(capsys, "train", "--optimizer", "sgd", "--rate", 1e18, "--steps", 50, "--every", 1, "--out", "run")
    )
    assert "is nan at step" in told or "is inf at step" in told or "no finite number at step" in told
    assert "try a smaller --rate than 1e+18" in told
    kept = Run(Path("run")).checkpoint()
    assert f"the checkpoint of step {kept.step} is kept in run" in told
    assert all(np.isfinite(weights).all() for weights in kept.weights.values())


WRONG_OPTIONS = {
    "there is no net 'lenet'; there are mlp, ": ("--net", "lenet"),
    "there is no data set 'cifar'; there are digits, ": ("--data", "cifar"),
    "there is no optimizer 'lion'": ("--optimizer", "lion"),
    "there is no schedule 'step'": ("--schedule", "step"),
    "there is no activation 'swish'": ("--activation", "swish"),
    "--hidden takes whole numbers from 1": ("--hidden", "10,x"),
    "--hidden takes whole numbers from 1, with commas between them, not '0'": ("--hidden", "0"),
    "--epochs and --steps exclude each other": ("--epochs", 1, "--steps", 1),
    "Invalid value for '--rate'": ("--rate", -1),
    "Invalid value for '--batch-size'": ("--batch-size", 0),
    "Nesterov": ("--optimizer", "nesterov"),
    "No such option: --rat": ("--rat", 1),
    "nowhere: no run folder": ("--resume", "nowhere"),
    "--data-dir": ("--data", "text"),
    "data set 'digits' is read from no files: leave out --data-dir": ("--data-dir", "nowhere"),
    "--resume goes on in run: leave out --out": ("--resume", "run", "--out", "other"),
}


@pytest.mark.parametrize("message", WRONG_OPTIONS)
def test_wrong_options_are_told_in_one_line_and_leave_nothing(capsys, message):
    assert message in refused(capsys, "train", *WRONG_OPTIONS[message])
    assert list(Path().iterdir()) == []


def small_mnist(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    folder.mkdir()
    for split, count in (("train", 30), ("t10k", 10)):
        write_idx(
            folder / f"{split}-images-idx3-ubyte.gz", rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        )
        write_idx(folder / f"{split}-labels-idx1-ubyte.gz", (np.arange(count) % 10).astype(np.uint8))
    return folder


@pytest.mark.parametrize("damage", ["gone", "gzip", "magic", "truncated", "counts"])
def test_damaged_mnist_is_told_in_one_line_and_leaves_nothing(capsys, damage):
    folder = small_mnist(Path("mnist"))
    path = folder / "train-images-idx3-ubyte.gz"
    match damage:
        case "gone":
            path.unlink()
        case "gzip":
            path.write_bytes(path.read_bytes()[:-20])
        case "magic":
            path.write_bytes(b"\0\0\7\3")
        case "truncated":
            path.write_bytes(b"\0\0\x08\3\0\0\0\x1e\0\0\0\x1c\0\0\0\x1c")
        case "counts":
            write_idx(path, np.zeros((29, 28, 28), np.uint8))
    told = refused(capsys, "train", "--data", "mnist", "--data-dir", folder)
    assert "mnist/train-images-idx3-ubyte.gz: " in told
    assert not Path("runs").exists()


def test_a_pickle_that_holds_code_does_not_run(capsys):
    class Evil:
        def __reduce__(self):
            return os.mkdir, ("made",)

    Path("weights.pkl").write_bytes(pickle.dumps({"W1": Evil()}))
    assert "weights.pkl: not a pickle of plain arrays" in refused(
        capsys, "evaluate", "weights.pkl", "--data", "digits"
    )
    assert not Path("made").exists()


def book_layout(*shapes: tuple[int, ...]) -> dict[str, np.ndarray]:
    names = [f"{letter}{number}" for number in range(1, len(shapes) // 2 + 1) for letter in "Wb"]
    return {name: np.zeros(shape, np.float32) for name, shape in zip(names, shapes, strict=True)}


@pytest.mark.parametrize("ending", ["pkl", "npz"])
@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            book_layout((64, 5), (5,), (6, 10), (10,)),
            "layer 2 needs a weight (5, 10) and a bias (10,), not (6, 10)",
        ),
        (
            book_layout((784, 5), (5,), (5, 10), (10,)),
            "the net takes 784 values and knows 10 classes, but digits",
        ),
        ({"W1": np.zeros((64, 10))}, "holds W1, not W1, b1"),
        (
            {"W1": np.zeros((64, 10), int), "b1": np.zeros(10, int)},
            "Tensor (64, 10) int64 cannot require a gradient",
        ),
        ({}, "holds nothing"),
    ],
)
def test_weights_of_the_wrong_shape_are_told_with_their_file(capsys, ending, arrays, message):
    path = Path(f"weights.{ending}")
    path.write_bytes(pickle.dumps(arrays)) if ending == "pkl" else np.savez(path, **arrays)
    told = refused(capsys, "evaluate", path, "--data", "digits")
    assert f"{path}: {message}" in told


@pytest.mark.parametrize("name", ["weights.npz", "weights.pkl", "weights"])
def test_missing_and_damaged_weights_are_named(capsys, name):
    assert f"{name}: No such file" in refused(capsys, "evaluate", name, "--data", "digits")
    Path(name).write_bytes(b"damaged")
    assert f"{name}: not a" in refused(capsys, "evaluate", name, "--data", "digits")


def test_weights_alone_do_not_tell_their_data_set(capsys):
    np.savez("weights.npz", **book_layout((64, 10), (10,)))
    assert "name it with --data" in refused(capsys, "evaluate", "weights.npz")


@pytest.mark.parametrize("batch_size", [1, 100])
def test_evaluate_the_books_weights(capsys, mnist_folder, book_weights, batch_size):
    told = done(
        *(capsys, "evaluate", book_weights, "--data", "mnist", "--data-dir", mnist_folder),
        *("--batch-size", batch_size, "--out", "pictures"),
    )
    assert "Accuracy 0.9352: 9352 of 10000 test examples of mnist" in told
    assert {path.name for path in Path("pictures").iterdir()} == {"confusion.svg", "mistakes.svg"}


def test_evaluate_counts_each_label_and_draws_the_mistakes(capsys, run):
    told = done(capsys, "evaluate", run)
    last = Run(run).metrics()[-1]
    assert f"Accuracy {last['test_acc']:.4f}" in told
    assert "label 9: " in told
    assert "<svg" in (run / "mistakes.svg").read_text()


def width(picture: str) -> int:
    with Image.open(picture) as opened:
        return opened.size[0]


def digit_png(path: str, *, size: int = 8, dark_on_light: bool = False, margin: int = 0) -> tuple[str, int]:
    """A test digit of the carried set as a PNG; gives its name and its label."""
    test = load_data("digits", np.random.default_rng(0)).test
    image = Image.fromarray((test.x[0].reshape(8, 8) * 255).astype(np.uint8)).resize(
        (size, size), Image.Resampling.NEAREST
    )
    pixels = np.pad(np.asarray(image), margin)
    Image.fromarray(255 - pixels if dark_on_light else pixels).save(path)
    return path, int(test.labels[0])


@pytest.mark.parametrize(
    ("picture", "what"),
    [
        ({}, "taken as it is"),
        ({"dark_on_light": True}, "inverted to light ink on black"),
        (
            {"size": 80, "margin": 30, "dark_on_light": True},
            "inverted to light ink on black; cut to its ink, ",
        ),
        ({"size": 200}, "scaled to "),
    ],
)
def test_predict_says_what_it_did_and_prints_ten_probabilities(capsys, run, picture, what):
    path, label = digit_png("digit.png", **picture)
    told = done(capsys, "predict", run, path)
    assert told.startswith(f"digit.png: {label}   (")
    assert what in told
    probabilities = [float(line.split()[1]) for line in told.splitlines()[1:]]
    assert len(probabilities) == 10
    assert sum(probabilities) == pytest.approx(1, abs=1e-3)
    assert np.argmax(probabilities) == label


def test_predict_inverts_when_told_to(capsys, run):
    path, label = digit_png("digit.png", dark_on_light=True)
    assert f"digit.png: {label} " in done(capsys, "predict", run, path, "--invert")
    assert "taken as it is" in done(capsys, "predict", run, path, "--no-invert", "--show", "seen.png")
    assert width("seen.png") > 50


def test_predict_refuses_what_is_no_picture_of_a_digit(capsys, run):
    Image.new("L", (20, 20), 255).save("blank.png")
    assert "blank.png: the picture is blank" in refused(capsys, "predict", run, "blank.png")
    Path("text.png").write_text("no picture")
    assert "text.png: not a picture" in refused(capsys, "predict", run, "text.png")
    whole = Path(digit_png("cut.png", size=100)[0]).read_bytes()
    Path("cut.png").write_bytes(whole[: len(whole) // 2])
    assert "cut.png: damaged picture" in refused(capsys, "predict", run, "cut.png")
    assert "nowhere.png: No such file" in refused(capsys, "predict", run, "nowhere.png")


def test_predict_asks_only_nets_of_pictures(capsys):
    done(capsys, "train", "--net", "xor", "--steps", 1, "--out", "run")
    assert "trained on xor, which are no pictures" in refused(capsys, "predict", "run", digit_png("a.png")[0])


def test_digits_as_text_are_trained_on_shown_and_predicted(capsys):
    digits = load_data("digits", np.random.default_rng(0))
    folder = Path("texts")
    folder.mkdir()
    for i in range(300):
        image = np.pad(np.kron(digits.train.x[i].reshape(8, 8) * 255, np.ones((3, 3))), 2).astype(np.uint8)
        write_digit(folder / f"{i:03}.txt", image, int(digits.train.labels[i]))
    done(capsys, "data", "text", "--data-dir", folder, "--out", "texts.png")
    assert width("texts.png") > 100
    done(capsys, "train", "--data", "text", "--data-dir", folder, "--steps", 300, "--out", "run")
    label = int(digits.train.labels[0])
    assert f"000.txt: {label} " in done(capsys, "predict", "run", folder / "000.txt")
    assert "Accuracy" in done(capsys, "evaluate", "run")
    (folder / "000.txt").write_text("1\t2\n")
    assert "texts/000.txt, line 1: 2 values instead of 28" in refused(capsys, "evaluate", "run")


def test_gates_prints_the_truth_tables_and_draws_the_regions(capsys):
    told = done(capsys, "gates", "--out", "gates.png")
    assert " 1  1     1     0     1     0" in told
    assert "XOR learned by two layers: 4 of 4 right" in told
    assert width("gates.png") > 800


def test_quadrants_puts_the_four_points_where_they_belong(capsys):
    told = done(capsys, "quadrants", "--out", "quadrants.png")
    assert [line.split()[-1] for line in told.splitlines()[:4]] == ["I", "II", "III", "IV"]
    assert "( 2,  2) falls in quadrant I\n" in told
    assert Path("quadrants.png").exists()


def test_quadrants_says_where_an_untrained_net_is_wrong(capsys):
    assert ", but lies in " in done(capsys, "quadrants", "--steps", 1, "--seed", 1)


def test_activations_prints_and_plots_them(capsys):
    told = done(capsys, "activations")
    assert "9.99954600e-01 4.53978686e-05 2.06106005e-09" in told
    assert "<svg" in Path("activations.svg").read_text()


def test_forward_prints_the_numbers_of_the_notes(capsys):
    assert "[0.31682708 0.69627909]" in done(capsys, "forward")


def test_losses_prints_the_numbers_of_the_notes(capsys):
    told = done(capsys, "losses")
    assert "0.097500" in told
    assert told.count("0.510825") == 2


def test_data_shows_each_kind_of_data_set(capsys):
    assert "1500 examples to train on, 297 to test on" in done(capsys, "data", "digits")
    assert "300 examples to train on" in done(capsys, "data", "spiral", "--out", "spiral.png")
    assert Path("data.svg").exists()


def test_check_proves_every_gradient_and_fails_at_a_tolerance_that_cannot_hold(capsys):
    told = done(capsys, "check", "--net", "xor")
    assert told.startswith("Cost: proven to ")
    assert told.count(": proven to ") == 6
    assert main(["check", "--net", "xor", "--tolerance", "0"]) == 1
    assert capsys.readouterr().out.startswith("Cost: inconclusive")


def test_check_names_a_wrong_gradient(capsys):
    with mutating(Mutation("scale")):
        assert main(["check", "--net", "xor"]) == 1
    assert "Cost.backward is wrong for input 2 'net.layers.0.w' (shape (2, 4))" in capsys.readouterr().out


def test_tensorboard_reads_back_what_training_wrote_even_within_one_second(capsys, monkeypatch):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    writer = pytest.importorskip("tensorboardX.event_file_writer")
    monkeypatch.setattr(writer, "time", SimpleNamespace(time=lambda: 1e9))
    options = ("--every", 50, "--tensorboard")
    done(capsys, "train", "--steps", 100, "--out", "run", *options)
    done(capsys, "train", "--resume", "run", "--steps", 200, *options)
    events = reader.EventAccumulator("run/events").Reload()
    metrics = Run(Path("run")).metrics()
    for name in ("train_acc", "test_acc", "train_loss"):
        read = [(event.step, pytest.approx(event.value)) for event in events.Scalars(name)]
        assert [(line["step"], line[name]) for line in metrics] == read


def test_without_arguments_it_prints_help(capsys):
    told = done(capsys)
    for command in ("train", "evaluate", "predict", "gates", "quadrants", "activations", "check"):
        assert command in told


@pytest.mark.parametrize("missing", ["typer", "matplotlib", "safetensors", "rich", "PIL"])
def test_a_missing_package_is_told_with_the_extra_that_brings_it(missing):
    lines = (f"sys.modules[{missing!r}] = None", "sys.argv = ['models']", "runpy.run_module('models')")
    command = [sys.executable, "-c", "; ".join(["import runpy, sys", *lines])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert result.returncode == 2
    assert result.stderr == f'error: the command line needs {missing}: pip install "minigrad[models]"\n'


def test_missing_tensorboardx_is_told_with_the_extra_that_brings_it(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    assert 'pip install "minigrad[tensorboard]"' in refused(capsys, "train", "--tensorboard", "--out", "run")
    assert not Path("run").exists()


def test_draw_shows_the_graph_of_the_loss(capsys):
    assert "The graph is in graph.svg" in done(capsys, "draw", "xor")
    assert "<svg" in Path("graph.svg").read_text()
    assert "graph.xyz" in refused(capsys, "draw", "xor", "--out", "graph.xyz")


@pytest.mark.parametrize("writes", [0, 3, 6, 7])
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing_half_written(capsys, monkeypatch, writes):
    sync, left = os.fsync, iter(range(writes))

    def fsync(descriptor: int) -> None:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    told = refused(capsys, "train", "--steps", 20, "--every", 5, "--out", "run")
    assert "No space left on device" in told
    assert "curves" not in told
    if writes < 4:  # the configuration, the first checkpoint and two pictures: the whole of it or nothing
        assert not list(Path().iterdir())
    else:
        run = Run(Path("run"))
        assert run.checkpoint().step in {line["step"] for line in run.metrics()}
        assert all("part" not in path.name for path in run.folder.iterdir())
