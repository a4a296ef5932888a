import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.drawing import Drawing, DrawingError, LayoutEngineNotFound
from minigrad.drawing.statistics import Shown, Survey

from . import nets

OWN = {"engine": "minigrad"}


def texts(svg):
    """The words of an SVG, which must be XML."""
    return " ".join("".join(e.itertext()) for e in ET.fromstring(svg).iter() if e.tag.endswith("text"))


def cards(drawing):
    """The nodes of a drawing by name."""
    return {node.name: node for node in drawing._picture.nodes}


def test_the_dot_has_the_same_bytes_on_every_run():
    def once():
        loss, names = nets.mlp()
        return mg.draw(loss, names=names, heat="memory").dot

    assert once() == once()


def test_the_network_picture_says_what_the_specification_wants():
    loss, names = nets.mlp()
    words = texts(mg.draw(loss, names=names, heat="time", **OWN).svg())
    for word in (
        "64 × 784",
        "no grad",
        "784 × 50",
        "39 760 params",
        "saves 12.8 kB",
        "→ forward",
        "µs",
        "∂ 1",
        "share of step",
    ):
        assert word in words


def test_gradients_are_those_of_backward_and_grad_is_left_alone():
    x = mg.Tensor([1.0, -2.0, 3.0], requires_grad=True, name="x")
    x.grad = mg.Tensor([5.0, 5.0, 5.0])
    loss = (x * x).sum()
    drawing = mg.draw(loss)
    tensor = drawing._picture.tensors[cards(drawing)["x"].key]
    assert tensor.gradient.rms == pytest.approx(np.sqrt(np.mean([4.0, 16.0, 36.0])))
    assert tensor.value.rms == pytest.approx(np.sqrt(np.mean([1.0, 4.0, 9.0])))
    np.testing.assert_array_equal(x.grad.numpy(), [5.0, 5.0, 5.0])
    loss.backward()
    np.testing.assert_array_equal(x.grad.numpy(), [7.0, 1.0, 11.0])


def test_a_released_graph_still_has_structure_names_and_shapes():
    loss, _ = nets.mlp()
    before = mg.draw(loss, values=False, grads=False)
    loss.backward()
    after = mg.draw(loss)
    assert "layers.0" in after.dot
    assert "784 × 50" in after.dot
    assert "∂" not in after.dot
    assert [n.name for n in before._picture.nodes if n.parts] == [
        n.name for n in after._picture.nodes if n.parts
    ]
    with pytest.raises(mg.GraphError, match="retain_graph"):
        mg.draw(loss, grads=True)


def test_the_book_picture_is_the_default_for_scalars():
    drawing = mg.draw(nets.price())
    assert "rankdir=LR" in drawing.dot
    words = texts(mg.draw(nets.price(), **OWN).svg())
    for word in ("715", "← 2.2", "← 110", "← 3.3", "← 165", "← 650", "×", "+", "apple price"):
        assert word in words


def test_a_function_is_drawn_with_the_names_of_its_arguments():
    def area(width, height):
        return width * height

    drawing = mg.draw(area, 3.0, 4.0)
    assert {"width", "height"} <= cards(drawing).keys()
    assert drawing._picture.tensors[cards(drawing)["width"].key].gradient.rms == 4.0


def test_a_function_of_many_arguments_names_them_by_position():
    drawing = mg.draw(lambda *xs: xs[0] * xs[1], 3.0, np.array([1, 2]))
    assert "xs[0]" in cards(drawing)


def test_a_function_without_a_signature_is_drawn():
    assert list(cards(mg.draw(max, 3.0, 4.0))) == ["input 2"]


def test_a_wrong_number_of_inputs_is_the_functions_own_error():
    with pytest.raises(TypeError, match="positional argument"):
        mg.draw(lambda x: x, 1.0, 2.0)


def test_a_module_is_drawn_with_its_parameters():
    drawing = mg.draw(nets.MLP((4, 3, 2)), np.ones((5, 4), np.float32))
    assert {"x", "w", "b", "Affine", "output"} <= cards(drawing).keys()
    assert drawing._picture.title == "MLP"


def test_the_backward_pass_is_a_graph_of_its_own():
    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    (x * x * x).sum().backward(create_graph=True)
    drawing = mg.draw(x.grad, grads=True)
    assert {m.name for m in drawing._picture.modules} >= {"∂ multiply"}
    assert drawing._picture.title == ""


