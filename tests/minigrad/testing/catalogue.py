"""Planted bugs: layers with one mistake each, and the words that must name it. Plain NumPy, so that every front can
check them; the benchmark counts what other checkers see of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.testing.operation import Array


@dataclass(frozen=True)
class Bug:
    """A layer with a planted mistake.

    Args:
        name: what is wrong with it.
        make: makes the layer, an object with forward and backward.
        inputs: makes the inputs it is checked at.
        says: words that the message must hold, at least one of them.
    """

    name: str
    make: Callable[[], Any]
    inputs: Callable[[], tuple[Array, ...]]
    says: tuple[str, ...]


BUGS: list[Bug] = []


def plant(*says: str, inputs: Callable[[], tuple[Array, ...]]) -> Callable[[type], type]:
    """Put a layer into the catalogue under its docstring."""

    def add(layer: type) -> type:
        BUGS.append(Bug(str(layer.__doc__).rstrip("."), layer, inputs, says))
        return layer

    return add


def normal(*shapes: tuple[int, ...]) -> Callable[[], tuple[Array, ...]]:
    """Inputs of normal floats, the same each time."""
    rng = np.random.default_rng(5)
    arrays = tuple(rng.normal(size=shape) for shape in shapes)
    return lambda: arrays


def positive(*shapes: tuple[int, ...]) -> Callable[[], tuple[Array, ...]]:
    """Inputs of floats from 0.5 to 2."""
    rng = np.random.default_rng(6)
    arrays = tuple(rng.uniform(0.5, 2, size=shape) for shape in shapes)
    return lambda: arrays


class Sigmoid:
    """A right sigmoid."""

    def forward(self, x: Array) -> Array:
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, grad: Array) -> Any:
        return grad * self.y * (1 - self.y)


class Affine:
    """A right affine layer."""

    def forward(self, x: Array, w: Array, b: Array) -> Array:
        self.x, self.w = x, w
        return x @ w + b

    def backward(self, grad: Array) -> Any:
        return grad @ self.w.T, self.x.T @ grad, grad.sum(axis=0)


class ReLU:
    """A right ReLU."""

    def forward(self, x: Array) -> Array:
        self.mask = x > 0
        return np.where(self.mask, x, 0.0)

    def backward(self, grad: Array) -> Any:
        return grad * self.mask


class LayerNorm:
    """A right layer norm, without parameters."""

    eps = 1e-5

    def forward(self, x: Array) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        self.scale = 1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.eps)
        self.y = centred * self.scale
        return self.y

    def backward(self, grad: Array) -> Any:
        inner = (grad * self.y).mean(axis=-1, keepdims=True)
        return self.scale * (grad - grad.mean(axis=-1, keepdims=True) - self.y * inner)


class Softmax:
    """A right softmax."""

    def forward(self, x: Array) -> Array:
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, grad: Array) -> Any:
        return self.y * (grad - (grad * self.y).sum(axis=-1, keepdims=True))


class Max:
    """A right maximum over the last axis; ties share."""

    def forward(self, x: Array) -> Array:
        y = x.max(axis=-1)
        self.mask = x == y[..., None]
        return y

    def backward(self, grad: Array) -> Any:
        return grad[..., None] * self.mask / self.mask.sum(axis=-1, keepdims=True)


class Take:
    """Rows of a table, right."""

    def forward(self, table: Array, rows: Array) -> Array:
        self.shape, self.rows = table.shape, rows
        return table[rows]

    def backward(self, grad: Array) -> Any:
        out = np.zeros(self.shape, grad.dtype)
        np.add.at(out, self.rows, grad)
        return out, None


class Multiply:
    """A right product of two arrays of one shape."""

    def forward(self, a: Array, b: Array) -> Array:
        self.a, self.b = a, b
        return a * b

    def backward(self, grad: Array) -> Any:
        return grad * self.b, grad * self.a


class MatMul:
    """A right matrix product."""

    def forward(self, a: Array, b: Array) -> Array:
        self.a, self.b = a, b
        return a @ b

    def backward(self, grad: Array) -> Any:
        return grad @ self.b.T, self.a.T @ grad


class Conv1d:
    """A right convolution of rows with one kernel, valid."""

    def forward(self, x: Array, k: Array) -> Array:
        self.x, self.k = x, k
        self.windows = np.lib.stride_tricks.sliding_window_view(x, k.shape[0], axis=-1)
        return self.windows @ k

    def backward(self, grad: Array) -> Any:
        dx = np.zeros(self.x.shape, grad.dtype)
        n = grad.shape[-1]
        for j in range(self.k.shape[0]):
            dx[..., j : j + n] += grad * self.k[j]
        return dx, np.tensordot(grad, self.windows, axes=grad.ndim)


class SoftmaxWithLoss:
    """A right softmax with mean cross-entropy; labels are integers."""

    def forward(self, logits: Array, labels: Array) -> Array:
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p, self.labels = e / e.sum(axis=1, keepdims=True), labels
        rows = np.arange(len(labels))
        shifted = logits - logits.max(axis=1, keepdims=True)
        return np.asarray((np.log(e.sum(axis=1)) - shifted[rows, labels]).mean())

    def backward(self, grad: Array) -> Any:
        d = self.p.copy()
        d[np.arange(len(self.labels)), self.labels] -= 1
        return grad * d / len(d), None


AFFINE = normal((3, 4), (4, 5), (5,))
SQUARE = normal((3, 3), (3, 3))
ROWS = normal((4, 6))
GRID = normal((3, 5))


def labelled() -> tuple[Array, ...]:
    """Logits and labels."""
    return (*normal((4, 3))(), np.array([0, 2, 1, 1]))


def repeated() -> tuple[Array, ...]:
    """A table, and rows of which one is taken twice."""
    return (*normal((4, 3))(), np.array([0, 2, 2, 1]))


# Scale and sign


@plant("c = 1.01", inputs=GRID)
class Percent(Sigmoid):
    """sigmoid, 1 % too large."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) * 1.01


