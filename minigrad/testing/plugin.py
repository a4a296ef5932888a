"""The pytest plugin: a summary of what was proven, a thorough mode, and mutation of the rules that are checked.

Options:
    --grad-thorough   many more examples for each property test
    --grad-report     print every report, not only the summary
    --grad-mutate     run each test that checks a rule once more for each way of breaking the rule; a test that stays
                      green fails
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from minigrad.testing.mutation import CHANGES, Mutation
from minigrad.testing.observing import listening, mutating
from minigrad.testing.optional import require
from minigrad.testing.report import Report

PROPERTY = "gradients"
THOROUGH_EXAMPLES = 1000


@dataclass
class _Summary:
    """What all tests together say of one rule."""

    checks: int = 0
    resolution: float = 0.0
    kinks: int = 0
    inconclusive: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        if self.wrong:
            verdict = f"wrong in {self.wrong} of {self.checks} checks"
        elif self.inconclusive == self.checks:
            verdict = "inconclusive"
        else:
            verdict = f"proven to {self.resolution:.0e}"
        notes = [f"{self.checks} check{'s' * (self.checks != 1)}"]
        notes += [f"{self.kinks} elements at kinks"] * bool(self.kinks)
        notes += [f"{self.inconclusive} inconclusive"] * bool(
            self.inconclusive and self.inconclusive < self.checks
        )
        return f"{verdict} ({', '.join(notes)})"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("minigrad", "gradient checks")
    group.addoption("--grad-thorough", action="store_true", help="many more examples for each property test")
    group.addoption("--grad-report", action="store_true", help="print the report of every gradient check")
    group.addoption(
        "--grad-mutate", action="store_true", help="fail the tests that stay green when a rule is broken"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker, and the profile of the thorough mode."""
    config.addinivalue_line("markers", "grad: checks a gradient; tests made by @rule_test have it")
    if config.getoption("--grad-thorough"):
        settings = require("hypothesis", "--grad-thorough").settings
        before = settings.get_current_profile_name()
        config.add_cleanup(lambda: settings.load_profile(before))
        settings.register_profile("grad-thorough", settings.default, max_examples=THOROUGH_EXAMPLES)
        settings.load_profile("grad-thorough")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests made by @rule_test."""
    for item in items:
        if hasattr(getattr(item, "function", None), "signature_of_rule"):
            item.add_marker("grad")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Listen to the checks of a test; with --grad-mutate, run it again for each mutation."""
    reports: list[Report] = []
    with listening(reports.append):
        try:
            yield
        finally:
            item.user_properties += [(PROPERTY, _facts(report)) for report in reports]
    if item.config.getoption("--grad-report"):
        item.add_report_section("call", "gradients", "\n".join(map(str, reports)))
    if reports and item.config.getoption("--grad-mutate"):
        survivors = list(_survivors(item))
        if survivors:
            pytest.fail(f"stays green although the rule is broken: {', '.join(survivors)}", pytrace=False)


def _survivors(item: pytest.Item) -> Iterator[str]:
    """The mutations that did change a gradient and that the test did not notice."""
    for name in CHANGES:
        mutation = Mutation(name)
        with mutating(mutation), _unshrunk():
            call = pytest.CallInfo.from_call(item.runtest, when="call")
        if call.excinfo is None and mutation.changed:
            yield f"{name} of {', '.join(sorted(mutation.changed))}"


@contextmanager
def _unshrunk() -> Iterator[None]:
    """Let Hypothesis stop at the first failure: a mutant's smallest example is of no interest."""
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is None:
        yield
        return
    settings, phases = hypothesis.settings, hypothesis.Phase
    before = settings.get_current_profile_name()
    settings.register_profile(
        "grad-mutants", settings.get_profile(before), phases=[phases.explicit, phases.generate]
    )
    settings.load_profile("grad-mutants")
    try:
        yield
    finally:
        settings.load_profile(before)


def _facts(report: Report) -> dict[str, Any]:
    """A report in types that travel between processes."""
    return {
        "name": report.name if report.order == 1 else f"{report.name}, derivative {report.order}",
        "resolution": report.resolution,
        "kinks": report.kinks,
        "ok": not report.problems,
        "conclusive": report.conclusive,
        "empty": all(entry.status == "empty" for entry in report.inputs),
    }


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each rule."""
    rules: dict[str, _Summary] = {}
    for reports in terminalreporter.stats.values():
        for test in reports:
            for key, facts in getattr(test, "user_properties", ()):
                if (
                    key == PROPERTY
                    and getattr(test, "when", "") == "call"
                    and not (facts["empty"] and facts["ok"])
                ):
                    _add(rules.setdefault(facts["name"], _Summary()), facts)
    if rules:
        terminalreporter.section("gradients")
        for name, summary in sorted(rules.items()):
            terminalreporter.write_line(f"{name}: {summary}")


def _add(summary: _Summary, facts: dict[str, Any]) -> None:
    summary.checks += 1
    summary.kinks += facts["kinks"]
    summary.wrong += not facts["ok"]
    if not facts["conclusive"]:
        summary.inconclusive += 1
    elif facts["ok"] and facts["resolution"] < 1:
        summary.resolution = max(summary.resolution, facts["resolution"])
