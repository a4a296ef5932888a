"""The model of an operation under test: arrays in, arrays out, and a way back. No Tensor is known here.

Every front (a hand-written layer, a Function, a function of Tensors) is turned into an `Operation`; every check
reads nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Arrays: TypeAlias = tuple[Array, ...]
Gradients: TypeAlias = tuple[Any, ...]
Pullback: TypeAlias = Callable[[Arrays], Gradients]

EPS = float(np.finfo(np.float64).eps)
_SIGNS = np.tile([-1, 1], 128)  # one for each byte


@dataclass(frozen=True)
class Operation:
    """One operation at one input.

    Args:
        name: how messages call it, such as "Affine".
        inputs: the arrays it is checked at.
        names: one name per input.
        wrt: the indices of the inputs whose gradient is checked.
        evaluate: computes the outputs, a tuple of arrays.
        record: computes the outputs and the pullback: upstream gradients, one per output, to raw gradients, one per
            input (None where no gradient is wanted). Only the pullback of the latest `record` is ever called.
        saved: the arrays the latest `record` keeps for its backward, by name; they must not change.
        unbroadcasts: whether a gradient may still carry the axes its input was broadcast over.
        widens: whether a gradient may have a wider dtype than its input (the caller casts it).
        backward_name: how messages call its backward.
        order: the order of the derivative that its backward is.
        linear: the indices of the inputs that the outputs are linear in: the upstream gradients of the order below.
    """

    name: str
    inputs: Arrays
    names: tuple[str, ...]
    wrt: tuple[int, ...]
    evaluate: Callable[[Arrays], Arrays]
    record: Callable[[Arrays], tuple[Arrays, Pullback]]
    saved: Callable[[], Mapping[str, Array]] = field(default=dict)
    unbroadcasts: bool = False
    widens: bool = False
    backward_name: str = "backward"
    order: int = 1
    linear: tuple[int, ...] = ()

    def at(self, inputs: Sequence[Array]) -> Operation:
        """The same operation at other inputs."""
        return replace(self, inputs=tuple(inputs))

    def label(self, index: int) -> str:
        """How a message calls an input: "input 2 'b' (shape (1,))"."""
        return f"input {index} '{self.names[index]}' (shape {self.inputs[index].shape})"

    def finish(self, gradients: Gradients) -> Arrays:
        """Raw gradients brought to their inputs' shapes; zeros where there is none."""
        return tuple(
            np.zeros(x.shape, x.dtype) if g is None else unbroadcast(_like(np.asarray(g), x), x.shape)
            for g, x in zip(gradients, self.inputs, strict=True)
        )


