"""The evidence for a wrong gradient: which elements, what was expected of them, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from minigrad.testing.localise import COUNTED, settled_probe, wrong_elements
from minigrad.testing.operation import Array, Point, inner
from minigrad.testing.report import Problem
from minigrad.testing.richardson import Estimate

ALL_SAMPLED = 64
LINE, FEW = 12, 4


@dataclass(frozen=True)
class Mismatch:
    """One confirmed wrong element.

    Args:
        point: where the gradient is wrong.
        index: the input it is wrong for.
        direction: the steps its elements were probed with.
        element: the flat index of the element.
        estimate: what was seen of it.
    """

    point: Point
    index: int
    direction: Array
    element: int
    estimate: Estimate


@dataclass(frozen=True)
class Evidence:
    """What is known of a wrong gradient: some elements' expected values beside what the rule returned.

    Args:
        mismatch: the confirmed element.
        elements: the flat indices that were measured.
        expected: the true gradient there.
        bounds: the errors of `expected`.
        wrong: where the rule is beyond its bound.
        found: the wrong elements that bisection found.
        complete: whether `found` is all of them.
    """

    mismatch: Mismatch
    elements: Array
    expected: Array
    bounds: Array
    wrong: Array
    found: tuple[int, ...]
    complete: bool

    @property
    def got(self) -> Array:
        """What the rule returned at `elements`."""
        gradient = self.mismatch.point.gradients[self.mismatch.index]
        return np.asarray(gradient.reshape(-1)[self.elements])

    @property
    def size(self) -> int:
        """How many elements the input has."""
        return self.mismatch.point.op.inputs[self.mismatch.index].size


def gather(mismatch: Mismatch, rng: np.random.Generator) -> Evidence:
    """Measure the true gradient at all elements of a small input; of a large one, at a row, a column and a sample."""
    point, index = mismatch.point, mismatch.index
    x = point.op.inputs[index]
    steps = np.where(mismatch.direction == 0, 2.0**-10, mismatch.direction).reshape(-1)
    if x.size <= ALL_SAMPLED:
        elements = np.arange(x.size)
        several, complete = [mismatch.element], True
    else:
        several, complete = wrong_elements(point, index, mismatch.direction, mismatch.element)
        elements = _sample(x.shape, mismatch.element, several, complete, rng)
    expected = np.zeros(len(elements), point.gradients[index].dtype)
    bounds, wrong = np.zeros(len(elements)), np.zeros(len(elements), bool)
    for k, element in enumerate(elements):
        known = mismatch.estimate if element == mismatch.element and steps.dtype.kind == "f" else None
        expected[k], bounds[k], wrong[k] = _measure(point, index, steps, int(element), known)
    wrong[elements == mismatch.element] = True
    return Evidence(mismatch, elements, expected, bounds, wrong, tuple(several), complete)


def _measure(
    point: Point, index: int, steps: Array, element: int, known: Estimate | None
) -> tuple[complex, float, bool]:
    """The true gradient of one element, its error, and whether the rule is wrong there."""
    got = point.gradients[index].reshape(-1)[element]
    total, error, wrong = complex(got), 0.0, False
    parts = [steps.real + 0j, 1j * steps.imag] if steps.dtype.kind == "c" else [steps]
    for part in parts:
        estimate = known or settled_probe(point, index, part, element)
        if np.isfinite(estimate.residual):
            total += estimate.residual / complex(np.conj(part[element]))
        error += estimate.bound / abs(part[element])
        wrong = wrong or estimate.differs
    return (total if steps.dtype.kind == "c" else total.real), error, wrong


def _sample(
    shape: tuple[int, ...], element: int, found: list[int], complete: bool, rng: np.random.Generator
) -> Array:
    """Some flat indices: the wrong ones found and a random few; and the element's row and column if there are more."""
    where = np.unravel_index(element, shape)
    lines = [np.array(found), rng.integers(0, int(np.prod(shape)), FEW)]
    for axis in range(max(0, len(shape) - 2), 0 if complete else len(shape)):
        along = np.arange(min(shape[axis], LINE))
        index = [np.full_like(along, k) for k in where]
        index[axis] = along
        lines.append(np.ravel_multi_index(tuple(index), shape))
    return np.unique(np.concatenate(lines)).astype(int)


