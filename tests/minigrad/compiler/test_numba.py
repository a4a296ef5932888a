"""The Numba target: the numbers of the eager step to the last bit, whatever it can and cannot put into loops."""

from __future__ import annotations

import ctypes
import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minigrad as mg
from minigrad.compiler import kernels
from tests.minigrad.compiler.nets import OPTIMIZERS, batch, memory, training

pytest.importorskip("numba")


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cache folder for all tests, so that what two of them compile is compiled once."""
    folder = tmp_path_factory.getbasetemp() / "compiled"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINIGRAD_CACHE", str(folder))
        yield folder


def assert_same_training(optimizer: str, dtype: type, steps: int, size: int = 12) -> mg.compiler.Compiled:
    """Every loss, parameter and gradient of the compiled step is the eager one's."""
    (eager, _, step), (net, _, other) = training(optimizer, dtype=dtype), training(optimizer, dtype=dtype)
    compiled = mg.compile(other, target="numba")
    batches = [batch(seed, size, dtype=dtype) for seed in range(10)]
    expected = [step(*batches[i % 10]).item() for i in range(steps)]
    assert_array_equal([compiled(*batches[i % 10]).item() for i in range(steps)], expected)
    for p, q in zip(eager.parameters(), net.parameters(), strict=True):
        assert_array_equal(q.data, p.data)
        assert_array_equal(q.grad.data, p.grad.data)
        assert q.data.dtype == q.grad.dtype == dtype
    return compiled


def test_a_thousand_steps_give_the_eager_numbers():
    compiled = assert_same_training("adam", np.float32, 1000)
    assert "made by NumPy between" not in compiled.explain()
    assert re.search(r"^one loop over \(.*\): np.add, np.maximum", compiled.explain(), re.MULTILINE)
    assert "by itself, as NumPy makes it: np.exp" in compiled.explain()


def descent(optimizer: str, dtype: type) -> tuple[mg.Tensor, Callable[[mg.Tensor], mg.Tensor]]:
    """Three numbers drawn to those of x: a step that takes little compiling."""
    w = mg.Tensor(np.array([1, -2, 3], dtype), requires_grad=True, name="w")
    its = OPTIMIZERS[optimizer]([w])

    def step(x: mg.Tensor) -> mg.Tensor:
        loss = np.sum(np.square(w - x))
        its.zero_grad()
        loss.backward()
        its.step()
        return loss

    return w, step


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_thousand_steps_of_every_optimizer_give_the_eager_numbers(dtype: type):
    eager, steps = ([descent(name, dtype)[1] for name in OPTIMIZERS] for _ in range(2))
    compiled = mg.compile(lambda x: [step(x) for step in steps], target="numba")
    xs = np.random.default_rng(0).normal(size=(10, 3)).astype(dtype)
    for i in range(1000):
        losses = [loss.item() for loss in compiled(xs[i % 10])]
        assert losses == [step(xs[i % 10]).item() for step in eager], i


def test_a_single_row_trains_as_the_eager_one():
    assert_same_training("sgd", np.float32, 5, size=1)


def test_arrays_of_any_size_and_order_are_taken():
    compiled = mg.compile(lambda x, y: x * y + np.sqrt(x), target="numba")
    for n in (20, 20, 5, 20):
        x, y = np.random.default_rng(n).random((2, n, 3))
        for given in x, np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2]:
            assert_array_equal(compiled(given, y), x * y + np.sqrt(x))
    assert "for i0 in range(60):" in compiled.source  # one loop over all elements


def test_a_compiled_step_needs_no_more_memory_than_the_eager_one():
    peak, left = memory(lambda step: mg.compile(step, target="numba"))
    assert peak <= memory(lambda step: step)[0]
    assert left < 50_000


