"""All checks of one operation in order: exact and cheap ones first, numbers last."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from minigrad.testing import contract, layout, linearity, precision, purity, transposition
from minigrad.testing.causes import likely_cause
from minigrad.testing.evidence import Mismatch, count_line, element_line, gather, smoothness_line
from minigrad.testing.observing import finished, under_test
from minigrad.testing.operation import Arrays, Operation, Point, draw_upstream, is_real_or_complex
from minigrad.testing.options import Options
from minigrad.testing.report import CheckError, InputReport, Problem, Report
from minigrad.testing.richardson import SHORT
from minigrad.testing.together import Schedules, prove_together
from minigrad.testing.values import check_input

PRINTED = 16
TOGETHER = 1e-12


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
    judge_values(point, options, rng, report)
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
    run = _judge_runs(op, rng, report)
    if isinstance(run, purity.Run):
        problem = linearity.check(op, run, options.layouts)
        report.checks["linearity"] = "linear in the upstream gradient"
        if problem is None and options.layouts:
            problem = layout.check(op, run)
            report.checks["layout"] = ", ".join((*layout.LAYOUTS, "zero strides"))
        if problem is None and op.linear:
            problem, report.checks["transpose"] = transposition.check(op, run)
        run = run if problem is None else problem
    if isinstance(run, Problem):
        _fail(report, run)
        return None
    return run


def _judge_runs(op: Operation, rng: np.random.Generator, report: Report) -> purity.Run | Problem:
    """Two guarded runs: the same outputs twice, gradients that keep the contract, and the same ones twice."""
    recorded = purity.forward(op)
    if isinstance(recorded, Problem):
        return recorded
    require_floats(op, recorded.outputs)
    outputs = tuple(out.copy() for out in recorded.outputs)
    upstream = draw_upstream(outputs, rng)
    for v in upstream:
        v.flags.writeable = False
    first = _run_backward(op, recorded, upstream)
    again = purity.forward(op)
    if isinstance(again, Problem):
        return again
    problem = purity.check_determinism(op, outputs, again.outputs)
    if problem is not None:
        return problem
    if isinstance(first, Problem):
        return first
    problem = contract.check_gradients(op, first.gradients) or purity.check_memory(op, first.gradients)
    if problem is not None:
        return problem
    report.checks["contract"] = "count, shapes and dtypes"
    kept = tuple(None if g is None else np.array(g) for g in first.gradients)
    second = purity.backward(op, again, upstream)
    if isinstance(second, Problem):
        return second
    report.checks["purity"] = "nothing written to, repeatable, no shared memory"
    return purity.check_repeat(op, kept, second.gradients) or second


def _fail(report: Report, problem: Problem) -> None:
    """Note the problem that ends the exact checks."""
    report.checks[problem.check] = "wrong"
    report.problems.append(problem)


def _run_backward(op: Operation, recorded: purity.Recorded, upstream: Arrays) -> purity.Run | Problem:
    """The first backward; what a rule raises keeps its own traceback, with the inputs that did it as a note."""
    try:
        return purity.backward(op, recorded, upstream)
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
    point: Point,
    options: Options,
    rng: np.random.Generator,
    report: Report,
    together: float = TOGETHER,
    schedules: Schedules = (SHORT,),
) -> None:
    """Judge the numbers of all gradients, and explain what is wrong.

    Args:
        point: the operation and its gradients.
        options: how thoroughly.
        rng: where directions come from.
        report: where it is noted.
        together: to what relative error several gradients may be proven at once; the others are judged one by one.
        schedules: the steps to try that with.
    """
    op, mismatches = point.op, []
    proven = prove_together(point, rng, together, schedules) if len(op.wrt) > 1 else {}
    for index in op.wrt:
        if index in proven:
            report.inputs.append(
                InputReport(op.names[index], op.inputs[index].shape, "proven", proven[index])
            )
            continue
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
