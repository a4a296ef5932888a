"""The nets that the drawing tests draw."""

from itertools import pairwise

import numpy as np

import minigrad as mg
from minigrad import nn


class MLP(nn.Module):
    def __init__(self, sizes=(784, 50, 10)):
        rng = np.random.default_rng(0)
        self.layers = [nn.Affine(n, m, rng=rng) for n, m in pairwise(sizes)]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = mg.sigmoid(layer(x))
        return self.layers[-1](x)


class Block(nn.Module):
    def __init__(self, width, rng):
        self.a = nn.Affine(width, width, rng=rng)
        self.b = nn.Affine(width, width, rng=rng)

    def forward(self, x):
        return x + 0.5 * self.b(mg.relu(self.a(x)))


class Residual(nn.Module):
    def __init__(self, blocks, width=16):
        rng = np.random.default_rng(0)
        self.stem = nn.Affine(8, width, rng=rng)
        self.blocks = [Block(width, rng) for _ in range(blocks)]
        self.head = nn.Affine(width, 4, rng=rng)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Branches(nn.Module):
    """A net whose skip lines run beside modules, not inside them."""

    def __init__(self, branches, width=16):
        rng = np.random.default_rng(0)
        self.branches = [
            nn.Sequential(nn.Affine(width, width, rng=rng), nn.ReLU(), nn.Affine(width, width, rng=rng))
            for _ in range(branches)
        ]

    def forward(self, x):
        for branch in self.branches:
            x = x + branch(x)
        return x


class TwoWays(nn.Module):
    """Two modules side by side."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.left, self.right = (
            nn.Sequential(nn.Affine(4, 4, rng=rng), activation) for activation in (nn.Tanh(), nn.ReLU())
        )

    def forward(self, x):
        return self.left(x) + self.right(x)


class Attention(nn.Module):
    def __init__(self, width):
        rng = np.random.default_rng(0)
        self.q, self.k, self.v, self.o = (nn.Affine(width, width, rng=rng) for _ in range(4))

    def forward(self, x):
        scores = np.matmul(self.q(x), self.k(x).T) / 4.0
        return x + self.o(np.matmul(mg.softmax(scores), self.v(x)))


def mlp():
    """The loss of the 784-50-10 net, and the names of its data."""
    rng = np.random.default_rng(0)
    x, labels = rng.random((64, 784), dtype=np.float32), rng.integers(0, 10, 64)
    return mg.softmax_with_loss(MLP()(x), labels), {"x": x, "labels": labels}


def residual(blocks):
    """The loss of a net of residual blocks."""
    x = np.random.default_rng(1).random((5, 8), dtype=np.float32)
    return mg.softmax_with_loss(Residual(blocks)(x), np.array([0, 1, 2, 3, 0]))


def branches(count):
    """The loss of a net of branches."""
    x = np.random.default_rng(1).random((5, 16), dtype=np.float32)
    return mg.softmax_with_loss(Branches(count)(x), np.array([0, 1, 2, 3, 0]))


def two_ways():
    """The sum of what two modules side by side make of an input."""
    return TwoWays()(np.ones((3, 4), np.float32)).sum()


def second_derivative():
    """What a gradient's own gradient is computed from."""
    x = np.random.default_rng(1).random((5, 6), dtype=np.float32)
    net = MLP((6, 4, 3))
    mg.softmax_with_loss(net(x), np.array([0, 1, 2, 0, 1])).backward(create_graph=True)
    return (net.layers[0].w.grad ** 2).sum()


def attention():
    """Two blocks of attention."""
    net = nn.Sequential(Attention(16), Attention(16), nn.Affine(16, 4, rng=np.random.default_rng(0)))
    return mg.softmax_with_loss(net(np.ones((10, 16), np.float32)), np.zeros(10, int))


def price():
    """The graph that the book teaches backpropagation with: two apples and three oranges, 10 % tax."""
    apple, orange = leaf(100, "apple price"), leaf(150, "orange price")
    apples, oranges, tax = leaf(2, "apple count"), leaf(3, "orange count"), leaf(1.1, "tax")
    total = (apple * apples + orange * oranges) * tax
    total.name = "price"
    return total


def leaf(value, name):
    return mg.Tensor(float(value), requires_grad=True, name=name)


def chain(operations):
    """A chain without modules: tanh and a product in turn."""
    y = mg.Tensor(np.ones((4, 8), np.float32), requires_grad=True, name="x")
    for i in range(operations - 1):
        y = np.tanh(y) if i % 2 else y * np.float32(1.5)
    return y.sum()
