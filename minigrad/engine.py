"""The backward pass: operations from the newest to the oldest, each gradient complete before it is carried on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from minigrad.state import enable_grad, thread
from minigrad.tensor import Tensor

if TYPE_CHECKING:
    from minigrad.node import Node

# An array; a Tensor where the backward pass is itself recorded; the parts of an operation with several outputs.
Gradient: TypeAlias = Any

_AS_IT_IS = nullcontext()


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
    leaves: dict[Tensor, Gradient] = {}
    pending: dict[int, tuple[Node, Gradient]] = {}
    queue: list[int] = []  # the keys of what is pending
    watch = thread.state.watch
    with enable_grad() if create_graph else _AS_IT_IS:
        for node, grad in roots:
            _add(node, grad, pending, queue)
        while queue:
            node, grad = pending.pop(heappop(queue))
            if stop is not None and node in stop:
                leaves[stop[node]] = grad
                continue
            if visit is not None:
                visit(node, grad)
            inputs, grads = node.vjp(grad, create_graph)
            if watch is not None:
                watch.backward(node, grad, grads)
            for i, source in enumerate(node.sources):
                if source is None:
                    continue
                x, g = inputs[i], grads[i]
                if type(g) is not np.ndarray or g.shape != x.shape or g.dtype is not x.dtype:
                    g = node.fit(i, x, g, create_graph)
                if isinstance(source, Tensor):
                    if source._data is not x:
                        node.check_changed(i, x, create_graph)
                    leaves[source] = leaves[source] + g if source in leaves else g
                else:
                    _add(source, g, pending, queue)
            if not (retain_graph or create_graph):
                node.release()
    return leaves


def _add(node: Node, grad: Gradient, pending: dict[int, tuple[Node, Gradient]], queue: list[int]) -> None:
    key = -node.number  # the newest comes first
    if key in pending:
        pending[key] = node, pending[key][1] + grad
    else:
        pending[key] = node, grad
        heappush(queue, key)
