"""Automatic differentiation for NumPy: build nets, draw their graphs, check their gradients."""

from typing import Any

from minigrad import fft, linalg, nn, optim, testing
from minigrad.anomaly import detect_anomaly
from minigrad.checkpointing import checkpoint
from minigrad.compiler import CompileError, compile
from minigrad.drawing import draw
from minigrad.errors import (
    AnomalyError,
    ArgumentError,
    AxisError,
    BoundsError,
    DtypeError,
    GraphError,
    LabelError,
    LinAlgError,
    MinigradError,
    NoRuleError,
    RuleError,
    ShapeError,
)
from minigrad.function import Function
from minigrad.graph import graph_of
from minigrad.interop import named, names
from minigrad.rules.layers import (
    affine,
    avg_pool1d,
    avg_pool2d,
    batch_norm,
    binary_cross_entropy_with_logits,
    conv1d,
    conv2d,
    cross_entropy_error,
    dropout,
    elu,
    embedding,
    gelu,
    hinge_loss,
    huber_loss,
    kl_div,
    layer_norm,
    leaky_relu,
    log_softmax,
    logsumexp,
    max_pool1d,
    max_pool2d,
    mean_squared_error,
    one_hot,
    relu,
    sigmoid,
    silu,
    softmax,
    softmax_with_loss,
    softplus,
    tanh,
)
from minigrad.state import enable_grad, no_grad
from minigrad.tensor import Tensor
from minigrad.transforms import (
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    make_jvp,
    make_vjp,
    stop_gradient,
    value_and_grad,
    vjp,
)

__version__ = "0.1.0"

__all__ = [
    "AnomalyError",
    "ArgumentError",
    "AxisError",
    "BoundsError",
    "CompileError",
    "DtypeError",
    "Function",
    "GraphError",
    "LabelError",
    "LinAlgError",
    "MinigradError",
    "NoRuleError",
    "RuleError",
    "ShapeError",
    "Tensor",
    "__version__",
    "affine",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "checkpoint",
    "compile",
    "conv1d",
    "conv2d",
    "cross_entropy_error",
    "detect_anomaly",
    "draw",
    "dropout",
    "elementwise_grad",
    "elu",
    "embedding",
    "enable_grad",
    "fft",
    "gelu",
    "grad",
    "graph_of",
    "hessian",
    "hinge_loss",
    "huber_loss",
    "hvp",
    "jacobian",
    "jvp",
    "kl_div",
    "layer_norm",
    "leaky_relu",
    "linalg",
    "log_softmax",
    "logsumexp",
    "make_jvp",
    "make_vjp",
    "max_pool1d",
    "max_pool2d",
    "mean_squared_error",
    "nn",
    "no_grad",
    "one_hot",
    "optim",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_with_loss",
    "softplus",
    "stop_gradient",
    "tanh",
    "testing",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """NumPy's functions under their own names, for Tensors, and the rest of the array API standard."""
    return named(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *names()})
