"""Every net, with every optimizer, trains compiled as it does eagerly."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import minigrad as mg
from models.data import load_data
from models.data.dataset import Dataset
from models.recipes import RECIPES, recipe
from models.training import Training, build

OPTIMIZERS: dict[str, Callable[[list[mg.Tensor], float], mg.optim.Optimizer]] = {
    "sgd": mg.optim.SGD,
    "momentum": lambda params, rate: mg.optim.SGD(params, rate, momentum=0.9),
    "nesterov": lambda params, rate: mg.optim.SGD(params, rate, momentum=0.9, nesterov=True),
    "adagrad": mg.optim.AdaGrad,
    "rmsprop": mg.optim.RMSprop,
    "adam": mg.optim.Adam,
    "adamw": mg.optim.AdamW,
}
TOLERANCE = {"float64": 1e-12, "float32": 1e-6}


@pytest.fixture(scope="module")
def data() -> dict[str, Dataset]:
    rng = np.random.default_rng(0)
    return {name: load_data(name, rng) for name in ("digits", "quadrants", "xor")}


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "compiled"))


def training(net: str, optimizer: str, dtype: str, data: Dataset) -> Training:
    """A training of a named net with any optimizer, in any dtype."""
    made = Training(recipe(net).with_options(batch_size=10), data)
    made.net = build(made.recipe, data, np.random.default_rng(1), dtype)
    rate = made.recipe.rate if optimizer == "sgd" else 0.01
    made.optimizer = OPTIMIZERS[optimizer](made.net.parameters(), rate)
    return made


def agree(net: str, optimizer: str, dtype: str, data: Dataset, target: Any, steps: int) -> None:
    """Checks the loss of every step, and the parameters after the last."""
    eager, compiled = (training(net, optimizer, dtype, data) for _ in range(2))
    compiled._downhill = mg.compile(compiled._downhill, target=target)
    losses = []
    for _ in range(steps):
        batch = next(eager.batches)
        x, labels = eager.train.x.take(batch, axis=0).astype(dtype), eager.train.labels[batch]
        losses.append((compiled.take_step(x, labels), eager.take_step(x, labels)))
    found, expected = zip(*losses, strict=True)
    assert_allclose(found, expected, rtol=TOLERANCE[dtype])
    for p, q in zip(compiled.net.parameters(), eager.net.parameters(), strict=True):
        assert p.dtype == q.dtype == dtype
        assert_allclose(p.data, q.data, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


# All optimizers in double precision, and two of them in single.
OFTEN = [*((name, "float64") for name in OPTIMIZERS), ("sgd", "float32"), ("adam", "float32")]


@pytest.mark.parametrize(("optimizer", "dtype"), OFTEN)
@pytest.mark.parametrize("net", RECIPES)
def test_ten_steps(net: str, optimizer: str, dtype: str, data: dict[str, Dataset]):
    agree(net, optimizer, dtype, data[recipe(net).data], "numpy", 10)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("net", RECIPES)
def test_a_thousand_steps(net: str, optimizer: str, dtype: str, data: dict[str, Dataset]):
    agree(net, optimizer, dtype, data[recipe(net).data], "numpy", 1000)


@pytest.mark.slow
@pytest.mark.skipif(
    not importlib.util.find_spec("numba"), reason='needs numba: pip install "minigrad[compile]"'
)
@pytest.mark.parametrize("net", RECIPES)
def test_a_thousand_steps_with_numba(net: str, data: dict[str, Dataset]):
    agree(
        net, "sgd", "float32", data[recipe(net).data], "numba", 1000
    )  # other optimizers: compiler/test_numba.py
