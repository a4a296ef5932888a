import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad.drawing.cards import Card, module_title
from minigrad.drawing.layout import layered
from minigrad.drawing.layout.level import Item, Level, Segment
from minigrad.drawing.layout.placed import Box, crossings, points_of, tie
from minigrad.drawing.layout.ranks import rank_items
from minigrad.drawing.picture import Module
from minigrad.drawing.scene import make_scene

from . import nets
from .test_folding import graphs


def overlap(a, b, slack=0.01):
    across = min(a.x + a.width / 2, b.x + b.width / 2) - max(a.x - a.width / 2, b.x - b.width / 2)
    along = min(a.y + a.height / 2, b.y + b.height / 2) - max(a.y - a.height / 2, b.y - b.height / 2)
    return across > slack and along > slack


def holds(outer, inner, slack=0.01):
    return (
        abs(outer.x - inner.x) <= (outer.width - inner.width) / 2 + slack
        and abs(outer.y - inner.y) <= (outer.height - inner.height) / 2 + slack
    )


@settings(max_examples=60)
@given(graphs(), st.sampled_from(["TB", "LR"]), st.sampled_from(["network", "book"]))
def test_nothing_overlaps_and_modules_hold_what_is_theirs(picture, direction, style):
    scene = make_scene(picture, style, direction)
    placed = layered(scene)
    boxes = list(placed.boxes.items())
    assert len(boxes) == len(scene.cards)
    for i, (_, a) in enumerate(boxes):
        assert not any(overlap(a, b) for _, b in boxes[i + 1 :])
    for unit in scene.units:
        module = unit.module
        while module:
            assert all(holds(placed.modules[module], placed.boxes[card]) for card in (unit.card, *unit.stack))
            module = picture.modules[module].parent
    frames = list(placed.modules.values())
    for i, a in enumerate(frames):
        assert not any(overlap(a, b) and not holds(a, b) and not holds(b, a) for b in frames[i + 1 :])


@given(graphs(), st.sampled_from(["TB", "LR"]))
def test_every_line_goes_from_its_source_to_its_target(picture, direction):
    scene = make_scene(picture, "network", direction)
    placed = layered(scene)
    for link, path in zip(scene.links, placed.paths, strict=True):
        source, target = (placed.boxes[scene.units[end].card] for end in (link.source, link.target))
        start, end = path[:2], path[-2:]
        if direction == "TB":
            assert start == pytest.approx((source.x, source.y + source.height / 2))
            assert end == pytest.approx((target.x, target.y - target.height / 2))
        else:
            assert start == pytest.approx((source.x + source.width / 2, source.y))
            assert end == pytest.approx((target.x - target.width / 2, target.y))
        assert len(path) % 6 == 2


def test_ranks_are_longest_paths_and_leaves_stand_at_their_use():
    edges = [Segment(0, 1, 1, 0, 0), Segment(1, 2, 1, 0, 0), Segment(0, 2, 1, 0, 0), Segment(3, 2, 1, 0, 0)]
    assert rank_items(4, edges, set(), set()) == [0, 1, 2, 1]
    assert rank_items(4, edges, {0}, {2}) == [0, 1, 2, 1]


def test_a_pair_of_leaf_and_line_moves_to_its_use_together():
    edges = [
        Segment(0, 1, 1, 0, 0),
        Segment(1, 4, 1, 0, 0),
        Segment(2, 3, 1, 0, 0),
        Segment(3, 5, 1, 0, 0),
        Segment(5, 4, 1, 0, 0),
    ]
    assert rank_items(6, edges, set(), set()) == [1, 2, 0, 1, 3, 2]


def test_crossings_are_taken_out():
    level = Level()
    for _ in range(4):
        level.add(Item(10, 10, 5, 5, 5, 5))
    level.segments = [Segment(0, 3, 1, 0, 0), Segment(1, 2, 1, 0, 0)]
    level.solve(0, 0, 10)
    assert (level.x[0] < level.x[1]) == (level.x[3] < level.x[2])


def test_a_heavy_line_is_straight():
    level = Level()
    for width in (10, 80, 10, 30, 10):
        level.add(Item(width, width, 5, 5, 5, 5))
    level.segments = [
        Segment(0, 2, 20, 0, 0),
        Segment(2, 4, 20, 0, 0),
        Segment(0, 1, 1, 0, 0),
        Segment(1, 4, 1, 0, 0),
        Segment(0, 3, 1, 0, 0),
    ]
    level.solve(0, 0, 10)
    assert level.x[0] == pytest.approx(level.x[2], abs=0.1)
    assert level.x[2] == pytest.approx(level.x[4], abs=0.1)


def test_an_empty_level_has_the_height_of_its_margins():
    level = Level()
    level.solve(30, 12, 9)
    assert level.height == 42


