"""Function: the contract of a rule, what the base class does for it, and derivatives of every order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import Tensor


class Sigmoid(mg.Function):
    """As the textbooks print it."""

    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, grad):
        return grad * self.y * (1 - self.y)


class Scale(mg.Function):
    """A static parameter, by __init__."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        return self.factor * x

    def backward(self, grad):
        return self.factor * grad


class SumAndProduct(mg.Function):
    """Two outputs."""

    def forward(self, a, b):
        self.a, self.b = a, b
        return a + b, a * b

    def backward(self, grad_sum, grad_product):
        return grad_sum + grad_product * self.b, grad_sum + grad_product * self.a


def leaf(values, name=None):
    return Tensor(values, requires_grad=True, name=name)


def rule_giving(result):
    class Gives(mg.Function):
        def forward(self, x, w):
            return x @ w

        def backward(self, grad):
            return result

    return Gives()


class TestHigherOrders:
    @given(st.lists(st.floats(-5, 5), min_size=1, max_size=4))
    def test_three_derivatives_of_sigmoid_are_right(self, points):
        x = leaf(points)
        s = 1 / (1 + np.exp(-x.numpy()))
        d = s * (1 - s)
        y = Sigmoid()(x)
        for expected in (d, d * (1 - 2 * s), d * (1 - 6 * d)):
            x.grad = None
            y.sum().backward(create_graph=True)
            y = x.grad
            np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, atol=1e-12)

    def test_double_backward_through_affine_and_softmax_with_loss_agrees_with_differences(self):
        rng = np.random.default_rng(0)
        x, labels = rng.normal(size=(5, 3)), np.array([0, 1, 3, 2, 1])
        w0, b0, v = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(3, 4))

        def slope_along_v(w_values, create_graph=False):
            w, b = leaf(w_values), leaf(b0)
            mg.softmax_with_loss(mg.affine(x, w, b), labels).backward(create_graph=create_graph)
            return w, (w.grad * v).sum()

        w, slope = slope_along_v(w0, create_graph=True)
        w.grad = None
        slope.backward()
        step = 1e-5
        difference = np.empty_like(w0)
        for i in np.ndindex(w0.shape):
            e = np.zeros_like(w0)
            e[i] = step
            difference[i] = (slope_along_v(w0 + e)[1].item() - slope_along_v(w0 - e)[1].item()) / (2 * step)
        np.testing.assert_allclose(w.grad.numpy(), difference, atol=1e-9)

    def test_a_static_parameter_reaches_the_twin(self):
        x = leaf(2.0)
        (Scale(3.0)(x) ** 2).backward(create_graph=True)
        first = x.grad
        x.grad = None
        first.backward()
        assert (first.item(), x.grad.item()) == (36, 18)

    def test_a_recorded_backward_pass_keeps_the_graph(self):
        x = leaf(2.0)
        y = x * x * x
        y.backward(create_graph=True)
        y.backward()
        assert x.grad.item() == 24

    def test_what_the_rule_needs_and_has_no_rule_is_named(self):
        class Trim(mg.Function):
            def forward(self, x):
                return np.trim_zeros(x)

            def backward(self, grad):
                return grad

        x = leaf([1.0, 2.0])
        y = Trim()(x).sum()
        y.backward(retain_graph=True)
        with pytest.raises(mg.NoRuleError, match="np.trim_zeros") as error:
            y.backward(create_graph=True)
        assert any("Trim" in note for note in error.value.__notes__)


