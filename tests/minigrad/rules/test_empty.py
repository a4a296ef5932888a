"""Arrays without elements, and numbers: NumPy's values, and gradients of their shapes."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg

SHAPES = [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0), (0, 2, 2), ()]
SINGLE = (
    "exp log sqrt abs sign sinc i0 conj angle sum mean var std prod max min ptp median average nansum nanmean nanmax "
    "nanvar nanquantile cumsum cumulative_sum diff ediff1d gradient trapezoid clip round nan_to_num ravel transpose "
    "cumprod matrix_transpose squeeze atleast_3d stack concatenate column_stack block unstack flip rot90 tril diag "
    "diagflat diagonal copy meshgrid broadcast_arrays sort trace cov corrcoef resize pad linalg.norm "
    "linalg.vector_norm linalg.matrix_norm linalg.inv linalg.pinv linalg.det linalg.slogdet linalg.cholesky linalg.qr "
    "linalg.svd linalg.svdvals linalg.eigh linalg.eig linalg.cond fft.fft fft.rfft fft.irfft fft.fftn fft.hfft "
    "fft.fftshift"
)
ARGUMENTS = {"clip": (0.1, 0.6), "resize": ((2, 2),), "pad": (1,), "nanquantile": (0.5,)}
PAIRED = (
    "add divide power hypot maximum matmul dot vdot inner outer kron vecdot convolve correlate cross "
    "linalg.solve linalg.lstsq tensordot einsum add.reduce hypot.reduce hypot.accumulate"
)
PAIRS = [
    ((0,), (0,)),
    ((0, 3), (3,)),
    ((0, 3), (3, 0)),
    ((3, 0), (0, 2)),
    ((3, 0), (0,)),
    ((2, 3, 0), (2, 0, 4)),
    ((), ()),
    ((3,), (0,)),
    ((0, 0), (0,)),
    ((0, 2, 2), (0, 2, 1)),
]
CALLS = {
    "tensordot": lambda a, b: np.tensordot(a, b, 1),
    "einsum": lambda a, b: np.einsum("...i,i...->...", a, b),
    "add.reduce": lambda a, b: np.add.reduce(a, axis=0) + 0 * np.sum(b),
    "hypot.reduce": lambda a, b: np.hypot.reduce(a, axis=-1) + 0 * np.sum(b),
    "hypot.accumulate": lambda a, b: np.hypot.accumulate(a) + 0 * np.sum(b),
}


def resolve(name):
    value = np
    for part in name.split("."):
        value = getattr(value, part)
    return value


def outputs(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def check(f, *arrays):
    """As NumPy, in value and dtype, or an error of minigrad's; with gradients to the second order."""
    try:
        expected = outputs(f(*arrays))
    except (ValueError, IndexError, TypeError, ZeroDivisionError):
        return  # nothing that NumPy defines
    ts = [mg.Tensor(a, requires_grad=True) for a in arrays]
    found = outputs(f(*ts))
    for y, truth in zip(found, map(np.asarray, expected), strict=True):
        assert (y.shape, y.dtype.kind) == (truth.shape, truth.dtype.kind)
        np.testing.assert_allclose(y.numpy(), truth)
    check_gradients([y for y in found if y.requires_grad], ts)


def check_gradients(found, ts):
    if found:
        sum(np.sum(np.square(np.abs(y))) for y in found).backward(create_graph=True)
        firsts = [t.grad for t in ts]
        assert [t.shape for t in ts if t.size] == [g.shape for g, t in zip(firsts, ts, strict=True) if t.size]
        for t in ts:
            t.grad = None
        total = sum((np.sum(np.square(g)) for g in firsts if g is not None), mg.Tensor(0.0))
        if total.requires_grad:
            total.backward()


@pytest.mark.parametrize("name", SINGLE.split())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_function_of_nothing(name):
    for shape in SHAPES:
        check(lambda a: resolve(name)(a, *ARGUMENTS.get(name, ())), np.full(shape, 0.5))


