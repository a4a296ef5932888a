import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.drawing.folding import finish, fold
from minigrad.drawing.folding.runs import fold_runs
from minigrad.drawing.picture import BOXES, Module, Node, Picture
from minigrad.drawing.reading import read

from . import nets


def names(drawing, kind="operation"):
    return [node.name for node in drawing._picture.nodes if node.kind == kind]


def picture_of(output):
    return read((output,), {}).whole()


def assert_sound(picture):
    """Edges go from earlier nodes to later ones, and every operation of the graph is somewhere, once."""
    assert all(source < target for source, target, _ in picture.edges)
    parts = [part for node in picture.nodes for part in node.parts]
    assert len(parts) == len(set(parts))
    assert all(module.parent < index for index, module in enumerate(picture.modules) if index)
    return set(parts)


def test_equal_blocks_are_drawn_once_with_their_number():
    drawing = mg.draw(nets.residual(12), max_nodes=60)
    titles = {(m.name, m.repeats) for m in drawing._picture.modules}
    assert ("blocks.0–11", 12) in titles
    assert "8 of 63 operations shown" in drawing._picture.facts
    assert len(assert_sound(drawing._picture)) == 63
    block = next(m for m in drawing._picture.modules if m.repeats == 12)
    assert block.parameters == 12 * 2 * (16 * 16 + 16)


def test_what_is_folded_costs_what_its_parts_cost():
    loss = nets.residual(12)
    whole, folded = (mg.draw(loss, max_nodes=n, heat="memory")._picture for n in (None, 20))
    assert sum(c.saved for c in whole.costs.values()) == sum(c.saved for c in folded.costs.values())


def test_blocks_that_differ_are_not_taken_for_equal():
    class Net(nn.Module):
        def __init__(self):
            rng = np.random.default_rng(0)
            self.blocks = [nets.Block(4, rng), nets.Block(4, rng), nets.Block(4, rng)]

        def forward(self, x):
            for i, block in enumerate(self.blocks):
                x = block(x)
                x = mg.relu(x) if i == 1 else x
            return x

    assert "×" not in " ".join(
        m.name for m in mg.draw(Net(), np.ones((1, 4)), collapse="always")._picture.modules
    )
    assert max(m.repeats for m in mg.draw(Net(), np.ones((1, 4)), collapse="always")._picture.modules) == 1


def test_lines_past_repeated_blocks_stay():
    class Net(nn.Module):
        def __init__(self):
            rng = np.random.default_rng(0)
            self.blocks = [nets.Block(4, rng) for _ in range(4)]

        def forward(self, x, mask):
            outputs = []
            for block in self.blocks:
                x = block(x) * mask
                outputs.append(x)
            return sum(outputs[1:], outputs[0])

    picture = mg.draw(Net(), np.ones((1, 4), np.float32), np.ones(4, np.float32), collapse="always")._picture
    assert_sound(picture)
    assert sum(node.kind == "data" and node.name == "mask" for node in picture.nodes) == 1


def test_depth_closes_modules():
    loss = nets.residual(3)
    closed = mg.draw(loss, depth=0)
    assert names(closed, "module") == ["Residual"]
    assert names(closed) == ["SoftmaxWithLoss"]
    one = mg.draw(loss, depth=1)
    assert names(one, "module") == ["stem", "blocks.0", "blocks.1", "blocks.2", "head"]
    assert "Block · 5 operations · 544 params" in [n.detail for n in one._picture.nodes]
    assert names(mg.draw(loss, depth=9)) == names(mg.draw(loss))


@pytest.mark.parametrize("most", [1, 3, 10, 40, 150])
def test_at_most_so_many_nodes_are_visible(most):
    for loss in (nets.residual(12), nets.chain(500)):
        picture = mg.draw(loss, max_nodes=most)._picture
        shown = sum(node.kind != "tag" for node in picture.nodes)
        assert shown <= max(most, 5)  # the leaves and outputs that nothing can fold
        assert_sound(picture)


def test_chains_fold_to_their_ends_and_the_number_between():
    drawing = mg.draw(nets.chain(500))
    assert names(drawing, "chain") == ["496 operations"]
    assert names(drawing) == ["multiply", "tanh", "tanh", "sum"] or len(names(drawing)) == 4
    assert names(mg.draw(nets.chain(500), collapse="never", engine="minigrad"), "chain") == []
    assert names(mg.draw(nets.chain(20), collapse="always"), "chain") == ["16 operations"]


def test_long_lines_become_pairs_of_tags():
    x = mg.Tensor(np.ones(3), requires_grad=True, name="x")
    first = y = x * 2
    for _ in range(20):
        y = np.tanh(y)
    drawing = mg.draw((y + first + x).sum())
    assert sorted(names(drawing, "tag")) == ["1 · multiply", "x", "→ 1"]  # a leaf is known by its name
    assert_sound(drawing._picture)


def test_a_badge_shows_through_what_is_folded():
    x = mg.Tensor(np.array([-1.0]), requires_grad=True)
    with np.errstate(all="ignore"):
        y = np.sqrt(x * 1)
        for _ in range(50):
            y = np.tanh(y)
        drawing = mg.draw(y.sum(), max_nodes=5)
    assert "NaN" in drawing._picture.badges.values()


