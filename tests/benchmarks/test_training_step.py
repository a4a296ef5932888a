"""The benchmark itself: that it times what it says. How long anything takes is not tested."""

import pytest

from tests.benchmarks.contenders.numpy_step import by_hand
from tests.benchmarks.contenders.problem import Problem, Training
from tests.benchmarks.timing import Timing, interleave
from tests.benchmarks.training_step import BASELINE, check, prepare, report

PROBLEM = Problem.named("3-5-2:4")


def test_minigrad_makes_the_step_by_hand() -> None:
    missing: dict[str, str] = {}
    steps = prepare(PROBLEM, [BASELINE, "products alone", "minigrad"], missing)
    assert not missing
    assert list(steps) == [BASELINE, "products alone", "minigrad"]


def test_a_contender_that_computes_other_numbers_is_refused() -> None:
    truth = check(by_hand(PROBLEM), None)
    other = Training(
        by_hand(PROBLEM).step, PROBLEM.parameters
    )  # its losses are right, its weights never move
    with pytest.raises(ValueError, match="w1 differs by"):
        check(other, truth)


def test_a_ratio_is_taken_within_the_round() -> None:
    assert Timing([2.0, 20.0, 600.0]).ratio(Timing([1.0, 10.0, 100.0])) == 2


def test_every_round_runs_every_step_and_begins_with_another() -> None:
    calls: list[str] = []
    steps = {name: lambda name=name: calls.append(name) for name in "abc"}
    timings = interleave(steps, rounds=3, seconds=0)
    changes = [name for i, name in enumerate(calls) if i == 0 or calls[i - 1] != name]
    assert "".join(changes) == "abc" + "abc" + "bca" + "cab"
    assert [len(timing.rounds) for timing in timings.values()] == [3, 3, 3]


def test_the_report_shows_what_did_not_run() -> None:
    timings = {"3-5-2:4": {BASELINE: Timing([10.0, 30.0]), "torch": Timing([20.0, 40.0])}}
    lines = report(timings, [BASELINE, "torch", "jax.jit"]).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[2:-1]] for line in lines if "3-5-2:4" in line]
    assert cells == [["20.0 (10.0)", "30.0 (20.0)", "-"], ["1.00", "1.67", "-"]]