def test_a_tie_leaves_the_side_that_faces_its_operation():
    box = Box(0, 0, 10, 10)
    assert tie(Box(-50, 0, 20, 10), box, "TB")[:2] == (-40, 0)
    assert tie(Box(50, 5, 20, 10), box, "TB")[:2] == (40, 5)
    assert tie(Box(0, -50, 20, 10), box, "LR")[-2:] == (0, -5)
    assert tie(Box(3, 50, 20, 10), box, "LR")[-2:] == (0, 5)


def test_points_along_a_straight_line_are_on_it():
    points = points_of((0, 0, 1, 0, 2, 0, 3, 0))
    assert points[0] == (0, 0)
    assert points[-1] == (3, 0)
    assert all(y == 0 for _, y in points)


def test_a_long_line_crosses_a_strip_that_none_of_its_points_lies_in():
    assert crossings([(0, 0), (10, 100)], 40, 60) == [4, 6]
    assert crossings([(0, 50), (10, 50)], 40, 60) == [0, 10]
    assert crossings([(0, 0), (10, 30), (20, 70)], 80, 90) == []


def test_a_skip_line_leaves_a_module_in_one_step():
    scene = make_scene(mg.draw(nets.residual(2))._picture, "network", "TB")
    placed = layered(scene)
    (path,) = (
        path
        for path, link in zip(placed.paths, scene.links, strict=True)
        if link.weight == 1 and {scene.units[end].module for end in (link.source, link.target)} == {2, 3}
    )
    steps = [i for i in range(0, len(path) - 6, 6) if abs(path[i] - path[i + 6]) > 0.5]
    assert len(steps) == 2


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_lines_end_on_their_circle_each_at_a_place_of_its_own(direction):
    scene = make_scene(mg.draw(nets.price())._picture, "book", direction)
    placed = layered(scene)
    ends = {}
    for link, path in zip(scene.links, placed.paths, strict=True):
        card = scene.units[link.target].card
        if scene.cards[card].form == "circle":
            ends.setdefault(card, []).append(path[-2:])
    assert [len(lines) for lines in ends.values()] == [2, 2, 2, 2]
    for card, (first, second) in ends.items():
        circle = placed.boxes[card]
        for x, y in (first, second):
            assert np.hypot(x - circle.x, y - circle.y) == pytest.approx(circle.width / 2)
        assert np.hypot(first[0] - second[0], first[1] - second[1]) > 10


@pytest.mark.slow
def test_thousands_of_operations_are_drawn_unfolded():
    svg = mg.draw(nets.chain(4_000), max_nodes=None, engine="minigrad").svg()
    assert svg.count('class="node h0"') == 4_000


@pytest.mark.slow
def test_tens_of_thousands_of_operations_are_drawn_folded():
    drawing = mg.draw(nets.chain(20_000), engine="minigrad")  # five times as many are in the benchmark
    assert "<svg" in drawing.svg()
    assert "4 of 20 000 operations shown" in drawing._picture.facts


def test_a_title_with_little_room_still_says_how_often_its_module_repeats():
    module = Module("blocks.0–29", "Block", 0, 16_320, 65_280, 30)
    words = [" ".join(run.text for run in module_title(module, room)) for room in (1000, 200, 150, 120, 1)]
    assert words == [
        "blocks.0–29 Block · × 30 · 16 320 params · 65.3 kB",
        "blocks.0–29 Block · × 30 · 16 320 params",
        "blocks.0–29 Block · × 30",
        "blocks.0–29 × 30",
        "blocks.0–29",
    ]


def test_a_title_drops_facts_that_have_no_room():
    module = Module("fc1", "Affine", 0, 39250, 157000)
    words = [" ".join(run.text for run in module_title(module, room)) for room in (1000, 100, 70, 1)]
    assert words == ["fc1 Affine · 39 250 params · 157 kB", "fc1 Affine", "fc1 Affine", "fc1"]


def test_cards_know_their_size():
    scene = make_scene(mg.draw(nets.price())._picture, "network", "TB")
    assert all(isinstance(card, Card) and card.width > 0 and card.height > 0 for card in scene.cards)


def test_labels_of_several_tensors_of_one_box_stand_below_each_other():
    class Halves(mg.Function):
        def forward(self, x):
            return x[:2], x[2:]

        def backward(self, a, b):
            return np.concatenate([a, b])

    a, b = Halves()(mg.Tensor(np.ones(4), requires_grad=True))
    scene = make_scene(mg.draw((a * b).sum())._picture, "network", "TB")
    placed = layered(scene)
    (x0, y0), (x1, y1) = (
        placed.labels[i] for i, link in enumerate(scene.links) if link.label and link.source == 1
    )
    assert x0 == x1
    assert y1 >= y0 + 20