@plant("c = 1.000000001", inputs=GRID)
class Billionth(Sigmoid):
    """sigmoid, a billionth too large."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) * (1 + 1e-9)


@plant("a factor 2 is missing", inputs=GRID)
class Square:
    """square without its factor 2."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return x * x

    def backward(self, grad: Array) -> Any:
        return grad * self.x


@plant("added twice", inputs=GRID)
class HalfSquare(Square):
    """half a square with a factor 2."""

    def forward(self, x: Array) -> Array:
        return 0.5 * super().forward(x)

    def backward(self, grad: Array) -> Any:
        return 2 * grad * self.x


@plant("sign", inputs=GRID)
class Cosine:
    """cos with the wrong sign."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.cos(x)

    def backward(self, grad: Array) -> Any:
        return grad * np.sin(self.x)


@plant("N * expected", inputs=labelled)
class LossSum(SoftmaxWithLoss):
    """softmax with mean loss, backward of the sum."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad)[0] * len(self.p), None


@plant("expected / N (N = 3): mean over axis 0", inputs=AFFINE)
class MeanBias(Affine):
    """affine, bias gradient a mean over the batch."""

    def backward(self, grad: Array) -> Any:
        dx, dw, _ = super().backward(grad)
        return dx, dw, grad.mean(axis=0)


# Axes and arguments


@plant("transpose", inputs=SQUARE)
class MatMulTransposed(MatMul):
    """matmul, gradient of b transposed."""

    def backward(self, grad: Array) -> Any:
        return grad @ self.b.T, (self.a.T @ grad).T


@plant("transpose", inputs=normal((3, 4), (4, 5)))
class MatMulShape(MatMul):
    """matmul, gradient of b of the transposed shape."""

    def backward(self, grad: Array) -> Any:
        return grad @ self.b.T, grad.T @ self.a


@plant("is wrong for input 0 'a'", inputs=SQUARE)
class MatMulNotTransposed(MatMul):
    """matmul, b not transposed in the gradient of a."""

    def backward(self, grad: Array) -> Any:
        return grad @ self.b, self.a.T @ grad


