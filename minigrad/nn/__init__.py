"""Modules: the parts of a net that own parameters; and how weights are drawn."""

from minigrad.nn.activations import (
    ELU,
    GELU,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from minigrad.nn.convolution import Conv1d, Conv2d
from minigrad.nn.dropout import Dropout, DropoutError
from minigrad.nn.initialisers import Initialiser, he, normal, xavier
from minigrad.nn.linear import Affine, Embedding, Linear
from minigrad.nn.module import Module, StateError
from minigrad.nn.normalisation import BatchNorm, LayerNorm
from minigrad.nn.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from minigrad.nn.sequential import Sequential

__all__ = [
    "ELU",
    "GELU",
    "Affine",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm",
    "Conv1d",
    "Conv2d",
    "Dropout",
    "DropoutError",
    "Embedding",
    "Initialiser",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "Module",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "StateError",
    "Tanh",
    "he",
    "normal",
    "xavier",
]
