"""All checks of one operation in order: exact and cheap ones first, numbers last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from minigrad.testing import contract, layout, linearity, precision, purity
from minigrad.testing.causes import likely_cause
from minigrad.testing.evidence import Mismatch, count_line, element_line, gather, smoothness_line
from minigrad.testing.observing import finished, under_test
from minigrad.testing.operation import Arrays, Operation, Point, draw_upstream, is_real_or_complex
from minigrad.testing.report import CheckError, InputReport, Problem, Report
from minigrad.testing.values import AtKink, check_input

PRINTED = 16


@dataclass(frozen=True)
class Options:
    """How thoroughly to check; see `check_rule`, whose arguments these are."""

    at_kink: AtKink = "subgradient"
    dtypes: tuple[str, ...] = ("f8", "f4")
    layouts: bool = True
    min_resolution: float = 1e-6
    seed: int = 0


def check(op: Operation, options: Options, report: Report | None = None) -> Report:
    """Run every check on an operation. What is found is in the report; nothing is raised for a wrong gradient.

    Raises:
        CheckError: where there is nothing to check: no float input, or a NaN or infinity in one.
    """
    report = Report(op.name) if report is None else report
    report.seed = options.seed
    report.example = example(op)
    with np.errstate(all="ignore"):
        return finished(_check(prepared(under_test(op)), options, report))


def _check(op: Operation, options: Options, report: Report) -> Report:
    rng = np.random.default_rng(options.seed)
    run = _exact_checks(op, options, rng, report)
    if run is None:
        return report
    point = Point(op, run.outputs, run.upstream, op.finish(run.gradients))
    if unknown(point, report):
        return report
    judge_values(point, op.wrt, options, rng, report)
    if report.ok and "f4" in options.dtypes:
        problem, found = precision.check(op, rng)
        report.checks["float32"] = found or "wrong"
        report.problems += [problem] if problem else []
    return report


def prepared(op: Operation) -> Operation:
    """The operation at read-only float64 copies of its inputs.

    Raises:
        CheckError: no input holds floats, or one holds a NaN or an infinity.
    """
    if not op.wrt:
        raise CheckError(f"{op.name}: no input holds floats, so there is no gradient to check")
    purity.require_finite(op)
    inputs = []
    for x in op.inputs:
        wide = {"f": np.float64, "c": np.complex128}.get(x.dtype.kind, x.dtype)
        inputs.append(np.array(x, dtype=wide))
        inputs[-1].flags.writeable = False
    return op.at(inputs)


def _exact_checks(
    op: Operation, options: Options, rng: np.random.Generator, report: Report
) -> purity.Run | None:
    """Determinism, contract, purity, linearity and layout; None after the first that fails."""
    outputs = purity.evaluate_once(op)
    if isinstance(outputs, Problem):
        _fail(report, outputs)
        return None
    outputs = tuple(out.copy() for out in outputs)
    require_floats(op, outputs)
    upstream = draw_upstream(outputs, rng)
    for v in upstream:
        v.flags.writeable = False
    run = _judge_runs(op, outputs, upstream, report)
    if isinstance(run, purity.Run):
        problem = linearity.check(op, run, rng)
        report.checks["linearity"] = "linear in the upstream gradient"
        if problem is None and options.layouts:
            problem = layout.check(op, run)
            report.checks["layout"] = ", ".join(layout.LAYOUTS)
        run = run if problem is None else problem
    if isinstance(run, Problem):
        _fail(report, run)
        return None
    return run


def _judge_runs(op: Operation, outputs: Arrays, upstream: Arrays, report: Report) -> purity.Run | Problem:
    """Two guarded runs: the same outputs as before, gradients that keep the contract, and the same ones twice."""
    first = _run_backward(op, upstream)
    if isinstance(first, Problem):
        return first
    problem = purity.check_determinism(op, outputs, first.outputs) or contract.check_gradients(
        op, first.gradients
    )
    if problem is not None:
        return problem
    report.checks["contract"] = "count, shapes and dtypes"
    second = purity.check_repeat(op, first)
    report.checks["purity"] = "nothing written to, repeatable, no shared memory"
    return second


def _fail(report: Report, problem: Problem) -> None:
    """Note the problem that ends the exact checks."""
    report.checks[problem.check] = "wrong"
    report.problems.append(problem)


def _run_backward(op: Operation, upstream: Arrays) -> purity.Run | Problem:
    """The first run; what a rule raises keeps its own traceback, with the inputs that did it as a note."""
    try:
        return purity.guarded_run(op, upstream)
    except Exception as error:
        error.add_note(f"while {op.name}.{op.backward_name} was checked at {example(op) or _shapes(op)}")
        raise


def require_floats(op: Operation, outputs: Arrays) -> None:
    """Refuse a forward that gives nothing with a gradient.

    Raises:
        CheckError: no output holds floats.
    """
    if not any(is_real_or_complex(out) for out in outputs):
        raise CheckError(f"{op.name}.forward returned no array of floats, so there is no gradient to check")


def unknown(point: Point, report: Report) -> bool:
    """Note that nothing can be said where the forward is not finite at the input."""
    bad = purity.nonfinite(point.outputs, tuple(f"output {k}" for k in range(len(point.outputs))))
    if bad:
        op, reason = point.op, f"the forward is not finite: {bad}"
        report.inputs += [
            InputReport(op.names[i], op.inputs[i].shape, "inconclusive", reason=reason) for i in op.wrt
        ]
    return bool(bad)


def judge_values(
    point: Point, indices: Iterable[int], options: Options, rng: np.random.Generator, report: Report
) -> None:
    """Judge the numbers of some inputs' gradients one by one, and explain what is wrong."""
    mismatches = []
    for index in indices:
        judged = check_input(point, index, rng, options.min_resolution, options.at_kink)
        report.inputs.append(judged.report)
        if judged.problem is not None:
            report.problems.append(judged.problem)
        if judged.mismatch is not None:
            mismatches.append(judged.mismatch)
    report.problems += [describe(mismatch, report.inputs, rng) for mismatch in mismatches]
    report.checks["values"] = "wrong" if report.problems else "residual Richardson"


def describe(mismatch: Mismatch, inputs: Iterable[InputReport], rng: np.random.Generator) -> Problem:
    """The problem of a wrong gradient, with its evidence and its likely cause."""
    op, evidence = mismatch.point.op, gather(mismatch, rng)
    agreeing = [entry for entry in inputs if entry.status == "proven"]
    agreed = ""
    if agreeing:
        names = " and ".join(f"'{entry.name}'" for entry in agreeing)
        worst = max(entry.resolution for entry in agreeing)
        agreed = f"; {names} agree{'s' * (len(agreeing) == 1)} to {worst:.0e}"
    return Problem(
        "values",
        f"{op.name}.{op.backward_name} is wrong for {op.label(mismatch.index)}",
        (element_line(evidence), count_line(evidence) + agreed),
        likely_cause(evidence),
        (f"{smoothness_line(mismatch)}; deterministic; linear in the upstream gradient",),
    )


def example(op: Operation) -> str:
    """The inputs, written out where they are small."""
    if sum(x.size for x in op.inputs) > PRINTED:
        return _shapes(op)
    parts = []
    for name, x in zip(op.names, op.inputs, strict=True):
        text = (
            np.array2string(x, separator=",", precision=17, floatmode="unique")
            .replace("\n", "")
            .replace(" ", "")
        )
        parts.append(f"{name}={text}")
    return " ".join(parts)


def _shapes(op: Operation) -> str:
    return " ".join(f"{name}={x.dtype}{x.shape}" for name, x in zip(op.names, op.inputs, strict=True))
