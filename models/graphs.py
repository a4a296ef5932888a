"""The computation graph of a net's loss, as a picture."""

import minigrad as mg
from minigrad.drawing import Drawing
from models.data.dataset import Split
from models.losses import Loss
from models.nets import MLP


def loss_graph(net: MLP, loss: Loss, examples: Split, title: str) -> Drawing:
    """Draws how the loss of `net` on some examples is computed, with the gradients that come back.

    The gradients are the picture's own: the parameters' `.grad` stays as it is.

    Example:
        >>> import numpy as np
        >>> from models.data import load_data
        >>> from models.losses import LOSSES
        >>> xor = load_data("xor", np.random.default_rng(0))
        >>> loss_graph(MLP([2, 4, 2]), LOSSES["softmax"], xor.train, "xor")
        Drawing(11 nodes, 4 operations, network)
    """
    return mg.draw(loss.cost(net(mg.Tensor(examples.x, name="x")), examples.labels), title=title)
