"""The backward pass: operations from the newest to the oldest, each gradient complete before it is carried on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

from numpy import ndarray

from minigrad.state import enable_grad, thread
from minigrad.tensor import Tensor

if TYPE_CHECKING:
    from minigrad.node import Node

# An array; a Tensor where the backward pass is itself recorded; the parts of an operation with several outputs.
Gradient: TypeAlias = Any


def run(
    roots: Iterable[tuple[Node, Gradient]],
    retain_graph: bool = False,
    create_graph: bool = False,
    visit: Callable[[Node, Gradient], None] | None = None,
    stop: Mapping[Node, Tensor] | None = None,
) -> dict[Tensor, Gradient]:
    """Carries gradients from the roots back to the leaves, without touching any leaf.

    An operation's creation number is larger than that of every operation it stands on, so taking the largest
    number first visits an operation only when all that follows it has been visited. Nothing is recursive.

    Args:
        roots: operations to start from, each with the gradient with respect to its output.
        retain_graph: keep what the operations saved.
        create_graph: record the backward pass; implies `retain_graph`.
        visit: called with each operation and the complete gradient with respect to its output.
        stop: operations to go no further back than, each with its result, which counts as a leaf.

    Returns:
        The gradient with respect to each leaf that requires one.
    """
    gradients: dict[Node, Gradient] = {}
    for node, grad in roots:
        gradients[node] = gradients[node] + grad if node in gradients else grad
    if not create_graph:
        return _carried(gradients, retain_graph, False, visit, stop or {})
    with enable_grad():
        return _carried(gradients, True, True, visit, stop or {})


def _carried(
    gradients: dict[Any, Gradient],
    retain_graph: bool,
    create_graph: bool,
    visit: Callable[[Node, Gradient], None] | None,
    stop: Mapping[Node, Tensor],
) -> dict[Tensor, Gradient]:
    """Takes operations out of `gradients`, and puts those they stand on in, until only leaves are left."""
    watch = thread.state.watch
    queue = [(-node.number, node) for node in gradients]  # the newest comes first
    heapify(queue)
    while queue:
        node = heappop(queue)[1]
        grad = gradients.pop(node)
        if node in stop:
            gradients[stop[node]] = grad
            continue
        if visit is not None:
            visit(node, grad)
        grads = node.vjp(grad, create_graph)
        if watch is not None:
            watch.backward(node, grad, grads)
        inputs = node.inputs
        for i, source in enumerate(node.sources):
            if source is None:
                continue
            x, g = inputs[i], grads[i]
            if type(g) is not ndarray or g.shape != x.shape or g.dtype is not x.dtype:
                g = node.fit(i, x, g, create_graph)
            so_far = gradients.get(source)
            gradients[source] = g if so_far is None else so_far + g
            if type(source) is Tensor:
                if source._data is not x:
                    node.check_changed(i, x, create_graph)
            elif so_far is None:
                heappush(queue, (-source.number, source))
        if not retain_graph:
            node.release()
    return gradients
