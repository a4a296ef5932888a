"""The read-only view of a graph."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor, graph_of


def leaf(values, name=None):
    return Tensor(values, requires_grad=True, name=name)


class TwoOutputs(mg.Function):
    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        return x * self.factor, x + self.factor

    def backward(self, a, b):
        return a * self.factor + b


def test_operations_come_in_the_order_of_creation_each_once():
    x = leaf(2.0)
    a = x * 3.0
    graph = graph_of(np.exp(a) + a)
    assert [operation.name for operation in graph.operations] == ["multiply", "exp", "add"]
    assert [operation.number for operation in graph.operations] == sorted(o.number for o in graph.operations)


def test_values_are_parameters_constants_and_results_with_names_shapes_and_data():
    w, x = leaf(np.ones((3, 2)), "w"), Tensor(np.ones((4, 3)), name="x")
    y = mg.affine(x, w)
    y.name = "y"
    graph = graph_of(y)
    kinds = {value.name: (value.kind, value.shape, str(value.dtype)) for value in graph.values}
    assert kinds == {
        "w": ("parameter", (3, 2), "float64"),
        "x": ("constant", (4, 3), "float64"),
        "y": ("result", (4, 2), "float64"),
    }
    (affine,) = graph.operations
    assert affine.input_names == ["x", "w"]
    assert affine.kind.__name__ == "Affine"
    assert affine.inputs[1].tensor is w
    assert affine.outputs[0] is graph.outputs[0]
    assert graph.outputs[0].maker is affine
    np.testing.assert_array_equal(graph.outputs[0].data, y.numpy())


def test_a_value_used_twice_is_one_value():
    x = leaf(2.0)
    graph = graph_of(x * x)
    (multiply,) = graph.operations
    assert multiply.inputs[0] is multiply.inputs[1]
    assert [value.kind for value in graph.parameters] == ["parameter"]


def test_numbers_are_constants_and_keep_what_they_are():
    (operation,) = graph_of(leaf(2.0) * 3).operations
    assert (operation.inputs[1].data, operation.inputs[1].shape, operation.inputs[1].dtype) == (3, (), None)


def test_several_outputs_belong_to_one_operation():
    x = leaf(2.0)
    first, second = TwoOutputs(3.0)(x)
    graph = graph_of(first * second)
    assert [operation.name for operation in graph.operations] == ["TwoOutputs", "multiply"]
    two, multiply = graph.operations
    assert [value.index for value in two.outputs] == [0, 1]
    assert multiply.inputs == tuple(two.outputs)
    assert [value.data.item() for value in two.outputs] == [6, 5]
    assert two.static == {"factor": 3.0}


def test_after_release_structure_names_and_shapes_remain():
    w = leaf(np.ones((3, 2)), "w")
    y = mg.relu(mg.affine(np.ones((4, 3)), w)).sum()
    y.backward()
    graph = graph_of(y)
    assert [operation.name for operation in graph.operations] == ["Affine", "ReLU", "sum"]
    assert all(operation.released and operation.saved == [] for operation in graph.operations)
    assert [operation.outputs[0].shape for operation in graph.operations] == [(4, 2), (4, 2), ()]
    assert graph.operations[1].inputs[0].data is None
    assert graph.operations[0].inputs[0].shape is None
    assert graph.parameters[0].name == "w"


def test_it_tells_what_is_saved_where_it_was_made_and_in_which_module():
    net = mg.nn.Sequential(mg.nn.Affine(3, 2))
    y = net(np.ones((4, 3), np.float32))
    (affine,) = graph_of(y).operations
    assert sum(array.nbytes for array in affine.saved) >= 4 * (12 + 6)
    assert affine.line.file == __file__
    assert "y = net" in str(affine.line)
    assert affine.label == "Affine 'steps.0'"
    assert affine.scope.path == "steps.0"
    assert affine.scope.module == "Affine"
    assert affine.scope.parent.module == "Sequential"


def test_a_recorded_backward_pass_is_a_graph_that_knows_what_it_goes_back_through():
    x = leaf(2.0)
    y = np.tanh(x)
    y.backward(create_graph=True)
    graph = graph_of(x.grad)
    behind = {op.scope.backward_of for op in graph.operations if op.scope is not None}
    assert behind == {y._node}


def test_the_graph_of_a_leaf_is_the_leaf():
    x = leaf(1.0, "x")
    graph = graph_of(x)
    assert graph.operations == []
    assert [value.name for value in graph.values] == ["x"]
    constant = graph_of(Tensor(1.0)).outputs[0]
    assert constant.kind == "constant"


def test_long_chains_are_read_without_recursion():
    y = leaf(1.0)
    for _ in range(5000):
        y = y + 1.0
    assert len(graph_of(y).operations) == 5000


def test_what_is_saved_is_found_in_lists_and_dicts_too():
    class Scaled(mg.Function):
        def forward(self, x):
            self.kept = {"parts": [x * 2.0], "name": "scaled"}
            return x * 2.0

        def backward(self, grad):
            return grad * 2.0

    (operation,) = mg.graph_of(Scaled()(mg.Tensor([1.0, 2.0], requires_grad=True))).operations
    assert [array.tolist() for array in operation.saved] == [[2, 4]]


class Twice(mg.Function):
    def forward(self, x):
        return 2 * x

    def backward(self, grad):
        return 2 * grad


WAYS = [
    "x * x",
    "2.0 - x",
    "x @ x",
    "A @ x",
    "x[0]",
    "x.sum(axis=0)",
    "np.exp(x)",
    "np.exp(x, where=A > 1)",
    "np.multiply.reduce(x)",
    "np.transpose(x)",
    "np.var(x)",
    "mg.exp(x)",
    "mg.relu(x)",
    "Twice()(x)",
    "mg.nn.ReLU()(x)",
]


@pytest.mark.parametrize("call", WAYS)
def test_an_operation_knows_the_users_line_however_it_was_called(call):
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = eval(compile(call, "users.py", "eval"), globals() | {"x": x, "A": x.data})
    lines = [operation.line for operation in graph_of(y).operations]
    assert lines
    assert {(line.file, line.number) for line in lines} == {("users.py", 1)}
