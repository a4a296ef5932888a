import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.drawing import text
from minigrad.drawing.fonts import text_width
from minigrad.drawing.picture import Statistics, Tensor
from minigrad.drawing.themes import DARK, LIGHT, colour, heat_level


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (0.0502, "0.0502"), (2.375, "2.38"), (0.00114, "1.1e−3"),
     (-0.5, "−0.5"), (1234.5, "1234"), (3e7, "3.0e7"), (999.96, "1000"),
     (math.nan, "NaN"), (math.inf, "∞"), (-math.inf, "−∞")],
)  # fmt: skip
def test_numbers_are_short(value, written):
    assert text.number(value) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_the_number(value):
    written = text.number(value)
    assert float(written.replace("−", "-")) == pytest.approx(value, rel=0.06)
    assert len(written) <= 9


@pytest.mark.parametrize(
    ("value", "written"), [(650.0, "650"), (1.1, "1.1"), (2.37581, "2.3758"), (-2.0, "−2"), (1e9, "1.000e9")]
)
def test_scalars_are_written_as_a_book_would(value, written):
    assert text.exact(value) == written


def test_sizes_times_shares_and_shapes():
    assert [text.size(n) for n in (12, 2040, 157_000, 3_200_000, 5 * 10**15)] == [
        "12 B",
        "2.0 kB",
        "157 kB",
        "3.2 MB",
        "5000 TB",
    ]
    assert [text.duration(s) for s in (58.4e-6, 0.0012, 2.5)] == ["58.4 µs", "1.2 ms", "2.50 s"]
    assert [text.percent(share) for share in (0.001, 0.73, 1.0)] == ["<1%", "73%", "100%"]
    assert [text.shape(s) for s in ((), (64, 784))] == ["scalar", "64 × 784"]
    assert text.grouped(39760) == "39 760"


def test_names_are_one_line_and_keep_both_ends():
    assert text.clean("a\nb\u2028c") == "a b c"
    assert text.clean("x" * 30 + "y" * 30) == "x" * 19 + "…" + "y" * 19
    assert text.clean("\ud800") == "\ufffd"


def test_a_single_element_is_shown_as_itself():
    statistics = Statistics(2.0, -2.0, -2.0, -2.0, 0, ())
    assert text.statistic(Tensor((1, 1), "float64", 8, True), statistics) == "−2"
    assert text.statistic(Tensor((2,), "float64", 16, True), statistics) == "2"


def test_widths_are_those_of_helvetica():
    assert text_width("Hi", 10, False) == pytest.approx((722 + 222) / 100)
    assert text_width("Hi", 10, True) == pytest.approx((722 + 278) / 100)
    assert text_width("e\u0301", 10, False) == text_width("e", 10, False)
    assert text_width("火", 10, False) > text_width("W", 10, False)


def luminance(code):
    channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("level", range(5))
def test_ink_on_every_heat_is_legible(theme, level):
    for role in ("ink", "share", "muted"):
        low, high = sorted([luminance(colour(theme, role, level)), luminance(theme.heat[level])])
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_heat_has_five_steps():
    assert [heat_level(share) for share in (None, 0.0, 0.009, 0.01, 0.05, 0.2, 0.31)] == [0, 0, 0, 1, 2, 3, 4]
