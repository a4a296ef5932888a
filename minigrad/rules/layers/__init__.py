"""The fused operations that nets are made of, each as a textbook prints it."""

from minigrad.rules.layers.activations import (
    dropout,
    elu,
    gelu,
    leaky_relu,
    relu,
    sigmoid,
    silu,
    softplus,
    tanh,
)
from minigrad.rules.layers.convolution import conv1d, conv2d
from minigrad.rules.layers.cross_entropies import (
    binary_cross_entropy_with_logits,
    cross_entropy_error,
    softmax_with_loss,
)
from minigrad.rules.layers.dense import affine
from minigrad.rules.layers.embeddings import embedding, one_hot
from minigrad.rules.layers.losses import hinge_loss, huber_loss, kl_div, mean_squared_error
from minigrad.rules.layers.normalisation import batch_norm, layer_norm
from minigrad.rules.layers.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from minigrad.rules.layers.softmaxes import log_softmax, logsumexp, softmax

__all__ = [
    "affine",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "conv1d",
    "conv2d",
    "cross_entropy_error",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "layer_norm",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "max_pool1d",
    "max_pool2d",
    "mean_squared_error",
    "one_hot",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_with_loss",
    "softplus",
    "tanh",
]
