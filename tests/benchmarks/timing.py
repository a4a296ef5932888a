"""Interleaved timing: every contender runs in every round, so what disturbs the machine disturbs them all."""

import gc
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

Step = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Microseconds for one step, one entry for each round."""

    rounds: Sequence[float]

    @property
    def minimum(self) -> float:
        return min(self.rounds)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def ratio(self, baseline: "Timing") -> float:
        """The median over the rounds of this time over the baseline's time in the same round."""
        return statistics.median(
            mine / other for mine, other in zip(self.rounds, baseline.rounds, strict=True)
        )


def interleave(steps: Mapping[str, Step], *, rounds: int, seconds: float) -> dict[str, Timing]:
    """Time each step for about `seconds` in each of the `rounds`; each round begins with another step.

    The garbage collector runs between the rounds and never inside one.
    """
    counts = {name: _steps_in(step, seconds) for name, step in steps.items()}
    times: dict[str, list[float]] = {name: [] for name in steps}
    names = list(steps)
    gc.disable()
    try:
        for _ in range(rounds):
            gc.collect()
            for name in names:
                times[name].append(_microseconds(steps[name], counts[name]))
            names.append(names.pop(0))
    finally:
        gc.enable()
    return {name: Timing(measured) for name, measured in times.items()}


def _steps_in(step: Step, seconds: float) -> int:
    """Estimate how many steps fit into that time, from the best of three tries: the first ones warm it up."""
    best = min(_microseconds(step, 3) for _ in range(3))
    return max(3, round(seconds * 1e6 / best))


def _microseconds(step: Step, count: int) -> float:
    start = perf_counter()
    for _ in range(count):
        step()
    return (perf_counter() - start) / count * 1e6


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a Markdown table that reads well as text: the first column to the left, others to the right."""
    lines = [header, *rows]
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(
        "| " + " | ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])]) + " |"
        for cells in (header, rule, *lines[1:])
    )
