"""A rule changes nothing it was handed, repeats itself bit for bit, and returns memory of its own."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minigrad.testing.operation import Array, Arrays, Gradients, Operation, Pullback, same_bits
from minigrad.testing.report import CheckError, Problem


def frozen(array: Array) -> Array:
    """A read-only copy in the same memory layout."""
    copy = array.copy(order="K")
    copy.flags.writeable = False
    return copy


@dataclass(frozen=True)
class Recorded:
    """A forward whose backward is still to come."""

    outputs: Arrays
    pullback: Pullback


def forward(op: Operation) -> Recorded | Problem:
    """A forward at read-only inputs; a write to one becomes the problem it is."""
    try:
        return Recorded(*op.record(op.inputs))
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        return _forward_write(op, error)


def check_determinism(op: Operation, first: Arrays, second: Arrays) -> Problem | None:
    """Two forwards must give the same bits; nothing else can be judged before that."""
    if len(first) == len(second) and all(map(same_bits, first, second)):
        return None
    k = next((k for k, (a, b) in enumerate(zip(first, second, strict=False)) if not same_bits(a, b)), 0)
    return Problem(
        "determinism",
        f"{op.name}.forward is not deterministic: two calls on the same inputs differ in output {k}",
        details=_difference(first[k], second[k]),
        cause="a random number is drawn in forward (draw it outside and pass it in), or a state is left from the last "
        "call",
    )


@dataclass(frozen=True)
class Run:
    """One forward and backward: raw gradients, and the pullback for more of them."""

    outputs: Arrays
    upstream: Arrays
    gradients: Gradients
    pullback: Pullback


def backward(op: Operation, recorded: Recorded, upstream: Arrays) -> Run | Problem:
    """The backward of the latest forward with everything read-only; a write becomes the problem it is.

    Args:
        op: the operation, its inputs read-only.
        recorded: its latest forward.
        upstream: one upstream gradient per output, read-only.
    """
    outputs, pullback = recorded.outputs, recorded.pullback
    kept = {f"output {k}": out for k, out in enumerate(outputs)} | dict(op.saved())
    guarded = {name: array for name, array in kept.items() if array.flags.writeable}
    before = {name: array.copy() for name, array in guarded.items()}
    originals = tuple(v.copy() for v in upstream)
    locked = list(guarded.values())
    _lock(locked, False)
    try:
        gradients = pullback(upstream)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        return _backward_write(op, upstream, error)
    finally:
        _lock(locked, True)
    for name, array in guarded.items():
        if not same_bits(array, before[name]):
            return _mutation(op, f"the saved {name}", "backward", None)
    for k, (v, original) in enumerate(zip(upstream, originals, strict=True)):
        if not same_bits(v, original):
            return _mutation(op, _upstream_name(k, upstream), "backward", None)
    return Run(outputs, upstream, gradients, pullback)


def check_memory(op: Operation, gradients: Gradients) -> Problem | None:
    """No gradient shares memory with an input."""
    for i, g in enumerate(gradients):
        if not isinstance(g, np.ndarray):
            continue
        for j, x in enumerate(op.inputs):
            if np.may_share_memory(g, x):
                return Problem(
                    "purity",
                    f"{op.name}.{op.backward_name} returned for {op.label(i)} a gradient that shares memory with "
                    f"input {j} '{op.names[j]}'",
                    cause="aliasing: whoever adds to the gradient changes the input; return a copy",
                )
    return None


def check_repeat(op: Operation, first: Gradients, second: Gradients) -> Problem | None:
    """Two runs with the same upstream gradient give the same bits."""
    for i, (a, b) in enumerate(zip(first, second, strict=False)):
        if a is not None and (b is None or not same_bits(a, np.asarray(b))):
            return Problem(
                "purity",
                f"{op.name}.{op.backward_name} is not deterministic: forward and backward run twice on the same "
                f"inputs differ for {op.label(i)}",
                details=_difference(a, np.asarray(b)),
                cause=_repeat_cause(a, np.asarray(b)),
            )
    return None


def _lock(arrays: list[Array], writeable: bool) -> None:
    for array in arrays:
        array.flags.writeable = writeable


def _forward_write(op: Operation, error: ValueError) -> Problem:
    """Which input a forward writes to: the one that fails when it alone is read-only."""

    def runs(inputs: Arrays) -> None:
        op.evaluate(inputs)

    index = _culprit(op.inputs, runs)
    what = f"input {index} '{op.names[index]}'" if index is not None else "one of its inputs"
    return _mutation(op, what, "forward", error)


def _backward_write(op: Operation, upstream: Arrays, error: ValueError) -> Problem:
    """What a backward writes to: the upstream gradient, an input, or something it saved."""

    def with_upstream(candidates: Arrays) -> None:
        _, pullback = op.record(tuple(x.copy() for x in op.inputs))
        pullback(candidates)

    def with_inputs(candidates: Arrays) -> None:
        _, pullback = op.record(candidates)
        pullback(tuple(v.copy() for v in upstream))

    index = _culprit(upstream, with_upstream)
    if index is not None:
        return _mutation(op, _upstream_name(index, upstream), "backward", error)
    index = _culprit(op.inputs, with_inputs)
    if index is not None:
        return _mutation(op, f"input {index} '{op.names[index]}'", "backward", error)
    return _mutation(op, "an array that forward saved", "backward", error)


def _culprit(arrays: Arrays, run: Callable[[Arrays], None]) -> int | None:
    for index in range(len(arrays)):
        trial = tuple(frozen(a) if k == index else a.copy() for k, a in enumerate(arrays))
        try:
            run(trial)
        except ValueError:
            return index
    return None


def _upstream_name(index: int, upstream: Arrays) -> str:
    return "the upstream gradient" if len(upstream) == 1 else f"the upstream gradient of output {index}"


def _mutation(op: Operation, what: str, method: str, error: ValueError | None) -> Problem:
    details = () if error is None else _user_line(error)
    method = op.backward_name if method == "backward" else method
    return Problem(
        "purity",
        f"{op.name}.{method} writes into {what}",
        details=details,
        cause="an operation in place (+=, out=, x[...] = ); work on a copy, or on the result of an expression",
    )


def _user_line(error: BaseException) -> tuple[str, ...]:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    return (f"{Path(last.filename).name}:{last.lineno}: {last.line}",)


def _repeat_cause(first: Array, second: Array) -> str:
    if first.shape == second.shape and np.allclose(second, 2 * first, rtol=1e-12, atol=0):
        return "state left from the last call: the second gradient is twice the first, so backward adds to it (+=)"
    return "state left from the last call, or a random number drawn in the rule"


def _difference(first: Array, second: Array) -> tuple[str, ...]:
    if first.shape != second.shape or first.dtype != second.dtype:
        return (f"first {first.shape} {first.dtype}, then {second.shape} {second.dtype}",)
    where = np.unravel_index(int(np.argmax(first != second)), first.shape)
    index = "[" + ", ".join(str(int(k)) for k in where) + "]"
    return (f"element {index}: first {first[where]:+.8g}, then {second[where]:+.8g}",)


def nonfinite(arrays: Arrays, names: tuple[str, ...]) -> str:
    """Where the first NaN or infinity is: "'x' [0, 3] is nan"; empty where all is finite."""
    for array, name in zip(arrays, names, strict=True):
        bad = ~np.isfinite(array) if array.dtype.kind in "fc" else np.zeros(array.shape, bool)
        if bad.any():
            where = np.unravel_index(int(np.argmax(bad)), array.shape)
            index = [int(k) for k in where]
            return f"'{name}' {index} is {array[where]}"
    return ""


def require_finite(op: Operation) -> None:
    """Refuse inputs that hold a NaN or an infinity.

    Raises:
        CheckError: naming the input and the element.
    """
    found = nonfinite(op.inputs, op.names)
    if found:
        raise CheckError(f"{op.name}: {found}; a gradient can only be checked at finite inputs")
