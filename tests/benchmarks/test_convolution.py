"""The benchmark itself: that both libraries compute the same. How long they take is not tested."""

from types import ModuleType

import pytest

import minigrad as mg
from tests.benchmarks.convolution import Sliding, contenders, random_arrays


def test_both_libraries_make_the_same_convolution(torch: ModuleType) -> None:
    sliding = Sliding(stride=2, padding=1, groups=2)
    steps = contenders(random_arrays((2, 4, 5, 5), (6, 4, 3, 3), sliding), sliding)
    assert list(steps) == ["minigrad", torch.__name__]


@pytest.mark.usefixtures("torch")
def test_a_convolution_that_differs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = random_arrays((2, 4, 5, 5), (6, 4, 3, 3), Sliding())
    right = mg.conv2d
    monkeypatch.setattr(mg, "conv2d", lambda x, w, b, **options: right(x, 2 * w, b, **options))
    with pytest.raises(AssertionError):
        contenders(arrays, Sliding())
