"""The step in minigrad."""

from collections.abc import Callable

import minigrad as mg
from tests.benchmarks.contenders.problem import LEARNING_RATE, Problem, Training


def eager(problem: Problem) -> Training:
    """Operation by operation, as it is written."""
    return _training(problem, lambda step: step)


def compiled_numpy(problem: Problem) -> Training:
    """Compiled to calls of NumPy."""
    return _training(problem, lambda step: mg.compile(step, target="numpy"))


def compiled_numba(problem: Problem) -> Training:
    """Compiled to loops by Numba."""
    return _training(problem, lambda step: mg.compile(step, target="numba"))


def _training(problem: Problem, compiled: Callable[..., Callable[..., mg.Tensor]]) -> Training:
    w1, b1, w2, b2 = parameters = [mg.Tensor(p, requires_grad=True) for p in problem.parameters()]
    optimizer = mg.optim.SGD(parameters, lr=LEARNING_RATE)

    @compiled
    def step(x: mg.Tensor, labels: mg.Tensor) -> mg.Tensor:
        h = mg.relu(mg.affine(x, w1, b1))
        loss = mg.softmax_with_loss(mg.affine(h, w2, b2), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return Training(lambda: step(problem.x, problem.labels), lambda: [p.data for p in parameters])
