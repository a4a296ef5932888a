"""The run folder: whole or not there, whatever happens while it is written."""

import errno
import json
import os

import numpy as np
import pytest

from models.errors import InputError
from models.files import append_line, write_atomically
from models.recipes import recipe
from models.runs import Checkpoint, Config, Run

CONFIG = Config(recipe("mlp"), (64, 100, 10), (8, 8), None)
PICTURES = {"graph.svg": "<svg/>"}


def checkpoint(step: int) -> Checkpoint:
    return Checkpoint(
        step=step,
        seconds=1.5,
        batches={"generator": {"state": {"state": 1 << 127, "inc": 3}}, "next": 2},
        weights={"layers.0.w": np.full((3, 2), step, np.float32)},
        optimizer={"steps": np.array(step), "0.mean": np.ones((3, 2))},
    )


@pytest.fixture
def run(tmp_path) -> Run:
    return Run.create(tmp_path / "run", CONFIG, checkpoint(0), PICTURES)


@pytest.fixture
def full_disk(monkeypatch):
    """From here on nothing more fits on the disk."""

    def fsync(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_checkpoint_comes_back_as_saved(run):
    run.save(checkpoint(7))
    read = run.checkpoint()
    assert (read.step, read.seconds, read.batches) == (7, 1.5, checkpoint(7).batches)
    np.testing.assert_array_equal(read.weights["layers.0.w"], checkpoint(7).weights["layers.0.w"])
    assert read.optimizer.keys() == {"steps", "0.mean"}
    assert read.optimizer["steps"] == 7


def test_the_configuration_comes_back_as_written(run):
    assert Run(run.folder).config == CONFIG
    changed = Config(recipe("nielsen"), (784, 30, 10), None, run.folder)
    run.change(changed)
    assert Run(run.folder).config == changed


def test_metrics_are_lines_of_json_and_can_be_rewound(run):
    for step in (10, 20, 30):
        run.add_metrics({"step": step, "test_acc": 0.5})
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 40, "te')  # as a kill leaves it
    assert [values["step"] for values in run.metrics()] == [10, 20, 30]
    run.rewind(20)
    lines = (run.folder / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [10, 20]


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_no_half_made_run(tmp_path):
    with pytest.raises(InputError, match=r"run: cannot be made: .*No space left on device"):
        Run.create(tmp_path / "run", CONFIG, checkpoint(0), PICTURES)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_the_last_checkpoint_and_the_whole_lines(run, request):
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    request.getfixturevalue("full_disk")
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: cannot be written: No space left"):
        run.save(checkpoint(1))
    with pytest.raises(InputError, match=r"metrics\.jsonl: cannot be written: No space left"):
        run.add_metrics({"step": 1})
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before | {"metrics.jsonl": b""}


def test_a_line_that_does_not_fit_is_taken_back(tmp_path, request):
    path = tmp_path / "lines"
    append_line(path, "first")
    request.getfixturevalue("full_disk")
    with pytest.raises(InputError, match="lines: cannot be written"):
        append_line(path, "second")
    assert path.read_text() == "first\n"


def test_what_stood_there_before_a_failed_write_still_stands(tmp_path, request):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    request.getfixturevalue("full_disk")
    with pytest.raises(InputError, match="file: cannot be written"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_exists_is_not_overwritten(run):
    with pytest.raises(InputError, match="run: exists already; go on with it by --resume"):
        Run.create(run.folder, CONFIG, checkpoint(0), PICTURES)


def test_what_a_killed_creation_left_behind_does_not_matter(tmp_path):
    (tmp_path / ".run.part").mkdir()
    (tmp_path / ".run.part" / "config.json").write_text("half")
    assert Run.create(tmp_path / "run", CONFIG, checkpoint(3), PICTURES).checkpoint().step == 3


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"recipe": {"net": 1}}'])
def test_a_damaged_configuration_is_named(run, text):
    (run.folder / "config.json").write_text(text)
    with pytest.raises(InputError, match=r"config\.json: damaged"):
        Run(run.folder)


def test_a_folder_that_is_no_run_is_told(tmp_path):
    with pytest.raises(InputError, match=r"no run folder: it has no config\.json"):
        Run(tmp_path)
    with pytest.raises(InputError, match="no run folder"):
        Run(tmp_path / "nowhere")


@pytest.mark.parametrize("damage", ["cut", "empty", "no metadata", "gone"])
def test_a_damaged_checkpoint_is_named(run, damage):
    path = run.folder / "checkpoint.safetensors"
    match damage:
        case "cut":
            path.write_bytes(path.read_bytes()[:-3])
        case "empty":
            path.write_bytes(b"")
        case "no metadata":
            from safetensors.numpy import save_file

            save_file({"w": np.zeros(1)}, path)
        case "gone":
            path.unlink()
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: "):
        run.checkpoint()