@plant("swapped arguments", inputs=SQUARE)
class Swapped(Multiply):
    """product, its two gradients swapped."""

    def backward(self, grad: Array) -> Any:
        return grad * self.a, grad * self.b


@plant("sign", inputs=SQUARE)
class Subtract:
    """subtract, both signs positive."""

    def forward(self, a: Array, b: Array) -> Array:
        return a - b

    def backward(self, grad: Array) -> Any:
        return grad, grad.copy()


@plant("wrong axis", inputs=normal((4, 4), (4, 4), (4,)))
class WrongAxis(Affine):
    """affine, bias gradient summed over the wrong axis."""

    def backward(self, grad: Array) -> Any:
        dx, dw, _ = super().backward(grad)
        return dx, dw, grad.sum(axis=1)


@plant("missing sum: only one slice", inputs=AFFINE)
class FirstRow(Affine):
    """affine, bias gradient of the first row only."""

    def backward(self, grad: Array) -> Any:
        dx, dw, _ = super().backward(grad)
        return dx, dw, grad[0].copy()


@plant("missing sum: the input was broadcast", inputs=normal((3, 4), (4,)))
class NoUnbroadcast(Multiply):
    """product of broadcast arrays, not summed back."""


@plant("only broadcasts", inputs=GRID)
class ShapeThatBroadcasts(Sigmoid):
    """sigmoid, gradient summed to a shape that broadcasts."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).sum(axis=0, keepdims=True)


@plant("missing reshape", inputs=GRID)
class Flat(Sigmoid):
    """sigmoid, gradient flattened."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).reshape(-1)


@plant("reversed along axis 0", inputs=normal((3, 8), (4,)))
class FlippedKernel(Conv1d):
    """convolution, the kernel's gradient flipped."""

    def backward(self, grad: Array) -> Any:
        dx, dk = super().backward(grad)
        return dx, dk[::-1].copy()


@plant("off by one", inputs=normal((3, 8), (4,)))
class ShiftedConv(Conv1d):
    """convolution, the input's gradient one place off."""

    def backward(self, grad: Array) -> Any:
        dx, dk = super().backward(grad)
        return np.roll(dx, 1, axis=-1), dk


@plant("only at index 7 (the last) of axis 1", inputs=normal((3, 8), (4,)))
class LastColumn(Conv1d):
    """convolution, the last column of the gradient left out."""

    def backward(self, grad: Array) -> Any:
        dx, dk = super().backward(grad)
        dx[:, -1] = 0
        return dx, dk


# Terms and factors


@plant("the upstream gradient is ignored", inputs=GRID)
class NoChainRule(Sigmoid):
    """sigmoid without the chain rule."""

    def backward(self, _grad: Array) -> Any:
        return self.y * (1 - self.y)


@plant("missing factor: expected == got * (1 - the output)", inputs=GRID)
class HalfSigmoid(Sigmoid):
    """sigmoid without its second factor."""

    def backward(self, grad: Array) -> Any:
        return grad * self.y


@plant("missing factor: expected == got * 'b'", inputs=SQUARE)
class NoFactor(Multiply):
    """product, the other factor left out."""

    def backward(self, grad: Array) -> Any:
        return grad, grad * self.a


@plant("missing factor: expected == got * 'x'", inputs=positive((3, 5)))
class LogSquared:
    """log with 1/x squared."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.log(x)

    def backward(self, grad: Array) -> Any:
        return grad / self.x**2


@plant("missing term: expected == got + the upstream gradient", inputs=GRID)
class Skip(Sigmoid):
    """a skip connection left out of backward."""

    def forward(self, x: Array) -> Array:
        return x + super().forward(x)


@plant("softmax", inputs=ROWS)
class SoftmaxDiagonal(Softmax):
    """softmax, only the diagonal of its Jacobian."""

    def backward(self, grad: Array) -> Any:
        return self.y * grad


@plant("constant along axis 1", inputs=ROWS)
class CentreForgotten:
    """rows minus their mean, the mean left out of backward."""

    def forward(self, x: Array) -> Array:
        return x - x.mean(axis=-1, keepdims=True)

    def backward(self, grad: Array) -> Any:
        return grad.copy()


@plant("forgotten eps", inputs=ROWS)
class ForgottenEps(LayerNorm):
    """layer norm, eps left out of backward."""

    eps = 1e-3

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.scale = 1 / x.std(axis=-1, keepdims=True)
        return y


@plant("forgotten eps", inputs=positive((3, 5)))
class LogEps:
    """log(x + 1e-3), backward 1 / x."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.log(x + 1e-3)

    def backward(self, grad: Array) -> Any:
        return grad / self.x


