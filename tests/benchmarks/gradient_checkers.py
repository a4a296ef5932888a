"""The gradient checkers of other libraries, on the same planted bugs, each at its own defaults in float64."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.testing import GradientError, check_layer

Checker = Callable[["Planted", int], bool]


@dataclass(frozen=True)
class Planted:
    """An elementwise function with a backward of its own: forward(x), backward(upstream, x), and a shape of inputs."""

    name: str
    forward: Callable[[Any], Any]
    backward: Callable[[Any, Any], Any]
    shape: tuple[int, ...]

    def input(self, seed: int) -> Any:
        """The input of a seed."""
        return np.random.default_rng(seed).normal(size=self.shape)


def _minigrad(bug: Planted, seed: int) -> bool:
    try:
        check_layer(bug.forward, bug.backward, bug.input(seed), seed=seed)
    except GradientError:
        return True
    return False


def _torch(fast: bool) -> Checker:
    def caught(bug: Planted, seed: int) -> bool:
        import torch

        class Rule(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return torch.from_numpy(np.asarray(bug.forward(x.detach().numpy())))

            @staticmethod
            def backward(ctx: Any, grad: Any) -> Any:
                (x,) = ctx.saved_tensors
                return torch.from_numpy(np.array(bug.backward(grad.numpy(), x.numpy())))

        x = torch.from_numpy(bug.input(seed)).requires_grad_()
        torch.manual_seed(seed)
        return not torch.autograd.gradcheck(Rule.apply, (x,), fast_mode=fast, raise_exception=False)

    return caught


def _jax(bug: Planted, seed: int) -> bool:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)

    def on_host(f: Callable[..., Any], *arguments: Any) -> Any:
        like = jax.ShapeDtypeStruct(arguments[-1].shape, arguments[-1].dtype)
        return jax.pure_callback(lambda *a: np.asarray(f(*map(np.asarray, a))), like, *arguments)

    @jax.custom_vjp
    def rule(x: Any) -> Any:
        return on_host(bug.forward, x)

    rule.defvjp(lambda x: (on_host(bug.forward, x), x), lambda x, g: (on_host(bug.backward, g, x),))
    try:
        check_grads(rule, (jax.numpy.asarray(bug.input(seed)),), order=1, modes=["rev"])
    except AssertionError:
        return True
    return False


def _autograd(bug: Planted, seed: int) -> bool:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    rule = primitive(bug.forward)
    defvjp(rule, lambda _, x: lambda g: bug.backward(g, x))
    np.random.seed(seed)  # noqa: NPY002  the library draws from the global state
    try:
        check_grads(rule, modes=["rev"], order=1)(bug.input(seed))
    except AssertionError:
        return True
    return False


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


CHECKERS: dict[str, Checker] = {"minigrad": _minigrad}
if _installed("torch"):
    CHECKERS |= {"torch gradcheck": _torch(fast=False), "torch, fast mode": _torch(fast=True)}
if _installed("jax"):
    CHECKERS["JAX check_grads"] = _jax
if _installed("autograd"):
    CHECKERS["autograd"] = _autograd


def fast_torch(x: Any, w: Any, b: Any) -> Callable[[], Any] | None:
    """torch's gradcheck of an affine map in its fast mode; None where torch is not installed."""
    if not _installed("torch"):
        return None
    import torch

    tensors = tuple(torch.from_numpy(a).requires_grad_() for a in (x, w, b))
    return lambda: torch.autograd.gradcheck(lambda x, w, b: x @ w + b, tensors, fast_mode=True)
