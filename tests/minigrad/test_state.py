"""The grad mode: nested, as a decorator, per thread."""

import threading

import minigrad as mg
from minigrad import Tensor


def records():
    return (Tensor(1.0, requires_grad=True) * 2).requires_grad


def test_modes_nest_and_come_back():
    with mg.no_grad():
        assert not records()
        with mg.enable_grad():
            assert records()
            with mg.no_grad():
                assert not records()
        assert not records()
    assert records()


def test_one_instance_may_be_entered_twice():
    mode = mg.no_grad()
    with mode, mode:
        assert not records()
    assert records()


def test_the_mode_comes_back_after_an_error():
    try:
        with mg.no_grad():
            raise KeyError
    except KeyError:
        pass
    assert records()


def test_a_decorated_function_runs_in_its_mode():
    assert not mg.no_grad()(records)()
    assert mg.no_grad()(mg.enable_grad()(records))()


def test_a_decorated_function_may_recurse_and_run_in_several_threads():
    barrier = threading.Barrier(4)

    @mg.no_grad()
    def inside(depth):
        barrier.wait()
        return (not records()) and (depth == 0 or inside(depth - 1))

    results = []

    def work():
        results.append((inside(3), records()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [(True, True)] * 4


def test_another_thread_records_while_this_one_does_not():
    seen = []
    with mg.no_grad():
        thread = threading.Thread(target=lambda: seen.append(records()))
        thread.start()
        thread.join()
    assert seen == [True]
