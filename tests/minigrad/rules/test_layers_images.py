"""Convolution, pooling and normalisation: closed forms, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad.rules.layers import convolution
from minigrad.rules.layers.windows import Window, fold, unfold

RNG = np.random.default_rng(0)


def gradient(f, x):
    x = mg.Tensor(x, requires_grad=True)
    f(x).sum().backward()
    return x.grad.numpy()


# Windows


windows = st.builds(
    lambda kernel, stride, padding, dilation: Window((kernel,), (stride,), (padding,), (dilation,)),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 2),
)


@given(window=windows, size=st.integers(5, 9), seed=st.integers(0, 1000))
def test_fold_is_the_adjoint_of_unfold(window, size, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, size))
    read = unfold(x, window)
    y = rng.normal(size=read.shape)
    np.testing.assert_allclose((read * y).sum(), (x * fold(y, window, (size,))).sum())


def test_windows_of_tensors_have_derivatives_of_every_order():
    window = Window((2,), (1,), (1,), (1,))
    x = mg.Tensor(RNG.normal(size=(1, 1, 4)), requires_grad=True)
    (unfold(x, window) ** 3).sum().backward(create_graph=True)
    slope, x.grad = x.grad, None
    np.testing.assert_allclose(slope.numpy(), 2 * 3 * x.numpy() ** 2)  # each element is in two windows
    slope.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * 6 * x.numpy())


# Convolution


@settings(max_examples=15)
@given(n=st.integers(1, 8), k=st.integers(1, 4), seed=st.integers(0, 1000))
def test_conv1d_is_what_numpy_calls_a_correlation(n, k, seed):
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=n + k), rng.normal(size=k)
    y = mg.conv1d(x[None, None], w[None, None]).numpy()[0, 0]
    np.testing.assert_allclose(y, np.correlate(x, w), atol=1e-12)


def test_filters_of_one_pixel_are_an_affine_map_of_each_pixel():
    x, w, b = RNG.normal(size=(2, 3, 4, 5)), RNG.normal(size=(6, 3, 1, 1)), RNG.normal(size=6)
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, 3)
    expected = mg.affine(pixels, w[:, :, 0, 0].T, b).numpy().reshape(2, 4, 5, 6).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(mg.conv2d(x, w, b).numpy(), expected)


def test_sizes_may_be_numpy_integers():
    x, w = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    np.testing.assert_array_equal(
        mg.conv2d(x, w, stride=np.int64(2)).numpy(), mg.conv2d(x, w, stride=2).numpy()
    )


def test_groups_are_convolutions_side_by_side():
    x, w, b = RNG.normal(size=(2, 4, 5, 5)), RNG.normal(size=(6, 2, 3, 3)), RNG.normal(size=6)
    halves = [mg.conv2d(x[:, 2 * i : 2 * i + 2], w[3 * i : 3 * i + 3], b[3 * i : 3 * i + 3]) for i in (0, 1)]
    np.testing.assert_allclose(mg.conv2d(x, w, b, groups=2).numpy(), np.concatenate(halves, axis=1).numpy())


def test_a_dilated_filter_is_one_with_zeros_between():
    x, w = RNG.normal(size=(1, 2, 7, 7)), RNG.normal(size=(3, 2, 2, 2))
    wide = np.zeros((3, 2, 4, 4))
    wide[:, :, ::3, ::3] = w
    np.testing.assert_allclose(mg.conv2d(x, w, dilation=3).numpy(), mg.conv2d(x, wide).numpy())


def test_a_stride_takes_some_of_the_positions():
    x, w = RNG.normal(size=(1, 2, 7, 8)), RNG.normal(size=(3, 2, 2, 3))
    every = mg.conv2d(x, w).numpy()
    np.testing.assert_allclose(mg.conv2d(x, w, stride=(2, 3)).numpy(), every[:, :, ::2, ::3])


@pytest.mark.parametrize("stride", [1, 2])
def test_images_laid_out_a_few_at_a_time_are_as_all_at_once(monkeypatch, stride):
    def run():
        tensors = [mg.Tensor(array, requires_grad=True) for array in (x, w, b)]
        y = mg.conv2d(*tensors, stride=stride)
        (y * y).sum().backward()
        return [y.numpy(), *(t.grad.numpy() for t in tensors)]

    x, w, b = RNG.normal(size=(5, 2, 6, 6)), RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=3)
    at_once = run()
    monkeypatch.setattr(convolution, "BLOCK", 2 * 2 * 9 * 16 * 8)  # two images at stride 1
    for a, b_ in zip(run(), at_once, strict=True):
        np.testing.assert_allclose(a, b_, rtol=1e-12)


@pytest.mark.parametrize("stride", [1, 2])
def test_the_third_derivative_of_a_convolution_is_that_of_the_formula(stride):
    x, w = RNG.normal(size=(2, 2, 5, 5)), RNG.normal(size=(4, 1, 3, 3))
    t = mg.Tensor(0.5, requires_grad=True)
    y = (mg.conv2d(t * x, t * w, stride=stride, groups=2) ** 2).sum()  # the sum at t = 1, times t⁴
    for _ in range(3):
        t.grad = None
        y.backward(create_graph=True)
        y = t.grad
    at_one = (mg.conv2d(x, w, stride=stride, groups=2).numpy() ** 2).sum()
    np.testing.assert_allclose(y.item(), 24 * 0.5 * at_one, rtol=1e-12)


def test_no_images_give_no_output_and_zero_gradients():
    w = mg.Tensor(np.ones((3, 2, 2, 2)), requires_grad=True)
    y = mg.conv2d(np.zeros((0, 2, 4, 4)), w)
    y.sum().backward()
    assert y.shape == (0, 3, 3, 3)
    np.testing.assert_array_equal(w.grad.numpy(), np.zeros(w.shape))


def test_a_convolution_computes_no_gradient_for_an_input_that_needs_none():
    op = convolution.Convolution(Window.of((2, 2), 2))
    op.forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), np.ones(1))
    op.needs = [False, False, True]
    dx, dw, db = op.backward(np.ones((1, 1, 2, 2)))
    assert dx is None
    assert dw is None
    np.testing.assert_array_equal(db, [4])


@pytest.mark.parametrize(
    ("x", "w", "b", "options", "words"),
    [
        ((3, 4, 4), (2, 3, 2, 2), (2,), {}, "must have 4 axes"),
        ((1, 3, 4, 4), (2, 3, 2), (2,), {}, "kernel"),
        ((1, 3, 4, 4), (2, 4, 2, 2), (2,), {}, "x has 3 channels"),
        ((1, 4, 4, 4), (3, 2, 2, 2), (3,), {"groups": 2}, "groups divide filters"),
        ((1, 3, 4, 4), (2, 3, 2, 2), (3,), {}, r"w has 2 filters but b has shape \(3,\)"),
        ((1, 3, 4, 4), (2, 3, 5, 5), (2,), {}, r"\(5, 5\) does not fit into \(4, 4\)"),
        ((1, 3, 4, 4), (2, 3, 2, 2), (2,), {"stride": 0}, "stride=0"),
        ((1, 3, 4, 4), (2, 3, 2, 2), (2,), {"stride": (1, 1, 1)}, r"stride=\(1, 1, 1\): give 2 numbers"),
        ((1, 3, 4, 4), (2, 3, 2, 2), (2,), {"padding": -1}, "padding=-1"),
        ((1, 3, 4, 4), (2, 3, 2, 2), (2,), {"dilation": 0}, "dilation=0"),
    ],
)
def test_conv2d_says_what_does_not_fit(x, w, b, options, words):
    with pytest.raises(mg.ShapeError, match=words):
        mg.conv2d(np.ones(x), np.ones(w), np.ones(b), **options)


# Pooling


def test_tied_elements_share_the_gradient_of_their_maximum():
    x = np.array([[[[1.0, 2.0], [2.0, 0.0]]]])
    np.testing.assert_array_equal(gradient(lambda x: mg.max_pool2d(x, 2), x), [[[[0, 0.5], [0.5, 0]]]])


def test_an_element_that_wins_in_several_windows_has_the_sum_of_their_gradients():
    x = np.array([[[0.0, 5.0, 1.0]]])
    np.testing.assert_array_equal(gradient(lambda x: mg.max_pool1d(x, 2, stride=1), x), [[[0, 2, 0]]])


def test_what_is_added_at_the_sides_is_never_a_maximum_but_counts_in_a_mean():
    x = np.full((1, 1, 2, 2), -3.0)
    np.testing.assert_array_equal(mg.max_pool2d(x, 2, padding=1).numpy(), np.full((1, 1, 2, 2), -3.0))
    np.testing.assert_array_equal(mg.avg_pool2d(x, 2, padding=1).numpy(), np.full((1, 1, 2, 2), -0.75))


def test_a_pool_over_the_whole_image_is_a_reduction():
    x = RNG.normal(size=(2, 3, 4, 5))
    np.testing.assert_array_equal(mg.max_pool2d(x, (4, 5)).numpy()[..., 0, 0], x.max(axis=(2, 3)))
    np.testing.assert_allclose(mg.avg_pool2d(x, (4, 5)).numpy()[..., 0, 0], x.mean(axis=(2, 3)))


@pytest.mark.parametrize("pool", [mg.max_pool2d, mg.avg_pool2d])
@pytest.mark.parametrize(
    ("shape", "options", "words"),
    [
        ((4, 4), {"kernel_size": 2}, "must have 4 axes"),
        ((1, 1, 4, 4), {"kernel_size": 5}, "does not fit"),
        ((1, 1, 4, 4), {"kernel_size": 2, "padding": 2}, "more than half"),
        ((1, 1, 4, 4), {"kernel_size": 0}, "kernel"),
        ((1, 1, 4, 4), {"kernel_size": 2, "stride": 0}, "stride=0"),
    ],
)
def test_a_pool_says_what_does_not_fit(pool, shape, options, words):
    with pytest.raises(mg.ShapeError, match=words):
        pool(np.ones(shape), **options)


# Normalisation


def test_batch_norm_gives_every_channel_its_mean_and_deviation():
    x, gamma, beta = (
        5 + 3 * RNG.normal(size=(8, 3, 4, 4)),
        np.array([1.0, 2.0, 3.0]),
        np.array([0.0, 1.0, 2.0]),
    )
    y = mg.batch_norm(x, gamma, beta, eps=0).numpy()
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), beta, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=(0, 2, 3)), gamma)


def test_batch_norm_does_not_see_scale_and_shift():
    x, one, zero = RNG.normal(size=(8, 3)), np.ones(3), np.zeros(3)
    moved = mg.batch_norm(100 * x + 7, one, zero, eps=0).numpy()
    np.testing.assert_allclose(moved, mg.batch_norm(x, one, zero, eps=0).numpy(), rtol=1e-9)
    slope = gradient(lambda x: mg.batch_norm(x, one, zero) ** 3, x)
    np.testing.assert_allclose(slope.sum(axis=0), 0, atol=1e-12)


def test_known_statistics_are_used_as_they_are():
    x, gamma, beta = RNG.normal(size=(4, 2, 3)), np.array([2.0, 3.0]), np.array([0.5, -0.5])
    mean, var = np.array([1.0, -1.0]), np.array([4.0, 9.0])
    y = mg.batch_norm(x, gamma, beta, mean, var, eps=0).numpy()
    np.testing.assert_allclose(y[:, 0], 2 * (x[:, 0] - 1) / 2 + 0.5)
    np.testing.assert_allclose(y[:, 1], 3 * (x[:, 1] + 1) / 3 - 0.5)


def test_layer_norm_treats_every_sample_alone():
    x, gamma, beta = RNG.normal(size=(4, 2, 3)), RNG.normal(size=3), RNG.normal(size=3)
    alone = [mg.layer_norm(row, gamma, beta).numpy() for row in x.reshape(8, 3)]
    np.testing.assert_allclose(mg.layer_norm(x, gamma, beta).numpy().reshape(8, 3), alone)


@pytest.mark.parametrize(
    ("f", "shapes", "words"),
    [
        (mg.batch_norm, [(4, 3), (2,), (2,)], "one number for each channel"),
        (mg.batch_norm, [(3,), (3,), (3,)], "one number for each channel"),
        (mg.batch_norm, [(4, 3), (3,), (2,)], r"gamma .*\(3,\).*beta .*\(2,\)"),
        (mg.batch_norm, [(4, 3), (3,), (3,), (3,), (2,)], "must be the same"),
        (mg.layer_norm, [(4, 3), (2,), (2,)], "not the last axes of x"),
        (mg.layer_norm, [(3,), (3, 3), (3, 3)], "not the last axes of x"),
        (mg.layer_norm, [(4, 3), (), ()], "not the last axes of x"),
    ],
)
def test_a_normalisation_says_what_does_not_fit(f, shapes, words):
    with pytest.raises(mg.ShapeError, match=words):
        f(*map(np.ones, shapes))


@pytest.mark.parametrize("known", [{"mean": np.ones(3)}, {"var": np.ones(3)}], ids=["mean", "var"])
def test_a_known_mean_without_its_variance_is_refused(known):
    with pytest.raises(mg.ArgumentError, match="both mean and var"):
        mg.batch_norm(np.ones((4, 3)), np.ones(3), np.ones(3), **known)
