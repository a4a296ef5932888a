"""Eager and compiled steps in any order, with whatever may happen between them: the same numbers as eager alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import minigrad as mg
from tests.minigrad.compiler.nets import batch, training

EVENTS = (
    "step",
    "another size",
    "eager step",
    "learning rate",
    "save",
    "load",
    "rebind",
    "reverse",
    "write",
    "forget gradients",
    "own gradients",
)


class Run:
    """A training, and what can happen to it."""

    def __init__(self, optimizer: str, compiled: bool) -> None:
        self.net, self.optimizer, self.eager_step = training(optimizer)
        self.step = mg.compile(self.eager_step, target="numpy") if compiled else self.eager_step
        self.save()

    def save(self) -> None:
        self.saved = self.net.state_dict(), self.optimizer.state_dict()

    def happen(self, event: str, i: int) -> float:
        w = self.net.fc1.w
        if event == "step":
            return self.step(*batch(i)).item()
        if event == "another size":
            return self.step(*batch(i, size=5)).item()
        if event == "eager step":
            return self.eager_step(*batch(i)).item()
        if event == "learning rate":
            self.optimizer.lr = 0.01 * (1 + i)
        elif event == "save":
            self.save()
        elif event == "load":
            self.net.load_state_dict(self.saved[0])
            self.optimizer.load_state_dict(self.saved[1])
        elif event == "rebind":
            w.data = np.full(w.shape, 0.1 * i)
        elif event == "reverse":
            w.data = w.data[::-1]
        elif event == "write":
            w.data[0] = 0.5
        elif event == "forget gradients":
            self.optimizer.zero_grad()
        elif event == "own gradients":
            np.sum(self.net(mg.Tensor(batch(i)[0])) ** 2).backward()
            self.optimizer.step()
        return 0.0

    def numbers(self) -> dict[str, np.ndarray]:
        grads = {f"grad {p.name}": p.grad.data for p in self.parameters if p.grad is not None}
        return {**self.net.state_dict(), **self.optimizer.state_dict(), **grads, "lr": self.optimizer.lr}

    @property
    def parameters(self) -> list[mg.Tensor]:
        return self.net.parameters()


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw", "schedule"])
@settings(max_examples=8)
@given(events=st.lists(st.sampled_from(EVENTS), min_size=4, max_size=10))
def test_the_numbers_are_those_of_eager_steps(optimizer: str, events: list[str]):
    eager, compiled = Run(optimizer, compiled=False), Run(optimizer, compiled=True)
    for i, event in enumerate(["step", *events, "step"]):
        assert compiled.happen(event, i) == pytest.approx(eager.happen(event, i), rel=1e-12)
        found, expected = compiled.numbers(), eager.numbers()
        assert found.keys() == expected.keys()
        for name, number in expected.items():
            assert_allclose(found[name], number, rtol=1e-12, atol=1e-14, err_msg=f"{name} after {event}")


def test_what_was_saved_stays_as_it_was():
    net, optimizer, step = training("adam")
    compiled = mg.compile(step, target="numpy")
    compiled(*batch())
    saved = net.state_dict() | optimizer.state_dict()
    before = {name: array.copy() for name, array in saved.items()}
    compiled(*batch(1))
    for name, array in before.items():
        np.testing.assert_array_equal(saved[name], array)


def test_an_optimizer_that_advances_in_a_way_of_its_own_does_so_compiled():
    class Halving(mg.optim.SGD):
        def advance(self) -> None:
            super().advance()
            self.lr /= 2

    results = []
    for wrapped in (lambda step: step, lambda step: mg.compile(step, target="numpy")):
        w = mg.Tensor([1.0, -2.0], requires_grad=True)
        optimizer = Halving([w], lr=0.5)

        def step(w=w, optimizer=optimizer):
            loss = (w * w).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        run = wrapped(step)
        results.append(([run().item() for _ in range(4)], optimizer.lr, optimizer.steps))
    assert results[0] == results[1]