def test_a_module_called_twice_is_two_frames():
    class Twice(nn.Module):
        def __init__(self):
            self.inner = nets.Block(2, np.random.default_rng(0))

        def forward(self, x):
            return self.inner(mg.relu(self.inner(x)))

    modules = mg.draw(Twice(), np.ones((1, 2)))._picture.modules
    assert [m.name for m in modules].count("inner") == 2


@st.composite
def graphs(draw):
    """Pictures of random graphs whose modules hold operations in a row."""
    size = draw(st.integers(2, 40))
    modules, nodes, edges = [Module("", "", 0)], [Node(0, "parameter", "w"), Node(1, "data", "x")], []
    stack = [0]
    for index in range(2, size + 2):
        for _ in range(draw(st.integers(0, 2))):
            if len(stack) > 1 and draw(st.booleans()):
                stack.pop()
            elif len(stack) < 4:
                modules.append(Module(f"m.{len(modules)}", draw(st.sampled_from("AB")), stack[-1]))
                stack.append(len(modules) - 1)
        nodes.append(
            Node(index, "operation", draw(st.sampled_from(["add", "relu"])), "", stack[-1], (index,))
        )
        sources = draw(st.lists(st.integers(0, index - 1), min_size=1, max_size=3))
        edges += [(source, index, source) for source in sources]
    nodes.append(Node(size + 1, "output", "out"))
    edges.append((size + 1, size + 2, size + 1))
    return Picture(tuple(nodes), tuple(edges), tuple(modules), {}, {}, {}, "", ())


@given(
    graphs(), st.integers(1, 30), st.sampled_from(["auto", "always"]), st.one_of(st.none(), st.integers(0, 3))
)
def test_folding_any_graph_loses_no_operation_and_makes_no_circle(picture, most, collapse, depth):
    folded = finish(fold(picture, most=most, depth=depth, collapse=collapse))
    assert assert_sound(folded) == set(range(2, len(picture.nodes) - 1))
    kinds = [node.kind for node in folded.nodes]
    assert sum(kind != "tag" for kind in kinds) <= max(most, 4)
    frames = {node.module for node in folded.nodes if node.kind in BOXES}
    assert all(module < len(folded.modules) for module in frames)


def test_the_picture_of_a_graph_is_sound():
    assert_sound(picture_of(nets.residual(3)))
    assert_sound(picture_of(nets.mlp()[0]))


def test_repeated_modules_without_numbers_keep_the_first_name():
    class Net(nn.Module):
        def __init__(self):
            rng = np.random.default_rng(0)
            self.first, self.second, self.third = (nets.Block(4, rng) for _ in range(3))

        def forward(self, x):
            return self.third(self.second(self.first(x)))

    modules = mg.draw(Net(), np.ones((1, 4)), collapse="always")._picture.modules
    assert [(m.name, m.repeats) for m in modules[1:]] == [("Net", 1), ("first", 3)]


def test_a_run_of_one_operation_stays_what_it_is():
    x = mg.Tensor(np.ones(2), requires_grad=True)
    picture = fold_runs(picture_of((np.tanh(x) * 2).sum()), 2)
    assert [n.kind for n in picture.nodes if n.parts] == ["chain", "operation"]


def test_equal_modules_side_by_side_are_not_a_row():
    class Heads(nn.Module):
        def __init__(self):
            rng = np.random.default_rng(0)
            self.a, self.b, self.c = (nets.Block(4, rng) for _ in range(3))

        def forward(self, x):
            a, b, c = self.a(x), self.b(x), self.c(x)
            return a + b + c

    modules = mg.draw(Heads(), np.ones((1, 4)), collapse="always")._picture.modules
    assert all(module.repeats == 1 for module in modules)


@pytest.mark.parametrize("make", [nets.attention, lambda: nets.residual(12), lambda: nets.chain(50)])
@pytest.mark.parametrize("most", [8, 30])
def test_a_graph_folds_as_its_whole_picture_does(make, most):
    reading = read((make(),), {})
    options = {"most": most, "depth": None, "collapse": "auto"}
    graphs, pictures = fold(reading, **options), fold(reading.whole(), **options)
    assert graphs[:3] == pictures[:3]
    assert len(graphs.nodes) < len(reading.whole().nodes)


@pytest.mark.parametrize("count", [4, 40])  # of a small graph the picture folds, of a large one what was read
def test_a_row_of_modules_with_several_outputs_is_drawn_once(count):
    class Twice(mg.Function):
        def forward(self, x):
            return x * 2, x + 1

        def backward(self, double, more):
            return double * 2 + more

    class Pair(nn.Module):
        def forward(self, x):
            double, more = Twice()(x)
            return np.tanh(more) + double

    class Net(nn.Module):
        def __init__(self):
            self.pairs = [Pair() for _ in range(count)]

        def forward(self, x):
            x = np.sqrt(x)
            for pair in self.pairs:
                x = pair(x)
            return x

    picture = mg.draw(Net(), mg.Tensor([1.0, 2.0], requires_grad=True), collapse="always")._picture
    assert (f"pairs.0–{count - 1}", count) in {(m.name, m.repeats) for m in picture.modules}
    assert len(assert_sound(picture)) == 1 + 3 * count
    names = [node.name for node in picture.nodes]
    flows = [(names[source], names[target]) for source, target, _ in picture.edges]
    inside = [("Twice", "tanh"), ("tanh", "add"), ("Twice", "add")]
    assert sorted(flows) == sorted([("x", "sqrt"), ("sqrt", "Twice"), *inside, ("add", "output")])
