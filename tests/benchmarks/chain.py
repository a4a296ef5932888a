"""A chain of a million operations, forward, backward and release: python -m tests.benchmarks.chain [--help]

Time for an operation must not grow with the chain, nor the memory be more after it than before; the garbage
collector is off, and the recursion limit is Python's own. The gradient is checked against its closed form.
"""

import argparse
import gc
import sys
import tracemalloc
from time import perf_counter

import minigrad as mg
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import markdown

LENGTHS = (10_000, 100_000, 1_000_000)
FACTOR = 1 + 1e-6


def main() -> None:
    """Time the chains, weigh them, and print both as one table."""
    parser = argparse.ArgumentParser(description="Run a long chain of operations.")
    parser.add_argument("--lengths", nargs="+", type=int, default=LENGTHS)
    parser.add_argument("--repeats", type=int, default=3, help="of which the fastest counts")
    arguments = parser.parse_args()

    print(f"{facts()}; recursion limit {sys.getrecursionlimit()}, garbage collector off\n")
    gc.disable()
    header = ["operations", "forward ns", "backward ns", "release ns", "before MB", "peak MB", "after MB"]
    rows = []
    for length in arguments.lengths:
        fastest = map(min, zip(*(seconds(length) for _ in range(arguments.repeats)), strict=True))
        times = [f"{second / length * 1e9:.0f}" for second in fastest]
        rows.append([f"{length:,}", *times, *(f"{size / 1e6:.2f}" for size in memory(length))])
    print(markdown(header, rows))


def seconds(length: int) -> tuple[float, float, float]:
    """How long the forward pass, the backward pass and the release of a chain of that length take."""
    x = mg.Tensor(1.0, requires_grad=True)
    start = perf_counter()
    y = chain(x, length)
    forward = perf_counter()
    y.backward()
    backward = perf_counter()
    del y
    release = perf_counter()
    check(x, length)
    return forward - start, backward - forward, release - backward


def memory(length: int) -> tuple[int, int, int]:
    """The bytes held before, at most during, and after a chain of that length."""
    chain(mg.Tensor(1.0, requires_grad=True), 2).backward()  # fills the caches
    x = mg.Tensor(1.0, requires_grad=True)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        chain(x, length).backward()
        check(x, length)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return before, peak, after


def chain(x: mg.Tensor, length: int) -> mg.Tensor:
    """The product of x and `length` factors, one operation each."""
    for _ in range(length):
        x = x * FACTOR
    return x


def check(x: mg.Tensor, length: int) -> None:
    """Raise ValueError if the gradient of a chain from x is not what it is on paper."""
    assert x.grad is not None
    error = abs(x.grad.item() / FACTOR**length - 1)
    if error > 1e-9:
        raise ValueError(f"the gradient after {length} operations is off by {error:.2g}, relatively")


if __name__ == "__main__":
    main()
