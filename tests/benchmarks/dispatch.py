"""Time what recording costs: python -m tests.benchmarks.dispatch

Ten elements, so that the arithmetic is nothing: what is over NumPy's own time for the same call is the overhead of
minigrad, and of torch. Microseconds, the least of the rounds.
"""

import argparse
from collections.abc import Callable

import numpy as np
import torch

import minigrad as mg
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import Step, interleave, markdown

A, B = np.linspace(0.1, 0.9, 10), np.linspace(0.5, 1.5, 10)

CALLS: dict[str, tuple[Callable[..., object], Callable[..., object]]] = {  # on Tensors and arrays; on torch's
    "np.exp(a)": (lambda a, b: np.exp(a), lambda a, b: torch.exp(a)),
    "a + b": (lambda a, b: a + b, lambda a, b: a + b),
    "a * b": (lambda a, b: a * b, lambda a, b: a * b),
    "a * 2.0": (lambda a, b: a * 2.0, lambda a, b: a * 2.0),
    "a[2:5]": (lambda a, b: a[2:5], lambda a, b: a[2:5]),
    "np.maximum(a, b)": (np.maximum, torch.maximum),
    "a.sum(axis=0)": (lambda a, b: a.sum(axis=0), lambda a, b: a.sum(dim=0)),
}


def main() -> None:
    """Time every call and print the table."""
    parser = argparse.ArgumentParser(description="Time what recording costs.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.02, help="for one call in one round")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(facts(("torch", "numpy")), end="\n\n")
    header = ["call", "NumPy", "minigrad over it", "torch over it", "ratio", "both ways", "torch's", "ratio"]
    print(markdown(header, [row(name, arguments.rounds, arguments.seconds) for name in CALLS]))


def row(name: str, rounds: int, seconds: float) -> list[str]:
    """The overhead of a call, and the time of the call with its backward pass, each beside torch's."""
    times = {
        title: timing.minimum
        for title, timing in interleave(steps(name), rounds=rounds, seconds=seconds).items()
    }
    plain = times["numpy"]
    ours, theirs = times["minigrad"] - plain, times["torch"] - plain
    both, theirs_both = times["minigrad both ways"], times["torch both ways"]
    cells = [plain, ours, theirs, ours / theirs, both, theirs_both, both / theirs_both]
    return [name, *(f"{cell:.2f}" for cell in cells)]


def steps(name: str) -> dict[str, Step]:
    """The call on arrays, on Tensors and on torch's, and with a backward pass."""
    ours, theirs = CALLS[name]
    x, y = (mg.Tensor(array, requires_grad=True) for array in (A, B))
    s, t = (torch.tensor(array, requires_grad=True) for array in (A, B))
    upstream = np.ones(np.shape(ours(A, B)))
    torchs = torch.tensor(upstream)

    def both_ways() -> None:
        x.grad = y.grad = None
        ours(x, y).backward(upstream)  # type: ignore[attr-defined]  # a Tensor

    def torch_both_ways() -> None:
        s.grad = t.grad = None
        theirs(s, t).backward(torchs)  # type: ignore[attr-defined]  # a tensor

    return {
        "numpy": lambda: ours(A, B),
        "minigrad": lambda: ours(x, y),
        "torch": lambda: theirs(s, t),
        "minigrad both ways": both_ways,
        "torch both ways": torch_both_ways,
    }


if __name__ == "__main__":
    main()