class TestCalls:
    def test_every_call_of_one_instance_is_an_operation_of_its_own(self):
        sigmoid = Sigmoid()
        x = leaf([0.0])
        a, b = sigmoid(x), sigmoid(x + 1)
        assert not vars(sigmoid)
        (a + b).backward()
        s = 1 / (1 + np.exp(-1.0))
        np.testing.assert_allclose(x.grad.numpy(), 0.25 + s * (1 - s))

    def test_a_parameter_changed_after_the_call_does_not_reach_it(self):
        scale = Scale(3.0)
        x = leaf(1.0)
        y = scale(x)
        scale.factor = 100.0
        y.backward(create_graph=True)
        assert x.grad.item() == 3

    def test_arrays_numbers_and_lists_are_constants(self):
        for x in (np.array([1.0]), [1.0], 1.0, np.float64(1)):
            y = Scale(2.0)(x)
            assert isinstance(y, Tensor)
            assert not y.requires_grad

    def test_under_no_grad_nothing_is_recorded(self):
        with mg.no_grad():
            assert not Sigmoid()(leaf(1.0)).requires_grad
            assert not SumAndProduct()(leaf(1.0), 2.0)[0].requires_grad

    def test_a_function_may_name_its_attributes_as_it_likes(self):
        class Busy(mg.Function):
            def forward(self, x):
                self.inputs = self.name = self.shape = self.number = self.scope = self.label = x
                return x * 1.0

            def backward(self, grad):
                return grad * self.shape / self.inputs

        x = leaf([2.0])
        Busy()(x).backward()
        assert x.grad.tolist() == [1]

    def test_without_forward_or_backward_it_says_so(self):
        class Empty(mg.Function):
            pass

        with pytest.raises(NotImplementedError, match="Empty defines no forward"):
            Empty()(1.0)
        with pytest.raises(NotImplementedError, match="Empty defines no backward"):
            Empty().backward(1.0)

    def test_a_rule_knows_which_inputs_need_a_gradient(self):
        seen = []

        class Looks(mg.Function):
            def forward(self, a, b):
                return a * b

            def backward(self, grad):
                seen.append(self.needs)
                return None, grad

        Looks()(2.0, leaf(1.0)).backward()
        assert seen == [[False, True]]

    def test_an_integer_result_leaves_the_graph(self):
        class Signs(mg.Function):
            def forward(self, x):
                return np.sign(x).astype(int)

        assert not Signs()(leaf([1.0])).requires_grad


class TestSeveralOutputs:
    def test_each_carries_its_gradient_back(self):
        a, b = leaf(3.0), leaf(5.0)
        total, product = SumAndProduct()(a, b)
        (2 * total + 10 * product).backward()
        assert (a.grad.item(), b.grad.item()) == (52, 32)

    def test_one_left_unused_counts_as_zero(self):
        a, b = leaf(3.0), leaf(5.0)
        _, product = SumAndProduct()(a, b)
        product.backward()
        assert (a.grad.item(), b.grad.item()) == (5, 3)

    def test_second_order(self):
        a, b = leaf(3.0), leaf(5.0)
        total, product = SumAndProduct()(a, b)
        (total * product).backward(create_graph=True)  # (a + b) a b: by a 2ab + b²
        first = a.grad
        assert first.item() == 55
        a.grad = b.grad = None
        first.backward()
        assert (a.grad.item(), b.grad.item()) == (10, 16)

    def test_a_hook_sees_the_gradient_of_its_output(self):
        a, seen = leaf(3.0), []
        total, _ = SumAndProduct()(a, 5.0)
        total.register_hook(lambda grad: seen.append(grad.item()))
        total.backward()
        assert seen == [1]

    def test_an_integer_output_has_no_gradient(self):
        class WithIndex(mg.Function):
            def forward(self, x):
                return x * 2, np.argmax(x)

            def backward(self, grad, _):
                return grad * 2

        x = leaf([1.0, 3.0])
        y, index = WithIndex()(x)
        assert not index.requires_grad
        assert index.item() == 1
        y.sum().backward()
        assert x.grad.tolist() == [2, 2]

    def test_released_it_is_an_error_as_for_any_other(self):
        a = leaf(3.0)
        total, product = SumAndProduct()(a, 5.0)
        total.backward()
        with pytest.raises(mg.GraphError, match="SumAndProduct.*retain_graph"):
            product.backward()
        with pytest.raises(mg.GraphError, match="SumAndProduct.*retain_graph"):
            total.backward()


