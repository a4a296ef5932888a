"""The step in HIPS autograd, which leaves the loss and the update to its user."""

import autograd.numpy as np
from autograd import value_and_grad
from numpy.typing import NDArray

from tests.benchmarks.contenders.problem import LEARNING_RATE, Problem, Training


def eager(problem: Problem) -> Training:
    """Operation by operation, on one list of parameters."""
    parameters = problem.parameters()
    loss_and_gradients = value_and_grad(_loss)

    def step() -> np.float32:
        nonlocal parameters
        loss, gradients = loss_and_gradients(parameters, problem.x, problem.labels)
        parameters = [p - LEARNING_RATE * g for p, g in zip(parameters, gradients, strict=True)]
        return loss

    return Training(step, lambda: parameters)


def _loss(parameters: list[NDArray[np.float32]], x: NDArray[np.float32], t: NDArray[np.int64]) -> np.float32:
    w1, b1, w2, b2 = parameters
    logits = np.dot(np.maximum(np.dot(x, w1) + b1, 0), w2) + b2
    z = logits - np.max(logits, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(log_p[np.arange(len(t)), t]) / len(t)
