"""The residual of a directional derivative by Richardson extrapolation, with a bound on its error.

Along x + h*u, with an upstream gradient v and a claimed gradient g, the residual is

    r(h) = (v . [f(x + h*u) - f(x - h*u)] - <g, 2*h*u>) / 2h

It is zero, up to h^2, where g is right. The steps are chosen so that x + h*u and x - h*u are exact floats; what is
left after <g, 2*h*u> is subtracted is the truncation, which extrapolation removes, and the noise of f, which the
bound carries through the extrapolation's weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, isfinite, sqrt
from typing import TypeAlias

import numpy as np

from minigrad.testing.operation import EPS, Array, Point

Direction: TypeAlias = Mapping[int, Array]

COLUMNS = 6
PATIENCE = 3
ENOUGH = 2e-13
CONVERGED = 1e-3
NOISE_FACTOR = 4.0
SHORT = tuple(2.0**-k for k in range(3, 16))
LONG = tuple(2.0**-k for k in range(3, 46))
FINEST = 45
FINE = 10
_FRACTIONS = np.tile([0.5, 0.75, 1.0, 0.75, -0.5, -0.75, -1.0, -0.75], 32)  # one for each byte
_EXPONENT = np.int64(0x7FF0000000000000)
_SMALLEST = 2.0**-900
SPACING = 2.0**-1073  # of gradients so small that floats lose their precision


@dataclass(frozen=True)
class Estimate:
    """A residual and the bound on its error.

    Args:
        residual: true minus claimed directional derivative; nan where no step gave a finite value.
        bound: what noise, truncation and rounding explain.
        scale: sum |g * u|, the size of what was claimed.
        size: sum |v * f| over the outputs that move along the line; what is far below it cannot be seen.
        noise: the noise of one evaluation of v . f.
        floor: the part of the bound that is the rounding of the gradient itself.
    """

    residual: float
    bound: float
    scale: float
    size: float
    noise: float
    floor: float

    @property
    def agrees(self) -> bool:
        """Whether the bound explains the residual."""
        return abs(self.residual) <= self.bound

    @property
    def differs(self) -> bool:
        """Whether the residual is beyond its bound."""
        return isfinite(self.residual) and not self.agrees

    @property
    def resolution(self) -> float:
        """The error that would have been seen, relative to the gradient or the function, whichever is larger."""
        if not isfinite(self.bound):
            return inf
        whole = max(self.scale, self.size)
        return self.bound / whole if whole > 0 else 0.0

    def settles(self, resolution: float) -> bool:
        """Whether the residual is explained, by a bound that is small against the gradient or the function."""
        return self.agrees and self.bound <= resolution * max(self.scale, self.size) + 2 * self.floor


def draw_direction(x: Array, gradient: Array, rng: np.random.Generator) -> Array:
    """Steps +-{1/2, 3/4, 1} * 2^floor(log2|x|): no step crosses zero, and x +- 2^-k * u is exact.

    A zero is stepped by the scale of the other elements, at most 1. The magnitude is random; the sign is the
    gradient's, so that a factor on the whole of it cannot cancel out of the sum, and random where that is zero.
    """
    if x.dtype.kind == "c":
        real, imag = draw_direction(x.real, gradient.real, rng), draw_direction(x.imag, gradient.imag, rng)
        return np.asarray(real + 1j * imag)
    drawn = np.frombuffer(rng.bytes(x.size), np.uint8).reshape(x.shape)
    steps = _FRACTIONS.take(drawn)
    steps *= element_scale(x)
    signed = np.copysign(steps, gradient)
    return np.asarray(signed if gradient.all() else np.where(gradient == 0, steps, signed))


def element_scale(x: Array) -> Array:
    """2^floor(log2|x|) per element; for a zero the middle scale of the others, at most 1."""
    scale = (x.view(np.int64) & _EXPONENT).view(np.float64)
    small = scale < _SMALLEST
    if small.any():
        others = scale[~small]
        scale = np.where(small, min(1.0, float(np.median(others))) if others.size else 1.0, scale)
    return np.asarray(scale)


def residual(point: Point, direction: Direction, steps: tuple[float, ...] = SHORT) -> Estimate:
    """The residual of `point`'s gradients along `direction`, with its bound.

    Args:
        point: the operation, its upstream gradient and the gradients to judge.
        direction: a step per input index; inputs without one stay.
        steps: the values of h, falling by halves. Those that give a finite value are extrapolated; once the bound
            is small it stops after three rows that did not lower it.
    """
    line = Line(point, direction)
    best = Estimate(np.nan, inf, line.scale, 0.0, 0.0, line.rounding)
    values: list[float] = []
    noises: list[float] = []
    stalled = 0
    for h in steps:
        quotient = line.residual(h)
        if not isfinite(quotient):
            values, noises = [], []
            continue
        values, noises, (value, bound) = _extend(values, noises, quotient, line.noise / h)
        bound += line.rounding
        converging = best.bound > CONVERGED * max(line.scale, line.size)
        stalled = 0 if converging or bound < 0.75 * best.bound else stalled + 1
        if bound < best.bound or not isfinite(best.residual):
            best = Estimate(value, bound, line.scale, line.size, line.noise, line.rounding)
        if stalled >= PATIENCE or (best.agrees and bound <= max(2 * line.rounding, ENOUGH * line.scale)):
            break
    return best


def confirm(point: Point, direction: Direction, found: Estimate) -> Estimate:
    """Look at a residual once more with the three finest steps whose noise is far below it.

    A derivative is a limit: what a coarse step sees, such as the mean slope of a staircase, must still be there at
    the fine ones. They are extrapolated once only, as more would trust the coarse.

    Returns:
        `found`, where the fine steps all show it, or what they show instead; where they all refute it, an estimate
        from finer steps that agrees; and where they contradict one another, or see no change where a coarse one sees
        what is claimed, an estimate with an infinite bound.
    """
    line = Line(point, direction)
    unclear = replace(found, bound=inf)
    target = abs(found.residual) / 512
    exponent = (
        FINEST if found.noise == 0 else int(min(FINEST, max(6.0, np.floor(np.log2(target / found.noise)))))
    )
    if exponent < FINE and abs(found.residual) > found.scale * 2.0**-FINE:
        return unclear  # noise hides all but coarse steps, and in them a kink beside the input looks like a large error
    rows = [line.residual(2.0**-k) for k in range(exponent - 3, exponent + 1)]
    if _flat(line, rows):
        return unclear
    residuals = [fine + (fine - coarse) / 3 for coarse, fine in pairwise(rows)]
    if not line.resolves():
        return unclear
    last, spread = residuals[-1], max(residuals) - min(residuals)
    error = 2 * NOISE_FACTOR * found.noise * 2.0**exponent + line.rounding
    if spread <= abs(last) / 4 and abs(last) > 4 * error:
        alike = abs(last - found.residual) <= abs(found.residual) / 4
        return found if alike else replace(found, residual=last, bound=spread + error)
    if all(abs(r) <= abs(found.residual) / 4 for r in residuals):
        finer = (residual(point, direction, LONG[start:]) for start in (8, 16, 24, 32))
        return next((estimate for estimate in finer if estimate.agrees), unclear)
    return unclear


def _flat(line: Line, rows: list[float]) -> bool:
    """Whether f does not move at all in the fine steps, but in a coarse one as claimed: a staircase of rounded values.

    So is 1 - tanh(x)^2 in floats, where tanh(x) is nearly 1.
    """
    if line.claimed == 0 or any(row != -line.claimed for row in rows):
        return False
    return any(abs(line.residual(h)) <= abs(line.claimed) / 2 for h in SHORT)


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
        truncation = max(abs(row[k] - row[k - 1]), abs(row[k] - values[k - 1]))
        bound = NOISE_FACTOR * carried[k] + truncation
        if bound < best[1]:
            best = (row[k], bound)
    return row, carried, best


class Line:
    """f along x + h*u, and what the gradients claim of it."""

    def __init__(self, point: Point, direction: Direction) -> None:
        self.point = point
        self.direction = direction
        self.claimed, self.scale, count, length = 0.0, 0.0, 0, 0.0
        for i, u in direction.items():
            gradient = point.gradients[i]
            product = (np.conj(gradient) * u).real if u.dtype.kind == "c" else gradient * u
            self.claimed += float(product.sum())
            self.scale += float(np.abs(product).sum())
            count += int(np.count_nonzero(u))
            length += sqrt(u.size * float(np.vdot(u, u).real))  # at least sum |u|
        self.rounding = (8 + sqrt(count)) * EPS * self.scale + EPS * point.peak + SPACING * length
        # Written anew for each step: memory that is given back and fetched again costs more than the arithmetic.
        self.moved = {
            i: (np.empty_like(x), np.empty_like(x)) for i, x in enumerate(point.op.inputs) if i in direction
        }
        self.measured = False
        self.noise = 0.0
        self.size = 0.0

    def resolves(self) -> bool:
        """Whether the finest step is fine enough: an ulp of 1e38 is many periods of sin, and many steps of floor."""
        if self.claimed == 0:
            return max(float(np.abs(u).max()) for u in self.direction.values()) * 2.0**-FINEST < 0.25
        return self.size == 0 or self.scale * 2.0**-FINEST <= self.size

    def residual(self, h: float) -> float:
        """V . [f(x + h*u) - f(x - h*u)] / 2h - <g, u>."""
        return self.difference(h) / (2 * h) - self.claimed

    def difference(self, h: float) -> float:
        """V . [f(x + h*u) - f(x - h*u)]; the first finite one also measures the noise of f."""
        point = self.point
        ahead, behind = list(point.op.inputs), list(point.op.inputs)
        for i, u in self.direction.items():
            x, (ahead[i], behind[i]) = point.op.inputs[i], self.moved[i]
            step = np.multiply(u, h, out=behind[i])
            np.add(x, step, out=ahead[i])
            np.subtract(x, step, out=behind[i])
        high, low = point.op.evaluate(tuple(ahead)), point.op.evaluate(tuple(behind))
        total = 0.0
        for v, a, b in zip(point.upstream, high, low, strict=True):
            total += float(np.vdot(v, a - b).real)
        if not self.measured and isfinite(total):
            self.measured = True
            self._measure(high, low, h)
        return total

    def _measure(self, high: tuple[Array, ...], low: tuple[Array, ...], h: float) -> None:
        """The noise of v . f: what an ulp of the inputs does, or the rounding of the outputs, whichever is more.

        An output that did not move adds none, unless its own rounding could swallow a part of what is claimed.
        """
        total = 0.0
        swallows = abs(self.claimed) * h * 2.0**-30 if self.claimed else inf
        hidden: list[Array] = []
        point = self.point
        response = point.response(tuple(self.direction))
        for v, a, b, moved in zip(point.upstream, high, low, response, strict=True):
            values = np.abs(v * a)
            changed = a != b
            noise = np.maximum(point.eps * values, moved)
            if changed.all():
                hidden.append(np.zeros(noise.shape))
            else:
                hidden.append(np.where(changed | (point.eps * values <= swallows), 0.0, noise))
                noise, values = noise[changed], values[changed]
            total += float(np.vdot(noise, noise))
            self.size += float(values.sum())
        if any(part.any() for part in hidden) and self._claims(hidden):
            total += sum(float(np.vdot(part, part)) for part in hidden)
        self.noise = sqrt(total)

    def _claims(self, hidden: list[Array]) -> bool:
        """Whether the rule claims that the outputs where `hidden` is not zero move along the line at all."""
        upstream = tuple(
            np.where(part > 0, v, 0) for part, v in zip(hidden, self.point.upstream, strict=True)
        )
        gradients = self.point.beside(self.point.op.inputs, upstream).gradients
        return any(bool(np.any(gradients[i][u != 0] != 0)) for i, u in self.direction.items())
