"""The modules that own parameters, state or settings, and the initialisers."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn

F = np.float64


def rng():
    return np.random.default_rng(0)


# Initialisers


@pytest.mark.parametrize(
    ("initialiser", "std"),
    [(nn.normal(0.01), 0.01), (nn.xavier, np.sqrt(1 / 400)), (nn.he, np.sqrt(2 / 400))],
    ids=["normal", "xavier", "he"],
)
def test_initialisers_draw_with_their_deviation(initialiser, std):
    weights = initialiser(rng(), (400, 300))
    assert weights.shape == (400, 300)
    np.testing.assert_allclose(weights.std(), std, rtol=0.01)
    np.testing.assert_allclose(weights.mean(), 0, atol=std / 50)


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: nn.Affine(3, 4, rng=rng),
        lambda rng: nn.Conv2d(3, 4, 2, rng=rng),
        lambda rng: nn.Embedding(3, 4, rng=rng),
    ],
    ids=["Affine", "Conv2d", "Embedding"],
)
def test_the_same_seed_gives_the_same_weights_and_no_seed_gives_others(make):
    np.testing.assert_array_equal(make(rng()).w.numpy(), make(rng()).w.numpy())
    assert (make(None).w.numpy() != make(None).w.numpy()).any()


# Modules that own parameters


def test_affine_owns_weights_and_zero_biases():
    layer = nn.Affine(4, 3)
    assert (layer.w.shape, layer.w.dtype) == ((4, 3), np.float32)
    np.testing.assert_array_equal(layer.b.numpy(), np.zeros(3))
    assert nn.Linear is nn.Affine


def test_affine_of_no_inputs_gives_its_biases():
    layer = nn.Affine(0, 3)
    layer.b.data = np.arange(3, dtype=np.float32)
    np.testing.assert_array_equal(layer(np.zeros((2, 0), np.float32)).numpy(), [[0, 1, 2]] * 2)


def test_affine_draws_biases_where_it_is_told_how_and_may_have_none():
    np.testing.assert_array_equal(nn.Affine(2, 3, bias=lambda _, shape: np.ones(shape)).b.numpy(), np.ones(3))
    layer = nn.Affine(2, 3, bias=False, dtype=F)
    assert layer.b is None
    np.testing.assert_allclose(layer(np.eye(2)).numpy(), layer.w.numpy())


def test_a_convolution_draws_filters_by_what_each_of_them_sees():
    layer = nn.Conv2d(8, 500, (3, 5), groups=2, rng=rng())
    assert layer.w.shape == (500, 4, 3, 5)
    np.testing.assert_allclose(layer.w.numpy().std(), np.sqrt(2 / 60), rtol=0.02)


def test_convolutions_are_their_functions():
    image, row = rng().normal(size=(2, 4, 6, 6)), rng().normal(size=(2, 4, 6))
    options = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    conv = nn.Conv2d(4, 6, 3, dtype=F, **options)
    np.testing.assert_array_equal(conv(image).numpy(), mg.conv2d(image, conv.w, conv.b, **options).numpy())
    conv = nn.Conv1d(4, 6, 3, dtype=F, bias=False, **options)
    assert conv.b is None
    np.testing.assert_array_equal(conv(row).numpy(), mg.conv1d(row, conv.w, **options).numpy())


def test_groups_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(mg.ShapeError, match="3 groups do not divide 4 and 6 channels"):
        nn.Conv2d(4, 6, 3, groups=3)


def test_an_embedding_is_read_by_index():
    layer = nn.Embedding(5, 2)
    np.testing.assert_array_equal(layer([[4, 0]]).numpy(), layer.w.numpy()[[[4, 0]]])


def test_modules_without_parameters_are_their_functions():
    x, row, image = (rng().normal(size=shape) for shape in [(2, 3), (1, 2, 4), (1, 2, 4, 4)])
    pairs = [
        (nn.ReLU(), mg.relu(x), x),
        (nn.LeakyReLU(0.3), mg.leaky_relu(x, 0.3), x),
        (nn.ELU(0.5), mg.elu(x, 0.5), x),
        (nn.GELU(), mg.gelu(x), x),
        (nn.SiLU(), mg.silu(x), x),
        (nn.Softplus(), mg.softplus(x), x),
        (nn.Sigmoid(), mg.sigmoid(x), x),
        (nn.Tanh(), mg.tanh(x), x),
        (nn.Softmax(), mg.softmax(x), x),
        (nn.LogSoftmax(), mg.log_softmax(x), x),
        (nn.MaxPool1d(3, 1, 1), mg.max_pool1d(row, 3, 1, 1), row),
        (nn.AvgPool1d(2), mg.avg_pool1d(row, 2), row),
        (nn.MaxPool2d((2, 1)), mg.max_pool2d(image, (2, 1)), image),
        (nn.AvgPool2d(3, stride=1, padding=1), mg.avg_pool2d(image, 3, 1, 1), image),
    ]
    for module, expected, given in pairs:
        np.testing.assert_array_equal(module(given).numpy(), expected.numpy())
        assert module.parameters() == []


# Batch normalisation


def test_batch_norm_in_training_normalises_by_the_batch_and_moves_its_running_statistics():
    x = 3 + 2 * rng().normal(size=(50, 4, 3))
    norm = nn.BatchNorm(4, momentum=0.25, dtype=F)
    np.testing.assert_allclose(norm(x).numpy().mean(axis=(0, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(norm.running_mean.numpy(), 0.25 * x.mean(axis=(0, 2)))
    np.testing.assert_allclose(norm.running_var.numpy(), 0.75 + 0.25 * x.var(axis=(0, 2), ddof=1))


def test_batch_norm_in_evaluation_uses_the_running_statistics_and_leaves_them():
    norm = nn.BatchNorm(2, dtype=F, eps=0).eval()
    norm.running_mean.data, norm.running_var.data = np.array([1.0, 2.0]), np.array([4.0, 9.0])
    np.testing.assert_allclose(norm(np.array([[3.0, 5.0]])).numpy(), [[1.0, 1.0]])
    np.testing.assert_array_equal(norm.running_mean.numpy(), [1.0, 2.0])


def test_running_statistics_are_state_but_no_parameters():
    norm = nn.BatchNorm(2)
    norm(np.ones((4, 2), np.float32))
    assert sorted(norm.state_dict()) == ["beta", "gamma", "running_mean", "running_var"]
    assert [p.name for p in norm.parameters()] == ["gamma", "beta"]
    assert all(array.dtype == np.float32 for array in norm.state_dict().values())


def test_batch_norm_in_training_needs_two_elements_of_a_channel():
    with pytest.raises(mg.ShapeError, match=r"two elements of each channel.*\(1, 3\)"):
        nn.BatchNorm(3)(np.ones((1, 3)))


def test_batch_norm_moves_as_torch_does(torch):
    x = rng().normal(size=(6, 3, 4))
    ours, theirs = nn.BatchNorm(3, dtype=F), torch.nn.BatchNorm1d(3, dtype=torch.float64)
    for batch in (x, 2 * x + 1):
        np.testing.assert_allclose(
            ours(batch).numpy(), theirs(torch.tensor(batch)).detach().numpy(), atol=1e-12
        )
    np.testing.assert_allclose(ours.running_mean.numpy(), theirs.running_mean.numpy(), atol=1e-12)
    np.testing.assert_allclose(ours.running_var.numpy(), theirs.running_var.numpy(), atol=1e-12)
    ours.eval()
    theirs.eval()
    np.testing.assert_allclose(ours(x).numpy(), theirs(torch.tensor(x)).detach().numpy(), atol=1e-12)


def test_layer_norm_owns_a_scale_and_a_shift_of_its_shape():
    x = rng().normal(size=(2, 3, 4))
    for shape in (4, (3, 4)):
        norm = nn.LayerNorm(shape, dtype=F)
        assert norm.gamma.shape == np.ones(shape).shape
        np.testing.assert_array_equal(norm(x).numpy(), mg.layer_norm(x, norm.gamma, norm.beta).numpy())


# Dropout


def test_dropout_drops_with_its_probability_and_keeps_the_mean():
    y = nn.Dropout(0.25, rng=rng())(np.ones(100_000)).numpy()
    np.testing.assert_allclose((y == 0).mean(), 0.25, atol=0.01)
    np.testing.assert_allclose(y[y != 0], 1 / 0.75)


def test_dropout_draws_a_new_mask_at_each_call_and_the_gradient_follows_it():
    drop = nn.Dropout(0.5, rng=rng())
    x = mg.Tensor(np.ones(1000), requires_grad=True)
    first, second = drop(x), drop(x)
    assert (first.numpy() != second.numpy()).any()
    first.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), first.numpy())


def test_dropout_in_evaluation_does_nothing():
    x = mg.Tensor(np.ones(10), requires_grad=True)
    assert nn.Dropout(0.5).eval()(x) is x


@pytest.mark.parametrize("p", [-0.1, 1.0, np.nan])
def test_dropout_refuses_what_is_no_probability_below_one(p):
    with pytest.raises(mg.MinigradError, match=f"p is {p}"):
        nn.Dropout(p)


def test_a_small_net_of_many_layers_learns():
    generator = rng()
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=generator),
        nn.BatchNorm(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.1, rng=generator),
        nn.Affine(4 * 2 * 2, 2, rng=generator),
    )
    labels = generator.integers(2, size=40)
    x = generator.normal(size=(40, 1, 4, 4)).astype(np.float32)
    x[labels == 1, :, :, 2:] += 2
    optimizer = mg.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(40):
        optimizer.zero_grad()
        mg.softmax_with_loss(net(x), labels).backward()
        optimizer.step()
    assert (net.eval()(x).numpy().argmax(axis=1) == labels).mean() > 0.9
