"""One check for whatever it is handed: a rule, a callable of Tensors, or a layer written by hand."""

from __future__ import annotations

from typing import Any

from minigrad.function import Function
from minigrad.testing.layers import check_layer
from minigrad.testing.report import Report
from minigrad.testing.rules import check_rule


def is_layer(op: Any) -> bool:
    """Whether something is a hand-written layer: forward and backward, and no Function."""
    cls = op if isinstance(op, type) else type(op)
    return not issubclass(cls, Function) and all(
        callable(getattr(cls, m, None)) for m in ("forward", "backward")
    )


def check_any(op: Any, *inputs: Any, order: int = 1, **options: Any) -> Report:
    """`check_layer` for a layer, which has one order; `check_rule` for the rest.

    Raises:
        GradientError: a gradient is wrong.
        CheckError: there is nothing to check.
    """
    if is_layer(op):
        return check_layer(op() if isinstance(op, type) else op, *inputs, **options)
    return check_rule(op, *inputs, order=order, **options)
