"""Fourier transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from tests.minigrad.rules.checking import check
from tests.minigrad.rules.differences import normal

NORMS = st.sampled_from([None, "backward", "ortho", "forward"])
OF_COMPLEX = ["fft", "ifft", "irfft", "hfft"]
OF_REAL = ["rfft", "ihfft", "fft", "irfft"]


def numbers(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    return normal(np.random.default_rng(0), shape, dtype)


@pytest.mark.parametrize("dtype", [float, complex])
@settings(max_examples=8)
@given(st.data(), NORMS)
def test_transforms_along_one_axis(dtype: type, data: st.DataObject, norm: str | None):
    f = getattr(np.fft, data.draw(st.sampled_from(OF_COMPLEX if dtype is complex else OF_REAL)))
    shape = data.draw(hnp.array_shapes(max_dims=3, min_side=2, max_side=5))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    n = data.draw(st.none() | st.integers(1, 7))
    check(lambda a: f(a, n, axis, norm), numbers(shape, dtype))


@pytest.mark.parametrize("dtype", [float, complex])
@settings(max_examples=8)
@given(st.data(), NORMS)
def test_transforms_along_several_axes(dtype: type, data: st.DataObject, norm: str | None):
    name = data.draw(st.sampled_from(["fft", "ifft", "irfft"] + ["rfft"] * (dtype is float)))
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=3, min_side=2, max_side=4))
    axes = data.draw(st.none() | hnp.valid_tuple_axes(len(shape), min_size=1))
    s = data.draw(st.none() | st.tuples(*[st.integers(2, 5) | st.just(-1)] * len(axes))) if axes else None
    x = numbers(shape, dtype)
    check(lambda a: getattr(np.fft, name + "n")(a, s, axes, norm), x)
    check(lambda a: getattr(np.fft, name + "2")(a, (2, 5), norm=norm), x)
    check(lambda a: getattr(np.fft, name + "2")(a, norm=norm), x)


@pytest.mark.filterwarnings("ignore:`axes` should not be `None`:DeprecationWarning")
def test_lengths_without_axes_are_those_of_the_last():
    check(lambda a: np.fft.fftn(a, (2, 6)), numbers((2, 3, 4), complex))


@pytest.mark.parametrize("f", [np.fft.fftshift, np.fft.ifftshift])
@pytest.mark.parametrize("axes", [None, 1, (0, -1)])
def test_shifts(f: Callable[..., Any], axes: Any):
    check(lambda a: f(a, axes), numbers((3, 4, 5), float))
    with pytest.raises(mg.AxisError, match="axis 3"):
        f(mg.Tensor(numbers((3, 4, 5), float)), 3)


def test_single_precision_stays_single():
    x = mg.Tensor(np.ones(5, np.float32), requires_grad=True)
    y = np.fft.rfft(x)
    z = np.fft.irfft(y, 5)
    assert (y.dtype, z.dtype) == (np.complex64, np.float32)
    z.sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_what_cannot_be_transformed(name: str):
    f, x = getattr(np.fft, name), mg.Tensor(np.ones((2, 4)))
    with pytest.raises(mg.ShapeError, match=rf"{name} of a \(2, 4\): cannot transform 0 numbers"):
        f(x, n=0)
    with pytest.raises(mg.AxisError, match=rf"{name}: axis 2 is none of a \(2, 4\)"):
        f(x, axis=2)
    with pytest.raises(mg.ArgumentError, match=rf"{name}: norm .*'unit'"):
        f(x, norm="unit")


def test_lengths_that_do_not_fit():
    with pytest.raises(mg.ShapeError, match=r"fftn: 1 lengths .* for 2 axes"):
        np.fft.fftn(mg.Tensor(np.ones((2, 2))), [3], (0, 1))
    with pytest.raises(mg.ShapeError, match=r"irfft .* cannot give 0 numbers"):
        np.fft.irfft(mg.Tensor([1.0]))
