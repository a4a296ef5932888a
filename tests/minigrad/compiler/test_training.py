"""A compiled step trains as the eager one does, and nothing it leaves behind differs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minigrad as mg
from tests.minigrad.compiler.nets import OPTIMIZERS, Step, batch, memory, training

TOLERANCE = {np.float64: 1e-12, np.float32: 1e-6}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_three_hundred_steps_give_the_eager_losses(optimizer: str, dtype: type):
    eager, _, step = training(optimizer, dtype=dtype)
    net, _, other = training(optimizer, dtype=dtype)
    compiled = mg.compile(other, target="numpy")
    batches = [batch(seed, dtype=dtype) for seed in range(10)]
    losses = [(step(*batches[i % 10]).item(), compiled(*batches[i % 10]).item()) for i in range(300)]
    expected, got = zip(*losses, strict=True)
    assert_allclose(got, expected, rtol=TOLERANCE[dtype])
    for p, q in zip(eager.parameters(), net.parameters(), strict=True):
        assert_allclose(q.data, p.data, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
        assert_allclose(q.grad.data, p.grad.data, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
        assert q.data.dtype == dtype


@pytest.mark.parametrize(
    "activation", [mg.sigmoid, mg.tanh, mg.gelu, mg.silu, mg.elu, mg.leaky_relu, mg.softplus]
)
def test_activations_open_into_numpy(activation: object):
    (_, _, step), (_, _, other) = training(activation=activation), training(activation=activation)
    compiled = mg.compile(other, target="numpy")
    for i in range(20):
        assert compiled(*batch(i)).item() == pytest.approx(step(*batch(i)).item(), rel=1e-12)


def test_a_new_shape_is_compiled_anew_and_shares_the_parameters():
    (_, _, step), (_, _, other) = training("adam"), training("adam")
    compiled = mg.compile(other, target="numpy")
    for i in range(12):
        data = batch(i, size=12 if i % 3 else 5)
        assert compiled(*data).item() == pytest.approx(step(*data).item(), rel=1e-12)


def test_eager_and_compiled_steps_may_alternate():
    (_, _, step), (_, _, other) = training("momentum"), training("momentum")
    compiled = mg.compile(other, target="numpy")
    for i in range(10):
        mine = compiled if i % 2 else other
        assert mine(*batch(i)).item() == pytest.approx(step(*batch(i)).item(), rel=1e-12)


def test_a_value_given_between_steps_is_taken_in():
    (eager, _, step), (net, optimizer, other) = training(), training()
    compiled = mg.compile(other, target="numpy")
    compiled(*batch())
    step(*batch())
    for each in eager, net:
        each.fc1.w.data = np.full_like(each.fc1.w.data, 0.1)
    optimizer.lr = 0.1
    assert compiled(*batch(1)).item() == pytest.approx(step(*batch(1)).item(), rel=1e-12)
    assert_allclose(net.fc1.w.data, eager.fc1.w.data, rtol=1e-12)


def test_the_learning_rate_is_read_at_every_step():
    (_, slow, step), (_, other_slow, other) = training(), training()
    compiled = mg.compile(other, target="numpy")
    for i in range(6):
        slow.lr = other_slow.lr = 0.5 / (i + 1)
        assert compiled(*batch(i)).item() == pytest.approx(step(*batch(i)).item(), rel=1e-12)


def test_a_changed_setting_is_seen():
    (_, optimizer, step), (_, compiled_optimizer, other) = training("momentum"), training("momentum")
    compiled = mg.compile(other, target="numpy")
    for i in range(6):
        optimizer.momentum = compiled_optimizer.momentum = 0.9 if i < 3 else 0.5
        assert compiled(*batch(i)).item() == pytest.approx(step(*batch(i)).item(), rel=1e-12)


def test_tracing_itself_leaves_no_trace():
    net, optimizer, step = training("adam")
    before = [p.data.copy() for p in net.parameters()]
    with pytest.raises(mg.LabelError):
        mg.compile(step, target="numpy")(batch()[0], np.full(12, 9))
    for p, old in zip(net.parameters(), before, strict=True):
        assert_array_equal(p.data, old)
        assert p.grad is None
    assert optimizer.steps == 0
    assert step(*batch()).item() > 0


def test_a_step_that_raises_leaves_the_parameters():
    net, optimizer, step = training("adam")
    compiled = mg.compile(step, target="numpy")
    compiled(*batch())
    before = [p.data.copy() for p in net.parameters()]
    x, labels = batch(1)
    labels[3] = 4
    with pytest.raises(mg.LabelError, match="label 4 at position 3"):
        compiled(x, labels)
    assert optimizer.steps == 1
    for p, old in zip(net.parameters(), before, strict=True):
        assert_array_equal(p.data, old)


def test_a_gradient_that_is_accumulated_is_added_to_the_one_before():
    w = mg.Tensor([1.0, 2.0], requires_grad=True)

    @mg.compile
    def accumulate(x: mg.Tensor) -> None:
        np.sum(w * x).backward()

    for total in (1, 2, 3):
        accumulate(np.ones(2))
        assert_array_equal(w.grad.data, [total, total])
    w.grad = None
    accumulate(np.ones(2))
    assert_array_equal(w.grad.data, [1, 1])


def test_dropout_draws_from_its_generator_at_every_step():
    def masks(compile_it: bool) -> list[np.ndarray]:
        drop = mg.nn.Dropout(0.5, rng=np.random.default_rng(3))
        call = mg.compile(drop.__call__, target="numpy") if compile_it else drop
        return [call(np.ones(20)).numpy() for _ in range(4)]

    for expected, got in zip(masks(False), masks(True), strict=True):
        assert_array_equal(got, expected)


def test_training_and_evaluation_are_compiled_apart():
    drop = mg.nn.Dropout(0.5, rng=np.random.default_rng(3))
    call = mg.compile(drop.__call__, target="numpy")
    assert (call(np.ones(50)).numpy() == 0).any()
    drop.eval()
    assert_array_equal(call(np.ones(50)).numpy(), np.ones(50))


def test_batch_norm_moves_its_running_statistics():
    nets = [mg.nn.BatchNorm(6, dtype=np.float64) for _ in range(2)]
    compiled = mg.compile(nets[1].__call__, target="numpy")
    for i in range(5):
        x = batch(i)[0]
        assert_allclose(compiled(x).numpy(), nets[0](x).numpy(), rtol=1e-12)
    assert_allclose(nets[1].running_var.data, nets[0].running_var.data, rtol=1e-12)


def test_a_graph_recorded_before_a_step_notices_that_the_parameters_changed():
    net, _, step = training()
    compiled = mg.compile(step, target="numpy")
    compiled(*batch())
    loss = net(mg.Tensor(batch()[0])).sum()
    compiled(*batch())
    with pytest.raises(mg.GraphError, match="changed"):
        loss.backward()


def test_a_module_s_attribute_that_is_deleted_is_no_error_unless_it_is_used():
    net, _, step = training()
    net.scale = 2.0
    compiled = mg.compile(step, target="numpy")
    first = compiled(*batch()).item()
    del net.scale
    assert compiled(*batch()).item() < first


def test_steps_of_several_threads_come_one_after_the_other():
    (_, optimizer, step), (_, _, eager) = training("adam"), training("adam")
    compiled = mg.compile(step, target="numpy")
    with ThreadPoolExecutor(4) as pool:
        losses = list(pool.map(lambda _: compiled(*batch()).item(), range(100)))
    assert optimizer.steps == 100
    assert_allclose(sorted(losses), sorted(eager(*batch()).item() for _ in range(100)), rtol=1e-12)


def test_nothing_grows_over_many_steps():
    _, _, step = training("adam")
    compiled = mg.compile(step, target="numpy")
    x, labels = batch()
    for _ in range(10):
        compiled(x, labels)
    tracemalloc.start()
    for _ in range(100):
        compiled(x, labels)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(10_000):
        compiled(x, labels)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 1000


def test_a_compiled_step_needs_no_more_memory_than_the_eager_one():
    peak, left = memory(lambda step: mg.compile(step, target="numpy"))
    assert peak <= memory(lambda step: step)[0]
    assert left < 20_000


def large(optimizer: str) -> tuple[mg.Tensor, Step]:
    """A parameter of 164 kB, which is updated in blocks."""
    w = mg.Tensor(np.random.default_rng(0).normal(size=(1024, 40)).astype(np.float32), requires_grad=True)
    its = OPTIMIZERS[optimizer]([w])

    def step(x: mg.Tensor) -> mg.Tensor:
        loss = np.sum(np.square(np.dot(x, w)))
        its.zero_grad()
        loss.backward()
        its.step()
        return loss

    return w, step


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_large_parameters_are_updated_in_blocks_to_the_same_numbers(optimizer: str):
    (expected, step), (w, other) = large(optimizer), large(optimizer)
    compiled = mg.compile(other, target="numpy")
    x = np.random.default_rng(1).normal(0, 0.01, (3, 1024)).astype(np.float32)
    for _ in range(5):
        assert compiled(x).item() == step(x).item()
    assert_array_equal(w.data, expected.data)
    assert "rows = slice(start, start + 512)" in compiled.source
    assert "512 of 1024 rows at a time: np.multiply" in compiled.explain()


@pytest.mark.parametrize(
    "update",
    [
        lambda w, x: w - 0.1 * w.T,
        lambda w, x: w - 0.1 * w[0],
        lambda w, x: w - 0.1 * (w + x),
        lambda w, x: w - np.where(w > 0, x, 0.1 * w),
    ],
)
def test_what_other_rows_may_overwrite_is_not_read_in_blocks(update: Callable[..., np.ndarray]):
    """A square parameter and an argument, which might be a window on it."""

    def stepped(w: mg.Tensor) -> Callable[[np.ndarray], mg.Tensor]:
        def step(x: np.ndarray) -> mg.Tensor:
            doubled = 2 * w.data
            w.data = update(w.data, x)
            return doubled

        return step

    start = np.random.default_rng(0).normal(size=(200, 200))
    w, v = mg.Tensor(start.copy()), mg.Tensor(start.copy())
    compiled, eager = mg.compile(stepped(w), target="numpy"), stepped(v)
    for _ in range(3):
        assert_array_equal(compiled(w.data.T), eager(v.data.T))
        assert_array_equal(w.data, v.data)
