"""The derivative of Einstein's summation: once more a summation, with the gradient in an operand's place."""

from __future__ import annotations

from collections import Counter
from string import ascii_letters
from typing import Any

import numpy as np

from minigrad.errors import ShapeError
from minigrad.function import Function
from minigrad.rules.declare import composed, into


class Einsum(Function):
    """The gradient of an operand sums the other operands, conjugated, times that of the output.

    A label that the operand alone has is that of a vector of ones. A repeated label, as in "ii", is a product
    with the identity.
    """

    numpy_function = staticmethod(np.einsum)

    def __init__(self, inputs: list[str], output: str, optimize: Any, options: dict[str, Any]) -> None:
        self.labels = inputs
        self.output = output
        self.optimize = optimize
        self.options = options

    def forward(self, *operands: Any) -> Any:
        self.operands = operands
        subscripts = f"{','.join(self.labels)}->{self.output}"
        return np.einsum(subscripts, *operands, optimize=self.optimize, **self.options)

    def backward(self, grad: Any) -> Any:
        return tuple(self._through(grad, i) if need else None for i, need in enumerate(self.needs))

    def _through(self, grad: Any, i: int) -> Any:
        labels, factors = [self.output], [grad]
        for j, x in enumerate(self.operands):
            if j != i:
                labels.append(self.labels[j])
                factors.append(x.conjugate())
        own, unused = "", iter(sorted(set(ascii_letters) - set("".join(self.labels))))
        for label, n in zip(self.labels[i], self.operands[i].shape, strict=True):
            if label in own:
                new = next(unused)
                labels.append(label + new)
                factors.append(np.eye(n, dtype=grad.dtype))
                own += new
                continue
            own += label
            if not any(label in used for used in labels):
                labels.append(label)
                factors.append(np.ones(n, grad.dtype))
        optimize = self.optimize if isinstance(self.optimize, (bool, str)) else True
        g = np.einsum(f"{','.join(labels)}->{own}", *factors, optimize=optimize)
        # An axis of length 1 elsewhere under the same label was stretched to this operand's.
        return np.broadcast_to(g, np.broadcast_shapes(g.shape, self.operands[i].shape))


@composed(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, **options: Any) -> Any:
    """`np.einsum` in either of its forms: subscripts and operands, or operands each with its list of labels.

    Raises:
        ShapeError: operands and subscripts do not fit.
    """
    subscripts, arrays = operands[0], operands[1:]
    if not isinstance(subscripts, str):
        arrays = operands[: len(operands) // 2 * 2 : 2]
        sides = ",".join(map(_letters, operands[1::2]))
        subscripts = sides if len(operands) % 2 == 0 else f"{sides}->{_letters(operands[-1])}"
    inputs, output = _explicit(subscripts.replace(" ", ""), [np.ndim(x) for x in arrays])
    return into(out, Einsum(inputs, output, optimize, options)(*arrays))


def _letters(labels: Any) -> str:
    return "".join("..." if label is Ellipsis else ascii_letters[label] for label in labels)


def _explicit(subscripts: str, ndims: list[int]) -> tuple[list[str], str]:
    """The labels of each operand and of the output, with letters for each "..." and for a missing "->"."""
    left, arrow, output = subscripts.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise ShapeError(f"np.einsum: {subscripts!r} is for {len(inputs)} operands, not {len(ndims)}")
    unused = sorted(set(ascii_letters) - set(subscripts))
    hidden = [
        ndim - len(labels) + 3 if "..." in labels else 0 for labels, ndim in zip(inputs, ndims, strict=True)
    ]
    letters = "".join(unused[: max(hidden)])
    if not arrow:
        counts = Counter(left.replace(",", "").replace(".", ""))
        output = ("..." if "..." in left else "") + "".join(sorted(x for x, n in counts.items() if n == 1))
    for i, labels in enumerate(inputs):
        inputs[i] = labels.replace("...", letters[len(letters) - hidden[i] :])
        if len(inputs[i]) != ndims[i]:
            raise ShapeError(
                f"np.einsum: {labels!r} of {subscripts!r} does not fit operand {i} of {ndims[i]} axes"
            )
    return inputs, output.replace("...", letters)
