"""detect_anomaly: the first NaN or infinity, and any write to a captured array, where it happens."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import ContextDecorator
from typing import Any, Self
from weakref import WeakKeyDictionary

import numpy as np

from minigrad.errors import AnomalyError
from minigrad.node import Node
from minigrad.rows import Rows
from minigrad.state import thread
from minigrad.tensor import values


class detect_anomaly(ContextDecorator):  # noqa: N801  the field's name, used like a keyword
    """Raises at the first NaN or infinity that an operation or its backward makes, and at a write to a captured array.

    Every result and every gradient is looked at, and every captured array is read twice: for looking for an error,
    not for training. For this thread alone.

    Raises:
        AnomalyError: names the operation, the module, the ranges of its inputs and the line that made it.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Tensor([1.0, 0.0], requires_grad=True, name="x")
        >>> with np.errstate(divide="ignore"), mg.detect_anomaly():
        ...     np.log(x)
        Traceback (most recent call last):
        ...
        minigrad.errors.AnomalyError: log gave -inf at [1]...
    """

    def __init__(self) -> None:
        self._outer: list[Any] = []
        self._marks: WeakKeyDictionary[Node, list[int]] = WeakKeyDictionary()

    def _recreate_cm(self) -> Self:
        return type(self)()

    def __enter__(self) -> Self:
        self._outer.append(thread.state.watch)
        thread.state.watch = self
        return self

    def __exit__(self, *exc_info: object) -> None:
        thread.state.watch = self._outer.pop()

    def forward(self, node: Node, results: Sequence[Any]) -> None:
        """Looks at what an operation gave, and marks what it captured."""
        inputs = node.inputs or []
        for result in results:
            found = _first_not_finite(result)
            if found and all(_first_not_finite(x) is None for x in inputs):
                raise AnomalyError(f"{node.label} gave {found}: {_ranges(node)}; at {node.line}")
        self._marks[node] = [_mark(x) for x in inputs]

    def backward(self, node: Node, grad: Any, grads: Sequence[Any]) -> None:
        """Looks at what an operation's rule gave, and whether what it captured was written into."""
        inputs = node.inputs or []
        for name, x, mark in zip(node.input_names, inputs, self._marks.get(node, []), strict=False):
            if _mark(x) != mark:
                raise AnomalyError(
                    f"the array that {node.label} captured as {name} was written into after {node.line}: "
                    "copy it before the change"
                )
        if _first_not_finite(grad) is not None:
            return  # it came from further on, and was allowed there
        for name, g in zip(node.input_names, grads, strict=True):
            found = _first_not_finite(g)
            if found:
                raise AnomalyError(
                    f"the backward of {node.label} gave {found} for {name}: {_ranges(node)}; at {node.line}"
                )


def _first_not_finite(x: Any) -> str | None:
    """The first NaN or infinity in words, such as `nan at [0, 1]`."""
    array = x.data if isinstance(x, Rows) else values(x)
    if (
        not isinstance(array, (np.ndarray, np.generic))
        or array.dtype.kind not in "fc"
        or np.isfinite(array).all()
    ):
        return None
    place = np.argwhere(~np.isfinite(np.atleast_1d(array)))[0]
    return f"{np.atleast_1d(array)[tuple(place)]} at {place.tolist()}"


def _ranges(node: Node) -> str:
    described = []
    for name, x in zip(node.input_names, node.inputs or [], strict=True):
        array = np.asarray(x)
        if array.size and array.dtype.kind in "biuf":
            described.append(f"{name} {array.shape} from {array.min():.6g} to {array.max():.6g}")
        else:
            described.append(f"{name} {array.shape} {array.dtype}")
    return ", ".join(described)


def _mark(x: Any) -> int:
    return zlib.crc32(np.ascontiguousarray(x).tobytes()) if isinstance(x, np.ndarray) else 0
