"""The numbers of a picture: what its tensors hold, what its operations save, and how long they take."""

import math
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np

from minigrad import engine
from minigrad.drawing.picture import Cost, Picture, Statistics, together
from minigrad.drawing.reading import Reading
from minigrad.drawing.statistics import summary
from minigrad.graph import Operation
from minigrad.node import Node, Output
from minigrad.tensor import Array
from minigrad.tensor import Tensor as MinigradTensor

ROUNDS = 5
PATIENCE = 0.2  # seconds for the rounds of one operation


class Numbers(NamedTuple):
    """Everything measured, by key, and why there are no gradients where some were wanted."""

    values: Mapping[int, Statistics]
    gradients: Mapping[int, Statistics]
    costs: Mapping[int, Cost]
    badges: Mapping[int, str]
    trouble: str = ""


class Backward(NamedTuple):
    """What a backward pass showed: gradients by the key of their tensor, times by that of the operation."""

    gradients: dict[int, Statistics]
    times: dict[int, Cost]


def values(reading: Reading, detailed: set[int]) -> dict[int, Statistics]:
    """The statistics of every array still held, in full for the keys in `detailed`."""
    with np.errstate(all="ignore"):
        found = {key: summary(array, key in detailed) for key, array in reading.arrays.items()}
    return {key: statistics for key, statistics in found.items() if statistics}


def saved(reading: Reading) -> dict[int, Cost]:
    """The bytes that each operation saves for its backward beyond its own inputs, an array counted once."""
    costs = {}
    for key, operation in reading.operations.items():
        function, static = operation.node.function, operation.node.static
        if function is None or len(function.__dict__) == len(static) + 1:  # it holds `needs` alone
            costs[key] = Cost(0)
            continue
        given = set(map(id, operation.node.inputs or ()))
        own = {
            id(array): array.nbytes
            for array in operation.saved
            if id(array) not in given and id(array.base) not in given
        }
        costs[key] = Cost(sum(own.values()))
    return costs


def backward(
    reading: Reading, outputs: Sequence[MinigradTensor], detailed: set[int], timed: bool
) -> Backward:
    """A backward pass from outputs with gradients of ones; no Tensor's `grad` changes, nothing is released.

    Raises:
        GraphError: the graph was released, or a Tensor was changed since it was used.
    """
    keys = {operation.number: key for key, operation in reading.operations.items()}
    gradients: dict[int, Statistics] = {}
    times: dict[int, Cost] = {}

    def visit(node: Node, gradient: engine.Gradient) -> None:
        if isinstance(node, Output):
            (maker,) = node.sources
            assert isinstance(maker, Node)
            made = reading.operations[keys[maker.number]].outputs
            note(reading.keys[id(made[node.index])], gradient)
            return
        key = keys[node.number]
        if timed:
            times[key] = _time(node, gradient)
        if node.outputs is None:
            note(key, gradient)

    def note(key: int, gradient: Array) -> None:
        statistics = summary(np.asarray(gradient), key in detailed)
        if statistics:
            gradients[key] = statistics

    with np.errstate(all="ignore"):
        roots = [(output._node, np.ones_like(output.data)) for output in outputs if output._node is not None]
        leaves = engine.run(roots, retain_graph=True, visit=visit)
        by_leaf = {
            id(v.tensor): reading.keys[id(v)]
            for o in reading.operations.values()
            for v in o.inputs
            if v.kind == "parameter"
        }
        for leaf, gradient in leaves.items():
            note(by_leaf[id(leaf)], gradient)
    return Backward(gradients, times)


def _time(node: Node, gradient: engine.Gradient) -> Cost:
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
    return Cost(0, forward, backward)


def with_numbers(picture: Picture, numbers: Numbers) -> Picture:
    """The picture with the numbers of what it shows: what is folded costs what its parts cost together."""
    shown = {node.key for node in picture.nodes} | {edge.tensor for edge in picture.edges}
    tensors = {
        key: picture.tensors[key]._replace(value=numbers.values.get(key), gradient=numbers.gradients.get(key))
        for key in shown
        if key in picture.tensors
    }
    costs, badges = {}, {}
    for node in picture.nodes:
        if node.parts:
            costs[node.key] = together([numbers.costs[part] for part in node.parts])
            flagged = [numbers.badges[part] for part in node.parts if part in numbers.badges]
            if flagged:
                badges[node.key] = flagged[0]
    return picture._replace(tensors=tensors, costs=costs, badges=badges)


def badges(
    reading: Reading, value: Mapping[int, Statistics], gradient: Mapping[int, Statistics]
) -> dict[int, str]:
    """A warning on each operation that made a NaN, an infinity or a gradient of zeros."""
    found = {}
    for key, operation in reading.operations.items():
        badge = _badge(reading, key, operation, value, gradient)
        if badge:
            found[key] = badge
    return found


def _badge(
    reading: Reading,
    key: int,
    operation: Operation,
    value: Mapping[int, Statistics],
    gradient: Mapping[int, Statistics],
) -> str | None:
    inputs = [reading.keys[id(v)] for v in operation.inputs if id(v) in reading.keys]
    if key in value and not math.isfinite(value[key].rms) and all(_finite(value.get(i)) for i in inputs):
        return "NaN" if math.isnan(value[key].rms) else "infinite"
    own = gradient.get(key)
    if own is None or not math.isfinite(own.rms):
        return None
    for i in inputs:
        passed = gradient.get(i)
        if passed and not math.isfinite(passed.rms):
            return "∂ is NaN" if math.isnan(passed.rms) else "∂ is infinite"
        if passed and passed.rms == 0 and own.rms > 0:
            return "∂ is zero"
    return None


def _finite(statistics: Statistics | None) -> bool:
    return statistics is None or math.isfinite(statistics.rms)
