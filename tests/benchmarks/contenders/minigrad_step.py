"""The step in minigrad."""

import minigrad as mg
from tests.benchmarks.contenders.problem import LEARNING_RATE, Problem, Training


def eager(problem: Problem) -> Training:
    """Operation by operation, as it is written."""
    w1, b1, w2, b2 = parameters = [mg.Tensor(p, requires_grad=True) for p in problem.parameters()]
    optimizer = mg.optim.SGD(parameters, lr=LEARNING_RATE)

    def step() -> mg.Tensor:
        h = mg.relu(mg.affine(problem.x, w1, b1))
        loss = mg.softmax_with_loss(mg.affine(h, w2, b2), problem.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return Training(step, lambda: [p.data for p in parameters])
