"""The Numba target: the same numbers to rounding, whatever it can and cannot put into loops."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import minigrad as mg
from tests.minigrad.compiler.nets import OPTIMIZERS, batch, training

pytest.importorskip("numba")


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path_factory.getbasetemp() / "compiled"))


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_thousand_steps_give_the_eager_losses(optimizer: str):
    (eager, _, step), (net, _, other) = training(optimizer), training(optimizer)
    compiled = mg.compile(other, target="numba")
    batches = [batch(seed) for seed in range(10)]
    losses = [(step(*batches[i % 10]).item(), compiled(*batches[i % 10]).item()) for i in range(1000)]
    expected, got = zip(*losses, strict=True)
    assert_allclose(got, expected, rtol=1e-12)
    for p, q in zip(eager.parameters(), net.parameters(), strict=True):
        assert_allclose(q.data, p.data, rtol=1e-9, atol=1e-12)
        assert_allclose(q.grad.data, p.grad.data, rtol=1e-9, atol=1e-12)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "loops over two shapes": lambda x, y: np.sum(np.exp(x) * y, axis=0) + np.max(x, axis=1).sum(),
    "columns": lambda x, y: np.max(x * y, axis=0, keepdims=True),
    "everything reduced": lambda x, y: np.sum(x - y, axis=(0, 1)) * np.min(x),
    "broadcast": lambda x, y: x * y[:1] + y[:, :1],
    "where": lambda x, y: np.where(x > y, x, -y) + np.where(x > 0, 1.0, x),
    "a singular derivative": lambda x, y: np.where(x > 0, np.sqrt(np.abs(x)), 0) * y,
    "a product": lambda x, y: np.dot(x, y.T),
    "an outer product": lambda x, y: np.dot(x[:, :1], y[:1]),
    "one row": lambda x, y: np.dot(x[:1], y.T),
    "a large product": lambda x, y: np.dot(np.tile(x, (5, 5)), np.tile(y.T, (5, 5))),
    "what NumPy makes": lambda x, y: np.cumsum(np.sort(x, axis=1) * y, axis=1) + x,
    "numbers": lambda x, y: np.sum(x) / 3 + np.sum(y) * 2 - 1,
    "integers": lambda x, y: x * np.argmax(y, axis=1, keepdims=True) + (x > y),
    "mean and variance": lambda x, y: (x - np.mean(x, axis=0)) / np.sqrt(np.var(y, axis=0) + 1e-5),
}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_are_the_eager_ones(name: str, dtype: type):
    def both(x: mg.Tensor, y: mg.Tensor) -> mg.Tensor:
        result = FUNCTIONS[name](x, y)
        np.sum(result * result).backward()
        return result

    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(4, 5)).astype(dtype) for _ in range(2)]
    expected, got = ([mg.Tensor(a, requires_grad=True) for a in arrays] for _ in range(2))
    compiled = mg.compile(both, target="numba")
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-12}
    for _ in range(2):
        for x in (*expected, *got):
            x.grad = None
        result, eager = compiled(*got), both(*expected)
        assert_allclose(result.data, eager.data, **tolerance)
        assert result.dtype == eager.dtype
        for a, b in zip(got, expected, strict=True):
            assert (a.grad is None) == (b.grad is None)
            if b.grad is not None:
                assert_allclose(a.grad.data, b.grad.data, **tolerance)


@pytest.mark.parametrize("size", [1, 3])
def test_a_small_batch_trains_as_the_eager_one(size: int):
    (_, _, step), (_, _, other) = training(), training()
    compiled = mg.compile(other, target="numba")
    for i in range(5):
        assert compiled(*batch(i, size)).item() == pytest.approx(step(*batch(i, size)).item(), rel=1e-12)


def test_a_wrong_label_is_named_and_the_parameters_stay():
    net, optimizer, step = training("adam")
    compiled = mg.compile(step, target="numba")
    compiled(*batch())
    before = [p.data.copy() for p in net.parameters()]
    x, labels = batch(1)
    labels[3] = -1
    with pytest.raises(mg.LabelError, match="label -1 at position 3"):
        compiled(x, labels)
    assert optimizer.steps == 1
    for p, old in zip(net.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.data, old)


def test_a_cache_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("MINIGRAD_CACHE", str(file))
    assert mg.compile(lambda x: x * 2, target="numba")(np.ones(3)).tolist() == [2, 2, 2]


def test_numba_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(mg.CompileError, match=r'pip install "minigrad\[compile\]"'):
        mg.compile(lambda x: x * 2, target="numba")(np.ones(3))
    assert mg.compile(lambda x: x * 2)(np.ones(3)).tolist() == [2, 2, 2]