FUNCTIONS: dict[str, list[Callable[..., object]]] = {
    "loops": [
        lambda x, y: x * y[:1] + y[:, :1],
        lambda x, y: np.where(x > y, x, -y) + np.where(x > 0, 1.0, x),
        lambda x, y: np.maximum(x, y) + np.minimum(x, 0.5) + np.maximum(y, 0.25),
        lambda x, y: np.where(x > 0, np.sqrt(np.abs(x)), 0) * y,
        lambda x, y: np.sum(np.sign(x) * y) / 3 + np.sum(y) * 2 - 1,
        lambda x, y: x * np.argmax(y, axis=1, keepdims=True) + (x > y),
    ],
    "sums": [
        lambda x, y: np.sum(np.exp(x) * y, axis=0) + np.max(x, axis=1).sum(),
        lambda x, y: np.max(x * y, axis=0, keepdims=True),
        lambda x, y: np.sum(x - y, axis=(0, 1)) * np.min(x),
        lambda x, y: (x - np.mean(x, axis=0)) / np.sqrt(np.var(y, axis=0) + 1e-5),
        lambda x, y: np.sum((x * y).reshape((2, 2, 5)), axis=(0, 2)),
        lambda x, y: np.sum(np.reshape(np.reshape(x, (4, 5, 1)) * np.reshape(y, (4, 1, 5)), (2, 2, 5, 5)), axis=(0, 2)),
    ],
    "NumPy's functions": [
        lambda x, y: np.tanh(x) * np.arctan2(x, y) + np.log1p(np.abs(y)),
        lambda x, y: np.hypot(x, np.ones((1, 1), x.dtype)) + np.power(np.abs(x), 1.5),
        lambda x, y: np.cumsum(np.sort(x, axis=1) * y, axis=1) + x,
    ],
    "products": [
        lambda x, y: np.dot(x, y.T),
        lambda x, y: np.dot(x.astype(np.float64), y.T.astype(np.float64)),
        lambda x, y: np.dot(x[:, :1], y[:1]),
        lambda x, y: np.dot(np.reshape(x, (2, 10)), np.reshape(y, (10, 2))),
        lambda x, y: np.dot(x.T, np.sum(y, axis=1)) + np.dot(np.sum(x, axis=0), y.T).sum() + np.vdot(x, y),
        lambda x, y: np.dot(np.ones(4, x.dtype), x * y) + np.vdot(x.T, y.T),
        lambda x, y: np.dot(np.ones(4, x.dtype), x - y),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "dtype"), [*zip(FUNCTIONS, [np.float64, np.float32, np.float64, np.float32], strict=True)]
)
def test_values_and_gradients_are_the_eager_ones(name: str, dtype: type):
    def all_of_them(x: mg.Tensor, y: mg.Tensor) -> list[mg.Tensor]:
        results = [f(x, y) for f in FUNCTIONS[name]]
        for result in results:
            np.sum(result * result).backward()
        return results

    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(4, 5)).astype(dtype) for _ in range(2)]
    expected, got = ([mg.Tensor(a, requires_grad=True) for a in arrays] for _ in range(2))
    compiled = mg.compile(all_of_them, target="numba")
    for _ in range(2):
        for x in (*expected, *got):
            x.grad = None
        for result, eager in zip(compiled(*got), all_of_them(*expected), strict=True):
            assert_array_equal(result.data, eager.data)
            assert result.dtype == eager.dtype
        for a, b in zip(got, expected, strict=True):
            assert_array_equal(a.grad.data, b.grad.data)


def test_a_wrong_label_is_named_and_the_parameters_stay():
    net, optimizer, step = training("adam", dtype=np.float32)
    compiled = mg.compile(step, target="numba")
    compiled(*batch(dtype=np.float32))
    before = [p.data.copy() for p in net.parameters()]
    x, labels = batch(1, dtype=np.float32)
    labels[3] = -1
    with pytest.raises(mg.LabelError, match="label -1 at position 3"):
        compiled(x, labels)
    assert optimizer.steps == 1
    for p, old in zip(net.parameters(), before, strict=True):
        assert_array_equal(p.data, old)


def test_whatever_is_given_between_steps_is_taken_in():
    (eager, optimizer, step), (net, other, compiled) = (training("adam", dtype=np.float32) for _ in range(2))
    compiled = mg.compile(compiled, target="numba")
    data = batch(dtype=np.float32)
    for i in range(4):
        assert compiled(*data).item() == step(*data).item()
        for each, its_optimizer in (eager, optimizer), (net, other):
            its_optimizer.lr = 1 if i == 1 else 0.01 * i  # an int, too
            each.fc1.b.data = np.full(8, i / 10, np.float32)
            its_optimizer.load_state_dict({k: v / 2 for k, v in its_optimizer.state_dict().items()})
    assert compiled(*(np.asfortranarray(a) for a in data)).item() == step(*data).item()


