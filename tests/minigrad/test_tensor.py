"""What a Tensor promises: its dtype, its gradient, that it is a value, and its errors."""

import copy
import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad import Tensor

floats = st.floats(-10, 10).map(lambda x: round(x * 8) / 8)


def leaf(values, name=None, dtype=None):
    return Tensor(values, requires_grad=True, name=name, dtype=dtype)


class TestMaking:
    def test_the_data_is_copied(self):
        array = np.ones(3)
        t = Tensor(array)
        array[0] = 5
        assert t.tolist() == [1, 1, 1]

    def test_the_dtype_is_numpys_unless_given(self):
        assert Tensor([1.0]).dtype == np.float64
        assert Tensor([1]).dtype == np.int64
        assert Tensor([1], dtype=np.float32).dtype == np.float32

    def test_a_tensor_of_a_tensor_has_its_values_and_none_of_its_graph(self):
        x = leaf([1.0])
        assert not Tensor(x * 2).requires_grad

    @pytest.mark.parametrize("values", [[1, 2], [True]])
    def test_integers_and_booleans_carry_no_gradient(self, values):
        with pytest.raises(mg.DtypeError, match="only floating-point and complex.*astype"):
            leaf(values)

    @pytest.mark.parametrize("data", [["a"], np.array([None]), np.array(["x"])])
    def test_what_holds_no_numbers_is_an_error(self, data):
        with pytest.raises(mg.DtypeError, match="holds numbers"):
            Tensor(data)

    def test_a_ragged_list_is_an_error(self):
        with pytest.raises(mg.ShapeError, match="rows of equal length"):
            Tensor([[1.0], [1.0, 2.0]])

    def test_a_masked_array_is_an_error_that_says_how_to_convert_it(self):
        with pytest.raises(mg.DtypeError, match="filled"):
            Tensor(np.ma.masked_array([1.0, 2.0], [True, False]))

    @pytest.mark.parametrize(
        ("tensor", "shown"),
        [
            (Tensor([1.0, 2.0]), "Tensor([1., 2.])"),
            (Tensor([1], dtype=np.float32, name="x"), "Tensor([1.], dtype=float32, name='x')"),
            (leaf(1.0), "Tensor(1., requires_grad=True)"),
            (leaf(1.0) + 1, "Tensor(2., from add)"),
        ],
    )
    def test_repr_shows_the_values_and_where_they_come_from(self, tensor, shown):
        assert repr(tensor) == shown


class TestDtypes:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_a_python_number_never_widens(self, dtype):
        x = leaf([1.0], dtype=dtype)
        y = (2 * x + 1.5) / 3 - 1
        assert y.dtype == dtype
        y.backward()
        assert x.grad.dtype == dtype

    def test_promotion_is_numpys_and_each_gradient_has_its_tensors_dtype(self):
        a, b = leaf([1.0], dtype=np.float32), leaf([2.0])
        y = a * b
        assert y.dtype == np.float64
        y.backward()
        assert a.grad.dtype == np.float32
        assert b.grad.dtype == np.float64

    def test_a_comparison_has_no_gradient(self):
        x = leaf([1.0, -1.0])
        assert (x > 0).tolist() == [True, False]
        assert not (x > 0).requires_grad

    def test_a_cast_to_integers_leaves_the_graph(self):
        assert not leaf([1.5]).astype(int).requires_grad


