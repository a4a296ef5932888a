"""detect_anomaly: the first NaN, infinity or write to a captured array."""

import threading

import numpy as np
import pytest

import minigrad as mg
from minigrad import Tensor

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def leaf(values, name=None):
    return Tensor(values, requires_grad=True, name=name)


def test_the_first_infinity_of_a_forward_pass_names_operation_ranges_module_and_line():
    class Net(mg.nn.Module):
        def __init__(self):
            self.inner = Logarithm()

        def forward(self, x):
            return self.inner(x * 1.0) + 1.0

    class Logarithm(mg.nn.Module):
        def forward(self, x):
            return np.log(x)

    with mg.detect_anomaly(), pytest.raises(mg.AnomalyError) as error:
        Net()(leaf([1.0, 0.0, 4.0]))
    message = str(error.value)
    assert "log 'inner' gave -inf at [1]" in message
    assert "x (3,) from 0 to 4" in message
    assert "return np.log(x)" in message


def test_the_first_nan_of_a_backward_pass_names_the_rule_and_the_input():
    class Wrong(mg.Function):
        def forward(self, x):
            return x * 2

        def backward(self, grad):
            return grad * np.nan

    y = None
    with mg.detect_anomaly():
        y = (Wrong()(leaf([1.0, 2.0])) * 3.0).sum()
        with pytest.raises(
            mg.AnomalyError, match=r"backward of Wrong gave nan at \[0\] for x.*from 1 to 2.*Wrong\(\)"
        ):
            y.backward()


def test_what_was_not_finite_before_is_not_blamed_on_the_next_operation():
    with mg.detect_anomaly():
        x = leaf([np.inf, 1.0])
        y = x * 2.0
        y.backward([np.nan, 1.0])
    assert np.isnan(x.grad.numpy()[0])


def test_a_write_to_a_captured_array_is_found():
    array = np.ones(3)
    with mg.detect_anomaly():
        y = (leaf(np.ones(3)) * array).sum()
        array[0] = 5.0
        with pytest.raises(mg.AnomalyError, match=r"multiply captured as b was written into after .*y = "):
            y.backward()


def test_what_is_finite_passes_and_has_its_gradient():
    with mg.detect_anomaly():
        x = leaf([1.0, 4.0])
        np.sum(np.sqrt(x) * 2).backward(create_graph=True)
        a, b = np.modf(x)
        (a + b * 3.0).sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


def test_outside_the_block_and_in_other_threads_nothing_is_watched():
    failed = []

    def work():
        try:
            np.log(leaf([0.0]))
        except mg.AnomalyError:
            failed.append(True)

    with mg.detect_anomaly():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    work()
    assert failed == []


def test_as_a_decorator_and_nested():
    @mg.detect_anomaly()
    def compute():
        with mg.detect_anomaly():
            pass
        return np.log(leaf([0.0]))

    with pytest.raises(mg.AnomalyError, match="log gave -inf"):
        compute()


def test_inputs_that_hold_no_real_numbers_are_described_by_shape_and_dtype():
    with mg.detect_anomaly(), pytest.raises(mg.AnomalyError, match=r"\(1,\) complex128"):
        leaf([0.0 + 0j]) ** -1.0


def test_the_rows_of_a_jacobian_are_looked_at():
    with (
        mg.detect_anomaly(),
        pytest.raises(mg.AnomalyError, match=r"the backward of sqrt gave inf at \[0, 0\]"),
    ):
        mg.jacobian(lambda x: np.sqrt(x) * np.array([1.0, 2.0]))(np.array([0.0, 1.0]))