def test_the_source_runs_alone_and_gives_the_same_numbers(tmp_path: Path):
    w, step = descent("adam", np.float32)
    compiled = mg.compile(step, target="numba")
    x = np.array([1, 2, 4], np.float32)
    np.savez(tmp_path / "arrays.npz", x=x, w=w.data)
    loss = compiled(x)
    (tmp_path / "step.py").write_text(compiled.source)
    (tmp_path / "run.py").write_text("""
import inspect
import numpy as np
from step import step
given = dict(np.load("arrays.npz").items()) | {"lr": 0.003, "steps": 1}
for name in inspect.signature(step).parameters:
    if name not in given:
        given[name] = np.zeros_like(given[name.rsplit("_", 1)[0]])
(loss,), grads = step(**given)
print(repr(float(loss)))
np.save("w1.npy", given["w"])
""")
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == loss.item()
    assert_array_equal(np.load(tmp_path / "w1.npy"), w.data)


def test_what_has_no_loop_is_made_by_numpy_and_explained():
    def various(x: mg.Tensor) -> list[mg.Tensor]:
        return [np.sort(x * 2, axis=1) + 1, np.exp(x[0, 0]), np.mean(x * 1j), np.divmod(x.data, 2)[0]]

    compiled = mg.compile(various, target="numba")
    x = mg.Tensor(np.linspace(0, 1, 6).reshape((2, 3)))
    for result, eager in zip(compiled(x), various(x), strict=True):
        assert_array_equal(np.asarray(result), np.asarray(eager))
    explained = compiled.explain()
    assert "made by NumPy between compiled functions: np.argsort, which has no loop here" in explained
    assert "np.exp, since its loop is not known here for () float64" in explained
    assert "np.mean, since Numba's loops take no complex128" in explained
    assert "since np.argsort takes no place to write to" in explained


def test_old_values_are_read_before_they_are_overwritten():
    def step(w: mg.Tensor, x: mg.Tensor) -> mg.Tensor:
        y = np.dot(w, (x + 1).T)
        w.data = w.data * 2
        return y

    w, v = (mg.Tensor(np.ones((4, 5))) for _ in range(2))
    x = mg.Tensor(np.arange(20.0).reshape((4, 5)))
    compiled = mg.compile(lambda x: step(w, x), target="numba")
    for _ in range(2):
        assert_array_equal(compiled(x).data, step(v, x).data)
    assert_array_equal(w.data, v.data)


def test_a_cache_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("MINIGRAD_CACHE", str(file))
    assert mg.compile(lambda x: x * 2, target="numba")(np.ones(3)).tolist() == [2, 2, 2]


def test_numba_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "numba" else found(name))
    with pytest.raises(mg.CompileError, match=r'pip install "minigrad\[compile\]"'):
        mg.compile(lambda x: x * 2, target="numba")(np.ones(3))
    assert mg.compile(lambda x: x * 2)(np.ones(3)).tolist() == [2, 2, 2]


def loop_of(ufunc: np.ufunc, types: str) -> Callable[..., None]:
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(kernels.address_of(ufunc, types))


def test_kernels_give_what_numpy_gives():
    rng = np.random.default_rng(0)
    frame = np.empty(kernels.FRAME, np.int64)
    x, y = rng.normal(size=(2, 3, 20))
    out = np.empty_like(x)
    kernels.elementwise(loop_of(np.exp, "d->d"), frame, x, out)
    assert_array_equal(out, np.exp(x))
    for other in y, y[:1, :1].copy():
        kernels.elementwise2(loop_of(np.arctan2, "dd->d"), frame, x, other, out)
        assert_array_equal(out, np.arctan2(x, other))
    product = kernels.product(loop_of(np.matmul, "dd->d"), frame, x, y.T, np.empty((3, 3)))
    assert_array_equal(product, np.dot(x, y.T))
    totals = kernels.total(loop_of(np.add, "dd->d"), frame, x.reshape((3, 2, 10)), np.empty(2))
    assert_array_equal(totals, x.reshape((3, 2, 10)).sum(axis=(0, 2)))


def test_a_loop_that_does_not_stand_alone_has_no_address():
    assert kernels.address_of(np.exp, "f->d") is None
    assert kernels.address_of(np.frompyfunc(abs, 1, 1), "O->O") is None