def test_expanding_opens_fused_operations_and_gives_the_same_numbers():
    loss, names = nets.mlp()
    closed, opened = (mg.draw(loss, names=names, expand=expand) for expand in (False, True))
    operations = [n.name for n in opened._picture.nodes if n.kind == "operation"]
    assert {"dot", "tanh", "exp", "log"} <= set(operations)
    assert "Affine" not in operations
    rms = [drawing._picture.tensors[cards(drawing)["w"].key].gradient.rms for drawing in (closed, opened)]
    assert rms[0] == pytest.approx(rms[1], rel=1e-5)


def test_expanding_leaves_alone_what_it_cannot_open():
    class Opaque(mg.Function):
        def forward(self, x):
            return np.asarray(x) * 2

        def backward(self, grad):
            return grad * 2

    class Pair(mg.Function):
        def forward(self, x):
            return x * 2, x * 3

        def backward(self, a, b):
            return 2 * a + 3 * b

    x = mg.Tensor(np.eye(2), requires_grad=True, name="x")
    assert "Opaque" in cards(mg.draw(Opaque()(x), expand=True))
    a, b = Pair()(x)
    named = mg.draw((a * b).sum(), expand=True)
    assert "Pair" not in cards(named)
    loss = (x * x).sum()
    loss.backward()
    assert "multiply" in cards(mg.draw(loss, expand=True))
    assert cards(mg.draw(x, expand=True)).keys() == {"x"}


def test_an_operation_of_several_outputs_is_one_box():
    class Halves(mg.Function):
        def forward(self, x):
            return x[:2], x[2:]

        def backward(self, a, b):
            return np.concatenate([a, b])

    x = mg.Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True, name="x")
    a, b = Halves()(x)
    drawing = mg.draw((a * b).sum(), heat="time")
    names = [n.name for n in drawing._picture.nodes]
    assert names.count("Halves") == 1
    gradients = [t.gradient.rms for t in drawing._picture.tensors.values() if t.shape == (2,) and t.gradient]
    assert np.sqrt((9 + 16) / 2) in [pytest.approx(g) for g in gradients]


def test_several_outputs_have_a_box_each():
    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    y = x * 2
    y.name = "doubled"
    drawing = mg.draw(y, (x * 3).sum(), y)
    outputs = [n.name for n in drawing._picture.nodes if n.kind == "output"]
    assert outputs == ["doubled", "output 2", "doubled"]


def test_an_intermediate_result_can_be_named():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    assert "hidden" in cards(mg.draw(y, names={"hidden": y}))


