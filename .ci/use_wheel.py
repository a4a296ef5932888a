"""Use what the wheel installed, with nothing but its own requirements (run by .ci/run, outside the tree)."""

import sys
from importlib.metadata import requires
from pathlib import Path

import numpy as np

import minigrad as mg
import models

for package in (mg, models):
    folder = Path(package.__file__).parent
    assert folder.is_relative_to(sys.prefix), f"{package.__name__} comes from {folder}, not from the wheel"
    assert (folder / "py.typed").is_file(), f"{package.__name__} lost its py.typed"

needed = sorted(line for line in requires("minigrad") if "extra ==" not in line)
assert [line.split(">")[0] for line in needed] == ["graphviz", "numpy"], needed

net = models.MLP([64, 30, 10], rng=np.random.default_rng(0))
loss = mg.softmax_with_loss(net(np.ones((2, 64), np.float32)), np.array([3, 7]))
loss.backward()
print(f"the wheel works: loss {loss.item():.4f}")