@dataclass(frozen=True)
class Point:
    """An operation evaluated at its inputs, with one upstream gradient carried back."""

    op: Operation
    outputs: Arrays
    upstream: Arrays
    gradients: Arrays
    eps: float = EPS
    _responses: dict[tuple[int, ...], Arrays] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, op: Operation, upstream: Arrays) -> Point:
        """Evaluate `op` at its inputs and carry `upstream` back."""
        outputs, pullback = op.record(op.inputs)
        return cls(op, outputs, upstream, op.finish(pullback(upstream)))

    def beside(self, inputs: Sequence[Array], upstream: Arrays | None = None) -> Point:
        """The same operation at other inputs, or with another upstream gradient."""
        return Point.of(self.op.at(inputs), self.upstream if upstream is None else upstream)

    @cached_property
    def extreme(self) -> bool:
        """Whether an input is so large or so small that its square is no float: overflow is then no mistake.

        It is a higher power for derivatives of a higher order.
        """
        large = 2.0 ** (1000 // (self.op.order + 1))
        magnitudes = [np.abs(x) for x in self.op.inputs if is_real_or_complex(x) and x.size]
        return any(m.max() > large or (m.min() < 1 / large and _tiny(m, 1 / large)) for m in magnitudes)

    @cached_property
    def peak(self) -> float:
        """The largest |upstream * f|: what the rounding of any gradient may be an ulp of."""
        return intermediates(self.op, self.upstream, self.outputs)

    def response(self, indices: tuple[int, ...]) -> Arrays:
        """|upstream * change of f| per output when some inputs move by an ulp: the noise that condition explains."""
        if indices not in self._responses:
            rng = np.random.default_rng(7)
            moved = list(self.op.inputs)
            ulp = 1 + self.eps * _SIGNS.astype(moved[indices[0]].real.dtype)
            for i in indices:
                drawn = np.frombuffer(rng.bytes(moved[i].size), np.uint8).reshape(moved[i].shape)
                moved[i] = np.asarray(moved[i] * ulp.take(drawn))
            changed = self.op.evaluate(tuple(moved))
            self._responses[indices] = tuple(
                np.abs(v * (a - b)) for v, a, b in zip(self.upstream, changed, self.outputs, strict=True)
            )
        return self._responses[indices]


def magnitude(*arrays: Array) -> float:
    """The largest finite magnitude in the arrays."""
    largest = 0.0
    for array in arrays:
        if array.size and array.dtype.kind in "fc":
            top = (
                float(np.abs(array).max())
                if array.dtype.kind == "c"
                else float(max(array.max(), -array.min()))
            )
            if not isfinite(top):
                top = float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
            largest = max(largest, top)
    return largest


def intermediates(op: Operation, upstream: Arrays, outputs: Arrays) -> float:
    """How large the intermediate values of a backward are: |upstream * output|.

    Of outputs that are linear in some inputs, at least |upstream * input|: there they are a difference that may be
    small, such as v - v * y^2 of tanh.
    """
    through = magnitude(*(v * y for v, y in zip(upstream, outputs, strict=True)))
    return max(through, magnitude(*upstream) * magnitude(*(op.inputs[i] for i in op.linear)))


def _tiny(magnitudes: Array, least: float) -> bool:
    return bool(((magnitudes > 0) & (magnitudes < least)).any())


def _like(gradient: Array, x: Array) -> Array:
    """The gradient, its imaginary part dropped where the input has none."""
    return gradient.real if gradient.dtype.kind == "c" and x.dtype.kind != "c" else gradient


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes that broadcasting added to or stretched in `shape`."""
    if gradient.shape == shape:
        return gradient
    lead = gradient.ndim - len(shape)
    stretched = tuple(lead + k for k, n in enumerate(shape) if n == 1 and gradient.shape[lead + k] != 1)
    total: Array = np.sum(gradient, axis=tuple(range(lead)) + stretched, keepdims=True)
    return total.reshape(shape)


def unbroadcasts_to(gradient: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether summing over broadcast axes takes the one shape to the other."""
    lead = len(gradient) - len(shape)
    return lead >= 0 and all(n in (1, m) for m, n in zip(gradient[lead:], shape, strict=True))


def is_real_or_complex(array: Array) -> bool:
    """Whether an array holds floats, real or complex, and so can have a gradient."""
    return array.dtype.kind in "fc"


def draw_upstream(outputs: Arrays, rng: np.random.Generator) -> Arrays:
    """Random signed upstream gradients, each entry of magnitude 0.5 to 1.5: never ones, which hide bugs."""
    return tuple(_signed(out, rng) if is_real_or_complex(out) else np.zeros(out.shape) for out in outputs)


def _signed(like: Array, rng: np.random.Generator) -> Array:
    if like.dtype.kind == "c":
        return np.asarray(_signed(like.real, rng) + 1j * _signed(like.imag, rng), dtype=like.dtype)
    draw = 2 * rng.random(like.shape) - 1
    return np.asarray(draw + np.copysign(0.5, draw), dtype=like.dtype)


def inner(a: Arrays, b: Sequence[Array]) -> float:
    """The real inner product Re sum(conj(a) * b) over all arrays, as gradients of complex numbers use it."""
    return sum(float(np.vdot(p, q).real) for p, q in zip(a, b, strict=True))


def same_bits(a: Array, b: Array) -> bool:
    """Whether two arrays have equal shapes, dtypes and bits (so a NaN equals itself)."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype == np.float64:
        return bool((a.view(np.int64) == b.view(np.int64)).all())
    return a.tobytes() == b.tobytes()