class TestBackward:
    def test_gradients_accumulate_until_they_are_forgotten(self):
        x = leaf(3.0)
        (x * x).backward()
        (x * x).backward()
        assert x.grad.item() == 12
        x.grad = None
        (x * x).backward()
        assert x.grad.item() == 6

    def test_a_tensor_used_twice_gets_both_gradients(self):
        x = leaf(3.0)
        y = x * x
        (y * x + y).backward()
        assert x.grad.item() == 3 * 9 + 2 * 3

    def test_only_leaves_keep_their_gradient_unless_asked(self):
        x = leaf(2.0)
        y, z = x * x, x * 3
        y.retain_grad()
        (y * z).backward()
        assert y.grad.item() == 6
        assert z.grad is None

    def test_retaining_on_a_leaf_changes_nothing(self):
        x = leaf(2.0)
        x.retain_grad()
        (x * 1.0).backward()
        assert x.grad.item() == 1

    def test_a_gradient_retained_twice_accumulates(self):
        x = leaf(2.0)
        y = x * x
        y.retain_grad()
        z = y * 3
        z.backward(retain_graph=True)
        z.backward()
        assert y.grad.item() == 6

    def test_retaining_does_not_keep_the_tensor_alive(self):
        x = leaf(2.0)
        y = x * x
        y.retain_grad()
        z = y * 1.0
        alive = weakref.ref(y)
        del y
        assert alive() is None
        z.backward()
        assert x.grad.item() == 4

    def test_backward_of_a_leaf_gives_it_the_upstream_gradient(self):
        x = leaf([1.0, 2.0])
        x.backward([3.0, 4.0])
        assert x.grad.tolist() == [3, 4]

    def test_the_upstream_gradient_may_be_a_tensor_of_another_dtype(self):
        x = leaf([1.0, 2.0])
        (x * 2).backward(Tensor([1, 2]))
        assert x.grad.tolist() == [2, 4]

    def test_a_gradient_that_is_a_view_is_not_shared(self):
        x, g = leaf(np.ones((2, 3))), np.ones((3, 2))
        x.T.backward(g)
        assert not np.shares_memory(x.grad.numpy(), g)

    def test_a_single_element_of_any_shape_needs_no_upstream_gradient(self):
        x = leaf([[2.0]])
        (x * x).backward()
        assert x.grad.tolist() == [[4]]

    def test_from_several_values_it_needs_a_gradient(self):
        with pytest.raises(
            mg.ShapeError, match=r"Tensor 'x' \(2,\) float64 needs the gradient.*shape \(2,\)"
        ):
            leaf([1.0, 2.0], name="x").backward()

    def test_a_gradient_of_another_shape_is_an_error(self):
        with pytest.raises(mg.ShapeError, match=r"given a gradient of shape \(3,\)"):
            (leaf([1.0, 2.0]) * 2).backward(np.ones(3))

    def test_where_no_gradient_is_required_it_is_an_error(self):
        with pytest.raises(mg.GraphError, match="requires no gradient.*requires_grad=True"):
            Tensor(1.0).backward()

    def test_twice_is_an_error_that_names_retain_graph_and_the_line(self):
        x = leaf(2.0)
        y = x * x
        y.backward()
        with pytest.raises(mg.GraphError, match="multiply.*retain_graph=True") as error:
            y.backward()
        assert "test_tensor.py" in str(error.value)
        assert "y = x * x" in str(error.value)

    def test_twice_with_retain_graph_gives_the_gradient_twice(self):
        x = leaf(2.0)
        y = x * x
        y.backward(retain_graph=True)
        y.backward()
        assert x.grad.item() == 8

    def test_a_backward_pass_that_fails_changes_no_gradient(self):
        class Fails(mg.Function):
            def forward(self, x):
                return x + 0

            def backward(self, grad):
                raise RuntimeError("as told")

        x = leaf(1.0)
        with pytest.raises(RuntimeError, match="as told") as error:
            (Fails()(x) + 3 * x).backward()
        assert x.grad is None
        assert "in the backward pass of Fails, made at" in "".join(error.value.__notes__)


class TestHooks:
    def test_a_hook_sees_the_complete_gradient_and_may_replace_it(self):
        x = leaf(3.0)
        y = x * 1.0
        seen = []
        y.register_hook(lambda grad: seen.append(grad.item()))
        y.register_hook(lambda grad: grad * 10)
        (y + y).backward()
        assert seen == [2]
        assert x.grad.item() == 20

    def test_a_hook_of_a_leaf_sees_the_sum_of_its_uses(self):
        x = leaf(3.0)
        seen = []
        x.register_hook(lambda grad: seen.append(grad.item()))
        x.register_hook(lambda grad: -grad)
        (x * x).backward()
        assert seen == [6]
        assert x.grad.item() == -6

    def test_a_hook_can_be_taken_away(self):
        x = leaf(3.0)
        remove = x.register_hook(lambda grad: grad * 0)
        remove()
        remove()
        (x * x).backward()
        assert x.grad.item() == 6

    def test_a_hook_runs_in_a_recorded_backward_pass(self):
        x = leaf(3.0)
        y = x * x
        y.register_hook(lambda grad: grad * 2)
        (y * 1.0).backward(create_graph=True)
        first = x.grad
        x.grad = None
        first.backward()
        assert (first.item(), x.grad.item()) == (12, 4)

    def test_without_a_gradient_there_is_nothing_to_hook(self):
        for call in (Tensor(1.0).retain_grad, lambda: Tensor(1.0).register_hook(lambda grad: grad)):
            with pytest.raises(mg.GraphError, match="requires no gradient"):
                call()


