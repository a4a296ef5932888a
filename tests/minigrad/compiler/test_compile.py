"""What can be compiled, what is refused and how, and the source that is shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal

import minigrad as mg
from minigrad.registry import RULES
from tests.minigrad.compiler.nets import batch, training
from tests.minigrad.rules.layer_cases import CASES, Draw


def assert_eager(
    operation: Callable[..., mg.Tensor], arrays: list[np.ndarray], rtol: float, gradients: dict[str, float]
) -> None:
    """Checks the compiled value, to rtol, and the compiled gradients, to theirs, against the eager ones."""

    def run(*xs: mg.Tensor) -> mg.Tensor:
        y = operation(*xs)
        if y.requires_grad:
            np.sum(y * y).backward()
        return y

    expected, got = ([mg.Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays] for _ in range(2))
    assert_allclose(mg.compile(run, target="numpy")(*got).data, run(*expected).data, rtol=rtol)
    for a, b in zip(got, expected, strict=True):
        assert (a.grad is None) == (b.grad is None)
        if b.grad is not None:
            assert_allclose(a.grad.data, b.grad.data, **gradients)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 99), n=st.integers(1, 4), m=st.integers(1, 4))
def test_every_layer_and_its_gradients_are_the_eager_ones(name: str, seed: int, n: int, m: int):
    operation, arrays = CASES[name](Draw(np.random.default_rng(seed), n, m))
    assert_eager(operation, arrays, 1e-12, {"rtol": 1e-12, "atol": 1e-14})


UFUNCS = sorted(
    {f.__name__ for f in RULES if isinstance(f, np.ufunc) and f.nout == 1 and hasattr(np, f.__name__)}
)


@pytest.mark.parametrize("name", UFUNCS)
def test_every_ufunc_and_its_gradients_are_the_eager_ones(name: str):
    ufunc = getattr(np, name)
    rng = np.random.default_rng(0)
    kind = next(
        types for types in ufunc.types if types[0] in "dl?" and set(types[: ufunc.nin]) <= set("dli?")
    )
    draws = {"d": lambda: rng.uniform(0.1, 0.9, (3, 4)), "l": lambda: rng.integers(1, 5, (3, 4)),
             "i": lambda: rng.integers(1, 5, (3, 4)), "?": lambda: rng.random((3, 4)) > 0.5}  # fmt: skip
    arrays = [draws[code]() for code in kind[: ufunc.nin]]
    if ufunc.signature is not None:
        arrays = [rng.random((4, 4)) for _ in arrays]
    if name in ("arccosh", "acosh"):
        arrays = [x + 1 for x in arrays]
    assert_eager(ufunc, arrays, 1e-14, {"rtol": 1e-13})  # a product may be summed in another order


@pytest.mark.parametrize(
    "decide",
    [
        lambda x: x if np.sum(x) > 1 else -x,
        lambda x: x * float(np.sum(x)),
        lambda x: x * np.sum(x).item(),
        lambda x: x[x > 0],
        lambda x: x[int(np.argmax(x))],
        lambda x: np.asarray(x) + 1,
        np.nonzero,
    ],
)
def test_a_value_that_decides_is_an_error_that_names_the_line(decide: object):
    with pytest.raises(mg.CompileError, match=r"test_compile\.py:\d+"):
        mg.compile(decide, target="numpy")(mg.Tensor([1.0, 2.0]))


def test_an_argument_that_is_no_array_is_refused():
    with pytest.raises(mg.CompileError, match="is a str"):
        mg.compile(lambda x, how: x)(np.ones(2), "sum")


def test_a_write_into_an_argument_is_refused():
    def write(x: np.ndarray) -> np.ndarray:
        x[0] = 1
        return x

    with pytest.raises(mg.CompileError, match="an input is written into"):
        mg.compile(write)(np.zeros(2))


def test_random_numbers_that_would_repeat_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(mg.CompileError, match="random numbers"):
        mg.compile(lambda x: x + rng.random(2))(np.ones(2))


def test_a_value_kept_from_a_trace_is_an_error_when_it_is_used():
    kept: list[list[mg.Tensor]] = [[]]

    def keep(x: mg.Tensor) -> mg.Tensor:
        kept[0].append(x * 2)
        return x

    mg.compile(keep, target="numpy")(mg.Tensor([1.0]))
    with pytest.raises(mg.CompileError, match="return it"):
        kept[0][0] + 1


def test_an_unknown_target_is_refused():
    with pytest.raises(mg.CompileError, match="'cuda'"):
        mg.compile(np.sin, target="cuda")


def test_source_before_the_first_call_is_an_error():
    with pytest.raises(mg.CompileError, match="call the function once"):
        mg.compile(np.sin).source  # noqa: B018  the property raises


def test_results_keep_their_nesting_and_are_values():
    compiled = mg.compile(lambda x: {"twice": 2 * x, "rest": [x, (x + 1, "text", 3)]}, target="numpy")
    x = mg.Tensor([1.0, 2.0])
    first = compiled(x)
    compiled(mg.Tensor([5.0, 6.0]))
    assert first["twice"].tolist() == [2, 4]
    assert first["rest"][0].tolist() == [1, 2]
    assert first["rest"][1][0].tolist() == [2, 3]
    assert first["rest"][1][1:] == ("text", 3)


def test_arrays_and_numbers_are_taken_and_given():
    compiled = mg.compile(lambda x, scale, y=1.0: scale * np.exp(x) + y, target="numpy")
    for scale in 1.0, 2.5:
        assert_array_equal(
            compiled(np.ones(3, np.float32), scale, y=2.0),
            np.float32(scale) * np.exp(np.ones(3, np.float32)) + 2,
        )
    assert compiled(np.ones(3, np.float32), 2.0).dtype == np.float32


def test_transforms_compile():
    compiled = mg.compile(mg.value_and_grad(lambda x: np.sum(np.sin(x) ** 2)), target="numpy")
    for x in np.linspace(0, 1, 3), np.linspace(1, 2, 3):
        value, gradient = compiled(x)
        assert value == pytest.approx(np.sum(np.sin(x) ** 2))
        assert_allclose(gradient, 2 * np.sin(x) * np.cos(x), rtol=1e-12)


def test_inference_reads_the_parameters_as_they_are():
    net, _, step = training()
    predict = mg.compile(lambda x: mg.softmax(net(x)), target="numpy")
    for i in range(3):
        x, labels = batch(i)
        assert_allclose(predict(x).numpy(), mg.softmax(net(x)).numpy(), rtol=1e-12)
        step(x, labels)


def test_what_is_computed_twice_or_for_nothing_is_left_out():
    def wasteful(x: mg.Tensor) -> mg.Tensor:
        np.cos(x)
        return np.exp(x) + np.exp(x)

    compiled = mg.compile(wasteful, target="numpy")
    compiled(mg.Tensor([1.0]))
    assert compiled.source.count("= np.exp(") == 1
    assert "= np.cos(" not in compiled.source


def test_the_source_runs_alone_and_gives_the_same_numbers(tmp_path: Path):
    net, _, step = training()
    compiled = mg.compile(step, target="numpy")
    x, labels = batch()
    before = [p.data.copy() for p in net.parameters()]
    loss = compiled(x, labels)
    np.savez(tmp_path / "arrays.npz", x, labels, *before)
    script = """
