"""The backward pass: operations from the newest to the oldest, each gradient complete before it is carried on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

from minigrad.state import enable_grad

if TYPE_CHECKING:
    from minigrad.node import Node
    from minigrad.tensor import Tensor

# An array; a Tensor where the backward pass is itself recorded; the parts of an operation with several outputs.
Gradient: TypeAlias = Any

_AS_IT_IS = nullcontext()
LEAF = -1  # the creation number of every leaf: older than any operation


def run(
    roots: Iterable[tuple[Tensor, Gradient]],
    retain_graph: bool = False,
    create_graph: bool = False,
    visit: Callable[[Node, Gradient], None] | None = None,
) -> dict[Tensor, Gradient]:
    """Carries gradients from the roots back to the leaves, without touching any leaf.

    An operation's creation number is larger than that of every operation it stands on, so taking the largest
    number first visits an operation only when all that follows it has been visited. Nothing is recursive.

    Args:
        roots: Tensors to start from, each with the gradient with respect to it.
        retain_graph: keep what the operations saved.
        create_graph: record the backward pass; implies `retain_graph`.
        visit: called with each operation and the complete gradient with respect to its output.

    Returns:
        The gradient with respect to each leaf that requires one.
    """
    with enable_grad() if create_graph else _AS_IT_IS:
        return _run(roots, retain_graph or create_graph, create_graph, visit)


def _run(
    roots: Iterable[tuple[Tensor, Gradient]],
    retain_graph: bool,
    create_graph: bool,
    visit: Callable[[Node, Gradient], None] | None,
) -> dict[Tensor, Gradient]:
    leaves: dict[Tensor, Gradient] = {}
    pending: dict[int, Gradient] = {}  # by creation number
    queue: list[tuple[int, Node]] = []
    arrived: Iterable[tuple[Any, Gradient]] = [(root if root._node is None else root._node, grad) for root, grad in roots]
    while True:
        for source, grad in arrived:
            if grad is None:
                continue
            number = source._number
            if number == LEAF:
                leaves[source] = leaves[source] + grad if source in leaves else grad
            elif number in pending:
                pending[number] = pending[number] + grad
            else:
                pending[number] = grad
                heappush(queue, (-number, source))
        if not queue:
            return leaves
        number, node = heappop(queue)
        grad = pending.pop(-number)
        if visit is not None:
            visit(node, grad)
        arrived = zip(node.sources, node.vjp(grad, create_graph))  # noqa: B905  of one length
        if not retain_graph:
            node.release()