@pytest.mark.parametrize("name", PAIRED.split())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_function_of_two_of_which_one_is_empty(name):
    f = CALLS.get(name) or resolve(name)
    for a, b in PAIRS:
        check(f, np.full(a, 0.5), np.full(b, 0.7))


@pytest.mark.parametrize("order", [None, 0, 1, 2, 3, 0.5, -1, np.inf, -np.inf, "fro", "nuc"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_norms_of_nothing(order):
    for shape in SHAPES:
        check(lambda a: np.linalg.norm(a, order), np.full(shape, 0.5))
        if not isinstance(order, str):
            check(lambda a: np.linalg.vector_norm(a, ord=order, axis=-1), np.full(shape, 0.5))


LAYERS = {
    "softmax": (mg.softmax, (3, 0)),
    "log_softmax": (mg.log_softmax, (0, 3)),
    "logsumexp": (lambda x: np.exp(mg.logsumexp(x, axis=-1)), (2, 0)),
    "relu": (mg.relu, (0, 2)),
    "gelu": (mg.gelu, (0,)),
    "mean_squared_error": (lambda x: mg.mean_squared_error(x, x * 2), (0, 3)),
    "huber_loss": (lambda x: mg.huber_loss(x, x * 2), (0, 3)),
    "softmax_with_loss": (lambda x: mg.softmax_with_loss(x, np.zeros(0, int)), (0, 3)),
    "batch_norm": (lambda x: mg.batch_norm(x, np.ones(3), np.zeros(3)), (0, 3)),
    "layer_norm": (lambda x: mg.layer_norm(x, np.ones(3), np.zeros(3)), (0, 3)),
    "affine": (lambda x: mg.affine(x, np.ones((3, 2)), np.ones(2)), (0, 3)),
    "affine without columns": (lambda x: mg.affine(x, np.ones((0, 2)), np.ones(2)), (3, 0)),
    "conv1d": (lambda x: mg.conv1d(x, np.ones((4, 2, 3))), (0, 2, 5)),
    "conv2d without channels": (lambda x: mg.conv2d(x, np.ones((4, 0, 3, 3)), np.ones(4)), (2, 0, 5, 5)),
    "conv2d, groups": (lambda x: mg.conv2d(x, np.ones((4, 1, 3, 3)), groups=2), (0, 2, 5, 5)),
    "max_pool1d": (lambda x: mg.max_pool1d(x, 2), (0, 2, 4)),
    "max_pool2d": (lambda x: mg.max_pool2d(x, 2), (2, 0, 4, 4)),
    "avg_pool2d": (lambda x: mg.avg_pool2d(x, 2), (0, 2, 4, 4)),
    "embedding": (lambda x: mg.embedding(np.zeros(0, int), x), (5, 3)),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_layer_of_nothing(name):
    f, shape = LAYERS[name]
    x = mg.Tensor(np.full(shape, 0.5), requires_grad=True)
    y = f(x)
    assert np.all(np.isfinite(y.numpy()))
    check_gradients([y], [x])


@pytest.mark.parametrize("f", [mg.max_pool1d, mg.avg_pool1d])
def test_an_image_smaller_than_the_window_is_an_error(f):
    with pytest.raises(mg.ShapeError, match="does not fit"):
        f(mg.Tensor(np.ones((1, 1, 0))), 2)


@pytest.mark.parametrize("mode", ["edge", "mean", "maximum", "linear_ramp"])
def test_what_is_empty_stays_so_or_cannot_be_padded(mode):
    check(lambda a: np.pad(a, ((1, 1), (0, 0)), mode), np.ones((2, 0)))
    with pytest.raises(mg.ShapeError, match="can't extend empty axis 0"):
        np.pad(mg.Tensor(np.ones(0)), 1, mode)


def test_a_number_divided_by_nothing():
    t = mg.Tensor([1.0, 0.0], requires_grad=True)
    with np.errstate(all="ignore"):
        (t / 0).sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), [np.inf, np.inf])
