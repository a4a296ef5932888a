"""Activations, affine maps, softmaxes and losses: closed forms, extremes, and bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.rules.layers.dense import Affine
from minigrad.rules.layers.normal import normal_cdf

FAR = np.array([-1e4, 1e4])
rows = hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-1e4, 1e4))


def gradient(f, x):
    x = mg.Tensor(x, requires_grad=True)
    f(x).sum().backward()
    return x.grad.numpy()


# Affine


def test_affine_lays_out_the_axes_of_each_sample_flat():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(5, 2, 3, 4)), rng.normal(size=(24, 7)), rng.normal(size=7)
    np.testing.assert_array_equal(mg.affine(x, w, b).numpy(), mg.affine(x.reshape(5, 24), w, b).numpy())


def test_affine_of_one_sample_is_a_row_of_the_batch():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(1, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    batch = mg.affine(x, w, b).numpy()
    assert mg.affine(x[0], w, b).shape == (3,)
    np.testing.assert_allclose(mg.affine(x[0], w, b).numpy(), batch[0], rtol=1e-15)


def test_affine_of_an_empty_batch_is_empty_and_has_gradients():
    w = mg.Tensor(np.ones((4, 3)), requires_grad=True)
    y = mg.affine(np.zeros((0, 4)), w, np.zeros(3))
    y.sum().backward()
    assert y.shape == (0, 3)
    np.testing.assert_array_equal(w.grad.numpy(), np.zeros((4, 3)))


def test_affine_computes_no_gradient_for_an_input_that_needs_none():
    op = Affine()
    op.forward(np.ones((2, 4)), np.ones((4, 3)), np.ones(3))
    op.needs = [False, True, True]
    dx, dw, db = op.backward(np.ones((2, 3)))
    assert dx is None
    assert dw.shape == (4, 3)
    assert db.shape == (3,)


@pytest.mark.parametrize(
    ("x", "w", "b", "words"),
    [
        ((2, 4), (5, 3), (3,), ["x has 4 columns but w has 5 rows", "'fc.w'", "(5, 3) float64"]),
        ((2, 4), (4, 3), (4,), ["w has 3 columns but b has shape (4,)", "'fc.w'"]),
        ((2, 4), (4, 3), (3, 1), ["w has 3 columns but b has shape (3, 1)"]),
        ((2, 4), (4,), (3,), ["Affine"]),
        ((2, 4), (4, 3, 2), (3,), ["Affine"]),
    ],
)
def test_affine_names_operands_whose_shapes_do_not_fit(x, w, b, words):
    with pytest.raises(mg.ShapeError) as error:
        mg.affine(np.ones(x), mg.Tensor(np.ones(w), name="fc.w"), np.ones(b))
    assert all(word in str(error.value) for word in ["Affine", *words])


# Extremes: numbers of ±1e4 overflow nowhere, in either pass; a warning would be an error here


@pytest.mark.parametrize(
    ("f", "value", "slope"),
    [
        (mg.relu, [0, 1e4], [0, 1]),
        (mg.leaky_relu, [-100, 1e4], [0.01, 1]),
        (mg.elu, [-1, 1e4], [0, 1]),
        (mg.gelu, [0, 1e4], [0, 1]),
        (mg.silu, [0, 1e4], [0, 1]),
        (mg.softplus, [0, 1e4], [0, 1]),
        (mg.sigmoid, [0, 1], [0, 0]),
        (mg.tanh, [-1, 1], [0, 0]),
        (mg.softmax, [0, 1], [0, 0]),
        (mg.log_softmax, [-2e4, 0], [1, -1]),
        (mg.logsumexp, 1e4, [0, 1]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extremes_are_exact(f, value, slope, dtype):
    x = FAR.astype(dtype)
    np.testing.assert_allclose(f(x).numpy(), value, rtol=1e-6)
    np.testing.assert_allclose(gradient(f, x), slope, atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "value"),
    [
        (lambda x: mg.softmax_with_loss(x[None], [0]), 2e4),
        (lambda x: mg.softmax_with_loss(x[None], [1]), 0),
        (lambda x: mg.binary_cross_entropy_with_logits(x, np.array([1, 0])), 1e4),
        (lambda x: mg.binary_cross_entropy_with_logits(x, np.array([0, 1])), 0),
        (lambda x: mg.huber_loss(x, np.zeros(2)), 1e4 - 0.5),
        (lambda x: mg.hinge_loss(x, np.array([1, -1])), 1e4 + 1),
    ],
    ids=["softmax, wrong", "softmax, right", "binary, wrong", "binary, right", "huber", "hinge"],
)
def test_losses_of_extremes_are_exact(loss, value):
    np.testing.assert_allclose(loss(FAR).item(), value)
    assert np.isfinite(gradient(loss, FAR)).all()


@given(x=rows)
def test_softmax_gives_probabilities_and_log_softmax_their_logarithms(x):
    y = mg.softmax(x).numpy()
    assert (y >= 0).all()
    np.testing.assert_allclose(y.sum(axis=-1), 1)
    np.testing.assert_allclose(np.exp(mg.log_softmax(x).numpy()), y, atol=1e-12)


@given(x=rows, shift=st.floats(-100, 100))
def test_softmax_is_invariant_to_a_shift_and_logsumexp_takes_it_out(x, shift):
    np.testing.assert_allclose(mg.softmax(x + shift).numpy(), mg.softmax(x).numpy(), atol=1e-9)
    np.testing.assert_allclose(
        mg.logsumexp(x + shift, 1).numpy(), mg.logsumexp(x, 1).numpy() + shift, atol=1e-9
    )


@given(x=rows)
def test_logsumexp_lies_between_the_maximum_and_the_maximum_plus_log_n(x):
    y = mg.logsumexp(x, axis=1).numpy()
    assert (y >= x.max(axis=1)).all()
    assert (y <= x.max(axis=1) + np.log(x.shape[1]) + 1e-9).all()


def test_logsumexp_names_an_axis_that_is_not_there():
    with pytest.raises(mg.AxisError, match="LogSumExp"):
        mg.logsumexp(np.ones((2, 3)), axis=2)


@given(x=rows)
def test_identities_of_activations(x):
    np.testing.assert_allclose((mg.relu(x) - mg.relu(-x)).numpy(), x)
    np.testing.assert_allclose((mg.sigmoid(x) + mg.sigmoid(-x)).numpy(), 1)
    np.testing.assert_allclose((mg.softplus(x) - mg.softplus(-x)).numpy(), x, atol=1e-9)
    np.testing.assert_allclose(mg.silu(x).numpy(), x * mg.sigmoid(x).numpy(), atol=1e-9)
    np.testing.assert_allclose((mg.gelu(x) - mg.gelu(-x)).numpy(), x, atol=1e-9)
    np.testing.assert_array_equal(mg.leaky_relu(x, 0.0).numpy(), mg.relu(x).numpy())
    np.testing.assert_array_equal(mg.leaky_relu(x, 1.0).numpy(), x)


def test_the_normal_distribution_is_right_to_the_last_digits_in_the_tail_too():
    x = np.linspace(-8, 8, 1601)
    expected = [0.5 * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(normal_cdf(x), expected, rtol=2e-14)


def test_the_gradient_at_a_kink_is_zero_for_relu_and_the_lower_slope_for_its_kin():
    assert gradient(mg.relu, [0.0]) == 0
    assert gradient(mg.leaky_relu, [0.0]) == 0.01
    assert gradient(mg.elu, [0.0]) == 1


def test_the_third_derivative_of_sigmoid_is_that_of_the_formula():
    x = mg.Tensor(np.linspace(-3, 3, 7), requires_grad=True)
    y = mg.sigmoid(x)
    for _ in range(3):
        x.grad = None
        y.sum().backward(create_graph=True)
        y = x.grad
    s = 1 / (1 + np.exp(-x.numpy()))
    np.testing.assert_allclose(y.numpy(), s * (1 - s) * (1 - 6 * s + 6 * s * s), atol=1e-12)


# Dropout


def test_dropout_keeps_what_the_mask_holds_and_scales_it():
    mask = np.array([True, False, True, True])
    np.testing.assert_allclose(mg.dropout(np.ones(4), mask, 0.25).numpy(), mask / 0.75)
    np.testing.assert_allclose(gradient(lambda x: mg.dropout(x, mask, 0.25), np.ones(4)), mask / 0.75)


# Losses


def test_index_labels_and_one_hot_rows_give_the_same_losses():
    rng = np.random.default_rng(0)
    scores, labels = rng.random((5, 3)) + 0.1, rng.integers(3, size=5)
    for loss in (mg.softmax_with_loss, mg.cross_entropy_error):
        assert loss(scores, labels).item() == loss(scores, mg.one_hot(labels, 3)).item()
        assert loss(scores, labels).item() == loss(scores, np.eye(3, dtype=int)[labels]).item()


def test_rows_of_integers_widen_no_float32():
    logits = np.ones((2, 3), np.float32)
    assert mg.softmax_with_loss(logits, np.eye(3, dtype=int)[[0, 1]]).dtype == np.float32
    assert mg.binary_cross_entropy_with_logits(logits, np.ones((2, 3), bool)).dtype == np.float32


def test_losses_take_the_mean_over_leading_axes_as_if_they_were_rows():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(2, 3, 4)), rng.integers(4, size=(2, 3))
    flat = mg.softmax_with_loss(logits.reshape(6, 4), labels.reshape(6))
    np.testing.assert_allclose(mg.softmax_with_loss(logits, labels).item(), flat.item())


@given(x=rows)
def test_the_divergence_of_a_distribution_from_itself_is_zero_and_from_another_positive(x):
    p = mg.softmax(x / 1e4).numpy()
    np.testing.assert_allclose(mg.kl_div(np.log(p), p).item(), 0, atol=1e-12)
    assert mg.kl_div(np.log(p[:, ::-1]), p).item() >= -1e-12


def test_no_probability_contributes_nothing_to_a_divergence():
    p = np.array([[0.0, 1.0]])
    assert mg.kl_div(np.log([[0.5, 0.5]]), p).item() == pytest.approx(math.log(2))
    assert np.isfinite(gradient(lambda t: mg.kl_div(np.log([[0.5, 0.5]]), t), p)).all()


def test_huber_is_half_the_square_within_delta_and_a_line_beyond():
    y = np.array([0.5, -3.0])
    assert mg.huber_loss(y, np.zeros(2)).item() == (0.125 + 2.5) / 2


def test_hinge_is_zero_beyond_the_margin():
    assert mg.hinge_loss(np.array([1.0, -2.0]), np.array([1.0, -1.0])).item() == 0
    np.testing.assert_array_equal(gradient(lambda y: mg.hinge_loss(y, np.array([1, -1])), [1.0, -2.0]), 0)


@pytest.mark.parametrize("loss", [mg.softmax_with_loss, mg.cross_entropy_error, mg.kl_div])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (0, 0)])
def test_scores_without_classes_are_an_error(loss, shape):
    with pytest.raises(mg.ShapeError, match="has no classes"):
        loss(np.zeros(shape), np.zeros(shape))


@pytest.mark.parametrize("loss", [mg.softmax_with_loss, mg.cross_entropy_error])
def test_rows_of_labels_have_a_gradient_too(loss):
    rng = np.random.default_rng(0)
    scores, rows = rng.uniform(0.1, 1, (2, 3)), rng.uniform(0.1, 1, (2, 3))
    mg.testing.check_rule(loss, scores, rows, order=2)


def test_targets_of_the_hinge_loss_have_a_gradient_too():
    scores = mg.Tensor([0.5, -0.25, 3.0], requires_grad=True)
    targets = mg.Tensor([1.0, -1.0, 1.0], requires_grad=True)
    by_scores, by_targets = mg.grad(mg.hinge_loss, (0, 1))(scores, targets)
    np.testing.assert_array_equal(by_scores.numpy() * 3, [-1, 1, 0])
    np.testing.assert_array_equal(by_targets.numpy() * 3, [-0.5, 0.25, 0])
    by_targets.sum().backward()
    np.testing.assert_array_equal(scores.grad.numpy() * 3, [-1, -1, 0])


@pytest.mark.parametrize("loss", [mg.softmax_with_loss, mg.cross_entropy_error])
@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([0, 3], mg.LabelError, "label 3 at position 1 is not a class from 0 to 2"),
        ([-1, 0], mg.LabelError, "label -1 at position 0"),
        ([0, 1, 2], mg.ShapeError, r"labels have shape \(3,\)"),
        ([[0, 1]], mg.ShapeError, r"give \(2,\) indices or \(2, 3\) rows"),
        ([0.0, 1.0], mg.DtypeError, "must be integers, not float64"),
    ],
)
def test_labels_that_do_not_fit_are_named(loss, labels, error, words):
    with pytest.raises(error, match=words):
        loss(np.ones((2, 3)), labels)


@pytest.mark.parametrize(
    "loss",
    [mg.mean_squared_error, mg.binary_cross_entropy_with_logits, mg.hinge_loss, mg.huber_loss, mg.kl_div],
)
def test_targets_of_another_shape_are_an_error_that_shows_both(loss):
    with pytest.raises(mg.ShapeError, match=r"\(2, 3\).*\(3,\)"):
        loss(np.ones((2, 3)), np.ones(3))


def test_a_hinge_target_other_than_plus_and_minus_one_is_named():
    with pytest.raises(mg.LabelError, match="target 0 at position 1 is neither -1 nor 1"):
        mg.hinge_loss(np.ones(2), np.array([1, 0]))


# Embedding and one-hot rows


def test_a_row_that_is_read_twice_gets_both_gradients():
    w = mg.Tensor(np.zeros((3, 2)), requires_grad=True)
    mg.embedding([0, 2, 2], w).sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), [[1, 1], [0, 0], [2, 2]])


def test_one_hot_rows_are_rows_of_the_identity():
    labels = mg.Tensor([[2, 0], [1, 1]])
    np.testing.assert_array_equal(mg.one_hot(labels, 3, np.float64).numpy(), np.eye(3)[labels.numpy()])
    assert mg.one_hot([0], 2).dtype == np.float32


@pytest.mark.parametrize(
    ("indices", "error", "words"),
    [
        ([[0, 3]], mg.LabelError, "label 3 at position 1 is not a class from 0 to 2"),
        ([-1], mg.LabelError, "label -1"),
        ([0.0], mg.DtypeError, "integers"),
    ],
)
def test_indices_that_do_not_fit_are_named(indices, error, words):
    with pytest.raises(error, match=words):
        mg.embedding(indices, np.ones((3, 2)))
    with pytest.raises(error, match=words):
        mg.one_hot(indices, 3)


def test_an_embedding_needs_a_matrix():
    with pytest.raises(mg.ShapeError, match=r"Embedding.*\(3,\)"):
        mg.embedding([0], np.ones(3))