class TestValues:
    """A Tensor is a value: in-place operations bind it to a new one."""

    @given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=3), elements=floats))
    def test_in_place_arithmetic_has_the_gradient_of_the_arithmetic(self, values):
        x = leaf(values)
        y = x * 1.0
        y += 2 * x
        y -= 1.0
        y *= x
        y /= 2.0
        y **= 2
        y.sum().backward()
        expected = leaf(values)
        ((((expected * 1.0 + 2 * expected) - 1.0) * expected / 2.0) ** 2).sum().backward()
        np.testing.assert_allclose(x.grad.numpy(), expected.grad.numpy())

    def test_in_place_matrix_product(self):
        x, w = leaf(np.ones((2, 2))), np.array([[1.0, 2.0], [3.0, 4.0]])
        y = x * 1.0
        y @= w
        y.sum().backward()
        assert x.grad.tolist() == [[3, 7], [3, 7]]

    def test_a_value_used_before_the_change_keeps_its_gradient(self):
        x = leaf(3.0)
        y = x * 2
        before = y * y
        y += 100.0
        (before + y).backward()
        assert x.grad.item() == 2 * 6 * 2 + 2

    def test_assignment_splits_the_gradient_between_old_and_new(self):
        x, u = leaf([1.0, 2.0, 3.0]), leaf(10.0)
        y = x * 1.0
        y[1:] = u
        (y * np.array([1.0, 2.0, 4.0])).sum().backward()
        assert x.grad.tolist() == [1, 0, 0]
        assert u.grad.item() == 6

    def test_a_slice_is_a_value_and_not_a_window(self):
        y = leaf([1.0, 2.0]) * 1.0
        first = y[:1]
        y[0] = 5.0
        assert first.tolist() == [1]

    def test_a_constant_becomes_a_result_when_a_recorded_value_is_written_into_it(self):
        x, total = leaf([1.0, 2.0]), Tensor([0.0, 0.0])
        for _ in range(3):
            total += x
        total.sum().backward()
        assert x.grad.tolist() == [3, 3]

    def test_no_cycle_arises_when_a_used_tensor_is_changed(self):
        gc.collect()
        gc.disable()
        try:
            x, c = leaf(1.0), Tensor(0.0, name="c")
            node = weakref.ref((h := x * c)._node)
            c += h
            del c, h
            assert node() is None
        finally:
            gc.enable()

    def test_a_leaf_cannot_be_changed_while_recording(self):
        w = leaf([1.0, 2.0], name="w")
        with pytest.raises(mg.GraphError, match=r"Tensor 'w' \(2,\) float64 is a leaf.*no_grad"):
            w += 1
        with pytest.raises(mg.GraphError, match="is a leaf"):
            w[0] = 1.0

    def test_a_leaf_changed_under_no_grad_stays_a_leaf(self):
        w = leaf([1.0, 2.0])
        with mg.no_grad():
            w += 1
            w[0] = 0.0
        assert w.requires_grad
        assert w.tolist() == [0, 3]
        (w * w).sum().backward()
        assert w.grad.tolist() == [0, 6]

    def test_a_result_changed_under_no_grad_becomes_a_constant(self):
        y = leaf(1.0) * 2
        with mg.no_grad():
            y += 1
        assert y.item() == 3
        assert not y.requires_grad

    def test_a_change_of_shape_or_to_a_dtype_that_does_not_fit_is_an_error(self):
        values, counts = Tensor([1.0, 2.0]), Tensor([1, 2])
        with pytest.raises(mg.ShapeError, match=r"result of shape \(3, 2\)"):
            values += np.ones((3, 2))
        with pytest.raises(mg.DtypeError, match="result of dtype float64"):
            counts += 0.5

    def test_a_change_keeps_the_dtype(self):
        t = Tensor([1.0], dtype=np.float32)
        t += np.ones(1)
        assert t.dtype == np.float32

    def test_new_data_replaces_the_array_and_the_old_graph_keeps_the_old_one(self):
        w = leaf([1.0])
        old = w.data
        w.data = [2.0]
        assert (old.tolist(), w.tolist()) == ([1], [2])
        with pytest.raises(mg.ShapeError, match=r"cannot take data of shape \(2,\)"):
            w.data = [1.0, 2.0]

    @pytest.mark.parametrize(
        "change",
        [
            lambda w: w.__iadd__(1.0),
            lambda w: w.__setitem__(0, 5.0),
            lambda w: setattr(w, "data", [7.0]),
            lambda w: setattr(w, "data", np.add(w.data, 1, out=w.data)),
            lambda w: mg.optim.SGD([w], lr=0.1).step(),
        ],
        ids=["+=", "[]=", "data", "data in place", "optimizer"],
    )
    def test_a_leaf_changed_between_forward_and_backward_is_an_error_that_names_both(self, change):
        w = leaf([1.0], name="w")
        w.grad = Tensor([1.0])
        y = w * w
        with mg.no_grad():
            change(w)
        with pytest.raises(
            mg.GraphError, match=r"'w' \(1,\) float64 was changed after multiply used it \(at .*y = w"
        ):
            y.sum().backward()

    def test_a_change_that_no_gradient_needs_is_none_of_backwards_business(self):
        w = leaf([1.0])
        y = w + 1.0
        with mg.no_grad():
            w += 1.0
        y.backward()
        assert w.grad.tolist() == [1]

    def test_but_a_recorded_backward_pass_needs_the_old_value(self):
        w = leaf([1.0], name="w")
        y = w + 1.0
        with mg.no_grad():
            w += 1.0
        with pytest.raises(mg.GraphError, match="'w'.*was changed"):
            y.backward(create_graph=True)


