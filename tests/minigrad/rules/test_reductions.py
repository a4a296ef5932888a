"""Reductions, over every axis and keyword."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.minigrad.rules.checking import check
from tests.minigrad.rules.strategies import arrays, axes, masks

PLAIN = "sum prod mean var std max min amax amin ptp"
NAN = "nansum nanprod nanmean nanvar nanstd nanmax nanmin"
MASKED = "sum prod mean var max min amax amin nansum"
STARTED = "sum prod max min amax amin"


def calls(f, a, draw):
    """Keywords that NumPy accepts for this array without a warning."""
    options = {"axis": draw(axes(a.ndim)), "keepdims": draw(st.booleans())}
    if f.__name__ in STARTED.split():
        options["initial"] = 0.25
    if f.__name__ in MASKED.split() and draw(st.booleans()):
        options["where"] = draw(masks(a.shape))
    if f.__name__ in ("var", "std"):
        options[draw(st.sampled_from(["ddof", "correction"]))] = draw(st.sampled_from([0, 1, 0.5]))
    return options


def is_defined(f, a, options) -> bool:
    """Whether every result has elements enough."""
    where = np.broadcast_to(options.get("where", True), a.shape)
    counts = np.sum(where, axis=options["axis"])
    return (
        bool(np.all(counts > (0 if f.__name__ in (*STARTED.split(), "nansum", "nanprod") else 2)))
        and a.size > 0
    )


@pytest.mark.parametrize("name", [*PLAIN.split(), *NAN.split()])
@settings(max_examples=20)
@given(data=st.data())
def test_two_derivatives_agree_with_differences(name, data):
    f, a = getattr(np, name), data.draw(arrays())
    options = calls(f, a, data.draw)
    if "initial" in options or is_defined(f, a, options):
        check(lambda x: f(x, **options), a)
