"""`gradcheck`: the gradients of any function of Tensors, or of a Module with its parameters, in one direction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad.nn import Module
from minigrad.tensor import Tensor
from minigrad.testing import purity
from minigrad.testing.engine import judge_values, prepared, require_floats, unknown
from minigrad.testing.observing import finished, under_test
from minigrad.testing.operation import Operation, Point, draw_upstream
from minigrad.testing.options import AtKink, Options
from minigrad.testing.report import Report
from minigrad.testing.richardson import LONG, SHORT
from minigrad.testing.rules import of_callable
from minigrad.testing.selection import input_names, wanted


def gradcheck(
    f: Callable[..., Any],
    *inputs: Any,
    wrt: Sequence[int | str] | None = None,
    at_kink: AtKink = "subgradient",
    min_resolution: float = 1e-6,
    seed: int = 0,
) -> Report:
    """Check all gradients of a function of Tensors, or of a Module and its parameters, along one direction at once.

    The direction touches every element of every input and parameter, so a right net of a million parameters takes a
    dozen forward passes. Only where it disagrees is each input looked at by itself, and the element found.

    Args:
        f: takes Tensors and returns one, or a tuple of them; or a Module, whose parameters are checked by name.
            Computed in float64, whatever the dtypes of inputs and parameters.
        *inputs: arrays, Tensors or numbers; what holds integers is handed on as it is.
        wrt: the inputs and parameters to check, by index or name; all that hold floats if None.
        at_kink: what a gradient at a kink must be: a "subgradient", anything ("ignore"), or an "error".
        min_resolution: a gradient proven only to more than this relative error is inconclusive.
        seed: what the direction and the upstream gradient are drawn from.

    Returns:
        The report, with the resolution for every input and parameter.

    Raises:
        GradientError: a gradient is wrong.
        CheckError: no floats, a NaN, no Tensor returned, or a forward that is not deterministic.

    Example:
        >>> import numpy as np
        >>> import minigrad as mg
        >>> net = mg.nn.Affine(3, 2, rng=np.random.default_rng(0))
        >>> gradcheck(lambda x: mg.tanh(net(x)), np.ones((4, 3))).ok
        True
        >>> [entry.name for entry in gradcheck(net, np.ones((4, 3))).inputs]
        ['x', 'w', 'b']
    """
    options = Options(at_kink=at_kink, min_resolution=min_resolution, seed=seed)
    parameters = dict(f.named_parameters()) if isinstance(f, Module) else {}
    arrays = tuple(x.numpy() if isinstance(x, Tensor) else np.asarray(x) for x in inputs)
    forward = f.forward if isinstance(f, Module) else f
    names = (*input_names(forward, len(arrays), None), *parameters)
    arrays = (*arrays, *(p.numpy() for p in parameters.values()))
    name = type(f).__name__ if isinstance(f, Module) else getattr(f, "__name__", type(f).__name__)

    op = of_callable(
        f, name, arrays, names, wanted(name, arrays, names, wrt), held=tuple(parameters.values())
    )
    report = Report(name, seed=seed)
    report.reproduce = f"gradcheck({name}, {', '.join(names[: len(inputs)])}, seed={seed})"
    with _restored(parameters.values()), np.errstate(all="ignore"):
        _check(prepared(under_test(op)), options, report)
    return finished(report).raise_if_wrong()


@contextmanager
def _restored(parameters: Iterable[Tensor]) -> Iterator[None]:
    """Gives parameters back the values and gradients they had."""
    before = [(p, p._data, p.grad) for p in parameters]
    try:
        yield
    finally:
        for p, data, grad in before:
            p._data, p.grad = data, grad


def _check(op: Operation, options: Options, report: Report) -> None:
    before = op.evaluate(op.inputs)
    require_floats(op, before)
    outputs, pullback = op.record(op.inputs)
    problem = purity.check_determinism(op, before, outputs)
    if problem is not None:
        report.problems.append(problem)
        return
    report.checks["determinism"] = "the same bits twice"
    rng = np.random.default_rng(options.seed)
    upstream = draw_upstream(outputs, rng)
    point = Point(op, outputs, upstream, op.finish(pullback(upstream)))
    if not unknown(point, report):
        judge_values(point, options, rng, report, options.min_resolution, (SHORT, LONG))
