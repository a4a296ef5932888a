"""`python -m models losses`."""

import numpy as np

import minigrad as mg
from models.losses import quadratic_cost

_LABEL = 2
_ANSWERS = {
    "sure of 2": [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0],
    "sure of 7": [0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0],
}


def losses() -> None:
    """The losses of two answers to a picture of a 2: one that is sure of 2, and one that is sure of 7."""
    target = np.eye(10)[[_LABEL]]
    print("           mean squared error  quadratic cost  cross entropy: one-hot  index label")
    for name, answer in _ANSWERS.items():
        y = mg.Tensor([answer])
        squared, quadratic = mg.mean_squared_error(y, target), quadratic_cost(y, target)
        one_hot, index = (mg.cross_entropy_error(y, label) for label in (target, np.array([_LABEL])))
        print(
            f"{name}  {squared.item():18.6f}  {quadratic.item():14.6f}  "
            f"{one_hot.item():22.6f}  {index.item():11.6f}"
        )
    print("softmax with loss, of logits as large as they come:")
    for logit in (1e4, -1e4):
        loss = mg.softmax_with_loss(np.array([[logit, 0.0, 0.0]]), np.array([1]))
        print(f"  ({logit:g}, 0, 0), label 1: {loss.item():.6f}")