def count_line(evidence: Evidence) -> str:
    """How many elements are wrong: "1 of 1 elements of 'b' wrong"."""
    name = evidence.mismatch.point.op.names[evidence.mismatch.index]
    if evidence.size <= ALL_SAMPLED:
        return f"{int(evidence.wrong.sum())} of {evidence.size} elements of '{name}' wrong"
    if evidence.complete:
        return f"{len(evidence.found)} of {evidence.size:,} elements of '{name}' wrong"
    share = evidence.wrong.sum() / len(evidence.wrong)
    if share > 0.99:
        return f"all of the {evidence.size:,} elements of '{name}' wrong, as far as {len(evidence.wrong)} were measured"
    return f"at least {COUNTED} of {evidence.size:,} elements of '{name}' wrong ({share:.0%} of a sample)"


def element_line(evidence: Evidence) -> str:
    """The worst element: "element [0]: expected +1.15 +- 3e-14   got +0.57   (ratio 0.5)"."""
    mismatch = evidence.mismatch
    k = int(np.flatnonzero(evidence.elements == mismatch.element)[0])
    expected, got, bound = evidence.expected[k], evidence.got[k], evidence.bounds[k]
    where = [
        int(i) for i in np.unravel_index(mismatch.element, mismatch.point.op.inputs[mismatch.index].shape)
    ]
    digits = _digits(abs(got - expected), abs(expected))
    ratio = f"   (ratio {got / expected:.{digits}g})" if abs(expected) > bound else ""
    return (
        f"element {where}: expected {expected:+.{digits}g} \N{PLUS-MINUS SIGN} {bound:.0e}   "
        f"got {got:+.{digits}g}{ratio}"
    )


def _digits(difference: float, size: float) -> int:
    """Enough digits that the two values do not look the same."""
    if not (difference > 0 and size > 0 and isfinite(difference)):
        return 8
    return int(min(17, max(8, 3 - np.floor(np.log10(difference / size)))))


def smoothness_line(mismatch: Mismatch) -> str:
    """How well the slopes from both sides agree."""
    gap, size = one_sided_gap(mismatch)
    return f"not a kink (one-sided slopes agree to {gap / size if size else gap:.0e})"


def one_sided_gap(mismatch: Mismatch) -> tuple[float, float]:
    """|f'(x+) - f'(x-)| along one element, extrapolated to a step of zero; and the size of the slope."""
    point, index = mismatch.point, mismatch.index
    x = point.op.inputs[index]
    unit: Array = np.zeros(x.size, mismatch.direction.dtype)
    unit[mismatch.element] = mismatch.direction.reshape(-1)[mismatch.element] or 1.0
    unit = unit.reshape(x.shape)
    previous: list[float] = []
    gap, size = np.inf, 0.0
    for k in range(3, 12):
        h = 2.0**-k
        values = []
        for side in (h, -h):
            inputs = list(point.op.inputs)
            inputs[index] = np.asarray(x + side * unit)
            values.append(
                [a - b for a, b in zip(point.op.evaluate(tuple(inputs)), point.outputs, strict=True)]
            )
        ahead, behind = inner(point.upstream, values[0]), inner(point.upstream, values[1])
        row = [(ahead + behind) / h]
        size = max(size, abs(ahead - behind) / (2 * h))
        for column in range(min(4, len(previous))):
            row.append(row[column] + (row[column] - previous[column]) / (2.0 ** (2 * column + 1) - 1))
        gap = min(gap, abs(row[-1]))
        previous = row
    return gap, size


def describe_kink(point: Point, index: int, element: int, reason: str) -> Problem:
    """The problem of a gradient that is no subgradient at a kink."""
    op = point.op
    where = [int(k) for k in np.unravel_index(element, op.inputs[index].shape)]
    return Problem(
        "kink",
        f"{op.name}.{op.backward_name} is wrong at a kink or tie of {op.label(index)}",
        details=(
            (
                f"element {where} at {op.inputs[index].reshape(-1)[element]:+.8g}: "
                f"got {point.gradients[index].reshape(-1)[element]:+.8g}; {reason}"
            ),
            "right at the points beside the input, wrong at it",
        ),
        cause="at a kink the gradient must be one of the slopes nearby or a mean of them (ties share, they do not "
        "each take all)",
    )


def describe_nonfinite(point: Point, index: int, element: int) -> Problem:
    """The problem of a NaN or infinity where the slopes are finite."""
    op = point.op
    where = [int(k) for k in np.unravel_index(element, op.inputs[index].shape)]
    value = point.gradients[index].reshape(-1)[element]
    return Problem(
        "contract",
        f"{op.name}.{op.backward_name} returned {value} for {op.label(index)}, where the slopes are finite",
        details=(f"element {where} at {op.inputs[index].reshape(-1)[element]:+.8g}",),
        cause="0 / 0 or 0 * inf in backward; guard the singular point as forward does",
    )
