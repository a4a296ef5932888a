"""How a notebook shows a Tensor: the picture of its graph, if that is small."""

from minigrad.drawing.make import draw
from minigrad.node import Node
from minigrad.registry import VIEWS
from minigrad.tensor import Tensor

SMALL = 60  # operations


def view(tensor: Tensor) -> dict[str, str]:
    """The SVG of a small graph, without gradients, since showing must run no hook; it never raises."""
    if not _is_small(tensor):
        return {}
    try:
        return {"image/svg+xml": draw(tensor, engine="minigrad", grads=False).svg()}
    except Exception:  # noqa: BLE001  a display hook must not break the cell it stands in
        return {}


def _is_small(tensor: Tensor) -> bool:
    """Whether it has a graph, of at most sixty operations."""
    unread: list[Node | Tensor | None] = [tensor._node]
    found: set[int] = set()
    while unread and len(found) <= SMALL:
        node = unread.pop()
        if isinstance(node, Node) and node.number not in found:
            found.add(node.number)
            unread.extend(node.sources)
    return 0 < len(found) <= SMALL


VIEWS.append(view)
