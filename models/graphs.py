"""The computation graph of a net's loss, as a picture."""

from typing import Literal

import minigrad as mg
from minigrad.drawing import Drawing
from models.data.dataset import Split
from models.losses import Loss
from models.nets import MLP

Engine = Literal["auto", "minigrad"]


def loss_graph(net: MLP, loss: Loss, examples: Split, title: str, engine: Engine = "auto") -> Drawing:
    """Draws how the loss of `net` on some examples is computed, with the gradients that come back.

    The gradients are the picture's own: the parameters' `.grad` stays as it is.

    Args:
        net: Takes the examples.
        loss: What the net is trained on.
        examples: Those that the loss is computed of.
        title: What stands above the picture.
        engine: What lays it out, as for `mg.draw`.

    Example:
        >>> import numpy as np
        >>> from models.data import load_data
        >>> from models.losses import LOSSES
        >>> xor = load_data("xor", np.random.default_rng(0))
        >>> loss_graph(MLP([2, 4, 2]), LOSSES["softmax"], xor.train, "xor")
        Drawing(11 nodes, 4 operations, network)
    """
    cost = loss.cost(net(mg.Tensor(examples.x, name="x")), examples.labels)
    return mg.draw(cost, title=title, engine=engine)
