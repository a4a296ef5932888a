"""Time what it costs to compile: python -m tests.benchmarks.compiling [--help]

The training step of a net, in a new process each time: for the NumPy target, for Numba with an empty cache folder, and
for Numba with what the process before left there. What Numba needs to start, its imports and its first function, is
shown by itself. Processor time, which other work on the machine does not change. And what a step holds in memory.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from time import process_time

import numpy as np

from tests.benchmarks.contenders import minigrad_step
from tests.benchmarks.contenders.problem import Problem
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import markdown

NETS = ("2-50-4:4", "784-50-10:100", "784-512-10:256")
TITLES = {"NumPy": "compiled_numpy", "Numba": "compiled_numba", "Numba, from its cache": "compiled_numba"}

MEMORY = {"eager": "eager", "NumPy": "compiled_numpy", "Numba": "compiled_numba"}


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description="Time what it costs to compile a training step.")
    parser.add_argument(
        "--nets", nargs="+", default=NETS, metavar="NET", help="sizes:batch, like 784-50-10:100"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-this-process", choices=set(TITLES.values()), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.in_this_process:
        print(json.dumps(first_step(arguments.nets[0], arguments.in_this_process)))
        return
    print(facts(("numba",)), end="\n\n")
    print("Seconds for the first call of a step, the minimum of the rounds:\n")
    rows = [
        [net, *(f"{seconds:.2f}" for seconds in measure(net, arguments.rounds))] for net in arguments.nets
    ]
    print(markdown(["net:batch", *TITLES, "Numba's start"], rows))
    print("\nKilobytes at the peak of a step: arrays, parameters and all, + code and what else is kept:\n")
    peaks = [
        [
            net,
            *(" + ".join(f"{n / 1000:,.0f}" for n in memory(net, function)) for function in MEMORY.values()),
        ]
        for net in arguments.nets
    ]
    print(markdown(["net:batch", *MEMORY], peaks))


def memory(net: str, function: str) -> tuple[int, int]:
    """Bytes held at once by a training and its step, in arrays and otherwise, after the first steps."""
    problem = Problem.named(net)
    for _ in range(2):  # what Python keeps from the first time is not the step's
        gc.collect()
        tracemalloc.start()
        training = getattr(minigrad_step, function)(problem)
        for _ in range(3):
            training.step()
        gc.collect()
        other = _outside_arrays()
        gc.collect()
        tracemalloc.reset_peak()
        for _ in range(3):
            training.step()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak - other, other


def _outside_arrays() -> int:
    """Bytes that are held and are not the elements of arrays."""
    others = tracemalloc.DomainFilter(inclusive=False, domain=np.lib.tracemalloc_domain)
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([others]).traces)


def measure(net: str, rounds: int) -> list[float]:
    """The least time of each kind, in the order of TITLES, and that of Numba's start."""
    best = [float("inf")] * (len(TITLES) + 1)
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            measured = [_elsewhere(net, function, cache) for function in TITLES.values()]
        seconds = [step for step, _ in measured] + [measured[-1][1]]
        best = list(map(min, best, seconds))
    return best


def _elsewhere(net: str, function: str, cache: str) -> tuple[float, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, "--nets", net, "--in-this-process", function]
    done = subprocess.run(
        command, env={**os.environ, "MINIGRAD_CACHE": cache}, stdout=subprocess.PIPE, check=True
    )
    step, start = json.loads(done.stdout)
    return step, start


def first_step(net: str, function: str) -> tuple[float, float]:
    """Seconds for the first call of a step, and before it for Numba's start."""
    training = getattr(minigrad_step, function)(Problem.named(net))
    begun = process_time()
    if function == "compiled_numba":
        import numba

        numba.njit(lambda: None)()
    started = process_time()
    training.step()
    return process_time() - started, started - begun


if __name__ == "__main__":
    main()
