"""Right rules are never called wrong: at kinks, ties, jumps, the edge of the domain, and extreme floats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minigrad.testing import check_layer
from tests.minigrad.testing.right_rules import RULES, trials

ANY_FLOAT = st.floats(allow_nan=False, allow_infinity=False)


def test_no_false_alarm_and_few_inconclusive():
    """Every rule at every kind of value, three times; `python -m tests.benchmarks.gradcheck` does 100,000."""
    inconclusive = judged = 0
    with np.errstate(all="ignore"):
        for t, (rule, _, inputs) in enumerate(trials(np.random.default_rng(10), 15 * len(RULES))):
            if np.isfinite(rule.forward(*inputs)).all():
                judged += 1
                inconclusive += not check_layer(rule.forward, rule.backward, *inputs, seed=t).conclusive
    assert inconclusive <= 0.04 * judged


@pytest.mark.parametrize("rule", [pytest.param(r, id=r.name) for r in RULES if len(r.shapes(2, 3, 2)) == 1])
@given(x=hnp.arrays(np.float64, (2, 4), elements=ANY_FLOAT))
def test_no_false_alarm_at_hypothesis_own_floats(rule, x):
    x = np.abs(x) if rule.positive else x
    with np.errstate(all="ignore"):
        if np.isfinite(rule.forward(x)).all():
            check_layer(rule.forward, rule.backward, x)


def test_kink_beside_the_input_that_noise_hides_is_no_mistake():
    """One output kinks at 3e-4; another, of size 2^53, drowns all steps that are finer."""
    rule = next(rule for rule in RULES if rule.name == "relu of affine")
    x, w = np.array([[1 / 3], [1.0], [0.0], [709.0]]), np.array([[2.0**-14, -65535.5, 1.5]])
    for seed in (0, 46549):
        assert check_layer(rule.forward, rule.backward, x, w, np.array([2.0, 20.0, 2.0**53]), seed=seed).ok
