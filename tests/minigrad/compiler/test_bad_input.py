"""What a step cannot take, and what it leaves behind when it fails."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minigrad as mg

HERE = r"at .*test_bad_input\.py:\d+, in \w+"
calls = 0


def count(x: mg.Tensor) -> mg.Tensor:
    global calls  # noqa: PLW0603  what a compiled function must not do
    calls += 1
    return x


class Counter(mg.nn.Module):
    """Counts its calls."""

    calls = 0

    def forward(self, x: mg.Tensor) -> mg.Tensor:
        self.calls += 1
        return x


class Keeper:
    """Keeps what it was given last."""

    last: Any = None

    def keep(self, x: mg.Tensor) -> mg.Tensor:
        self.last = x * 2
        return x


def appending() -> Callable[..., Any]:
    losses: list[Any] = []

    def append(x: mg.Tensor) -> mg.Tensor:
        losses.append(x)
        return x

    return append


def noting() -> Callable[..., Any]:
    latest: dict[str, Any] = {"loss": None}

    def note(x: mg.Tensor) -> mg.Tensor:
        latest["loss"] = x
        return x

    return note


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (count, "calls"),
        (Counter(), "Counter.calls"),
        (Keeper().keep, "Keeper.last"),
        (appending(), "losses[0]"),
        (noting(), "latest['loss']"),
    ],
)
def test_what_a_function_leaves_in_python_objects_is_refused(function: Callable[..., Any], what: str):
    with pytest.raises(mg.CompileError, match=rf"changes '{re.escape(what)}', which its trace did once"):
        mg.compile(function, target="numpy")(mg.Tensor([1.0]))


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("mean", "is a str"),
        (None, "is a NoneType"),
        ({1.0, 2.0}, "is a set"),
        (np.array([None]), "array of dtype object"),
        (np.ma.array([1.0]), "is a MaskedArray"),
        (mg.Tensor([1.0], requires_grad=True) * 2, "is a recorded result.*detach"),
    ],
)
def test_an_argument_that_is_no_array_tensor_or_number_is_named(argument: object, words: str):
    compiled = mg.compile(lambda *args: args[0], target="numpy")
    for _ in range(2):
        with pytest.raises(mg.CompileError, match=words):
            compiled(np.ones(1), argument)
        with pytest.raises(mg.CompileError, match=words):
            compiled(argument)


def write_item(x: Any) -> Any:
    x[0] = 1.0
    return x


def write_all(x: Any) -> Any:
    x += 1.0
    return x


SURROUNDING = np.zeros(2)


def write_beside(x: Any) -> Any:
    return np.add(x, 1.0, out=SURROUNDING)


def copy_beside(x: Any) -> Any:
    np.copyto(SURROUNDING, x)
    return x


@pytest.mark.parametrize(
    ("function", "argument", "words"),
    [
        (write_item, np.zeros(2), f"an input is written into, {HERE}"),
        (write_all, np.zeros(2), f"an input is written into, {HERE}"),
        (write_item, mg.Tensor([0.0, 0.0], name="x"), "gives its argument 'x' new values"),
        (write_all, mg.Tensor([0.0, 0.0], name="x"), "gives its argument 'x' new values"),
        (write_beside, mg.Tensor([0.0, 0.0]), f"np.copyto writes into an array, {HERE}"),
        (write_beside, np.zeros(2), f"cannot write into an array of its surroundings, {HERE}"),
        (copy_beside, np.zeros(2), f"np.copyto writes into an array, {HERE}"),
    ],
)
def test_writing_into_an_input_or_an_array_around_is_refused(
    function: Callable[..., Any], argument: Any, words: str
):
    with pytest.raises(mg.CompileError, match=words):
        mg.compile(function, target="numpy")(argument)
    assert_array_equal(np.asarray(argument), 0)
    assert_array_equal(SURROUNDING, 0)


def test_a_variable_bound_to_another_tensor_is_seen():
    w = mg.Tensor([1.0, 2.0])
    compiled = mg.compile(lambda x: w * x, target="numpy")
    assert compiled(np.ones(2)).tolist() == [1, 2]
    w = mg.Tensor([3.0, 4.0, 5.0])
    assert compiled(np.ones(3)).tolist() == [3, 4, 5]
    with pytest.raises(mg.ShapeError, match=r"\(3,\).*\(2,\)"):
        compiled(np.ones(2))
    with pytest.raises(mg.ShapeError, match=r"cannot take data of shape \(2,\)"):
        w.data = np.ones(2)


def test_a_number_and_a_frozen_parameter_are_seen():
    w, scale = mg.Tensor([2.0], requires_grad=True), 1.0

    def loss(x: Any) -> Any:
        y = (scale * w * x).sum()
        if w.requires_grad:
            w.grad = None
            y.backward()
        return y

    compiled = mg.compile(loss, target="numpy")
    assert compiled(np.ones(1)).item() == 2
    scale = 10.0
    assert compiled(np.ones(1)).item() == 20
    assert w.grad.tolist() == [10]
    w.requires_grad, w.grad = False, None
    assert compiled(np.ones(1)).item() == 20
    assert w.grad is None


def trained(*, momentum: float, norm: bool) -> tuple[list[mg.Tensor], mg.optim.Optimizer, Any]:
    """A step that changes statistics, parameters and velocities, and can fail at its end."""
    bn, fc = mg.nn.BatchNorm(3, dtype=np.float64), mg.nn.Affine(3, 2, dtype=np.float64)
    optimizer = mg.optim.SGD([*bn.parameters(), *fc.parameters()], 0.1, momentum=momentum)

    def step(x: Any, labels: Any, matrix: Any) -> Any:
        loss = mg.softmax_with_loss(fc(bn(x) if norm else x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss + np.sum(np.linalg.inv(matrix))

    return [*bn.parameters(), bn.running_mean, bn.running_var, *fc.parameters()], optimizer, step


def arrays_of(tensors: list[mg.Tensor], optimizer: mg.optim.Optimizer) -> list[np.ndarray]:
    return [*(t.data for t in tensors), *(array for state in optimizer.state for array in state)]


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize(("labels", "matrix"), [([0, 5], np.eye(2)), ([0, 1], np.zeros((2, 2)))])
def test_a_step_that_fails_leaves_parameters_and_state_as_they_were(
    norm: bool, momentum: float, labels: list[int], matrix: np.ndarray
):
    tensors, optimizer, step = trained(momentum=momentum, norm=norm)
    compiled = mg.compile(step, target="numpy")
    x = np.random.default_rng(0).normal(size=(2, 3))
    compiled(x, np.array([0, 1]), np.eye(2))
    before = [a.copy() for a in arrays_of(tensors, optimizer)]
    with pytest.raises((mg.LabelError, np.linalg.LinAlgError)):
        compiled(x, np.array(labels), matrix)
    for old, new in zip(before, arrays_of(tensors, optimizer), strict=True):
        assert_array_equal(new, old)
    assert optimizer.steps == 1


def test_a_step_that_is_stopped_between_its_updates_says_so():
    a, b = (mg.Tensor([1.0], requires_grad=True) for _ in range(2))
    optimizer = mg.optim.SGD([a, b], lr=1e200)

    @functools.partial(mg.compile, target="numpy")
    def step(x: Any) -> Any:
        loss = np.sum(a * x) + np.sum(b * x) * 1e150
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step(np.array([1e-300]))
    with np.errstate(over="raise"), pytest.raises(FloatingPointError) as caught:
        step(np.array([1.0]))
    assert "stopped while it changed parameters and state" in caught.value.__notes__[0]
    assert optimizer.steps == 1
    with np.errstate(over="raise"), pytest.raises(FloatingPointError) as caught:
        step(np.array([1e200]))
    assert not hasattr(caught.value, "__notes__")  # it failed before the first update


def test_a_function_may_print(capsys: pytest.CaptureFixture[str]):
    def show(x: mg.Tensor) -> mg.Tensor:
        print(x)
        return x

    mg.compile(show, target="numpy")(mg.Tensor([1.0, 2.0]))
    assert capsys.readouterr().out == "Tensor([1., 2.])\n"
