"""Module: names by path, shared parts, modes, and state."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn

F = np.float64


class Block(nn.Module):
    def __init__(self):
        self.inner = nn.Affine(2, 2, dtype=F)
        self.scale = mg.Tensor([1.0, 2.0], requires_grad=True)
        self.offset = mg.Tensor([0.5, 0.5])

    def forward(self, x):
        return self.inner(x) * self.scale + self.offset


class Net(nn.Module):
    def __init__(self):
        self.blocks = [Block(), Block()]
        self.heads = {"a": nn.Affine(2, 3, dtype=F), "b": (nn.Affine(2, 1, dtype=F, bias=False), np.tanh)}
        self.alone = mg.Tensor(1.0, requires_grad=True)
        self.note = "no part"

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.heads["a"](x).sum() + self.heads["b"][0](x).sum() * self.alone


NAMES = [
    "alone",
    "blocks.0.scale",
    "blocks.0.inner.w",
    "blocks.0.inner.b",
    "blocks.1.scale",
    "blocks.1.inner.w",
    "blocks.1.inner.b",
    "heads.a.w",
    "heads.a.b",
    "heads.b.0.w",
]


def test_parameters_are_named_by_their_path_through_lists_tuples_and_dicts():
    net = Net()
    assert sorted(name for name, _ in net.named_parameters()) == sorted(NAMES)
    assert len(net.parameters()) == len(NAMES)
    assert net.blocks[1].inner.w.name == "blocks.1.inner.w"


def test_modules_are_named_by_their_path_and_come_before_their_children():
    paths = [path for path, _ in Net().named_modules()]
    assert paths == ["", "blocks.0", "blocks.0.inner", "blocks.1", "blocks.1.inner", "heads.a", "heads.b.0"]


def test_children_are_the_modules_directly_below():
    assert [name for name, _ in Net().children()] == ["blocks.0", "blocks.1", "heads.a", "heads.b.0"]


def test_a_name_that_a_parameter_has_already_stays():
    net = Net()
    net.alone.name = "temperature"
    net.parameters()
    assert net.alone.name == "temperature"


def test_a_shared_module_and_a_shared_parameter_come_once():
    net = Net()
    net.again = net.blocks[0]
    net.tied = net.heads["a"].w
    assert len(net.parameters()) == len(NAMES)
    assert len({id(p) for p in net.parameters()}) == len(NAMES)


def test_a_module_that_holds_itself_is_walked_once():
    block = Block()
    block.itself = block
    assert [path for path, _ in block.named_modules()] == ["", "inner"]


def test_a_shared_parameter_gets_the_gradients_of_both_uses():
    affine = nn.Affine(2, 2, dtype=F, bias=False)
    net = nn.Sequential(affine, affine)
    x = np.array([[1.0, 2.0]])
    net(x).sum().backward()
    w = affine.w.numpy()
    expected = x.T @ np.ones((1, 2)) @ w.T + (x @ w).T @ np.ones((1, 2))
    np.testing.assert_allclose(affine.w.grad.numpy(), expected)


def test_operations_bear_the_path_of_the_module_that_recorded_them():
    net = Net()
    operations = mg.graph_of(net(np.ones((1, 2)))).operations
    paths = {op.label for op in operations}
    assert any("blocks.1.inner" in path for path in paths)
    assert any("heads.b.0" in path for path in paths)


def test_an_error_inside_a_module_names_its_path():
    with pytest.raises(mg.ShapeError, match=r"'blocks\.0\.inner'.*'blocks\.0\.inner\.w'"):
        Net()(np.ones((1, 5)))


def test_a_module_called_outside_and_inside_another_is_named_accordingly():
    net = Net()
    net.parameters()
    with pytest.raises(mg.ShapeError, match="Affine: "):
        net.blocks[0].inner(np.ones((1, 5)))
    with pytest.raises(mg.ShapeError, match=r"'blocks\.0\.inner'"):
        net(np.ones((1, 5)))


def test_training_is_on_at_first_and_turned_for_the_whole_tree():
    net = Net()
    assert net.training
    assert net.eval() is net
    assert not any(module.training for _, module in net.named_modules())
    assert net.train() is net
    assert all(module.training for _, module in net.named_modules())


def test_zero_grad_forgets_every_gradient():
    net = Net()
    net(np.ones((1, 2))).backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_state_holds_parameters_and_other_tensors_and_makes_an_equal_net():
    net, other = Net(), Net()
    state = net.state_dict()
    assert sorted(state) == sorted([*NAMES, "blocks.0.offset", "blocks.1.offset"])
    net.blocks[0].offset.data = np.array([7.0, 7.0])
    other.load_state_dict(net.state_dict())
    x = np.ones((3, 2))
    assert other(x).item() == net(x).item()


def test_loaded_state_is_a_copy():
    net = Net()
    state = {name: array.copy() for name, array in net.state_dict().items()}
    net.load_state_dict(state)
    state["alone"][...] = 99.0
    assert net.alone.item() == 1.0


def test_state_with_other_names_is_refused_and_both_kinds_are_listed():
    net = Net()
    state = net.state_dict()
    state["wrong"] = state.pop("alone")
    with pytest.raises(nn.StateError, match=r"missing \['alone'\], unknown \['wrong'\]") as error:
        net.load_state_dict(state)
    assert isinstance(error.value, KeyError)
    assert str(error.value).startswith("state of Net does not fit")


def test_state_of_another_shape_is_refused_and_nothing_is_loaded():
    net = Net()
    before = net.heads["a"].b.numpy()
    state = {name: array + 1 for name, array in net.state_dict().items()}
    state["heads.b.0.w"] = np.ones((3, 1))
    with pytest.raises(mg.ShapeError, match=r"'heads.b.0.w' has shape \(2, 1\), not \(3, 1\)"):
        net.load_state_dict(state)
    np.testing.assert_array_equal(net.heads["a"].b.numpy(), before)


def test_the_representation_is_an_outline_with_shapes():
    lines = repr(Net()).splitlines()
    assert lines[0] == "Net(alone ())"
    assert "  heads.a: Affine(w (2, 3), b (3,))" in [line.replace("    ", "  ") for line in lines]


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module defines no forward"):
        nn.Module()(1.0)


def test_sequential_runs_its_steps_which_may_be_functions():
    first, last = nn.Affine(2, 3, dtype=F), nn.Affine(3, 1, dtype=F)
    net = nn.Sequential(first, np.tanh, mg.relu, last)
    x = np.ones((4, 2))
    np.testing.assert_array_equal(net(x).numpy(), last(mg.relu(np.tanh(first(x)))).numpy())
    assert len(net) == 4
    assert net[3] is last
    assert [name for name, _ in net.named_parameters()] == [
        "steps.0.w",
        "steps.0.b",
        "steps.3.w",
        "steps.3.b",
    ]
