"""The numbers of a picture: what its tensors hold, what its operations save, and how long they take."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

import numpy as np

from minigrad import engine
from minigrad.drawing.picture import Cost, Picture, Statistics, Tensor
from minigrad.drawing.reading import Reading
from minigrad.drawing.statistics import Shown, Survey
from minigrad.node import Node, Output
from minigrad.tensor import Tensor as MinigradTensor

ROUNDS = 5
PATIENCE = 0.2  # seconds for the rounds of one operation


class Times(NamedTuple):
    """The seconds that an operation takes."""

    forward: float
    backward: float


class Numbers(NamedTuple):
    """Everything measured, by key, and why there are no gradients where some were wanted."""

    values: Mapping[int, Statistics]
    gradients: Mapping[int, Statistics]
    saved: Mapping[int, int]
    times: Mapping[int, Times]
    badges: Mapping[int, str]
    trouble: str = ""


class Backward(NamedTuple):
    """What a backward pass showed, by key."""

    gradients: Survey
    times: dict[int, Times]


def values(reading: Reading, shown: Shown) -> Survey:
    """What the arrays still held hold: those shown, all that operations made, and what a NaN was made from."""
    survey = Survey(shown)
    with np.errstate(all="ignore"):
        survey.look({**reading.data, **reading.held(shown.keys)})
        if not math.isfinite(sum(survey.largest.values())):
            survey.look(reading.held(reading.leaves.keys() - shown.keys))
    return survey


def saved(reading: Reading) -> dict[int, int]:
    """The bytes that each operation saves for its backward beyond its own inputs, an array counted once."""
    return {key: _saved(node) for key, node in reading.operations.items()}


def _saved(node: Node) -> int:
    counted = [*map(id, node.inputs)]  # a few: a list is made in half the time of a set
    total = 0
    for array in node.saved_arrays:
        if id(array) not in counted and id(array.base) not in counted:
            counted.append(id(array))
            total += array.nbytes
    return total


def backward(reading: Reading, outputs: Sequence[MinigradTensor], shown: Shown, timed: bool) -> Backward:
    """A backward pass from outputs with gradients of ones; no Tensor's `grad` changes, nothing is released.

    Raises:
        GraphError: the graph was released, or a Tensor was changed since it was used.
    """
    survey = Survey(shown)
    times: dict[int, Times] = {}
    keys = reading.keys

    def visit(node: Node, gradient: engine.Gradient) -> None:
        if timed and not isinstance(node, Output):
            times[keys[node]] = _time(node, gradient)
        if node.outputs is None:
            survey.add(keys[node], gradient)

    roots = [(output._node, np.ones_like(output.data)) for output in outputs if output._node is not None]
    with np.errstate(all="ignore"):
        leaves = engine.run(roots, retain_graph=True, visit=visit)
        survey.finish()
        survey.look({keys[leaf]: gradient for leaf, gradient in leaves.items()})
    return Backward(survey, times)


def _time(node: Node, gradient: engine.Gradient) -> Times:
    """The least of a few rounds of an operation's own forward and backward, on what it was handed."""
    grads = [gradient] if node.outputs is None else gradient.filled(node.outputs)
    forward = backward = math.inf
    start = perf_counter()
    for _ in range(ROUNDS):
        twin = node.kind._new(node.static)
        twin.needs = node.needs
        begin = perf_counter()
        twin.forward(*node.inputs)
        middle = perf_counter()
        twin.backward(*grads)
        end = perf_counter()
        forward, backward = min(forward, middle - begin), min(backward, end - middle)
        if end - start > PATIENCE:
            break
    return Times(forward, backward)


def with_numbers(picture: Picture, numbers: Numbers) -> Picture:
    """The picture with the numbers of what it shows: what is folded costs what its parts cost together."""
    tensors = {key: picture.tensors[key] for key in picture.shown() if key in picture.tensors}
    for key in tensors.keys() & (numbers.values.keys() | numbers.gradients.keys()):
        tensors[key] = Tensor(*tensors[key][:4], numbers.values.get(key), numbers.gradients.get(key))
    costs, badges = {}, {}
    for node in picture.nodes:
        if node.parts:
            costs[node.key] = _cost(node.parts, numbers)
            flagged = next(filter(numbers.badges.__contains__, node.parts), None)
            if flagged is not None:
                badges[node.key] = numbers.badges[flagged]
    return picture._replace(tensors=tensors, costs=costs, badges=badges)


def _cost(parts: tuple[int, ...], numbers: Numbers) -> Cost:
    saved = sum(map(numbers.saved.__getitem__, parts))
    if not numbers.times:
        return _untimed(saved)
    times = [numbers.times[part] for part in parts if part in numbers.times]
    return Cost(saved, *map(sum, zip(*times, strict=True))) if times else Cost(saved)


@lru_cache(maxsize=4096)
def _untimed(saved: int) -> Cost:
    """What an operation costs that was not timed: the same object for all of one size."""
    return Cost(saved)


def badges(reading: Reading, values: Survey, gradients: Survey) -> dict[int, str]:
    """A warning on each operation that made a NaN, an infinity or a gradient of zeros."""
    found: dict[int, str] = {}
    passed = gradients.largest.values()
    if 0 not in passed and math.isfinite(sum(passed) + sum(values.largest.values())):
        return found
    for key, inputs in reading.inputs.items():
        badge = _of_value(key, inputs, values.largest) or _of_gradient(key, inputs, gradients.largest)
        if badge:
            found[key] = badge
    return found


def _of_value(key: int, inputs: list[int], largest: Mapping[int, float]) -> str | None:
    own = largest.get(key, 0.0)
    if math.isfinite(own) or not all(math.isfinite(largest.get(i, 0.0)) for i in inputs):
        return None
    return "NaN" if math.isnan(own) else "infinite"


def _of_gradient(key: int, inputs: list[int], largest: Mapping[int, float]) -> str | None:
    own = largest.get(key)
    if own is None or not math.isfinite(own):
        return None
    for i in inputs:
        passed = largest.get(i)
        if passed is None:
            continue
        if not math.isfinite(passed):
            return "∂ is NaN" if math.isnan(passed) else "∂ is infinite"
        if passed == 0 and own > 0:
            return "∂ is zero"
    return None