import numpy as np
from step import step
x, labels, w1, b1, w2, b2 = np.load("arrays.npz").values()
(loss,), grads = step(fc1_w=w1, fc1_b=b1, fc2_w=w2, fc2_b=b2, x=x, labels=labels, lr=0.1)
print(repr(float(loss)))
np.save("w1.npy", w1)
"""
    (tmp_path / "step.py").write_text(compiled.source)
    (tmp_path / "run.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == loss.item()
    assert_array_equal(np.load(tmp_path / "w1.npy"), net.fc1.w.data)


def test_the_source_and_the_plan_name_what_they_come_from():
    _, _, step = training()
    compiled = mg.compile(step, target="numpy")
    compiled(*batch())
    for words in "# fc1: affine", "# backward of fc1: affine", "nets.py", "d_fc1_w", "# SGD.step":
        assert words in compiled.source
    assert "updated in place: fc1_w, fc1_b, fc2_w, fc2_b" in compiled.explain()
    assert "floating-point operations" in compiled.explain()
    assert "nothing is fused" in compiled.explain()


def test_a_function_that_exec_made_belongs_to_no_module_and_compiles():
    namespace = {"w": mg.Tensor([2.0], requires_grad=True)}
    exec("def f(x):\n    return w * x", namespace)
    namespace["f"].__module__ = None
    assert mg.compile(namespace["f"], target="numpy")(np.ones(1)).tolist() == [2.0]
