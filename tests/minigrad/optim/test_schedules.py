"""Schedules: beside torch's, and in an optimizer."""

from __future__ import annotations

import pytest

import minigrad as mg
from minigrad import optim


@pytest.mark.parametrize(
    ("schedule", "name", "settings"),
    [
        (optim.StepSchedule(0.5, every=3, factor=0.3), "StepLR", {"step_size": 3, "gamma": 0.3}),
        (optim.CosineSchedule(0.5, steps=9), "CosineAnnealingLR", {"T_max": 9}),
        (optim.CosineSchedule(0.5, steps=9, final=0.1), "CosineAnnealingLR", {"T_max": 9, "eta_min": 0.1}),
        (optim.WarmUp(0.5, steps=5), "LinearLR", {"start_factor": 0.2, "total_iters": 4}),
    ],
    ids=["step", "cosine", "cosine to a final rate", "warm-up"],
)
def test_schedules_are_those_of_torch(torch, schedule, name, settings):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    theirs = getattr(torch.optim.lr_scheduler, name)(optimizer, **settings)
    for step in range(10):
        assert schedule(step) == pytest.approx(theirs.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        theirs.step()


def test_a_cosine_stays_at_its_end():
    assert optim.CosineSchedule(0.5, steps=4, final=0.1)(1000) == 0.1


def test_a_warm_up_leads_into_a_schedule():
    cosine = optim.CosineSchedule(0.8, steps=100)
    schedule = optim.WarmUp(cosine, steps=4)
    assert schedule(0) == 0.25 * cosine(0)
    assert schedule(1) == 0.5 * cosine(1)
    assert schedule(3) == cosine(3)
    assert schedule(50) == cosine(50)


def test_an_optimizer_takes_the_rate_of_each_step_and_goes_on_after_a_load():
    def step(optimizer):
        w.grad = mg.Tensor(1.0)
        before = w.item()
        optimizer.step()
        return before - w.item()

    w = mg.Tensor(0.0, requires_grad=True)
    schedule = optim.StepSchedule(1.0, every=2, factor=0.5)
    optimizer = optim.SGD([w], schedule)
    assert optimizer.lr == 1.0
    assert [step(optimizer) for _ in range(3)] == [1.0, 1.0, 0.5]
    resumed = optim.SGD([w], schedule)
    resumed.load_state_dict(optimizer.state_dict())
    assert [step(resumed) for _ in range(2)] == [0.5, 0.25]
    assert resumed.lr == 0.25


def test_a_fixed_rate_may_be_changed_between_steps():
    w = mg.Tensor(0.0, requires_grad=True)
    optimizer = optim.SGD([w], 1.0)
    optimizer.lr = 0.125
    w.grad = mg.Tensor(1.0)
    optimizer.step()
    assert w.item() == -0.125
