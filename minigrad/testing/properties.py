"""`@rule_test`: a property test of a rule, from the signature of its shapes alone."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.testing.checks import check_any
from minigrad.testing.operation import Arrays
from minigrad.testing.optional import require
from minigrad.testing.report import GradientError, Report

if TYPE_CHECKING:
    from minigrad.testing.strategies import Elements


def rule_test(
    signature: str,
    *,
    order: int = 1,
    low: float = -np.inf,
    high: float = np.inf,
    min_side: int = 0,
    max_side: int = 4,
    elements: Mapping[int, Elements] | None = None,
    **options: Any,
) -> Callable[[Callable[[], Any]], Callable[[], None]]:
    """Make a test of a function that returns a rule, or a layer: it is checked at inputs that Hypothesis draws.

    A failure is shrunk to the smallest inputs that show it. The test also fails if over half of its examples say
    nothing, being empty or inconclusive. Profiles and settings of Hypothesis apply as usual.

    Args:
        signature: the axes of the inputs, as "(n,i),(i,o),(o)->(n,o)"; "(),()->()" for shapes that broadcast.
        order: how many derivatives are checked.
        low: floats are drawn above this.
        high: floats are drawn below this.
        min_side: the shortest side; 0 draws empty arrays too.
        max_side: the longest side.
        elements: of inputs that hold no floats, what their elements are drawn from; see `strategies.inputs`.
        **options: of `check_rule`.

    Raises:
        CheckError: the signature is none.
        MissingDependencyError: Hypothesis is not installed.

    Example:
        >>> import minigrad as mg
        >>> @rule_test("(n,i),(i,o)->(n,o)", min_side=1)
        ... def test_matmul():
        ...     return mg.matmul
        >>> test_matmul()
    """
    hypothesis = require("hypothesis", "rule_test")
    strategies = require("minigrad.testing.strategies", "rule_test")
    strategies.Signature.parse(signature)
    drawn = strategies.inputs(
        signature, low=low, high=high, min_side=min_side, max_side=max_side, elements=elements
    )

    def decorate(make: Callable[[], Any]) -> Callable[[], None]:
        @functools.wraps(make)
        def test() -> None:
            counts: Counter[str] = Counter()

            def example(arrays: Arrays) -> None:
                said = _check(make(), arrays, order, options)
                counts[said] += 1
                hypothesis.event(said)

            # To explain a failure, Hypothesis traces every line: most of the time, for nothing about arrays.
            phases = [p for p in hypothesis.settings().phases if p is not hypothesis.Phase.explain]
            hypothesis.settings(phases=phases)(hypothesis.given(drawn)(example))()
            silent = counts.total() - counts["proven"]
            if 2 * silent > counts.total():
                raise AssertionError(
                    f"{make.__name__}: {silent} of {counts.total()} examples say nothing: {counts}"
                )

        test.signature_of_rule = signature  # type: ignore[attr-defined]  # the plugin marks it
        return test

    return decorate


def _check(op: Any, arrays: Arrays, order: int, options: Mapping[str, Any]) -> str:
    """What one example says: "proven", "at kinks", "inconclusive", "empty"."""
    try:
        report = check_any(op, *arrays, order=order, **options)
    except GradientError as error:
        error.report.minimal = True  # Hypothesis shows the last one, which is
        raise GradientError(error.report) from None
    return _said(report)


def _said(report: Report) -> str:
    statuses = {entry.status for entry in report.inputs}
    for status in ("inconclusive", "proven", "at kinks"):
        if status in statuses:
            return "proven" if status == "at kinks" else status
    return "empty"
