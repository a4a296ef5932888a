"""Long lines as pairs of tags: a line ends in a numbered tag, and goes on from another of that number."""

from operator import itemgetter

from minigrad.drawing import text
from minigrad.drawing.picture import LEAVES, Edge, Node, Picture

LONGEST = 12  # ranks that a line may cross


def tag_long_edges(picture: Picture) -> Picture:
    """The picture with a pair of tags for every line that would cross more than twelve ranks."""
    rank = _ranks(picture)
    long = [(s, t, tensor) for s, t, tensor in picture.edges if rank[t] - rank[s] > LONGEST]
    if not long:
        return picture
    made = (source for source, _, _ in long if picture.nodes[source].kind not in LEAVES)
    numbers = {source: number for number, source in enumerate(dict.fromkeys(made), 1)}
    nodes: list[Node] = []
    edges: list[Edge] = []
    place = []
    arriving: dict[int, list[Edge]] = {target: [] for _, target, _ in long}
    for edge in long:
        arriving[edge[1]].append(edge)
    for index, node in enumerate(picture.nodes):
        for start, _, tensor in arriving.get(index, ()):
            source = picture.nodes[start]
            name = text.clean(source.name, 24)
            if start in numbers:  # a leaf is known by its name
                name = f"{numbers[start]} · {name}"
            edges.append((len(nodes), -1 - index, tensor))
            nodes.append(Node(source.key, "tag", name, "", node.module))
        place.append(len(nodes))
        nodes.append(node)
        if index in numbers:
            edges.append((len(nodes) - 1, len(nodes), node.key))
            nodes.append(Node(node.key, "tag", f"→ {numbers[index]}", "", node.module))
    tagged = [(s, place[-1 - t] if t < 0 else t, tensor) for s, t, tensor in edges]
    cut = set(long)
    kept = [(place[s], place[t], tensor) for s, t, tensor in picture.edges if (s, t, tensor) not in cut]
    return picture._replace(nodes=tuple(nodes), edges=tuple(kept + tagged))


def _ranks(picture: Picture) -> list[int]:
    """Longest paths from the sources; what depends on nothing stands right above its first use."""
    rank = [0] * len(picture.nodes)
    first_use: dict[int, int] = {}
    for source, target, _ in sorted(picture.edges, key=itemgetter(1)):
        if rank[source] >= rank[target]:
            rank[target] = rank[source] + 1
    for source, target, _ in picture.edges:
        if picture.nodes[source].kind in LEAVES:
            first_use[source] = min(first_use.get(source, rank[target]), rank[target])
    for source, use in first_use.items():
        rank[source] = use - 1
    return rank
