"""The pytest plugin: the summary, the marker, the options, and mutants that a test must notice."""

from __future__ import annotations

from importlib.metadata import entry_points

import numpy as np
import pytest

from minigrad.testing.mutation import CHANGES

pytest_plugins = ["pytester"]

TESTS = """
import numpy as np
import minigrad as mg
from minigrad.testing import GradientError, check_rule, gradcheck, rule_test

class Sigmoid(mg.Function):
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, grad):
        return grad * self.y * (1 - self.y)

@rule_test("(n,i),(i,o),(o)->(n,o)", min_side=1)
def test_affine():
    return mg.affine

def test_sigmoid():
    check_rule(Sigmoid, np.array([[1.0, 2.0], [-1.0, 0.5]]), order=2)
"""
SLOPPY = (
    TESTS
    + """
def test_sloppy():
    try:
        check_rule(mg.tanh, np.array([1.0, 2.0]))
    except GradientError:
        pass
"""
)
WRONG = (
    TESTS
    + """
class Wrong(Sigmoid):
    def backward(self, grad):
        return 2 * super().backward(grad)

def test_wrong():
    check_rule(Wrong, np.array([1.0, 2.0]))

def test_unknown():
    with np.errstate(all="ignore"):
        check_rule(lambda x: mg.log(x - x), np.array([1.0, 2.0]))
"""
)


# Where minigrad is installed, pytest finds the plugin by itself, and must not be given it twice.
INSTALLED = any(entry.value == "minigrad.testing.plugin" for entry in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "minigrad.testing.plugin")


@pytest.fixture
def run(pytester):
    def runner(source, *options):
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", *options)

    return runner


def test_summary_has_a_line_for_each_rule(run):
    result = run(TESTS)
    result.assert_outcomes(passed=2)
    result.stdout.re_match_lines_random(
        [
            r"affine: proven to \de-\d\d \(\d+ checks.*\)",
            r"Sigmoid: proven to .*",
            r"Sigmoid, derivative 2: proven to .*",
        ]
    )


def test_wrong_and_inconclusive_rules_are_in_the_summary(run):
    result = run(WRONG)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines_random(["Wrong: wrong in 1 of 1 checks*", "<lambda>: inconclusive (1 check)"])


def test_without_checks_there_is_no_summary(run):
    result = run("def test_nothing():\n    pass\n")
    result.stdout.no_fnmatch_line("*gradients*")


def test_marker_selects_the_property_tests(run):
    run(TESTS, "-m", "grad").assert_outcomes(passed=1, deselected=1)


def test_reports_are_shown_on_demand(run):
    result = run(TESTS, "--grad-report", "-rA")
    result.stdout.fnmatch_lines(["*purity: nothing written to, repeatable, no shared memory"])


def test_mutants_are_noticed(run):
    run(TESTS, "--grad-mutate").assert_outcomes(passed=2)


def test_test_that_stays_green_fails(run):
    result = run(SLOPPY, "--grad-mutate")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["stays green although the rule is broken: scale of tanh, sign of tanh*"])


def test_thorough_mode_draws_more_examples(run):
    result = run(
        """
        from hypothesis import settings

        def test_examples():
            assert settings.default.max_examples == 1000
        """,
        "--grad-thorough",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("name", CHANGES)
def test_every_mutation_changes_a_gradient(name):
    g = np.random.default_rng(0).normal(size=(3, 3))
    changed = CHANGES[name](g.copy())
    assert changed.shape == g.shape
    assert not np.array_equal(changed, g)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("shape", [(), (0,), (1, 2)])
def test_every_mutation_takes_every_shape(name, shape):
    assert np.shape(CHANGES[name](np.ones(shape))) == shape
