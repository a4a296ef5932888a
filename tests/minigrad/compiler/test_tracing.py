"""What a trace sees, and what it does with what it meets seldom."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minigrad as mg


def compiled(function: Any) -> Any:
    return mg.compile(function, target="numpy")


def test_a_compiled_function_may_call_another():
    inner = compiled(lambda x: x * 2)
    outer = compiled(lambda x: inner(x) + 1)
    for x in np.ones(2), np.zeros(2):
        assert_array_equal(outer(x), 2 * x + 1)


def test_the_steps_kept_are_bounded():
    step = compiled(lambda x: x + 1)
    for size in (*range(1, 20), 1):
        assert_array_equal(step(np.zeros(size)), np.ones(size))
    assert len(step._steps) == 16


def test_parameters_may_exchange_their_values():
    a, b = mg.Tensor([1.0]), mg.Tensor([2.0])

    def exchange() -> None:
        a.data, b.data = b.data, a.data

    step = compiled(exchange)
    for expected in (2, 1, 2):
        step()
        assert a.item() == expected
        assert b.item() == 3 - expected


def test_a_parameter_may_be_multiplied_by_a_matrix():
    w = mg.Tensor([[1.0, 2.0]])

    def turn(m: Any) -> None:
        w.data = np.matmul(w.data, m)

    step = compiled(turn)
    for expected in ([[2, 1]], [[1, 2]]):
        step(np.array([[0.0, 1.0], [1.0, 0.0]]))
        assert w.tolist() == expected


def test_numbers_are_computed_as_python_does():
    step = compiled(lambda x, s: x * (-s + 2 * s - 1) / (s % 3) + s // 2)
    for s in 5, 7.5:
        assert_array_equal(step(np.ones(2), s), np.ones(2) * (s - 1) / (s % 3) + s // 2)


def test_a_variable_that_has_no_value_yet_is_left_alone():
    def function(x: Any) -> Any:
        return x + 1 if x.ndim else later

    assert compiled(function)(np.ones(1)).tolist() == [2]
    later = 0
    assert later == 0


def test_a_tensor_recorded_outside_may_stand_around_but_not_be_used():
    recorded = mg.Tensor([1.0], requires_grad=True) * 2
    assert compiled(lambda x: x if x.ndim else recorded)(np.ones(1)).tolist() == [1]
    with pytest.raises(mg.CompileError, match=r"was recorded outside of it, at .*test_tracing.*detach"):
        compiled(lambda x: x * recorded)(mg.Tensor([1.0]))


def test_a_second_step_of_one_optimizer_is_refused():
    w = mg.Tensor([1.0], requires_grad=True)
    sgd = mg.optim.SGD([w], 0.1)

    def twice() -> None:
        (w * w).sum().backward()
        sgd.step()
        sgd.step()

    with pytest.raises(mg.CompileError, match=r"one step of an optimizer, not two, at .*test_tracing\.py"):
        compiled(twice)()
    assert w.tolist() == [1]
    assert w.grad is None


def test_two_layers_may_draw_from_one_generator():
    def masks(compile_it: bool) -> Any:
        rng = np.random.default_rng(0)
        net = mg.nn.Sequential(mg.nn.Dropout(0.5, rng=rng), mg.nn.Dropout(0.5, rng=rng))
        call = compiled(net.__call__) if compile_it else net
        return [call(np.ones(30)).tolist() for _ in range(3)]

    assert masks(compile_it=True) == masks(compile_it=False)


def test_one_result_may_be_given_twice():
    y, again = compiled(lambda x: 2 * [x + 1])(np.zeros(2))
    assert y.tolist() == again.tolist() == [1, 1]


def test_arrays_of_a_trace_behave_as_arrays():
    def function(x: Any) -> Any:
        with pytest.raises(TypeError, match="unsized"):
            len(np.sum(x))
        turned = [x.T, x.transpose(), x.transpose(1, 0), x.transpose((1, 0)), x.mT]
        return np.stack(turned).sum(axis=0) * x.nbytes * len(x)

    x = np.arange(6.0).reshape(2, 3)
    assert_array_equal(compiled(function)(x), 5 * x.T * 48 * 2)


def test_arrays_and_tensors_mix():
    w, index = mg.Tensor([1.0, 2.0]), mg.Tensor([1, 0])
    step = compiled(lambda x: [x * w, np.multiply(x, w), x[index]])
    for x in np.array([3.0, 4.0]), np.array([5.0, 6.0]):
        for found, expected in zip(step(x), [x * w.data, x * w.data, x[::-1]], strict=True):
            assert np.asarray(found).tolist() == expected.tolist()


def test_an_array_of_which_there_is_a_view_is_not_written_into():
    def write(x: Any) -> Any:
        y = x * 1
        view = y[:1]
        y[0] = 5.0
        return view

    with pytest.raises(mg.CompileError, match="of which there is a view"):
        compiled(write)(np.zeros(2))


def test_labels_serve_losses_of_two_dtypes():
    def both(small: Any, large: Any, labels: Any) -> Any:
        return mg.softmax_with_loss(small, labels), mg.softmax_with_loss(large, labels)

    large, labels = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 1, 2, 1])
    arguments = [mg.Tensor(large.astype(np.float32)), mg.Tensor(large), labels]
    for found, expected in zip(compiled(both)(*arguments), both(*arguments), strict=True):
        assert found.dtype == expected.dtype
        assert found.item() == expected.item()


def test_rows_parts_and_results_written_into_trace():
    def function(x: Any, z: Any) -> Any:
        wide = np.exp(x)
        np.add(x[0], 1, out=wide)
        total = sum(row for row in x)
        changed = x * 2
        changed[0] = 5
        return repr(x), wide, total, z.imag, np.copy(x) + np.copy(x[::-1]), np.exp(changed), np.ones(2)

    x, z = np.arange(6.0).reshape(2, 3), np.array([1 + 2j])
    for _ in range(2):
        shown, wide, total, imag, copies, changed, ones = compiled(function)(x, z)
        assert shown == "Traced((2, 3) float64)"
        assert_array_equal(wide, np.broadcast_to(x[0] + 1, (2, 3)))
        assert_array_equal(total, x.sum(axis=0))
        assert_array_equal(imag, [2])
        assert_array_equal(copies, x + x[::-1])
        assert_array_equal(changed, np.exp([[5, 5, 5], 2 * x[1]]))
        assert_array_equal(ones, np.ones(2))


def test_values_that_a_trace_left_behind_are_refused():
    kept: list[Any] = []

    def leaking(x: Any) -> Any:
        kept.append(x * 2)
        return x

    for x, what in (np.ones(2), "a value"), (mg.Tensor([1.0]), "a Tensor"):
        kept.clear()
        with pytest.raises(mg.CompileError, match="changes"):
            compiled(leaking)(x)
        with pytest.raises(mg.CompileError, match=f"{what} of another trace is used"):
            compiled(lambda x: x + kept[0])(np.ones(1))


def test_a_function_that_does_not_tell_its_parameters_compiles():
    assert_array_equal(compiled(operator.itemgetter(0))(np.eye(2)), [1, 0])
