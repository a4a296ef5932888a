"""Layers beside torch's, in float64: values and gradients agree to 1e-10."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.minigrad.rules.checking import check_torch
from tests.minigrad.rules.layer_cases import CASES, Draw


def _case(name, f):
    return pytest.param(CASES[name], f, id=name)


# What torch computes of the same inputs: t is torch itself, f its functional module.
TORCH = [
    _case("affine", lambda t, f, x, w, b: f.linear(x, w.T, b)),
    _case("affine, images", lambda t, f, x, w, b: f.linear(x.flatten(1), w.T, b)),
    _case("relu", lambda t, f, x: f.relu(x)),
    _case("sigmoid", lambda t, f, x: t.sigmoid(x)),
    _case("tanh", lambda t, f, x: t.tanh(x)),
    _case("leaky_relu", lambda t, f, x: f.leaky_relu(x, 0.2)),
    _case("elu", lambda t, f, x: f.elu(x, 0.7)),
    _case("gelu", lambda t, f, x: f.gelu(x)),
    _case("silu", lambda t, f, x: f.silu(x)),
    _case("softplus", lambda t, f, x: f.softplus(x)),
    _case("softmax", lambda t, f, x: f.softmax(x, -1)),
    _case("log_softmax", lambda t, f, x: f.log_softmax(x, -1)),
    _case("logsumexp", lambda t, f, x: t.logsumexp(x, (0, 1))),
    _case("logsumexp, axis", lambda t, f, x: t.logsumexp(x, -1)),
    _case("logsumexp, axes", lambda t, f, x: t.logsumexp(x, (0, 2), keepdim=True)),
    _case("softmax_with_loss", lambda t, f, x, labels: f.cross_entropy(x, labels)),
    _case("softmax_with_loss, one sample", lambda t, f, x, labels: f.cross_entropy(x, labels)),
    _case("mean_squared_error", lambda t, f, y, target: 0.5 * f.mse_loss(y, target, reduction="sum")),
    _case("cross_entropy_error", lambda t, f, y, labels: f.nll_loss(t.log(y + 1e-7), labels)),
    _case(
        "binary_cross_entropy_with_logits",
        lambda t, f, x, target: f.binary_cross_entropy_with_logits(x, target),
    ),
    _case("huber_loss", lambda t, f, y, target: f.huber_loss(y, target, delta=0.5)),
    _case("kl_div", lambda t, f, log_q, p: f.kl_div(log_q, p, reduction="batchmean")),
    _case("batch_norm", lambda t, f, x, g, b: f.batch_norm(x, None, None, g, b, training=True)),
    _case("batch_norm, images", lambda t, f, x, g, b: f.batch_norm(x, None, None, g, b, training=True)),
    _case("layer_norm", lambda t, f, x, g, b: f.layer_norm(x, g.shape, g, b)),
    _case("layer_norm, two axes", lambda t, f, x, g, b: f.layer_norm(x, g.shape, g, b)),
    _case("conv1d", lambda t, f, x, w, b: f.conv1d(x, w, b)),
    _case("conv2d", lambda t, f, x, w, b: f.conv2d(x, w, b)),
    _case("conv2d, padding", lambda t, f, x, w, b: f.conv2d(x, w, b, padding=(1, 0))),
    _case("conv2d, padding beyond the kernel", lambda t, f, x, w, b: f.conv2d(x, w, b, padding=2)),
    _case("conv2d, stride", lambda t, f, x, w, b: f.conv2d(x, w, b, stride=(2, 1), padding=1)),
    _case("conv2d, dilation", lambda t, f, x, w, b: f.conv2d(x, w, b, dilation=(2, 1), padding=1)),
    _case("conv2d, dilation and stride", lambda t, f, x, w, b: f.conv2d(x, w, b, dilation=2, stride=2)),
    _case("conv2d, groups", lambda t, f, x, w, b: f.conv2d(x, w, b, groups=len(w) // 2)),
    _case("conv2d, groups and stride", lambda t, f, x, w, b: f.conv2d(x, w, b, groups=2, stride=2)),
    _case("max_pool1d", lambda t, f, x: f.max_pool1d(x, 2)),
    _case("max_pool2d", lambda t, f, x: f.max_pool2d(x, 2)),
    _case("max_pool2d, overlapping", lambda t, f, x: f.max_pool2d(x, (3, 2), stride=1, padding=1)),
    _case("avg_pool1d", lambda t, f, x: f.avg_pool1d(x, 2)),
    _case("avg_pool2d", lambda t, f, x: f.avg_pool2d(x, 2)),
    _case("avg_pool2d, overlapping", lambda t, f, x: f.avg_pool2d(x, (3, 2), stride=1, padding=1)),
    _case("embedding", lambda t, f, indices, w: f.embedding(indices, w)),
]


@pytest.mark.parametrize(("case", "peer"), TORCH)
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 4), m=st.integers(2, 5))
def test_values_and_gradients_are_those_of_torch(torch, case, peer, seed, n, m):
    f, inputs = case(Draw(np.random.default_rng(seed), n, m))
    check_torch(torch, f, lambda *xs: peer(torch, torch.nn.functional, *xs), *inputs)