class TestTheContract:
    x, w = np.ones((2, 3)), np.ones((3, 4))

    def run(self, result, **kwargs):
        w = leaf(self.w, name="w")
        rule_giving(result)(self.x, w).sum().backward(**kwargs)
        return w.grad

    def test_broadcast_axes_are_summed_back(self):
        class Adds(mg.Function):
            def forward(self, a, b):
                return a + b

            def backward(self, grad):
                return grad, grad

        for shape in [(4,), (1, 4), (3, 1), (1, 1), ()]:
            b = leaf(np.zeros(shape))
            Adds()(np.ones((3, 4)), b).sum().backward()
            assert b.grad.shape == shape
            assert b.grad.numpy().sum() == 12

    def test_a_gradient_is_cast_to_its_inputs_dtype(self):
        w = Tensor(self.w, dtype=np.float32, requires_grad=True)
        rule_giving((None, np.ones((3, 4))))(self.x, w).sum().backward()
        assert w.grad.dtype == np.float32

    def test_a_number_or_a_tensor_for_a_gradient_is_taken(self):
        class Identity(mg.Function):
            def __init__(self, gradient):
                self.gradient = gradient

            def forward(self, x):
                return x * 1.0

            def backward(self, grad):
                return self.gradient

        for gradient in (3.0, Tensor(3.0), np.float32(3)):
            x = leaf(1.0)
            Identity(gradient)(x).backward()
            assert x.grad.item() == 3

    @pytest.mark.parametrize("result", [np.ones((3, 4)), (np.ones((3, 4)),), (None, None, None)])
    def test_a_wrong_number_of_gradients_names_the_rule(self, result):
        with pytest.raises(
            mg.RuleError, match=r"Gives.backward.*made at.*returned [13] gradients for 2 inputs"
        ):
            self.run(result)

    def test_a_wrong_shape_names_the_rule_and_the_input(self):
        with pytest.raises(
            mg.RuleError, match=r"Gives.backward.*shape \(4, 3\) for input 1 w 'w' \(3, 4\) float64"
        ):
            self.run((None, np.ones((4, 3))))

    def test_no_gradient_where_one_is_required_names_the_input(self):
        with pytest.raises(mg.RuleError, match=r"returned None for input 1 w 'w' \(3, 4\) float64"):
            self.run((None, None))

    def test_a_gradient_that_holds_no_numbers_is_an_error(self):
        with pytest.raises(mg.RuleError, match="returned dtype object"):
            self.run((None, np.full((3, 4), None)))

    def test_the_same_in_a_recorded_backward_pass(self):
        with pytest.raises(mg.RuleError, match="returned None for input 1"):
            self.run((None, None), create_graph=True)

    def test_a_complex_gradient_of_a_real_input_keeps_its_real_part(self):
        assert self.run((None, np.full((3, 4), 2 + 1j))).numpy()[0, 0] == 2


class TestErrorsInForward:
    def test_shapes_that_do_not_fit_name_the_operation_the_operands_and_their_shapes(self):
        with pytest.raises(
            mg.ShapeError, match=r"add: .*broadcast.*\(a 'x' \(3,\) float64, b \(2,\) int64\)"
        ):
            leaf([1.0, 2.0, 3.0], name="x") + np.array([1, 2])

    def test_a_rules_own_error_gets_the_operands(self):
        w = Tensor(np.ones((64, 10)), dtype=np.float32, name="fc2.w", requires_grad=True)
        with pytest.raises(mg.ShapeError) as error:
            mg.affine(np.ones((100, 50), np.float32), w)
        assert str(error.value) == (
            "Affine: x has 50 columns but w has 64 rows  (x (100, 50) float32, w 'fc2.w' (64, 10) float32)"
        )

    def test_it_names_the_module_it_happened_in(self):
        net = mg.nn.Sequential(mg.nn.Affine(4, 3), mg.nn.Affine(2, 2))
        with pytest.raises(mg.ShapeError, match=r"Affine 'steps.1': x has 3 columns.*w 'steps.1.w' \(2, 2\)"):
            net(np.ones((1, 4), np.float32))

    def test_a_users_value_error_stays_what_it_is(self):
        class Picky(mg.Function):
            def forward(self, x):
                raise ValueError("no")

        with pytest.raises(ValueError, match=r"^no$") as error:
            Picky()(leaf(1.0))
        assert not isinstance(error.value, mg.MinigradError)

    def test_an_axis_that_is_not_there(self):
        with pytest.raises(mg.AxisError, match=r"sum: axis 3.*a \(2,\) float64"):
            np.sum(leaf([1.0, 2.0]), axis=3)

    def test_any_number_of_operands_is_numbered(self):
        with pytest.raises(mg.ShapeError, match=r"arrays\[0\] \(1, 2\) float64, arrays\[1\] \(1, 3\)"):
            np.concatenate([leaf([[1.0, 2.0]]), np.ones((1, 3))])