@plant("missing sum: elements that 'rows' names more than once", inputs=repeated)
class AssignedRows(Take):
    """rows of a table, assigned where they must add up."""

    def backward(self, grad: Array) -> Any:
        out = np.zeros(self.shape, grad.dtype)
        out[self.rows] = grad
        return out, None


# Some elements only


@plant("only one element is wrong", inputs=normal((5, 8)))
class OneElement(Sigmoid):
    """sigmoid, one element wrong."""

    def backward(self, grad: Array) -> Any:
        g = super().backward(grad)
        g[2, 3] *= 1.5
        return g


@plant("1 of 8,192 elements", inputs=normal((64, 128)))
class OneOfMany(Sigmoid):
    """sigmoid, one element of 8,192 a ten-millionth wrong."""

    def backward(self, grad: Array) -> Any:
        g = super().backward(grad)
        g[17, 40] *= 1 + 1e-7
        return g


@plant("wrong only where the input is negative", inputs=GRID)
class NegativeInputs:
    """abs, wrong for negative inputs."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.abs(x)

    def backward(self, grad: Array) -> Any:
        return grad * np.ones_like(self.x)


@plant("wrong only where the input is negative", inputs=GRID)
class LeakyForgotten:
    """leaky ReLU with the slope of ReLU."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.where(x > 0, x, 0.1 * x)

    def backward(self, grad: Array) -> Any:
        return np.where(self.x > 0, grad, 0.0)


@plant("got is zero", inputs=lambda: (np.full((3, 2), 0.5),))
class SmallGradient:
    """a true gradient of 2e-6 x returned as zero."""

    def forward(self, x: Array) -> Array:
        return 1e-6 * x * x

    def backward(self, grad: Array) -> Any:
        return np.zeros_like(grad)


@plant("clipped", inputs=lambda: (np.linspace(-3, 3, 12).reshape(3, 4),))
class ClippedLocal(Square):
    """square, its local derivative clipped."""

    def backward(self, grad: Array) -> Any:
        return grad * np.clip(2 * self.x, -2, 2)


@plant("rounded to float32", inputs=GRID)
class RoundedToFloat32(Sigmoid):
    """sigmoid, backward computed in float32."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).astype(np.float32).astype(np.float64)


# Kinks and ties


@plant("at a kink or tie", inputs=lambda: (np.array([[-1.0, 0.0, 2.0], [0.0, 3.0, -2.0]]),))
class KinkSlope(ReLU):
    """ReLU with the slope 2 at zero."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return super().forward(x)

    def backward(self, grad: Array) -> Any:
        return np.where(self.x == 0, 2 * grad, grad * self.mask)


@plant("at a kink or tie", inputs=lambda: (np.array([[1.0, 2.0, 2.0], [0.5, -1.0, 0.25]]),))
class EveryTie(Max):
    """maximum, every tie gets the whole gradient."""

    def backward(self, grad: Array) -> Any:
        return grad[..., None] * self.mask


@plant("where the slopes are finite", inputs=lambda: (np.array([0.0, 1.0, 4.0]),))
class NaNAtZero:
    """x * sqrt(x), 0 * inf at zero."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return x * np.sqrt(np.abs(x))

    def backward(self, grad: Array) -> Any:
        with np.errstate(all="ignore"):
            return grad * (np.sqrt(np.abs(self.x)) + np.abs(self.x) * 0.5 / np.sqrt(np.abs(self.x)))


# Memory and state


@plant("'x' lies in memory", inputs=GRID)
class InputInMemoryOrder(Sigmoid):
    """sigmoid, the input read in memory order."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return super().forward(x)

    def backward(self, grad: Array) -> Any:
        y = 1 / (1 + np.exp(-self.x.ravel(order="K").reshape(self.x.shape)))
        return grad * y * (1 - y)


