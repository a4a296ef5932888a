"""minigrad's own rules, each checked to the second order by minigrad's own checker."""

from __future__ import annotations

import pytest

from minigrad.rules.declare import Elementwise
from minigrad.testing import check_rule
from tests.minigrad.testing.own_rules import SAMPLES, own_rules, samples_of

RULES = own_rules()


def test_every_rule_has_samples():
    missing = [
        cls.__name__ for cls in RULES if not issubclass(cls, Elementwise) and not SAMPLES.get(cls.__name__)
    ]
    assert not missing, f"declare inputs for {', '.join(missing)} in tests/minigrad/testing/own_rules.py"


@pytest.mark.parametrize(
    "sample",
    [pytest.param(s, id=f"{cls.__name__}-{k}") for cls in RULES for k, s in enumerate(samples_of(cls))],
)
def test_rule_is_right_to_the_second_order(sample):
    report = check_rule(sample.op, *sample.inputs, order=sample.order, **sample.options)
    assert report.conclusive, str(report)
