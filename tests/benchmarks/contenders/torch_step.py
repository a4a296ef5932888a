"""The step in PyTorch."""

import torch
from torch.nn.functional import cross_entropy, linear, relu

from tests.benchmarks.contenders.problem import LEARNING_RATE, Problem, Training


def eager(problem: Problem) -> Training:
    """Operation by operation, with the optimizer of the library."""
    torch.set_num_threads(1)
    x, t = torch.from_numpy(problem.x), torch.from_numpy(problem.labels)
    w1, b1, w2, b2 = parameters = _parameters(problem, requires_grad=True)
    optimizer = torch.optim.SGD(parameters, lr=LEARNING_RATE)

    def step() -> torch.Tensor:
        loss = _loss(w1, b1, w2, b2, x, t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return Training(step, lambda: [p.detach().numpy() for p in parameters])


def compiled(problem: Problem) -> Training:
    """The whole step, update included, handed to torch.compile as one function."""
    torch.set_num_threads(1)
    torch.compiler.reset()
    x, t = torch.from_numpy(problem.x), torch.from_numpy(problem.labels)
    parameters = _parameters(problem, requires_grad=False)
    loss_and_gradients = torch.func.grad_and_value(_loss, argnums=(0, 1, 2, 3))

    def step() -> torch.Tensor:
        gradients, loss = loss_and_gradients(*parameters, x, t)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.sub_(gradient, alpha=LEARNING_RATE)
        return loss

    compiled_step = torch.compile(step, fullgraph=True, dynamic=False)
    return Training(compiled_step, lambda: [p.numpy() for p in parameters])


def _parameters(problem: Problem, *, requires_grad: bool) -> list[torch.Tensor]:
    return [torch.from_numpy(p).requires_grad_(requires_grad) for p in problem.parameters()]


def _loss(
    w1: torch.Tensor, b1: torch.Tensor, w2: torch.Tensor, b2: torch.Tensor, x: torch.Tensor, t: torch.Tensor
) -> torch.Tensor:
    return cross_entropy(linear(relu(linear(x, w1.T, b1)), w2.T, b2), t)
