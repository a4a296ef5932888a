"""minigrad as a namespace of the array API standard, beside array-api-strict on the same inputs."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import minigrad as mg

strict = pytest.importorskip(
    "array_api_strict", reason='needs array-api-strict: pip install "minigrad[test]"'
)

# What is not part of minigrad: the strict library's own flags.
NOT_OF_THE_STANDARD = {"Device", "set_array_api_strict_flags", "get_array_api_strict_flags"} | {
    "reset_array_api_strict_flags",
    "ArrayAPIStrictFlags",
}


def test_every_name_of_the_standard_is_there():
    names = {name for name in strict.__all__ if not name.startswith("__")} - NOT_OF_THE_STANDARD
    assert {name for name in names if not hasattr(mg, name)} == set()
    for extension in ("linalg", "fft"):
        module, truth = getattr(mg, extension), getattr(strict, extension)
        assert {name for name in truth.__all__ if not hasattr(module, name)} == set()
        assert set(truth.__all__) <= set(dir(module))
    methods = {name for name in dir(strict.asarray(1.0)) if name.startswith("__") or not name.startswith("_")}
    assert {name for name in methods - {"__buffer__"} if not hasattr(mg.Tensor, name)} == set()


def test_a_name_of_numpy_without_a_rule_is_not_there():
    for module in (mg, mg.linalg, mg.fft):
        with pytest.raises(AttributeError, match="no attribute 'polynomial_fit'"):
            module.polynomial_fit  # noqa: B018


FLOATS = {
    "abs acos asin asinh atan atanh ceil cos exp expm1 floor isfinite isinf isnan log log1p log2 log10": (
        0.1,
        0.9,
    ),
    "logical_not negative positive reciprocal round sign signbit sin sinh square sqrt tan tanh": (0.1, 0.9),
    "trunc cosh": (0.1, 0.9),
    "acosh": (1.5, 3.0),
}
PAIRS = (
    "add atan2 copysign divide equal floor_divide greater greater_equal hypot less less_equal logaddexp maximum "
    "minimum multiply nextafter not_equal pow remainder subtract"
)
INTEGERS = "bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift"

CALLS = {
    "sum": lambda xp, x: xp.sum(x, axis=-1, keepdims=True),
    "sum to a dtype": lambda xp, x: xp.sum(x, dtype=xp.float64),
    "prod": lambda xp, x: xp.prod(x, axis=0),
    "mean": lambda xp, x: xp.mean(x, axis=(0, 1)),
    "var": lambda xp, x: xp.var(x, axis=1, correction=0.5),
    "std": lambda xp, x: xp.std(x, keepdims=True),
    "max": lambda xp, x: xp.max(x, axis=0),
    "min": lambda xp, x: xp.min(x, axis=1, keepdims=True),
    "all": lambda xp, x: xp.all(x, axis=0),
    "any": lambda xp, x: xp.any(x > 0.5, axis=1),
    "count_nonzero": lambda xp, x: xp.count_nonzero(x, axis=0),
    "cumulative_sum": lambda xp, x: xp.cumulative_sum(x, axis=1, include_initial=True),
    "cumulative_prod": lambda xp, x: xp.cumulative_prod(x, axis=0),
    "diff": lambda xp, x: xp.diff(x, axis=0, n=1),
    "argmax": lambda xp, x: xp.argmax(x, axis=1, keepdims=True),
    "argmin": lambda xp, x: xp.argmin(x),
    "nonzero": lambda xp, x: xp.nonzero(x > 0.5),
    "searchsorted": lambda xp, x: xp.searchsorted(xp.sort(x[0, :]), x[1, :]),
    "where": lambda xp, x: xp.where(x > 0.5, x, 0.0),
    "sort": lambda xp, x: xp.sort(x, axis=0),
    "sort downwards": lambda xp, x: xp.sort(x, axis=1, descending=True),
    "argsort": lambda xp, x: xp.argsort(x, axis=0),
    "argsort downwards": lambda xp, x: xp.argsort(xp.round(x), axis=1, descending=True),
    "unique_values": lambda xp, x: xp.sort(xp.unique_values(xp.round(x))),
    "unique_counts": lambda xp, x: tuple(xp.unique_counts(xp.round(x))),
    "take": lambda xp, x: xp.take(x, xp.asarray([1, 0, 1]), axis=1),
    "take_along_axis": lambda xp, x: xp.take_along_axis(x, xp.argsort(x, axis=1), axis=1),
    "broadcast_to": lambda xp, x: xp.broadcast_to(x, (2, *x.shape)),
    "broadcast_arrays": lambda xp, x: tuple(xp.broadcast_arrays(x, x[:1, :])),
    "concat": lambda xp, x: xp.concat([x, x], axis=1),
    "concat flat": lambda xp, x: xp.concat([x, x], axis=None),
    "expand_dims": lambda xp, x: xp.expand_dims(x, axis=1),
    "flip": lambda xp, x: xp.flip(x, axis=1),
    "moveaxis": lambda xp, x: xp.moveaxis(x, 0, 1),
    "permute_dims": lambda xp, x: xp.permute_dims(x, (1, 0)),
    "repeat": lambda xp, x: xp.repeat(x, 2, axis=0),
    "reshape": lambda xp, x: xp.reshape(x, (-1,), copy=True),
    "roll": lambda xp, x: xp.roll(x, (1, 2), axis=(0, 1)),
    "squeeze": lambda xp, x: xp.squeeze(x[None, ...], axis=0),
    "stack": lambda xp, x: xp.stack([x, x], axis=1),
    "tile": lambda xp, x: xp.tile(x, (2, 1)),
    "unstack": lambda xp, x: tuple(xp.unstack(x, axis=1)),
    "matrix_transpose": lambda xp, x: xp.matrix_transpose(x),
    "matmul": lambda xp, x: xp.matmul(x, x.mT),
    "vecdot": lambda xp, x: xp.vecdot(x, x, axis=-2),
    "tensordot": lambda xp, x: xp.tensordot(x, x, axes=((0, 1), (0, 1))),
    "tril": lambda xp, x: xp.tril(x, k=1),
    "triu": lambda xp, x: xp.triu(x, k=-1),
    "clip": lambda xp, x: xp.clip(x, 0.2, 0.6),
    "clip by names": lambda xp, x: xp.clip(x, max=0.5),
    "meshgrid": lambda xp, x: tuple(xp.meshgrid(x[0, :], x[1, :], indexing="ij")),
    "zeros_like": lambda xp, x: xp.zeros_like(x),
    "ones_like": lambda xp, x: xp.ones_like(x, dtype=xp.int32),
    "full_like": lambda xp, x: xp.full_like(x, 2.5),
    "astype": lambda xp, x: xp.astype(x, xp.int16),
    "an operator": lambda xp, x: (x + 1) * x - x / 2 + x**2 - (x // 0.3) % 2,
    "an index": lambda xp, x: x[1:, ::2],
    "a mask": lambda xp, x: x[x > 0.5],
    "arange": lambda xp, x: xp.arange(1, 9, 2, dtype=x.dtype),
    "linspace": lambda xp, x: xp.linspace(0.0, 1.0, 5, endpoint=False, dtype=x.dtype),
    "eye": lambda xp, x: xp.eye(3, 4, k=1, dtype=x.dtype),
    "full": lambda xp, x: xp.full((2, 3), 1.5, dtype=x.dtype),
    "zeros": lambda xp, x: xp.zeros((2,), dtype=x.dtype),
    "ones": lambda xp, x: xp.ones(3, dtype=x.dtype),
    "linalg.norm": lambda xp, x: xp.linalg.vector_norm(x, axis=1, ord=3),
    "linalg.outer": lambda xp, x: xp.linalg.outer(x[0, :], x[1, :]),
    "linalg.matrix_rank": lambda xp, x: xp.linalg.matrix_rank(x),
    "fft": lambda xp, x: xp.real(xp.fft.rfft(x, axis=1)),
    "fftfreq": lambda xp, x: xp.astype(xp.fft.fftfreq(4), x.dtype),
}


def agree(found, truth) -> None:
    for x, y in zip(*(r if isinstance(r, tuple) else (r,) for r in (found, truth)), strict=True):
        assert isinstance(x, mg.Tensor)
        assert x.shape == y.shape
        assert str(x.dtype) == str(y.dtype).rpartition(".")[2]
        np.testing.assert_allclose(
            x.numpy(), np.asarray(y), rtol=1e-5 if x.dtype.itemsize < 8 else 1e-12, atol=1e-6
        )


@st.composite
def inputs(draw, count=1, interval=(0.1, 0.9), min_dims=0):
    shape = draw(array_shapes(min_dims=min_dims, max_dims=min_dims or 3, min_side=2, max_side=4))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return [rng.uniform(*interval, shape).astype(dtype) for _ in range(count)]


UNARY = [(name, interval) for names, interval in FLOATS.items() for name in names.split()]


@pytest.mark.parametrize(("name", "interval"), UNARY, ids=[name for name, _ in UNARY])
@settings(max_examples=5)
@given(data=st.data())
def test_functions_of_one(name, interval, data):
    (x,) = data.draw(inputs(1, interval))
    x = x > 0.5 if name == "logical_not" else x
    agree(getattr(mg, name)(mg.asarray(x)), getattr(strict, name)(strict.asarray(x)))


@pytest.mark.parametrize("name", PAIRS.split())
@settings(max_examples=5)
@given(data=st.data())
def test_functions_of_two(name, data):
    x, y = data.draw(inputs(2))
    agree(
        getattr(mg, name)(mg.asarray(x), mg.asarray(y)),
        getattr(strict, name)(strict.asarray(x), strict.asarray(y)),
    )
    agree(getattr(mg, name)(mg.asarray(x), 0.5), getattr(strict, name)(strict.asarray(x), 0.5))


@pytest.mark.parametrize("name", INTEGERS.split())
@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64"])
def test_functions_of_integers(name, dtype):
    x, y = np.array([[5, 3], [7, 1]], dtype), np.array([1, 2], dtype)
    agree(
        getattr(mg, name)(mg.asarray(x), mg.asarray(y)),
        getattr(strict, name)(strict.asarray(x), strict.asarray(y)),
    )


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=5)
@given(data=st.data())
def test_other_functions(name, data):
    (x,) = data.draw(inputs(1, min_dims=2))
    agree(CALLS[name](mg, mg.asarray(x)), CALLS[name](strict, strict.asarray(x)))


# dtypes, devices, DLPack


def test_dtype_functions():
    t = mg.asarray([1.0], dtype=mg.float32)
    assert mg.result_type(t, mg.float64) == mg.float64
    assert mg.can_cast(t, mg.float64)
    assert mg.isdtype(t.dtype, "real floating")
    assert mg.finfo(t).bits == 32
    assert mg.finfo(mg.float64).bits == 64
    assert mg.iinfo(mg.asarray([1], dtype=mg.int8)).max == 127
    assert mg.broadcast_shapes((2, 1), (3,)) == (2, 3)
    assert mg.__array_namespace_info__().default_device() == "cpu"
    assert mg.pi == np.pi
    assert mg.newaxis is None


def test_the_namespace_of_a_tensor_is_minigrad():
    t = mg.asarray([1.0])
    assert t.__array_namespace__() is mg
    assert t.__array_namespace__(api_version="2024.12") is mg
    with pytest.raises(mg.ArgumentError, match=r"2031\.12"):
        t.__array_namespace__(api_version="2031.12")


def test_there_is_one_device():
    t = mg.asarray([1.0])
    assert t.device == "cpu"
    assert t.to_device("cpu") is t
    for call in (lambda: t.to_device("gpu"), lambda: mg.asarray([1.0], device="gpu")):
        with pytest.raises(mg.ArgumentError, match="gpu"):
            call()


def test_dlpack_shares_what_needs_no_gradient():
    t = mg.asarray([1.0, 2.0])
    assert np.shares_memory(np.from_dlpack(t), t.numpy())
    assert t.__dlpack_device__() == (1, 0)
    np.testing.assert_array_equal(mg.from_dlpack(np.arange(3)).numpy(), [0, 1, 2])
    with pytest.raises(mg.GraphError, match="detach"):
        np.from_dlpack(mg.Tensor([1.0], requires_grad=True))


def test_asarray_copies_when_it_must():
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    array = np.array([1.0, 2.0])
    assert mg.asarray(t) is t
    assert mg.asarray(t, copy=True) is not t
    assert mg.asarray(t, dtype=mg.float32).requires_grad
    assert mg.asarray(array, copy=False).numpy() is array
    for call in (lambda: mg.asarray(t, dtype=mg.float32, copy=False), lambda: mg.asarray([1.0], copy=False)):
        with pytest.raises(mg.ArgumentError, match="copy"):
            call()


def test_the_functions_of_the_standard_differentiate():
    x = mg.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    (mg.sort(x, descending=True) * mg.asarray([1.0, 10.0, 100.0])).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [1, 100, 10])


# Each parameter of the standard's signature can be given as the standard gives it.


def functions():
    for module, ours in ((strict, mg), (strict.linalg, mg.linalg), (strict.fft, mg.fft)):
        for name in module.__all__:
            if inspect.isfunction(getattr(module, name)) and name not in NOT_OF_THE_STANDARD:
                yield pytest.param(getattr(module, name), getattr(ours, name), id=f"{module.__name__}.{name}")


@pytest.mark.parametrize(("theirs", "ours"), list(functions()))
def test_signatures_are_the_standards(theirs, ours):
    parameters = inspect.signature(ours).parameters
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for name, parameter in inspect.signature(theirs).parameters.items():
        named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        assert not named or anything or name in parameters


def test_what_is_made_of_numbers():
    a, b = mg.Tensor(1.0, requires_grad=True), mg.Tensor(3.0, requires_grad=True)
    mg.linspace(a, b, 5).sum().backward()
    assert (a.grad.item(), b.grad.item()) == (2.5, 2.5)
    mg.full((2, 3), a).sum().backward()
    assert a.grad.item() == 8.5
    agree(mg.full(2, 3), strict.full(2, 3))
    for num, endpoint in ((5, True), (1, True), (4, False), (0, True)):
        agree(mg.linspace(0, 2, num, endpoint=endpoint), strict.linspace(0, 2, num, endpoint=endpoint))
    agree(mg.linspace(0.0, 1.0, 3, dtype=mg.float32), strict.linspace(0.0, 1.0, 3, dtype=strict.float32))
    agree(mg.fft.fftfreq(5, d=0.5), strict.fft.fftfreq(5, d=0.5))
    agree(mg.fft.rfftfreq(5, dtype=mg.float32), strict.fft.rfftfreq(5, dtype=strict.float32))
