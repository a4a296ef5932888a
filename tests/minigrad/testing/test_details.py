"""What the catalogue does not reach, and the limits of the checker."""

from __future__ import annotations

import subprocess
import sys
from contextvars import Context
from dataclasses import replace

import numpy as np
import pytest

from minigrad.testing import GradientError, Report, check_layer
from minigrad.testing.agreement import close
from minigrad.testing.kinks import hull_distance
from minigrad.testing.operation import same_bits
from minigrad.testing.plugin import _unshrunk
from minigrad.testing.richardson import Estimate
from minigrad.testing.selection import input_names
from minigrad.testing.values import _coarse

RNG = np.random.default_rng(8)
X = RNG.normal(size=(3, 4))


def test_too_many_ties_to_know_are_inconclusive():
    x = np.ones((1, 10))
    report = check_layer(lambda x: x.max(axis=-1), lambda g, x: g[:, None] * (x == x.max()), x)
    assert "too many gradients meet at this kink" in report.inputs[0].reason


def test_edge_of_the_domain_is_set_aside():
    def forward(x):
        return x * np.sqrt(x)

    x = np.array([0.0, 1.0, 4.0])
    assert check_layer(forward, lambda g, x: 1.5 * g * np.sqrt(x), x).kinks == 1
    with pytest.raises(GradientError, match="expected / 2"):
        check_layer(forward, lambda g, x: 0.75 * g * np.sqrt(x), x)
    alone = check_layer(forward, lambda g, x: 1.5 * g * np.sqrt(x), np.array([0.0]))
    assert "edge of the domain" in alone.inputs[0].reason


def test_what_has_no_signature_has_numbered_inputs():
    assert input_names(min, 2, None) == ("input0", "input1")


def test_inconclusive_report_prints_its_reason():
    with np.errstate(all="ignore"):
        text = str(check_layer(np.exp, lambda g, x: g * np.exp(x), np.array([1000.0])))
    assert text.startswith("exp: inconclusive\n")
    assert "'x' (1,): inconclusive (the forward is not finite" in text


def test_nobody_need_listen_to_a_check():
    assert Context().run(check_layer, np.exp, lambda g, x: g * np.exp(x), X).ok


def test_report_of_a_right_rule_has_a_message_too():
    report = check_layer(lambda x: 2 * x, lambda g: 2 * g, X)
    assert report.message() == str(report)
    assert Report("Empty").resolution == np.inf


def test_close_and_same_bits():
    a = np.array([1.0, np.inf])
    with np.errstate(all="ignore"):
        assert close(a, a.copy(), 1.0)
        assert not close(a, np.array([1.0, 2.0]), 1.0)
    assert not close(a, a[:1], 1.0)
    assert same_bits(np.array([1, 2]), np.array([1, 2]))
    assert not same_bits(np.array([1.0]), np.array([1], np.float32))


def test_hull_distance_stops_after_the_iterations_allowed():
    rows = RNG.normal(size=(30, 8))
    assert hull_distance(np.zeros(8), rows, iterations=1) >= hull_distance(np.zeros(8), rows)


def test_the_module_runs():
    command = [sys.executable, "-m", "minigrad", "check", "nothing.py"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "nothing.py is no Python file" in run.stderr


def test_mutation_needs_no_hypothesis(monkeypatch):
    monkeypatch.delitem(sys.modules, "hypothesis")
    with _unshrunk():
        assert "hypothesis" not in sys.modules


def test_estimate_says_why_it_is_coarse():
    unclear = Estimate(1.0, 0.5, 1.0, 1.0, 0.0, 0.0)
    assert "shows on no single one" in _coarse(unclear)
    assert "contradict" in _coarse(replace(unclear, bound=np.inf))
    assert "resolve only 2e+00" in _coarse(replace(unclear, bound=2.0))
    assert "not finite" in _coarse(replace(unclear, residual=np.nan))
    assert replace(unclear, bound=np.inf).resolution == np.inf


def test_overflow_at_extreme_inputs_is_no_mistake():
    def backward(g, x):
        with np.errstate(all="ignore"):
            return -2 * g * x / (1 + x * x) ** 2

    with np.errstate(all="ignore"):
        assert check_layer(lambda x: 1 / (1 + x * x), backward, np.array([1e160, 1.0])).ok


def test_where_floats_are_coarser_than_the_function_a_complex_step_proves_it():
    x = np.array([1e38])
    assert check_layer(np.sin, lambda g, x: g * np.cos(x), x).resolution < 1e-13
    assert not check_layer(lambda x: np.sin(x.real), lambda g, x: g * np.cos(x), x).conclusive


def test_long_doubles_prove_what_rounding_hides():
    if np.finfo(np.longdouble).eps == np.finfo(float).eps:
        pytest.skip("long doubles are doubles on this machine")

    def forward(x):
        return np.abs(np.sin(x) + 1e4) - 1e4

    assert check_layer(forward, lambda g, x: g * np.cos(x), X).resolution < 1e-12