def test_badges_stand_on_the_operation_that_made_the_trouble():
    x = mg.Tensor([1.0, -1.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        drawing = mg.draw(np.sqrt(x * 2).sum())
        assert drawing._picture.badges == {cards(drawing)["sqrt"].key: "NaN"}
        infinite = mg.draw((1 / (x * 0)).sum())
    assert "infinite" in infinite._picture.badges.values()
    assert "▲ NaN" in drawing.dot
    dead = mg.draw((mg.relu(x * np.array([-1.0, 1.0])) * 3).sum())
    assert dead._picture.badges == {cards(dead)["ReLU"].key: "∂ is zero"}
    with np.errstate(all="ignore"):
        broken = mg.draw(np.sqrt(x * 0).sum())
    assert set(broken._picture.badges.values()) & {"∂ is NaN", "∂ is infinite"}


def test_a_nan_that_comes_from_what_is_folded_away_has_no_badge():
    bad = np.array([np.nan, 1.0])
    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    for _ in range(3):
        x = np.tanh(x * bad)
    drawing = mg.draw(x.sum(), max_nodes=2, grads=False)
    assert drawing._picture.badges == {}


def test_an_operation_that_takes_long_is_timed_once(monkeypatch):
    calls = []

    class Slow(mg.Function):
        def forward(self, x):
            calls.append(x)
            return x * 2

        def backward(self, grad):
            return grad * 2

    y = Slow()(mg.Tensor(1.0, requires_grad=True))
    monkeypatch.setattr("minigrad.drawing.measuring.PATIENCE", 0)
    mg.draw(y, heat="time")
    assert len(calls) == 2


def test_a_number_stands_beside_and_a_named_constant_keeps_its_name():
    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    scene = mg.draw((np.float64(1.5) * x).sum())._scene
    (stack,) = [unit.stack for unit in scene.units if unit.stack]
    assert [scene.picture.nodes[leaf].name for leaf in stack] == ["1.5"]
    long = mg.draw((np.float32(2.828427) * x).sum(), grads=False, **OWN).svg()
    assert long.count(">2.8284</text>") == 1
    named = mg.draw((x * mg.Tensor([3.0, 4.0], name="scale")).sum())
    assert "scale" in cards(named)


def test_heat_by_memory_and_gradient():
    loss, names = nets.mlp()
    memory = mg.draw(loss, names=names, heat="memory")
    assert sum(memory._picture.shares().values()) == pytest.approx(1)
    gradient = mg.draw(loss, names=names, heat="grad")
    shares = {
        gradient._picture.nodes[place].detail: share for place, share in gradient._picture.shares().items()
    }
    assert (
        shares["layers.1"] == 1
    )  # of the net's own; the loss's gradient is 1 by definition, and has no share
    assert 0.01 < shares["layers.0"] < shares[""] < 1
    assert len(shares) == 3
    assert mg.draw(loss, names=names)._picture.shares() == {}
    assert mg.draw(loss, heat="grad", grads=False)._picture.shares() == {}


def test_a_rule_that_fails_does_not_keep_the_graph_from_being_drawn():
    class Wrong(mg.Function):
        def forward(self, x):
            return x * 1

        def backward(self, _):
            return None

    x = mg.Tensor([1.0], requires_grad=True)
    drawing = mg.draw(Wrong()(x))
    assert "no gradients" in drawing._picture.facts[-1]
    with pytest.raises(mg.RuleError):
        mg.draw(Wrong()(x), grads=True)


# Bad input


NAMES = [
    '"quoted"',
    "<b>&amp;",
    "a\nb\tc",
    "\\N \\n \\",
    "fire 🔥 火",
    "x" * 500,
    "",
    "\ud800",
    "-->",
    "}]]>",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("engine", ["dot", "graphviz-pure", "minigrad"])
def test_any_name_is_drawn(name, engine):
    drawing = mg.draw(nets.leaf(2, name) * nets.leaf(3, "other"), style="network", engine=engine, title=name)
    try:
        ET.fromstring(drawing.svg())
    except LayoutEngineNotFound as missing:
        pytest.skip(str(missing)[:80])
    drawing.dot.encode()
    drawing.html().encode()


@given(st.text(max_size=30))
def test_every_text_makes_valid_svg(name):
    svg = mg.draw(nets.leaf(2, name) * nets.leaf(3, "other"), title=name, **OWN).svg()
    ET.fromstring(svg)


@pytest.mark.parametrize("style", ["network", "book"])
@pytest.mark.parametrize(
    "value", [np.float64(2.0), np.zeros((0, 5)), np.full((2, 2), np.nan), np.array([np.inf, 1.0, -np.inf])]
)
def test_leaves_empty_tensors_and_values_that_are_not_finite_are_drawn(value, style):
    leaf = mg.Tensor(value, requires_grad=True, name="leaf")
    for output in (leaf, leaf + leaf, mg.Tensor(value)):
        svg = mg.draw(output, style=style, **OWN).svg()
        ET.fromstring(svg)
        json.loads(mg.draw(output, style=style)._json())


def test_an_output_without_a_gradient_is_drawn_as_what_it_is():
    drawing = mg.draw(mg.Tensor([1, 2, 3], name="counts"))
    assert [(n.kind, n.name) for n in drawing._picture.nodes] == [("data", "counts")]


def test_complex_integer_and_half_precision_values_have_statistics():
    z = mg.Tensor(np.array([3 + 4j, 0]), requires_grad=True, name="z")
    drawing = mg.draw(z * 2)
    assert drawing._picture.tensors[cards(drawing)["z"].key].value.rms == pytest.approx(np.sqrt(12.5))
    h = mg.Tensor(np.array([200.0, 200.0], np.float16), requires_grad=True, name="h")
    big = mg.Tensor(np.array([1e30, 1e30], np.float32), requires_grad=True, name="big")
    halves, large = mg.draw((h * 1).sum()), mg.draw(big * 1)
    assert halves._picture.tensors[cards(halves)["h"].key].value.rms == 200.0
    assert large._picture.tensors[cards(large)["big"].key].value.rms == pytest.approx(1e30)


def test_a_range_too_small_to_be_divided_by_has_a_histogram():
    x = mg.Tensor(np.array([0.0, 5e-324, 1e-323]), requires_grad=True, name="x")
    drawing = mg.draw(x * 1)
    assert sum(drawing._picture.tensors[cards(drawing)["x"].key].value.histogram) == 3


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((), {}, "nothing to draw"),
        ((3,), {}, "cannot draw a int"),
        ((lambda: 3,), {}, "must return Tensors"),
        (
            (mg.Tensor(1.0),),
            {"style": "cubist"},
            "style='cubist' is not known; it is one of 'auto', 'network', 'book'",
        ),
        ((mg.Tensor(1.0),), {"theme": "pink"}, "theme='pink'"),
        ((mg.Tensor(1.0),), {"engine": "neato"}, "'graphviz-pure'"),
        ((mg.Tensor(1.0),), {"max_nodes": 0}, "max_nodes=0 must be None or at least 1"),
        ((mg.Tensor(1.0),), {"timeout": 0}, "timeout=0"),
    ],
)
def test_arguments_without_meaning_are_errors(arguments, options, words):
    with pytest.raises(DrawingError, match=re.escape(words)):
        mg.draw(*arguments, **options)


# Notebooks


def test_a_notebook_shows_a_drawing_with_a_size_and_ids_of_its_own():
    a, b = (mg.draw(nets.price(), theme=theme, **OWN)._repr_mimebundle_() for theme in ("light", "dark"))
    assert a["text/plain"].startswith("Drawing(10 nodes, 4 operations, book)")
    assert re.search(r'width="\d+pt" height="\d+pt"', a["image/svg+xml"])
    ids = [set(re.findall(r'id="([^"]*)"', bundle["image/svg+xml"])) for bundle in (a, b)]
    assert ids[0] & ids[1] == set()


@pytest.mark.usefixtures("no_engine")
def test_a_notebook_gets_words_where_there_is_no_picture():
    bundle = mg.draw(nets.price(), engine="dot")._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "not drawn" in bundle["text/plain"]


def test_a_notebook_shows_the_small_graph_of_a_tensor():
    assert "image/svg+xml" in nets.price()._repr_mimebundle_()
    assert set(nets.chain(200)._repr_mimebundle_()) == {"text/plain"}
    assert set(mg.Tensor(1.0)._repr_mimebundle_()) == {"text/plain"}


def test_showing_a_tensor_never_raises(monkeypatch):
    monkeypatch.setattr(Drawing, "svg", lambda self: 1 / 0)
    assert set(nets.price()._repr_mimebundle_()) == {"text/plain"}


def test_hooks_are_not_run_by_showing_a_tensor():
    x = mg.Tensor(2.0, requires_grad=True)
    y = x * x
    y.register_hook(lambda grad: pytest.fail("a hook was run"))
    (y * 1)._repr_mimebundle_()


def test_a_layer_of_one_operation_gives_it_its_name():
    class Net(nn.Module):
        def __init__(self):
            self.first, self.second = nn.Affine(2, 2), nn.Affine(2, 2)

        def forward(self, x):
            return self.second(self.first(x))

    details = [n.detail for n in mg.draw(Net(), np.ones((1, 2)))._picture.nodes if n.kind == "operation"]
    assert details == ["first", "second"]


def test_a_layer_drawn_alone_is_named_once():
    svg = mg.draw(nn.Affine(2, 3), np.ones((1, 2)), title="", **OWN).svg()
    assert texts(svg).split().count("Affine") == 1


def test_a_tensor_is_handed_to_a_function_as_it_is():
    weight = nets.leaf(2, "weight")
    assert "weight" in cards(mg.draw(lambda w: w * w, weight))


def test_an_array_used_twice_is_one_node():
    x, data = mg.Tensor([1.0, 2.0], requires_grad=True, name="x"), np.array([3.0, 4.0])
    kinds = [n.kind for n in mg.draw((x * data + data).sum())._picture.nodes]
    assert kinds.count("data") == 1


def test_a_leaf_can_be_an_output_beside_others():
    x = nets.leaf(2, "x")
    assert [n.name for n in mg.draw(x * x, x)._picture.nodes].count("x") == 1


def test_a_parameter_frozen_since_it_was_used_is_still_drawn_as_one():
    x = nets.leaf(3, "x")
    out = x * x
    x.requires_grad = False
    picture = mg.draw(out, x, style="network")._picture
    assert [node.kind for node in picture.nodes] == ["parameter", "operation", "output"]
    assert picture.tensors[picture.nodes[0].key].gradient.mean == 6


def test_empty_gradients_are_left_out():
    x = mg.Tensor(np.zeros((0, 3)), requires_grad=True, name="x")
    drawing = mg.draw(x * 2, grads=True)
    assert drawing._picture.tensors[cards(drawing)["x"].key].gradient is None


def test_a_number_is_called_a_loss_only_if_arrays_came_down_to_it():
    assert "loss" in cards(mg.draw(nets.mlp()[0]))
    of_numbers = cards(mg.draw(lambda a, b: a * b, 2.0, 3.0))
    assert "output" in of_numbers
    assert "loss" not in of_numbers


def test_the_legend_can_be_left_out():
    loss, _ = nets.mlp()
    assert "dashed = no gradient" in texts(mg.draw(loss, **OWN).svg())
    bare = mg.draw(loss, legend=False, **OWN)
    assert "dashed = no gradient" not in texts(bare.svg()) + bare.dot
    assert "value above" not in texts(mg.draw(nets.price(), values=False, grads=False, **OWN).svg())


def test_long_lines_of_the_book_picture_have_tags():
    x = y = nets.leaf(1, "x")
    for _ in range(16):
        y = np.tanh(y)
    svg = mg.draw(y * x, style="book", **OWN).svg()
    assert svg.count(">x</text>") == 2  # the leaf, and the tag at its other use


@pytest.mark.parametrize("differentiable", [True, False])
def test_the_line_from_a_tag_is_dashed_if_it_carries_no_gradient(differentiable):
    x = mg.Tensor(np.ones(3), requires_grad=differentiable, name="x")
    y = x * mg.Tensor(np.ones(3), requires_grad=True, name="w")
    for _ in range(16):
        y = np.tanh(y)
    drawing = mg.draw((y + x).sum(), max_nodes=None, **OWN)
    (tag,) = (place for place, node in enumerate(drawing._picture.nodes) if node.kind == "tag")
    (line,) = (line for line in drawing.svg().split("\n") if f'-t{tag}"' in line)
    assert ("dash" in line) != differentiable
    (line,) = re.findall(rf":p{tag}:e -> [^;]*", drawing.dot)
    assert ("dashed" in line) != differentiable


def test_a_line_of_the_book_picture_that_has_no_gradient_is_dashed_all_along():
    x, constant = nets.leaf(2, "x"), mg.Tensor(3.0, name="constant")
    svg = mg.draw(x * constant, **OWN).svg()
    assert svg.count("line dash edge") == 1  # between value and gradient
    assert svg.count("line edge dash") == 2  # before and behind them


def test_a_product_of_the_backward_pass_has_its_sign_too():
    x = nets.leaf(2, "x")
    y = np.sin(x) * x
    y.backward(create_graph=True)
    words = texts(mg.draw(x.grad, **OWN).svg())
    assert "×" in words
    assert "times" not in words


def test_one_parameter_is_not_called_params():
    class Scale(nn.Module):
        def __init__(self):
            self.w = nets.leaf(2, "w")

        def forward(self, x):
            return np.tanh(self.w * x)

    assert "1 param ·" in texts(mg.draw(Scale(), np.ones(3), **OWN).svg())


def test_a_badge_has_room_around_its_words_in_graphviz_too():
    x = mg.Tensor([-1.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        dot = mg.draw(np.sqrt(x * 2).sum(), style="network").dot
    assert re.search('<td [^>]*cellpadding="2"[^>]*><font[^>]*><b>▲ NaN', dot)


def test_a_page_is_written_once():
    drawing = mg.draw(nets.price(), **OWN)
    assert drawing.html() is drawing.html()


def test_an_argument_that_is_left_out_is_not_drawn():
    class Scaled(mg.Function):
        def forward(self, x, by):
            return x * (2 if by is None else by)

        def backward(self, grad):
            return grad * 2, None

    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert list(cards(mg.draw(Scaled()(x, None)))) == ["x", "Scaled", "output"]


def test_arrays_of_any_layout_and_dtype_are_looked_at_together():
    base = np.arange(-12.0, 12.0).reshape(4, 6)
    arrays = [base.T, base[::2, ::-1], base.astype(np.float32), base > 0, base * 1j, base[:0], base[0, 0]]
    survey = Survey(Shown(set(), set()))
    survey.look(dict(enumerate(arrays)))
    assert survey.largest == {i: np.abs(array).max() for i, array in enumerate(arrays) if array.size}


def test_a_value_that_only_its_user_still_holds_is_shown():
    x = mg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    middle = x * 3
    loss = (middle * middle).sum()
    middle.sum().backward()
    drawing = mg.draw(loss)
    key = next(node.key for node in drawing._picture.nodes if node.name == "multiply")
    assert drawing._picture.tensors[key].value.rms == pytest.approx(np.sqrt((9 + 36) / 2))
