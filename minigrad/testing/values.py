"""Judging the numbers of one input's gradient: agree, wrong (and where), at a kink, or inconclusive (and why)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from minigrad.testing import kinks
from minigrad.testing.domain import edge_elements, singular_elements
from minigrad.testing.evidence import Mismatch, describe_kink, describe_nonfinite
from minigrad.testing.localise import isolate, only
from minigrad.testing.operation import Array, Point
from minigrad.testing.options import AtKink
from minigrad.testing.report import InputReport, Problem, Status
from minigrad.testing.richardson import LONG, SHORT, Estimate, confirm, draw_direction, residual
from minigrad.testing.tightening import tightened

ROUNDS = 8
JUDGED = 2
COARSE = 1e-12


@dataclass(frozen=True)
class Judgement:
    """What became of one input: its report; and the problem, or the mismatch that is to be explained."""

    report: InputReport
    problem: Problem | None = None
    mismatch: Mismatch | None = None


@dataclass
class _Case:
    """One input under judgement: the direction that is left after masking, and what was seen on the way."""

    point: Point
    index: int
    direction: Array
    rng: np.random.Generator
    min_resolution: float
    at_kink: AtKink
    kinks: int = 0
    judged: int = 0
    reason: str = ""

    def mask(self, elements: Array) -> None:
        flat = self.direction.reshape(-1).copy()
        flat[elements] = 0
        self.direction = flat.reshape(self.direction.shape)

    def estimate(self, steps: tuple[float, ...]) -> Estimate:
        along = {self.index: self.direction}
        found = residual(self.point, along, steps)
        return confirm(self.point, along, found) if found.differs and steps is LONG else found

    def report(self, status: Status, resolution: float) -> InputReport:
        op = self.point.op
        x = op.inputs[self.index]
        return InputReport(op.names[self.index], x.shape, status, resolution, self.kinks, self.reason)


def check_input(
    point: Point,
    index: int,
    rng: np.random.Generator,
    min_resolution: float = 1e-6,
    at_kink: AtKink = "subgradient",
) -> Judgement:
    """Judge the gradient of one input.

    Args:
        point: the operation evaluated, and its gradients.
        index: the input.
        rng: where the direction comes from.
        min_resolution: a gradient that agrees, but only to more than this, is inconclusive.
        at_kink: what a gradient at a kink must be: a "subgradient", anything ("ignore"), or nothing ("error").
    """
    x = point.op.inputs[index]
    case = _Case(point, index, draw_direction(x, point.gradients[index], rng), rng, min_resolution, at_kink)
    if not x.size:
        return Judgement(case.report("empty", 0.0))
    problem = _mask_nonfinite(case)
    if problem is not None:
        return Judgement(case.report("wrong", np.inf), problem)
    estimate = case.estimate(SHORT)
    if np.isnan(estimate.residual):
        estimate = _mask_edges(case)
    found: Problem | Mismatch | None = None
    if not estimate.settles(min_resolution):
        estimate, found = _investigate(case)
    if found is None and estimate.resolution > COARSE and case.direction.any():
        estimate = tightened(point, {index: case.direction}, estimate)
    if isinstance(found, Problem):
        return Judgement(case.report("wrong", estimate.resolution), found)
    if isinstance(found, Mismatch):
        return Judgement(case.report("wrong", estimate.resolution), mismatch=found)
    if case.reason:
        return Judgement(case.report("inconclusive", estimate.resolution))
    return Judgement(case.report("proven" if case.direction.any() else "at kinks", estimate.resolution))


def _mask_nonfinite(case: _Case) -> Problem | None:
    """Take gradients that are rightly infinite out of the comparison; the problem where one is wrongly so."""
    gradient = case.point.gradients[case.index]
    bad = np.flatnonzero(~np.isfinite(gradient))
    if not bad.size:
        return None
    wrong = singular_elements(case.point, case.index, bad)
    if wrong is not None:
        return describe_nonfinite(case.point, case.index, wrong)
    case.mask(bad)
    case.kinks += bad.size
    gradients = list(case.point.gradients)
    gradients[case.index] = np.where(np.isfinite(gradient), gradient, 0)
    case.point = replace(case.point, gradients=tuple(gradients), _responses={})
    return None


def _mask_edges(case: _Case) -> Estimate:
    """Take elements at the edge of the domain out of the comparison: there f is not finite on one side."""
    edges = edge_elements(case.point, case.index, case.direction)
    case.mask(edges)
    case.kinks += edges.size
    if not case.direction.any():
        case.reason = "every element is at the edge of the domain"
    return case.estimate(LONG)


def _investigate(case: _Case) -> tuple[Estimate, Problem | Mismatch | None]:
    """The long look at a mismatch: isolate an element, tell a kink from a bug, mask it, and go on with the rest."""
    point, index = case.point, case.index
    for _ in range(ROUNDS):
        estimate = tightened(case.point, {index: case.direction}, case.estimate(LONG))
        if estimate.settles(case.min_resolution) or not case.direction.any():
            return estimate, None
        isolated = isolate(point, index, case.direction, estimate, case.min_resolution)
        if isolated is None:
            case.reason = case.reason or _coarse(estimate)
            return estimate, None
        element, here = isolated
        special = kinks.is_special(point, index, case.direction, element, here, case.rng)
        if special is False and here.differs:
            return estimate, Mismatch(point, index, case.direction, element, here)
        if special:
            problem = _judge_kink(case, element)
            if problem is not None:
                return estimate, problem
        else:
            here = tightened(point, {index: only(case.direction, element)}, here)
            if not here.settles(case.min_resolution):
                case.reason = f"element {element}: {_coarse(here)}"
            case.mask(np.array([element]))
    case.reason = case.reason or "too many elements to mask one by one"
    return estimate, None


def _coarse(estimate: Estimate) -> str:
    if np.isnan(estimate.residual):
        return "the forward is not finite beside the input"
    if estimate.differs:
        return "a mismatch of all elements together shows on no single one"
    if np.isinf(estimate.bound):
        return "the slopes at several steps contradict one another"
    return f"the differences resolve only {estimate.resolution:.0e}"


def _judge_kink(case: _Case, element: int) -> Problem | None:
    """Judge one element that sits on a kink, and mask every element that does."""
    if case.at_kink == "error":
        return describe_kink(case.point, case.index, element, "the input sits on a kink")
    masked = {element, *_discontinuous(case)}
    if case.at_kink == "subgradient" and case.judged < JUDGED and not _derivative_jumps(case, element):
        verdict = kinks.judge(case.point, case.index, element, case.rng)
        case.judged += 1
        if verdict.verdict == "outside":
            return describe_kink(case.point, case.index, element, verdict.reason)
        if verdict.verdict == "unclear":
            case.reason = verdict.reason
        masked.update(verdict.elements.tolist())
    masked &= set(np.flatnonzero(case.direction).tolist())
    case.mask(np.array(sorted(masked), dtype=int))
    case.kinks += len(masked)
    return None


def _derivative_jumps(case: _Case, element: int) -> bool:
    """Whether there is no derivative of this order: the one below jumps, as that of ReLU does at its kink."""
    return case.point.op.order > 1 and kinks.jumps(case.point, case.index, case.direction, element)


def _discontinuous(case: _Case) -> set[int]:
    """The elements whose gradient at some point nearby differs from the one at the input."""
    here = case.point.gradients[case.index].reshape(-1)
    found: set[int] = set()
    for _ in range(kinks.NEIGHBOURS):
        there = kinks.nearby(case.point, case.index, case.rng).gradients[case.index].reshape(-1)
        size = max(float(np.abs(here).max()), float(np.abs(there).max()))
        found.update(np.flatnonzero(np.abs(there - here) > kinks.TOLERANCE * size).tolist())
    return found
