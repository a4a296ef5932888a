"""Every covered name: two orders of derivatives against differences, and values and gradients against torch's."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad import Tensor
from minigrad.registry import OPERATIONS, RULES
from tests.minigrad.names import COVERED
from tests.minigrad.rules import cases, linear_cases
from tests.minigrad.rules.cases import resolve
from tests.minigrad.rules.checking import check, check_torch

CASES = cases.CASES | linear_cases.CASES
WITH_PEERS = [name for name, case in CASES.items() if case.peer is not None]

# Tested where they are written to (test_indexing.py): they give nothing.
WRITING = ["put_along_axis"]


def test_every_name_with_a_gradient_is_in_the_table():
    tested = {name.replace(",", " ").split()[0] for name in CASES}
    functions = {resolve(name) for name in tested if name not in ("an", "a")}
    names = [name for names in COVERED.values() for name in names.split() if name not in WRITING]
    slopes = [name for name in names if getattr(RULES[resolve(name)], "derivatives", "") != "none"]
    assert [name for name in slopes if resolve(name) not in functions] == []


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=4)
@given(data=st.data())
def test_two_derivatives_agree_with_differences(name, data):
    case = CASES[name]
    check(case.call, *data.draw(case.inputs), **case.options)


@pytest.mark.parametrize("name", WITH_PEERS)
@settings(max_examples=4)
@given(data=st.data())
def test_values_and_gradients_agree_with_torch(torch, name, data):
    case = CASES[name]
    check_torch(torch, case.call, partial(case.peer, torch), *data.draw(case.inputs))


UFUNCS = [function for function in OPERATIONS if isinstance(function, np.ufunc)]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_a_call_keeps_what_it_saved_when_another_of_the_same_function_follows(ufunc):
    def call(low):
        arrays = [np.array([[low, 0.3], [0.4, 0.7]]), np.array([[0.6, low], [2.0, 0.1]])][: ufunc.nin]
        if ufunc is np.ldexp:
            arrays[1] = np.array([[1, 2], [3, 0]])
        inputs = [Tensor(array, requires_grad=array.dtype == float) for array in arrays]
        return ufunc(*inputs), inputs

    def gradients(result, inputs):
        (result if isinstance(result, Tensor) else result[0]).sum().backward()
        return [x.grad.numpy() for x in inputs if x.requires_grad]

    alone = gradients(*call(0.2))
    first, second = call(0.2), call(0.9)
    gradients(*second)
    for found, expected in zip(gradients(*first), alone, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_of_floats_every_differentiable_ufunc_gives_floats(ufunc):
    """Else the result of an elementwise one would claim a gradient that an integer cannot hold."""
    for types in ufunc.types:
        given, gives = types.split("->")
        if "m" not in given and any(code in "efdgFDG" for code in given):  # m is a time
            assert gives[0] in "efdgFDG"