class TestAsAPythonObject:
    def test_conversions_and_containers(self):
        t = Tensor([[1.0, 2.0]])
        assert (len(t), t.ndim, t.size, t.shape) == (1, 2, 2, (1, 2))
        assert [row.tolist() for row in t] == [[1, 2]]
        assert 2.0 in t
        assert (float(Tensor(1.5)), int(Tensor(2)), complex(Tensor(1.5))) == (1.5, 2, 1.5)
        assert [10, 20][Tensor(1)] == 20
        assert f"{Tensor(1.25):.1f} {Tensor(1.0)}" == "1.2 Tensor(1.)"
        assert [bool(Tensor(value)) for value in (1.0, 0.0)] == [True, False]

    def test_what_has_no_single_value_says_so(self):
        with pytest.raises(mg.ShapeError, match="2 elements.*exactly one"):
            Tensor([1.0, 2.0]).item()
        with pytest.raises(TypeError, match="0-d"):
            len(Tensor(1.0))
        with pytest.raises(ValueError, match="ambiguous"):
            bool(Tensor([1.0, 2.0]))

    def test_a_tensor_can_be_a_key(self):
        a, b = Tensor(1.0), Tensor(1.0)
        assert {a: 1, b: 2}[b] == 2

    def test_copies(self):
        x = leaf([1.0], name="x")
        deep = copy.deepcopy(x)
        assert deep.requires_grad
        assert deep.name == "x"
        assert deep.data is not x.data
        copy.copy(x).sum().backward()
        assert x.grad.tolist() == [1]
        with pytest.raises(mg.GraphError, match="recorded result"):
            copy.deepcopy(x * 2)

    def test_detached_it_is_a_constant_of_the_same_values(self):
        x = leaf([1.0])
        d = (x * 2).detach()
        assert not d.requires_grad
        assert d.tolist() == [2]

    def test_a_result_cannot_be_told_to_require_no_gradient(self):
        y = leaf(1.0) * 2
        with pytest.raises(mg.GraphError, match="detach"):
            y.requires_grad = False
        x = leaf(1.0)
        x.requires_grad = False
        assert not (x * 2).requires_grad


class TestWithNumPy:
    def test_an_array_of_it_has_its_values(self):
        x = leaf([1.0, 2.0])
        assert np.asarray(x) is x.numpy()
        assert np.array(x, dtype=np.float32).dtype == np.float32

    def test_arrays_and_numbers_mix_in_any_position(self):
        x = leaf([1.0, 2.0])
        array = np.array([3.0, 4.0])
        for y in (array * x, x * array, np.multiply(array, x), [3.0, 4.0] * x):
            assert isinstance(y, Tensor)
            assert y.tolist() == [3, 8]
        assert (2 - x).tolist() == [1, 0]
        assert (np.float64(2) / x).tolist() == [2, 1]

    def test_a_function_without_a_rule_names_itself(self):
        x = leaf([1.0, 2.0])
        with pytest.raises(mg.NoRuleError, match=r"np\.roots has no rule.*numpy\(\).*Function"):
            np.roots(x)
        with pytest.raises(mg.NoRuleError, match="has no rule"):
            np.frompyfunc(lambda a: a, 1, 1)(x)

    def test_a_rule_run_on_tensors_cannot_cut_the_graph_by_asking_for_an_array(self):
        class Cuts(mg.Function):
            def forward(self, x):
                self.x = np.asarray(x)
                return self.x * 2

            def backward(self, grad):
                return grad * 2

        x = leaf([1.0])
        Cuts()(x).backward()
        with pytest.raises(mg.GraphError, match="would cut the graph"):
            Cuts()(x).backward(create_graph=True)

    def test_swapped_axes(self):
        x = leaf(np.arange(24.0).reshape(2, 3, 4))
        assert (x.T.shape, x.mT.shape) == ((4, 3, 2), (2, 4, 3))
        with pytest.raises(mg.AxisError, match=r"swapaxes: axis -2 is out of bounds.*a \(1,\) float64"):
            _ = Tensor([1.0]).mT
