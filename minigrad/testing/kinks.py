"""Points without a derivative: kinks, ties, jumps. There any gradient in the hull of those nearby is right.

A wrong rule is wrong at the points beside its input too; a rule that is right at all of them and differs from
slopes only at the input itself sits on a kink. Its gradient, one output at a time, must then be a convex combination
of the gradients at points nearby (Clarke's generalised gradient).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigrad.testing.localise import only, settled_probe
from minigrad.testing.operation import Array, Arrays, Point, is_real_or_complex
from minigrad.testing.richardson import SHORT, Estimate, Line, element_scale

BESIDE = 2.0**-8
RADIUS = 2.0**-16
RADII = (2.0**-16, 2.0**-24, 2.0**-32, 2.0**-40)
NEIGHBOURS = 4
SHARED = 8
SAMPLES = 16
KINDS = 8
SURE = 24  # samples for each kind of gradient, one more than was seen: then a kind unseen is unlikely
TOLERANCE = 2.0**-10


@dataclass(frozen=True)
class KinkVerdict:
    """How a gradient at a kink was judged.

    Args:
        verdict: "inside" the hull of the gradients nearby, "outside", or "unclear".
        elements: the elements of the input that the kink moves.
        reason: what was seen.
    """

    verdict: str
    elements: Array
    reason: str


def nearby(
    point: Point, index: int, rng: np.random.Generator, radius: float = RADIUS, relative: bool = False
) -> Point:
    """The point with one input moved by a small generic step, which breaks ties and leaves kinks.

    Args:
        point: where to start.
        index: the input to move.
        rng: where the step comes from.
        radius: the step's size against an element's scale.
        relative: move a number too small to be stepped by its own size, and not as a zero is moved.
    """
    inputs = list(point.op.inputs)
    inputs[index] = np.asarray(inputs[index] + radius * _generic(inputs[index], rng, relative))
    return point.beside(inputs)


def _generic(x: Array, rng: np.random.Generator, relative: bool) -> Array:
    if x.dtype.kind == "c":
        return np.asarray(_generic(x.real, rng, relative) + 1j * _generic(x.imag, rng, relative))
    draw = 2 * rng.random(x.shape) - 1
    scale = np.where(x == 0, element_scale(x), np.abs(x)) if relative else element_scale(x)
    return np.asarray(scale * (draw + np.copysign(0.25, draw)))


def is_special(
    point: Point, index: int, direction: Array, element: int, here: Estimate, rng: np.random.Generator
) -> bool | None:
    """Whether the rule is right beside the input and not at it; None where that cannot be told.

    Args:
        point: the rule at its input.
        index: the input.
        direction: the steps of its elements.
        element: the flat index of the element in question.
        here: what was seen of it at the input.
        rng: where the points beside it come from.
    """
    along = {index: only(direction, element)}
    line = Line(point, along)
    line.residual(SHORT[-1])
    if not line.resolves():
        return None
    right = wrong = 0
    trouble = here.bound if here.agrees or np.isnan(here.residual) else abs(here.residual)
    for _ in range(NEIGHBOURS):
        there = settled_probe(nearby(point, index, rng, BESIDE), index, direction, element)
        wrong += there.differs
        right += there.agrees and there.bound < trouble / 4
        if wrong >= 2 and right == 0:
            return False
    if wrong == 0 and right > 0:
        return True
    return False if wrong > right else None


def jumps(point: Point, index: int, direction: Array, element: int) -> bool:
    """Whether f itself jumps at an element: its change does not fall with the step."""
    line = Line(point, {index: only(direction, element)})
    far, near = (abs(line.difference(h)) for h in (2.0**-20, 2.0**-40))
    return near > far / 4


def judge(point: Point, index: int, element: int, rng: np.random.Generator) -> KinkVerdict:
    """Whether the gradient at a kink lies in the hull of the gradients nearby, for one output the kink moves."""
    output = _moved_output(point, index, element, _around(point, index, rng, SHARED))
    if output is None:
        reason = "a jump: the gradient is the one at the points nearby"
        return KinkVerdict("inside", np.array([element]), reason)
    one = point.beside(point.op.inputs, _one_hot(point, *output))
    here, there = one.gradients[index].reshape(-1), np.zeros((0, point.op.inputs[index].size))
    wanted = SAMPLES
    while True:
        more = _around(one, index, rng, wanted - len(there))
        there = np.concatenate([there, [p.gradients[index].reshape(-1) for p in more]])
        size = max(float(np.abs(there).max()), float(np.abs(here).max()), np.finfo(float).tiny)
        elements = np.flatnonzero(np.abs(there - here).max(axis=0) > TOLERANCE * size)
        rows = _as_real(there[:, elements]) / size
        gap = hull_distance(_as_real(here[elements]) / size, rows) if elements.size else 0.0
        if gap <= 2 * TOLERANCE:
            return KinkVerdict("inside", np.union1d(elements, [element]), "")
        kinds = _distinct(rows)
        if len(kinds) > KINDS:
            return KinkVerdict("unclear", elements, "too many gradients meet at this kink to know them all")
        if len(there) >= SURE * (len(kinds) + 1):
            reason = f"{gap * size:.3g} from the {len(kinds)} gradients found nearby"
            return KinkVerdict("outside", elements, reason)
        wanted = SURE * (len(kinds) + 1)


def _around(point: Point, index: int, rng: np.random.Generator, count: int) -> list[Point]:
    """Points beside the input, at several radii."""
    return [
        nearby(point, index, rng, RADII[k % len(RADII)], relative=k // len(RADII) % 2 == 1)
        for k in range(count)
    ]


def _moved_output(point: Point, index: int, element: int, neighbours: list[Point]) -> tuple[int, int] | None:
    """The output (which, flat index) whose share of one gradient element differs most between here and nearby."""
    upstream = tuple(v.copy() for v in point.upstream)
    candidates = [(k, j) for k, v in enumerate(upstream) if is_real_or_complex(v) for j in range(v.size)]
    while len(candidates) > 1:
        half = len(candidates) // 2
        parts = candidates[:half], candidates[half:]
        shifts = [_shift(point, index, element, neighbours, part) for part in parts]
        candidates = parts[0] if shifts[0] >= shifts[1] else parts[1]
    if not candidates or _shift(point, index, element, neighbours, candidates) == 0:
        return None
    return candidates[0]


def _shift(
    point: Point, index: int, element: int, neighbours: list[Point], outputs: list[tuple[int, int]]
) -> float:
    """How much the share of some outputs in one gradient element differs between here and nearby."""
    upstream = tuple(np.zeros_like(v) for v in point.upstream)
    for k, j in outputs:
        upstream[k].reshape(-1)[j] = point.upstream[k].reshape(-1)[j]
    here = point.beside(point.op.inputs, upstream).gradients[index].reshape(-1)[element]
    there = [p.beside(p.op.inputs, upstream).gradients[index].reshape(-1)[element] for p in neighbours]
    return float(np.abs(np.array(there) - here).max())


def _one_hot(point: Point, output: int, element: int) -> Arrays:
    upstream = tuple(np.zeros_like(v) for v in point.upstream)
    upstream[output].reshape(-1)[element] = 1
    return upstream


def _as_real(values: Array) -> Array:
    return np.concatenate([values.real, values.imag], axis=-1) if values.dtype.kind == "c" else values


def _distinct(rows: Array) -> list[int]:
    """How often each distinct row occurs, rows within the tolerance counted as one."""
    kinds: list[Array] = []
    counts: list[int] = []
    for row in rows:
        for k, kind in enumerate(kinds):
            if np.abs(row - kind).max() <= 4 * TOLERANCE:
                counts[k] += 1
                break
        else:
            kinds.append(row)
            counts.append(1)
    return counts


def hull_distance(target: Array, rows: Array, iterations: int = 400) -> float:
    """The distance from a point to the convex hull of others (Wolfe's problem, by Gilbert's method with away steps).

    Args:
        target: the point, shape (n,).
        rows: the points that span the hull, shape (m, n).
        iterations: at most so many steps; the distance is an upper bound that falls towards the true one.
    """
    shifted = rows - target
    weights = np.zeros(len(rows))
    weights[int(np.argmin((shifted**2).sum(axis=1)))] = 1.0
    for _ in range(iterations):
        nearest = weights @ shifted
        slopes = shifted @ nearest
        toward = int(np.argmin(slopes))
        active = np.flatnonzero(weights > 0)
        away = int(active[np.argmax(slopes[active])])
        gap = float(slopes[away] - slopes[toward])
        if gap <= 1e-12:
            break
        step = shifted[toward] - shifted[away]
        length = min(float(weights[away]), gap / max(float(step @ step), 1e-300))
        weights[toward] += length
        weights[away] -= length
    return float(np.linalg.norm(weights @ shifted))
