"""The residual of a directional derivative by Richardson extrapolation, with a bound on its error.

Along x + h*u, with an upstream gradient v and a claimed gradient g, the residual is

    r(h) = (v . [f(x + h*u) - f(x - h*u)] - <g, 2*h*u>) / 2h

It is zero, up to h^2, where g is right. The steps are chosen so that x + h*u and x - h*u are exact floats; what is
left after <g, 2*h*u> is subtracted is the truncation, which extrapolation removes, and the noise of f, which the
bound carries through the extrapolation's weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from typing import TypeAlias

import numpy as np

from minigrad.testing.operation import EPS, Array, Point

Direction: TypeAlias = Mapping[int, Array]

COLUMNS = 6
PATIENCE = 3
ENOUGH = 2e-13
NOISE_FACTOR = 4.0
SHORT = tuple(2.0**-k for k in range(3, 16))
LONG = tuple(2.0**-k for k in range(3, 41))
FINE = tuple(2.0**-k for k in range(20, 37))
_FRACTIONS = np.array([0.5, 0.75, 1.0, -0.5, -0.75, -1.0])
_SMALLEST = 2.0**-900


@dataclass(frozen=True)
class Estimate:
    """A residual and the bound on its error.

    Args:
        residual: true minus claimed directional derivative; nan where no step gave a finite value.
        bound: what noise, truncation and rounding explain.
        scale: sum |g * u|, what `bound` is relative to.
        steady: whether a residual beyond its bound persists over three octaves of the step.
    """

    residual: float
    bound: float
    scale: float
    steady: bool = True

    @property
    def agrees(self) -> bool:
        """Whether the bound explains the residual."""
        return abs(self.residual) <= self.bound

    @property
    def resolution(self) -> float:
        """The relative error that would have been seen."""
        if not isfinite(self.bound):
            return inf
        return self.bound / self.scale if self.scale > 0 else 0.0

    @property
    def wrong(self) -> bool:
        """Whether the residual is beyond its bound, at several steps."""
        return isfinite(self.residual) and not self.agrees and self.steady


def draw_direction(x: Array, gradient: Array, rng: np.random.Generator) -> Array:
    """Steps +-{1/2, 3/4, 1} * 2^floor(log2|x|): no step crosses zero, and x +- 2^-k * u is exact.

    A zero is stepped by the scale of the other elements, at most 1. The magnitude is random; the sign is the
    gradient's, so that a factor on the whole of it cannot cancel out of the sum, and random where that is zero.
    """
    if x.dtype.kind == "c":
        real, imag = draw_direction(x.real, gradient.real, rng), draw_direction(x.imag, gradient.imag, rng)
        return np.asarray(real + 1j * imag)
    steps = element_scale(x) * _FRACTIONS[rng.integers(0, 6, x.shape, dtype=np.uint8)]
    return np.asarray(np.where(gradient == 0, steps, np.copysign(steps, gradient)))


def element_scale(x: Array) -> Array:
    """2^floor(log2|x|) per element; for a zero the middle scale of the others, at most 1."""
    magnitude = np.abs(x)
    _, exponent = np.frexp(magnitude)
    scale = np.ldexp(1.0, exponent - 1)
    small = magnitude < _SMALLEST
    if small.any():
        others = scale[~small]
        scale = np.where(small, min(1.0, float(np.median(others))) if others.size else 1.0, scale)
    return np.asarray(scale)


def residual(point: Point, direction: Direction, steps: tuple[float, ...] = SHORT) -> Estimate:
    """The residual of `point`'s gradients along `direction`, with its bound.

    Args:
        point: the operation, its upstream gradient and the gradients to judge.
        direction: a step per input index; inputs without one stay.
        steps: the values of h, falling by halves. The first that give a finite value are extrapolated; it stops
            after three rows that did not lower the bound.
    """
    claimed, scale, count = 0.0, 0.0, 0
    for i, u in direction.items():
        product = np.conj(point.gradients[i]) * u
        claimed += float(product.sum().real)
        scale += float(np.abs(product).sum())
        count += u.size if u.size < 64 else int(np.count_nonzero(u))
    rounding = (8 + sqrt(count)) * EPS * scale
    line = _Line(point, direction)
    best = Estimate(np.nan, inf, scale)
    values: list[float] = []
    noises: list[float] = []
    seen: list[tuple[float, float]] = []
    stalled = 0
    for h in steps:
        difference = line.difference(h)
        if not isfinite(difference):
            values, noises = [], []
            continue
        values, noises, found = _extend(values, noises, difference / (2 * h) - claimed, line.noise / h)
        bound = found[1] + rounding
        seen.append((found[0], bound))
        if bound < best.bound:
            stalled = 0 if bound < best.bound / 2 else stalled + 1
            best = Estimate(found[0], bound, scale)
        else:
            stalled += 1
        enough = bound <= max(2 * rounding, ENOUGH * scale)
        if stalled >= PATIENCE or (enough and (best.agrees or _steady(best, seen))):
            break
    return Estimate(best.residual, best.bound, scale, _steady(best, seen))


def _extend(
    values: list[float], noises: list[float], value: float, noise: float
) -> tuple[list[float], list[float], tuple[float, float]]:
    """One more row of the tableau; and its best entry with 4 * noise + truncation."""
    row, carried = [value], [noise]
    best = (value, inf)
    for k in range(1, min(len(values), COLUMNS) + 1):
        weight = 4.0**k
        row.append(row[k - 1] + (row[k - 1] - values[k - 1]) / (weight - 1))
        carried.append((weight * carried[k - 1] + noises[k - 1]) / (weight - 1))
        truncation = max(abs(row[k] - row[k - 1]), abs(row[k] - values[k - 1]) if k > 1 else 0.0)
        bound = NOISE_FACTOR * carried[k] + truncation
        if bound < best[1]:
            best = (row[k], bound)
    return row, carried, best


def _steady(best: Estimate, seen: list[tuple[float, float]]) -> bool:
    """Whether the residual persists: the three rows with the smallest bounds all contradict zero and agree."""
    surest = sorted((bound, value) for value, bound in seen if isfinite(bound))[:PATIENCE]
    return len(surest) == PATIENCE and all(
        abs(value) > bound and abs(value - best.residual) <= bound + best.bound for bound, value in surest
    )


class _Line:
    """f along x + h*u."""

    def __init__(self, point: Point, direction: Direction) -> None:
        self.point = point
        self.direction = direction
        self.noise = 0.0

    def difference(self, h: float) -> float:
        """v . [f(x + h*u) - f(x - h*u)]; the first finite one also measures the noise of f."""
        point = self.point
        ahead, behind = list(point.op.inputs), list(point.op.inputs)
        for i, u in self.direction.items():
            step = h * u
            ahead[i] = ahead[i] + step
            behind[i] = behind[i] - step
        with np.errstate(all="ignore"):
            high, low = point.op.evaluate(tuple(ahead)), point.op.evaluate(tuple(behind))
            total = 0.0
            for k, v in enumerate(point.upstream):
                change = high[k] - low[k]
                total += float(np.vdot(v, change).real)
            if self.noise == 0.0 and isfinite(total):
                self.noise = self._measure(high, low)
        return total

    def _measure(self, high: tuple[Array, ...], low: tuple[Array, ...]) -> float:
        """The noise of v . f: what an ulp of the inputs does, or the rounding of the outputs, whichever is more."""
        total = 0.0
        for v, a, b, moved in zip(self.point.upstream, high, low, self.point.response, strict=True):
            rounding = EPS * np.abs(v * a)
            noise = np.maximum(rounding, moved)[a != b]
            total += float(np.vdot(noise, noise))
        return sqrt(total)
