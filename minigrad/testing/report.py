"""What a check found: the report, and the error a wrong gradient raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from minigrad.errors import MinigradError

ROUGH = (" exactly", ", as far as its rounding tells")
Status: TypeAlias = Literal["proven", "wrong", "inconclusive", "at kinks", "empty"]


class GradientError(MinigradError, AssertionError):
    """A gradient that is wrong, or a rule that breaks its contract. `.report` holds everything as data."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.message())
        self.report = report


class CheckError(MinigradError, ValueError):
    """A check that cannot start: an input without floats, a NaN, a forward that returns no array."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Args:
        check: the check that found it, such as "linearity".
        headline: what is wrong, with the operation and the operand.
        details: the evidence, a line each.
        cause: the likely cause, where one was recognised.
        remarks: what was ruled out, a line each.
    """

    check: str
    headline: str
    details: tuple[str, ...] = ()
    cause: str = ""
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        cause = [f"likely cause: {self.cause}"] if self.cause else []
        return "\n  ".join([self.headline, *self.details, *cause, *self.remarks])


@dataclass(frozen=True)
class InputReport:
    """What is known of the gradient for one input.

    Args:
        name: the input's name.
        shape: its shape.
        status: "proven" (within `resolution`), "wrong", "inconclusive" (see `reason`), "at kinks"
            (every element sits on a kink, and the gradient is a subgradient), or "empty" (no elements).
        resolution: the relative error that would have been seen.
        kinks: how many of its elements sit on a kink and were judged by the subdifferential, or, where the derivative
            below jumps, set aside.
        reason: why it is inconclusive.
    """

    name: str
    shape: tuple[int, ...]
    status: Status
    resolution: float = float("inf")
    kinks: int = 0
    reason: str = ""

    def __str__(self) -> str:
        text = f"'{self.name}' {self.shape}: {self.status}"
        if self.status == "proven":
            text += f" to {self.resolution:.0e}" if 0 < self.resolution < 1 else ROUGH[self.resolution > 0]
        if self.kinks:
            text += f", {self.kinks} at a kink"
        return f"{text} ({self.reason})" if self.reason else text


@dataclass
class Report:
    """Everything one check found; prints itself.

    Args:
        name: the operation.
        order: the order of the derivative that was checked.
        seed: what the directions and upstream gradients were drawn from.
        checks: the checks that ran, each with what it found.
        inputs: one entry per input whose gradient was checked.
        problems: what is wrong; empty where nothing is.
        example: the inputs, printed where they are small.
        minimal: whether the example was shrunk.
        reproduce: the call that repeats the check.
        higher: the report of the next order of derivative, where it was checked.
    """

    name: str
    order: int = 1
    seed: int = 0
    checks: dict[str, str] = field(default_factory=dict)
    inputs: list[InputReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    example: str = ""
    minimal: bool = False
    reproduce: str = ""
    higher: Report | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong (which an inconclusive check is not)."""
        return not self.problems and (self.higher is None or self.higher.ok)

    @property
    def conclusive(self) -> bool:
        """Whether every gradient was proven or found wrong."""
        return all(i.status != "inconclusive" for i in self.inputs) and (
            self.higher is None or self.higher.conclusive
        )

    @property
    def resolution(self) -> float:
        """The largest relative error that could have passed unseen, over the proven inputs."""
        return max((i.resolution for i in self.inputs if i.status == "proven"), default=float("inf"))

    @property
    def kinks(self) -> int:
        """How many elements sit on a kink."""
        return sum(i.kinks for i in self.inputs)

    def message(self) -> str:
        """The text of a GradientError."""
        report: Report | None = self
        while report is not None and not report.problems:
            report = report.higher
        if report is None:
            return str(self)
        lines = [str(problem) for problem in report.problems]
        if report.example:
            lines.append(f"  {'minimal example' if report.minimal else 'inputs'}: {report.example}")
        if report.reproduce:
            lines.append(f"  reproduce: {report.reproduce}")
        return "\n".join(lines)

    def raise_if_wrong(self) -> Report:
        """This report, unless something is wrong.

        Raises:
            GradientError: with the report.
        """
        if not self.ok:
            raise GradientError(self)
        return self

    def __str__(self) -> str:
        verdict = "wrong" if self.problems else "proven" if self.conclusive else "inconclusive"
        order = "" if self.order == 1 else f", derivative {self.order}"
        if verdict == "proven" and self.resolution < 1:
            verdict += f" to {self.resolution:.0e}"
        lines = [f"{self.name}{order}: {verdict}"]
        lines += [f"  {name}: {found}" for name, found in self.checks.items()]
        lines += [f"  {entry}" for entry in self.inputs]
        lines += ["  " + str(problem).replace("\n", "\n  ") for problem in self.problems]
        if self.higher is not None:
            lines.append(str(self.higher))
        return "\n".join(lines)
