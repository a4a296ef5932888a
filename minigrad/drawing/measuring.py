"""The numbers of a picture: what its tensors hold, what its operations save, and how long they take."""

import math
from collections.abc import Mapping, Sequence, Set
from time import perf_counter
from typing import NamedTuple

import numpy as np

from minigrad import engine
from minigrad.drawing.picture import Cost, Picture, Statistics
from minigrad.drawing.reading import Reading
from minigrad.drawing.statistics import root_mean_square, summary
from minigrad.node import Node, Output
from minigrad.tensor import Array
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


class Shown(NamedTuple):
    """The keys of the tensors that a picture shows, and of those that it tells all about."""

    keys: Set[int]
    detailed: Set[int]


class Backward(NamedTuple):
    """What a backward pass showed, by key: the rms of all gradients, the statistics of those shown, times."""

    sizes: dict[int, float]
    gradients: dict[int, Statistics]
    times: dict[int, Times]


def values(reading: Reading, shown: Shown) -> dict[int, Statistics]:
    """The statistics of the arrays shown, where they are still held."""
    found = {}
    with np.errstate(all="ignore"):
        for key in shown.keys:
            array = reading.array(key)
            statistics = None if array is None else summary(array, key in shown.detailed)
            if statistics:
                found[key] = statistics
    return found


def saved(reading: Reading) -> dict[int, int]:
    """The bytes that each operation saves for its backward beyond its own inputs, an array counted once."""
    return {key: _saved(operation.node) for key, operation in reading.operations.items()}


def _saved(node: Node) -> int:
    if node.function is None or len(node.function.__dict__) == len(node.static) + 1:  # it holds `needs` alone
        return 0
    given = set(map(id, node.inputs or ()))
    return sum(
        {
            id(array): array.nbytes
            for array in node.saved_arrays
            if id(array) not in given and id(array.base) not in given
        }.values()
    )


def backward(reading: Reading, outputs: Sequence[MinigradTensor], shown: Shown, timed: bool) -> Backward:
    """A backward pass from outputs with gradients of ones; no Tensor's `grad` changes, nothing is released.

    Raises:
        GraphError: the graph was released, or a Tensor was changed since it was used.
    """
    operations = {operation.number: (key, operation) for key, operation in reading.operations.items()}
    leaves = {id(value.tensor): key for key, value in enumerate(reading.values) if value.tensor is not None}
    sizes: dict[int, float] = {}
    gradients: dict[int, Statistics] = {}
    times: dict[int, Times] = {}

    def visit(node: Node, gradient: engine.Gradient) -> None:
        if isinstance(node, Output):
            (maker,) = node.sources
            assert isinstance(maker, Node)
            made = operations[maker.number][1].outputs
            note(reading.keys[id(made[node.index])], gradient)
            return
        key = operations[node.number][0]
        if timed:
            times[key] = _time(node, gradient)
        if node.outputs is None:
            note(key, gradient)

    def note(key: int, gradient: Array) -> None:
        array = np.asarray(gradient)
        if key in shown.keys:
            statistics = summary(array, key in shown.detailed)
            if statistics:
                gradients[key] = statistics
                sizes[key] = statistics.rms
        elif array.size:
            sizes[key] = root_mean_square(array)

    with np.errstate(all="ignore"):
        roots = [(output._node, np.ones_like(output.data)) for output in outputs if output._node is not None]
        for leaf, gradient in engine.run(roots, retain_graph=True, visit=visit).items():
            note(leaves[id(leaf)], gradient)
    return Backward(sizes, gradients, times)


def _time(node: Node, gradient: engine.Gradient) -> Times:
    """The least of a few rounds of an operation's own forward and backward, on what it was handed."""
    assert node.function is not None
    assert node.inputs is not None
    grads = [gradient] if node.outputs is None else gradient.filled(node.outputs)
    forward = backward = math.inf
    start = perf_counter()
    for _ in range(ROUNDS):
        twin = node.function._new(node.static)
        twin.needs = node.function.needs
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
    tensors = {
        key: picture.tensors[key]._replace(value=numbers.values.get(key), gradient=numbers.gradients.get(key))
        for key in picture.shown()
        if key in picture.tensors
    }
    costs, badges = {}, {}
    for node in picture.nodes:
        if node.parts:
            costs[node.key] = _cost(node.parts, numbers)
            flagged = [numbers.badges[part] for part in node.parts if part in numbers.badges]
            if flagged:
                badges[node.key] = flagged[0]
    return picture._replace(tensors=tensors, costs=costs, badges=badges)


def _cost(parts: tuple[int, ...], numbers: Numbers) -> Cost:
    saved = sum([numbers.saved[part] for part in parts])
    times = [numbers.times[part] for part in parts if part in numbers.times]
    return Cost(saved, *map(sum, zip(*times, strict=True))) if times else Cost(saved)


def badges(reading: Reading, sizes: Mapping[int, float], with_values: bool) -> dict[int, str]:
    """A warning on each operation that made a NaN, an infinity or a gradient of zeros.

    Args:
        reading: the graph.
        sizes: the rms of the gradients known, by key.
        with_values: look at the values too.
    """
    found = {}
    with np.errstate(all="ignore"):
        for key, operation in reading.operations.items():
            inputs = [reading.keys[id(value)] for value in operation.inputs if id(value) in reading.keys]
            badge = _of_value(reading, key, inputs) if with_values else None
            badge = badge or _of_gradient(key, inputs, sizes)
            if badge:
                found[key] = badge
    return found


def _of_value(reading: Reading, key: int, inputs: list[int]) -> str | None:
    size = _size(reading, key)
    if math.isfinite(size) or not all(math.isfinite(_size(reading, i)) for i in inputs):
        return None
    return "NaN" if math.isnan(size) else "infinite"


def _size(reading: Reading, key: int) -> float:
    """The rms of a tensor's elements; 0 where none are known."""
    array = reading.array(key)
    return 0.0 if array is None or array.size == 0 else root_mean_square(array)


def _of_gradient(key: int, inputs: list[int], sizes: Mapping[int, float]) -> str | None:
    own = sizes.get(key)
    if own is None or not math.isfinite(own):
        return None
    for i in inputs:
        passed = sizes.get(i)
        if passed is None:
            continue
        if not math.isfinite(passed):
            return "∂ is NaN" if math.isnan(passed) else "∂ is infinite"
        if passed == 0 and own > 0:
            return "∂ is zero"
    return None
