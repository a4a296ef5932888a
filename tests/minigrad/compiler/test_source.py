"""The source of a step: it reads like a step by hand, and saved to a file it runs alone with NumPy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.testing import assert_array_equal

import minigrad as mg
from minigrad.compiler.words import identifier
from tests.minigrad.compiler.nets import batch, step_of, training

SEED = 3


def nets() -> dict[str, tuple[mg.nn.Module, np.ndarray]]:
    """Nets with 3 outputs, and what they take."""
    rng = np.random.default_rng(0)
    images, rows = rng.normal(size=(4, 2, 6, 6)), rng.normal(size=(4, 5))
    f8 = {"dtype": np.float64, "rng": rng}
    nn = mg.nn
    return {
        "convolution": (
            nn.Sequential(
                nn.Conv2d(2, 3, 3, padding=1, **f8), nn.ReLU(), nn.MaxPool2d(2), nn.Affine(27, 3, **f8)
            ),
            images,
        ),
        "overlapping windows": (
            nn.Sequential(
                nn.Conv2d(2, 4, 3, stride=2, groups=2, **f8), nn.AvgPool2d(2, stride=1), nn.Affine(4, 3, **f8)
            ),
            images,
        ),
        "dropout": (
            nn.Sequential(
                nn.Affine(5, 8, **f8), nn.Dropout(0.5, rng=np.random.default_rng(SEED)), nn.Affine(8, 3, **f8)
            ),
            rows,
        ),
        "norms": (
            nn.Sequential(
                nn.LayerNorm(5, dtype=np.float64),
                nn.GELU(),
                nn.BatchNorm(5, dtype=np.float64),
                nn.Affine(5, 3, **f8),
            ),
            rows,
        ),
        "embedding": (
            nn.Sequential(nn.Embedding(7, 2, **f8), nn.Tanh(), nn.Affine(4, 3, **f8)),
            rng.integers(0, 7, (4, 2)),
        ),
    }


ALONE = """
import importlib, sys
import numpy as np

for i in range({count}):
    step = importlib.import_module(f"step{{i}}").step
    inputs = dict(np.load(f"inputs{{i}}.npz"))
    for name in ("lr", "steps"):
        inputs[name] = inputs[name].item()
    if "rng" in inputs:
        inputs["rng"] = np.random.default_rng({seed})
    (loss,), grads = step(**inputs)
    np.savez(f"results{{i}}.npz", loss, *grads)
assert "minigrad" not in sys.modules
"""


def test_saved_steps_run_alone_and_give_the_same_numbers(tmp_path: Path):
    expected: list[list[np.ndarray]] = []
    for i, (net, x) in enumerate(nets().values()):
        step = step_of(net, mg.optim.Adam(net.parameters(), 0.01))
        compiled, labels = mg.compile(step, target="numpy"), np.array([0, 2, 1, 1])
        before = {identifier(tensor.name): tensor.data.copy() for _, tensor in net._named_tensors()}
        loss = compiled(x, labels)
        (tmp_path / f"step{i}.py").write_text(compiled.source)
        inputs: dict[str, object] = {"x": x, "labels": labels, "lr": 0.01, "steps": 1} | before
        for name in re.findall(r"^    (\w+),  # ", compiled.source, re.MULTILINE):
            parameter = name.rpartition("_")[0]  # of an array of the optimizer's state
            inputs.setdefault(name, np.zeros_like(before[parameter]) if parameter in before else 0)
        np.savez(tmp_path / f"inputs{i}.npz", **inputs)
        expected.append([loss.numpy(), *(p.grad.numpy() for p in net.parameters())])
    (tmp_path / "alone.py").write_text(ALONE.format(count=len(expected), seed=SEED))
    subprocess.run([sys.executable, "alone.py"], cwd=tmp_path, check=True)
    for i, numbers in enumerate(expected):
        for found, number in zip(np.load(tmp_path / f"results{i}.npz").values(), numbers, strict=True):
            assert_array_equal(found, number)


def test_a_step_reads_like_one_by_hand():
    _, _, step = training(dtype=np.float32)
    compiled = mg.compile(step, target="numpy")
    compiled(*batch(dtype=np.float32))
    lines = [line.strip().partition(", out=")[0] for line in compiled.source.splitlines()]
    body = lines[lines.index("):") :]
    by_hand = """
        # fc1: affine
        dot1 = x.dot(fc1_w
        fc1 = np.add(dot1, fc1_b
        # relu
        relu = np.maximum(fc1, zero
        # fc2: affine
        dot2 = relu.dot(fc2_w
        fc2 = np.add(dot2, fc2_b
        # softmax_with_loss
        # backward of softmax_with_loss
        # backward of fc2: affine
        d_relu = d_fc2.dot(fc2_w.T
        d_fc2_w = relu.T.dot(d_fc2
        d_fc2_b = ones.dot(d_fc2
        # backward of relu
        d_fc1 = np.multiply(d_relu, sign1
        # backward of fc1: affine
        d_fc1_w = x.T.dot(d_fc1
        d_fc1_b = ones.dot(d_fc1
        # SGD.step
        np.subtract(fc1_w, multiply1
        return (softmax_with_loss,), (d_fc1_w, d_fc1_b, d_fc2_w, d_fc2_b)
    """
    written = iter(body)
    for line in filter(None, map(str.strip, by_hand.splitlines())):
        assert any(other.partition("  ")[0] == line for other in written), line


def test_nothing_is_allocated_where_a_place_is_known():
    _, _, step = training("adam", dtype=np.float32)
    compiled = mg.compile(step, target="numpy")
    compiled(*batch(dtype=np.float32))
    assert "allocated in each step" not in compiled.explain()
    assert "updated in place: fc1_w" in compiled.explain()


def test_what_is_returned_is_allocated_and_said():
    compiled = mg.compile(lambda x: (np.exp(x) + 1, np.sort(x)), target="numpy")
    compiled(mg.Tensor([2.0, 1.0]))
    assert "add1, which is returned" in compiled.explain()
    assert "argsort1, since np.argsort takes no place to write to" in compiled.explain()
    assert "updated in place" not in compiled.explain()
