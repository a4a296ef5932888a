"""`python -m models forward`."""

from typing import Annotated

import numpy as np
import typer

import minigrad as mg
from models.nets import three_layer_net


def forward(
    x1: Annotated[float, typer.Argument(help="The first input.")] = 1.0,
    x2: Annotated[float, typer.Argument(help="The second input.")] = 0.5,
) -> None:
    """The forward pass of the notes' three-layer net, layer by layer."""
    net = three_layer_net()
    signal = mg.Tensor([[x1, x2]])
    print(f"x             {signal.numpy()[0]}")
    for number, layer in enumerate(net.layers[:-1], 1):
        signal = net.activation(layer(signal))
        print(f"hidden layer {number} {signal.numpy()[0]}")
    print(f"y             {np.array2string(net.layers[-1](signal).numpy()[0], precision=8)}")
