"""Long lines as pairs of tags: a line ends in a numbered tag, and goes on from another of that number."""

from minigrad.drawing import text
from minigrad.drawing.picture import LEAVES, Edge, Node, Picture

LONGEST = 12  # ranks that a line may cross


def tag_long_edges(picture: Picture) -> Picture:
    """The picture with a pair of tags for every line that would cross more than twelve ranks."""
    rank = _ranks(picture)
    long = [edge for edge in picture.edges if rank[edge.target] - rank[edge.source] > LONGEST]
    if not long:
        return picture
    numbers = {source: number for number, source in enumerate(dict.fromkeys(edge.source for edge in long), 1)}
    nodes: list[Node] = []
    edges: list[Edge] = []
    place = []
    arriving = {edge.target: [] for edge in long}  # type: dict[int, list[Edge]]
    for edge in long:
        arriving[edge.target].append(edge)
    for index, node in enumerate(picture.nodes):
        for edge in arriving.get(index, ()):
            source = picture.nodes[edge.source]
            name = f"{numbers[edge.source]} · {text.clean(source.name, 24)}"
            edges.append(Edge(len(nodes), -1 - index, edge.tensor))
            nodes.append(Node(source.key, "tag", name, "", node.module))
        place.append(len(nodes))
        nodes.append(node)
        if index in numbers and node.kind not in LEAVES:
            edges.append(Edge(len(nodes) - 1, len(nodes), node.key))
            nodes.append(Node(node.key, "tag", f"→ {numbers[index]}", "", node.module))
    tagged = [edge._replace(target=place[-1 - edge.target]) if edge.target < 0 else edge for edge in edges]
    cut = set(long)
    kept = [
        Edge(place[s], place[t], tensor) for s, t, tensor in picture.edges if Edge(s, t, tensor) not in cut
    ]
    return picture._replace(nodes=tuple(nodes), edges=tuple(kept + tagged))


def _ranks(picture: Picture) -> list[int]:
    """Longest paths from the sources; what depends on nothing stands right above its first use."""
    rank = [0] * len(picture.nodes)
    first_use: dict[int, int] = {}
    for source, target, _ in sorted(picture.edges, key=lambda edge: edge.target):
        if rank[source] >= rank[target]:
            rank[target] = rank[source] + 1
    for source, target, _ in picture.edges:
        if picture.nodes[source].kind in LEAVES:
            first_use[source] = min(first_use.get(source, rank[target]), rank[target])
    for source, use in first_use.items():
        rank[source] = use - 1
    return rank
