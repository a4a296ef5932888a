"""The step in JAX: its arrays cannot be changed, so a step returns new parameters."""

import jax
import jax.numpy as jnp

from tests.benchmarks.contenders.problem import LEARNING_RATE, Problem, Training

Parameters = list[jax.Array]


def compiled(problem: Problem) -> Training:
    """The whole step, update included, under one jax.jit that reuses the memory of the old parameters."""
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # or it computes in a thread of its own
    x, t = jnp.asarray(problem.x), jnp.asarray(problem.labels)
    parameters = [jnp.array(p) for p in problem.parameters()]
    update = jax.jit(_update, donate_argnums=0)

    def step() -> jax.Array:
        nonlocal parameters
        loss, parameters = update(parameters, x, t)
        return loss

    return Training(step, lambda: parameters)


def _update(parameters: Parameters, x: jax.Array, t: jax.Array) -> tuple[jax.Array, Parameters]:
    loss, gradients = jax.value_and_grad(_loss)(parameters, x, t)
    return loss, [p - LEARNING_RATE * g for p, g in zip(parameters, gradients, strict=True)]


def _loss(parameters: Parameters, x: jax.Array, t: jax.Array) -> jax.Array:
    w1, b1, w2, b2 = parameters
    logits = jax.nn.relu(x @ w1 + b1) @ w2 + b2
    return -jax.nn.log_softmax(logits)[jnp.arange(len(t)), t].mean()
