"""Writes the pictures that the README opens with: python docs/make_pictures.py; the manual's build runs it too."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import minigrad as mg

FOLDER = Path(__file__).with_name("pictures")


class MLP(mg.nn.Module):
    """784 inputs, 50 sigmoids, 10 logits."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.fc1 = mg.nn.Affine(784, 50, weight=mg.nn.xavier, rng=rng)
        self.fc2 = mg.nn.Affine(50, 10, weight=mg.nn.xavier, rng=rng)

    def forward(self, x: np.ndarray) -> mg.Tensor:
        """Rows of 784 to rows of 10."""
        return self.fc2(mg.sigmoid(self.fc1(x)))


def network(theme: str) -> mg.drawing.Drawing:
    """One training step of the net."""
    rng = np.random.default_rng(1)
    x, labels = rng.random((64, 784), dtype=np.float32), rng.integers(0, 10, 64)
    loss = mg.softmax_with_loss(MLP()(x), labels)
    names, title = {"x": x, "labels": labels}, "MLP 784–50–10: one training step"
    return mg.draw(loss, names=names, title=title, heat="memory", theme=theme, engine="minigrad")


def book(theme: str) -> mg.drawing.Drawing:
    """The graph that "Deep Learning from Scratch" teaches backpropagation with."""
    prices = {
        "apple price": 100.0,
        "apple count": 2.0,
        "orange price": 150.0,
        "orange count": 3.0,
        "tax": 1.1,
    }
    apple, apples, orange, oranges, tax = (
        mg.Tensor(value, requires_grad=True, name=name) for name, value in prices.items()
    )
    total = (apple * apples + orange * oranges) * tax
    total.name = "price"
    return mg.draw(total, title="Two apples and three oranges, 10 % tax", theme=theme, engine="minigrad")


def main() -> None:
    """Write each picture in both themes."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in (("network", network), ("book", book)):
        for theme in ("light", "dark"):
            picture(theme).save(FOLDER / f"{name}-{theme}.svg")


if __name__ == "__main__":
    main()