@plant("the upstream gradient lies in memory", inputs=GRID)
class UpstreamInMemoryOrder(Sigmoid):
    """sigmoid, the upstream gradient read in memory order."""

    def backward(self, grad: Array) -> Any:
        return grad.ravel(order="K").reshape(grad.shape) * self.y * (1 - self.y)


@plant("not linear in the upstream gradient", inputs=GRID)
class ClippedUpstream(Sigmoid):
    """sigmoid, the upstream gradient clipped."""

    def backward(self, grad: Array) -> Any:
        return np.clip(grad, -1, 1) * self.y * (1 - self.y)


@plant("multiplied in twice", inputs=GRID)
class UpstreamTwice(Sigmoid):
    """sigmoid, the upstream gradient multiplied in twice."""

    def backward(self, grad: Array) -> Any:
        return grad * grad * self.y * (1 - self.y)


@plant("not multiplied by the upstream gradient", inputs=GRID)
class WeightDecay(Sigmoid):
    """sigmoid, a constant added to the gradient."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) + 1e-3


@plant("writes into the upstream gradient", inputs=GRID)
class WritesUpstream(ReLU):
    """ReLU that zeroes the upstream gradient in place."""

    def backward(self, grad: Array) -> Any:
        grad[~self.mask] = 0
        return grad


@plant("writes into input 0 'x'", inputs=GRID)
class WritesInput:
    """ReLU in place on its input."""

    def forward(self, x: Array) -> Array:
        self.mask = x > 0
        x *= self.mask
        return x

    def backward(self, grad: Array) -> Any:
        return grad * self.mask


@plant("writes into", inputs=GRID)
class WritesOutput(Sigmoid):
    """sigmoid that reuses its saved output's memory."""

    def backward(self, grad: Array) -> Any:
        self.y *= 1 - self.y
        return grad * self.y


@plant("aliasing", inputs=GRID)
class Aliased:
    """half a square of which backward returns the input itself."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return 0.5 * x * x

    def backward(self, grad: Array) -> Any:
        return self.x if grad.size else grad


@plant("adds to it (+=)", inputs=GRID)
class Accumulates(Sigmoid):
    """sigmoid that adds to the gradient of the last call."""

    def backward(self, grad: Array) -> Any:
        cls = type(self)
        cls.total = vars(cls).get("total", 0) + super().backward(grad)
        return cls.total


@plant("forward is not deterministic", inputs=normal((8, 8)))
class RandomForward:
    """dropout that draws its own mask."""

    rng = np.random.default_rng(0)

    def forward(self, x: Array) -> Array:
        self.mask = self.rng.random(x.shape) < 0.5
        return x * self.mask

    def backward(self, grad: Array) -> Any:
        return grad * self.mask


@plant("is not deterministic", inputs=GRID)
class RandomBackward(Sigmoid):
    """sigmoid with noise in its gradient."""

    rng = np.random.default_rng(0)

    def backward(self, grad: Array) -> Any:
        return super().backward(grad) * (1 + 1e-7 * self.rng.random(grad.shape))


# Contract


@plant("wrong dtype", inputs=GRID)
class NarrowDtype(Sigmoid):
    """sigmoid that returns float32."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).astype(np.float32)


@plant("returned 2 gradients for 3 inputs", inputs=AFFINE)
class TooFew(Affine):
    """affine, the bias gradient forgotten."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad)[:2]


@plant("returned None", inputs=AFFINE)
class NoneReturned(Affine):
    """affine, None for the bias."""

    def backward(self, grad: Array) -> Any:
        return (*super().backward(grad)[:2], None)


@plant("got is zero", inputs=AFFINE)
class ZeroWeights(Affine):
    """affine, zeros for the weights."""

    def backward(self, grad: Array) -> Any:
        dx, dw, db = super().backward(grad)
        return dx, np.zeros_like(dw), db
