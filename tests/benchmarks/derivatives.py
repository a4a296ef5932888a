"""Time Jacobians and Hessians beside HIPS autograd, torch and JAX: python -m tests.benchmarks.derivatives

Milliseconds, float64, one thread, every contender in every round. JAX is timed compiled, without the time of compiling.
A contender that is not installed is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import Step, interleave, markdown

PEERS = ("autograd", "torch", "jax")
RNG = np.random.default_rng(0)
MIX = RNG.normal(size=(200, 200)) / np.sqrt(200)
NET = [RNG.normal(size=shape) / np.sqrt(shape[0]) for shape in ((50, 30), (30, 100))]
POINT = RNG.normal(size=200)


def rosenbrock(xp: Any, x: Any) -> Any:
    """A function of each variable and its neighbour."""
    return xp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def mixed(xp: Any, x: Any, matrix: Any) -> Any:
    """A function in which every variable meets every other."""
    return xp.sum(xp.tanh(matrix @ x) ** 2) + xp.sum(xp.exp(0.1 * x))


def net(xp: Any, x: Any, w1: Any, w2: Any) -> Any:
    """Two layers with 100 outputs."""
    return xp.tanh(xp.tanh(x @ w1) @ w2)


# What is timed: the transform, the function, the point and the function's constants.
TASKS: dict[str, tuple[str, Callable[..., Any], np.ndarray, list[np.ndarray]]] = {
    "Hessian, 200 variables, neighbours": ("hessian", rosenbrock, POINT, []),
    "Hessian, 200 variables, mixed": ("hessian", mixed, POINT, [MIX]),
    "Jacobian, net 50-30-100": ("jacobian", net, POINT[:50], NET),
}


def main() -> None:
    """Time every task and print the table."""
    parser = argparse.ArgumentParser(description="Time Jacobians and Hessians.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.2, help="for one contender in one round")
    arguments = parser.parse_args()
    print(facts(("autograd", "torch", "jax")), end="\n\n")
    peers = [name for name in PEERS if importlib.util.find_spec(name)]
    rows = [row(task, peers, arguments.rounds, arguments.seconds) for task in TASKS]
    print(
        markdown(["task", "minigrad", *(f"{peer}{of}" for peer in peers for of in ("", " / minigrad"))], rows)
    )


def row(task: str, peers: list[str], rounds: int, seconds: float) -> list[str]:
    """The least time of minigrad, and of each peer with the median of its ratio to minigrad's in the same round."""
    steps = {name: CONTENDERS[name](*TASKS[task]) for name in ("minigrad", *peers)}
    truth = np.asarray(steps["minigrad"]())
    for name, step in steps.items():
        np.testing.assert_allclose(np.asarray(step()), truth, rtol=1e-6, atol=1e-8, err_msg=name)
    timings = interleave(steps, rounds=rounds, seconds=seconds)
    cells = [f"{timings['minigrad'].minimum / 1e3:.2f}"]
    for peer in peers:
        ratio = timings[peer].ratio(timings["minigrad"])
        cells += [f"{timings[peer].minimum / 1e3:.2f}", f"{ratio:.1f}"]
    return [task, *cells]


def with_minigrad(transform: str, f: Callable[..., Any], x: np.ndarray, constants: list[np.ndarray]) -> Step:
    """The function written in NumPy itself."""
    derivative = getattr(mg, transform)(lambda x: f(np, x, *constants))
    return lambda: derivative(x)


def with_autograd(transform: str, f: Callable[..., Any], x: np.ndarray, constants: list[np.ndarray]) -> Step:
    """The same function in autograd's wrapped NumPy."""
    import autograd
    import autograd.numpy as anp

    derivative = getattr(autograd, transform)(lambda x: f(anp, x, *constants))
    return lambda: derivative(x)


def with_torch(transform: str, f: Callable[..., Any], x: np.ndarray, constants: list[np.ndarray]) -> Step:
    """torch.func: a reverse pass for all rows, and a forward pass over it for the Hessian."""
    import torch

    torch.set_num_threads(1)
    point, *rest = map(torch.from_numpy, (x, *constants))
    derivative = {"jacobian": torch.func.jacrev, "hessian": torch.func.hessian}[transform](
        lambda x: f(torch, x, *rest)
    )
    return lambda: derivative(point)


def with_jax(transform: str, f: Callable[..., Any], x: np.ndarray, constants: list[np.ndarray]) -> Step:
    """JAX, compiled beforehand."""
    import jax

    jax.config.update("jax_enable_x64", True)
    derive = {"jacobian": jax.jacrev, "hessian": jax.hessian}[transform]
    derivative = jax.jit(derive(lambda x: f(jax.numpy, x, *constants)))
    return lambda: derivative(x).block_until_ready()


CONTENDERS: dict[str, Callable[..., Step]] = {
    "minigrad": with_minigrad,
    "autograd": with_autograd,
    "torch": with_torch,
    "jax": with_jax,
}

if __name__ == "__main__":
    main()
