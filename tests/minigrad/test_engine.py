"""The engine: order, accumulation, release, and that a graph is freed without recursion or cycles."""

import gc
import sys
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import Tensor, engine


def leaf(values):
    return Tensor(values, requires_grad=True)


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@given(st.lists(st.tuples(st.sampled_from("+*-"), st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_any_graph_of_sums_and_products_has_the_gradient_of_its_polynomial(steps):
    """Forward mode, with dual numbers, is the independent truth."""
    x = leaf(1.5)
    values, duals = [x], [(1.5, 1.0)]
    for sign, i, j in steps:
        a, b = values[i % len(values)], values[j % len(values)]
        (u, du), (v, dv) = duals[i % len(duals)], duals[j % len(duals)]
        if sign == "+":
            values.append((a + b) / 2)
            duals.append(((u + v) / 2, (du + dv) / 2))
        elif sign == "-":
            values.append(a - b)
            duals.append((u - v, du - dv))
        else:
            values.append(a * b)
            duals.append((u * v, du * v + u * dv))
    (values[-1] * 1.0).backward()
    assert x.grad.item() == pytest.approx(duals[-1][1], rel=1e-12, abs=1e-12)


def test_an_operation_is_visited_once_and_after_all_that_stand_on_it():
    x = leaf(2.0)
    a = x * 1.0
    b = a * 2.0
    c = a + b
    visited = []
    leaves = engine.run(
        [(c._node, np.array(1.0))], visit=lambda node, grad: visited.append((node.label, float(grad)))
    )
    assert visited == [("add", 1), ("multiply", 1), ("multiply", 3)]
    assert leaves[x] == 3
    assert x.grad is None


def test_several_roots_share_one_pass():
    x = leaf(2.0)
    a = x * x
    b = a * 3.0
    leaves = engine.run([(b._node, np.array(1.0)), (a._node, np.array(10.0))])
    assert leaves[x] == (3 + 10) * 4


def test_what_was_saved_is_released_as_the_pass_goes():
    x = leaf(np.ones(4))
    y = mg.sigmoid(x)
    z = y * 2.0
    saved = weakref.ref(y._node.function)
    held = []
    y.register_hook(lambda grad: held.append(z._node.released))
    z.sum().backward()
    assert held == [True]
    assert saved() is None


def test_the_values_of_the_user_stay_after_release():
    x = leaf([1.0, 2.0])
    y = x * x
    y.sum().backward()
    assert y.tolist() == [1, 4]


def test_dropping_the_result_frees_the_graph_at_once(no_collector):
    x = leaf(np.ones(3))
    y = mg.softmax_with_loss(np.tanh(x) * 2.0, 1)
    node = weakref.ref(y._node)
    del y
    assert node() is None


def test_a_recorded_backward_pass_leaves_no_cycle(no_collector):
    x = leaf(np.ones(3))
    y = (np.tanh(x) * x).sum()
    y.backward(create_graph=True)
    nodes = [weakref.ref(y._node), weakref.ref(x.grad._node)]
    x.grad = None
    del y
    assert [node() for node in nodes] == [None, None]


def test_hooks_and_retained_gradients_leave_no_cycle(no_collector):
    x = leaf(np.ones(3))
    y = x * 2.0
    y.retain_grad()
    y.sum().backward()
    node = weakref.ref(y._node)
    del y
    assert node() is None


def test_a_long_chain_needs_no_recursion_and_gives_its_memory_back(no_collector):
    length = 3_000
    x = leaf(1.0)
    assert length > sys.getrecursionlimit()

    def chain():
        y = x
        for _ in range(length):
            y = y * 1.0
        y.backward()

    tracemalloc.start()
    try:
        chain()  # Python keeps some freed objects for the next time
        before, _ = tracemalloc.get_traced_memory()
        chain()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert x.grad.item() == 2
    assert peak - before > 100 * length
    assert after - before < 3_000


def test_a_long_chain_never_run_backward_is_freed_too(no_collector):
    y = leaf(1.0)
    for _ in range(20_000):
        y = y + 1.0
    first = weakref.ref(y._node)
    del y
    assert first() is None


@pytest.mark.slow
def test_a_chain_of_a_hundred_thousand_operations():
    """A million are timed in tests.benchmarks.chain."""
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = -y
    y.backward()
    del y
    assert x.grad.item() == 1


def test_a_zero_gradient_stays_zero_through_a_singular_derivative():
    x = leaf([-1.0, 0.0, 4.0])
    with np.errstate(invalid="ignore"):
        np.where(x > 0, np.sqrt(x), 0).sum().backward()
    assert x.grad.tolist() == [0, 0, 0.25]


def test_a_zero_gradient_stays_zero_through_a_product_with_infinity():
    x = leaf([0.0, 1.0])
    with np.errstate(all="ignore"):
        np.where(x > 0, x * np.log(x), 0).sum().backward()
    assert x.grad.tolist() == [0, 1]


@pytest.mark.parametrize(("f", "at"), [(np.log, 0.0), (np.sqrt, 0.0), (np.exp, 1e5), (lambda x: 1 / x, 0.0)])
def test_so_it_does_for_the_second_derivative(f, at):
    x = leaf([at, 1.0])
    with np.errstate(all="ignore"):
        y = np.where(np.array([False, True]), f(x), 0).sum()
        y.backward(create_graph=True)
        first = x.grad
        x.grad = None
        first.sum().backward()
    assert first.tolist()[0] == 0
    assert x.grad.tolist()[0] == 0
    assert np.isfinite(x.grad.tolist()[1])


@pytest.mark.slow
def test_eight_threads_record_and_go_back_by_themselves():
    """Each has its own graph, its own no_grad, and half of the time the other mode than its neighbours."""
    start, wrong = threading.Barrier(8), []

    def work(seed):
        rng = np.random.default_rng(seed)
        start.wait()
        for round_ in range(1000):
            values = rng.normal(size=3)
            x = leaf(values)
            with mg.no_grad():
                constant = np.exp(x)
            y = (x * x * (seed + 1)).sum()
            y.backward(create_graph=(round_ + seed) % 2 == 0)
            right = np.allclose(x.grad.numpy(), 2 * values * (seed + 1))
            if constant.requires_grad or not right or x.grad.requires_grad != ((round_ + seed) % 2 == 0):
                wrong.append((seed, round_))
            x.grad = None

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
