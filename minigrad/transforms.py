"""Functions to functions: gradients, products with Jacobians, Jacobians and Hessians, checkpoints.

Every transform takes arguments that are arrays, numbers or Tensors, also nested in lists, tuples and dicts, and
modules, whose parameters stand for them. Given arrays it gives arrays; given Tensors, Tensors that are recorded, so
that transforms nest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad import engine
from minigrad.errors import DtypeError, ShapeError
from minigrad.function import Function
from minigrad.graph import graph_of
from minigrad.node import Node
from minigrad.registry import RULES
from minigrad.standin import StandIn, as_array
from minigrad.state import enable_grad, no_grad
from minigrad.tensor import Tensor, values, wrap

# Arrays, numbers and Tensors, nested in lists, tuples and dicts; a module stands for the dict of its parameters.
Tree: TypeAlias = Any
Argnums: TypeAlias = "int | Sequence[int]"


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of `f`, whose value is a single number.

    Args:
        f: a function of arrays, numbers, Tensors, or nested structures of them.
        argnums: with respect to which arguments; for several, a tuple of gradients.
        has_aux: whether `f` gives (value, something else); then the result is (gradient, something else).

    Returns:
        A function of the same arguments, whose result has the structure of the chosen argument.

    Raises:
        ShapeError: the value is not a single number.
        DtypeError: a chosen argument holds integers.

    Example:
        >>> import numpy as np
        >>> grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
        array([2., 4.])
        >>> grad(grad(np.sin))(0.0)
        np.float64(-0.0)
    """

    def gradient(*args: Any) -> Any:
        value, found = value_and_grad(f, argnums, has_aux)(*args)
        return (found, value[1]) if has_aux else found

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the value of `f` and its gradient, from one forward pass.

    Example:
        >>> import numpy as np
        >>> value_and_grad(lambda x: x * x)(3.0)
        (np.float64(9.0), np.float64(6.0))
    """

    def both(*args: Any) -> tuple[Any, Any]:
        run = _Run(f, args, argnums, has_aux)
        if run.output.size != 1:
            raise ShapeError(
                f"the gradient of {_name(f)} needs a single value, but it gave shape {run.output.shape}: "
                "sum it, or use elementwise_grad or jacobian"
            )
        found = run.pull(np.ones_like(run.output._data))
        value = run.plain(run.output)
        return ((value, run.aux) if has_aux else value), found

    return both


def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The derivative of an elementwise `f` at every element: the gradient of the sum of its results.

    Example:
        >>> import numpy as np
        >>> elementwise_grad(np.square)(np.array([1.0, 2.0]))
        array([2., 4.])
    """

    def derivative(*args: Any) -> Any:
        run = _Run(f, args, argnums)
        return run.pull(np.ones_like(run.output._data))

    return derivative


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The value of `f`, and the function that multiplies a vector with its Jacobian from the left.

    Returns:
        The value, and a function from a gradient of the value's shape to the gradient with respect to each argument:
        a tuple, or for one argument that alone.

    Example:
        >>> import numpy as np
        >>> y, pull = vjp(lambda x: x * x, np.array([1.0, 2.0]))
        >>> pull(np.array([1.0, 10.0]))
        array([ 2., 40.])
    """
    run = _Run(f, primals, 0 if len(primals) == 1 else range(len(primals)))
    return run.plain(run.output), run.pull


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f`, and the product of its Jacobian with tangents: the derivative along them.

    The product uᵀJ is linear in u, and its own gradient with respect to u along v is Jv (Townsend 2017, "A new trick
    for calculating Jacobian vector products"): two passes backward, none forward.

    Example:
        >>> import numpy as np
        >>> jvp(lambda x: x * x, [np.array([1.0, 2.0])], [np.array([1.0, 10.0])])
        (array([1., 4.]), array([ 2., 40.]))
    """
    run = _Run(f, primals, range(len(primals)))
    u = Tensor(np.zeros_like(run.output._data), requires_grad=True)
    roots = []
    for primal, product, tangent in zip(
        run.inputs, run.gradients(u, True), _leaves(list(tangents)), strict=True
    ):
        v = tangent if isinstance(tangent, Tensor) else np.asarray(tangent, dtype=primal.dtype)
        if v.shape != primal.shape:
            raise ShapeError(
                f"jvp of {_name(f)}: a tangent of shape {v.shape} for an argument of shape {primal.shape}"
            )
        if isinstance(product, Tensor) and product._node is not None:
            roots.append((product._node, v if run.nested else values(v)))
    found = engine.run(roots, retain_graph=True, create_graph=run.nested).get(u, np.zeros_like(u._data))
    return run.plain(run.output), run.plain(found)


def make_vjp(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Callable[[Any], Any], Any]]:
    """HIPS autograd's order of things: `make_vjp(f)(x)` gives the function of `vjp`, and then the value."""

    def at(*args: Any) -> tuple[Callable[[Any], Any], Any]:
        run = _Run(f, args, argnums)
        return run.pull, run.plain(run.output)

    return at


def make_jvp(f: Callable[..., Any]) -> Callable[..., Callable[..., tuple[Any, Any]]]:
    """HIPS autograd's order of things: `make_jvp(f)(x)(v)` gives the value and the product of the Jacobian with v."""
    return lambda *primals: lambda *tangents: jvp(f, primals, tangents)


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The product of the Hessian of `f` at x with v, without the Hessian.

    Example:
        >>> import numpy as np
        >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
        array([ 6., 12.])
    """
    run = _Run(grad(f), (x,), 0)
    return run.pull(v)


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that gives the Jacobian of `f`: its forward pass runs once, its backward pass once for each output.

    Returns:
        A function of the same arguments; its result has the shape of the value followed by that of the argument, in the
        structure of the argument.

    Example:
        >>> import numpy as np
        >>> jacobian(lambda x: np.array([[1.0, 2.0], [3.0, 4.0]]) @ x)(np.ones(2))
        array([[1., 2.],
               [3., 4.]])
    """

    def at(*args: Any) -> Any:
        run = _Run(f, args, argnums)
        basis = np.eye(run.output.size, dtype=run.output.dtype).reshape(-1, *run.output.shape)
        rows = [[run.plain(g) for g in run.gradients(e, run.nested)] for e in basis]
        shapes = [run.output.shape + x.shape for x in run.inputs]
        if not rows:
            return run.structured([np.zeros(shape) for shape in shapes])
        return run.structured(
            [
                np.reshape(np.stack(of_one), s)
                for of_one, s in zip(zip(*rows, strict=True), shapes, strict=True)
            ]
        )

    return at


def hessian(f: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """The function that gives the Hessian of `f`, whose value is a single number.

    Example:
        >>> import numpy as np
        >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
        array([[4., 2.],
               [2., 0.]])
    """
    return jacobian(grad(f, argnum), argnum)


def stop_gradient(x: Any) -> Any:
    """The same value as a constant, for which derivatives of every order are 0.

    Example:
        >>> grad(lambda x: x * stop_gradient(x))(3.0)
        np.float64(3.0)
    """
    return _mapped(lambda leaf: leaf.detach() if isinstance(leaf, Tensor) else leaf, x)


def checkpoint(
    f: Callable[..., Any], *, generators: Sequence[np.random.Generator] = ()
) -> Callable[..., Any]:
    """`f` as one operation that saves its inputs alone, and computes the rest again when its gradient is asked for.

    The gradients are the same, for the arguments and for every leaf that `f` uses besides. Random numbers are the same
    too: NumPy's global state, and that of the generators named here or held by a module, are put back for the second
    computation.

    Args:
        f: takes Tensors and gives one.
        generators: what `f` draws from.

    Example:
        >>> import numpy as np
        >>> x = Tensor(1.0, requires_grad=True)
        >>> checkpoint(lambda x: np.exp(np.sin(x)))(x).backward()
        >>> print(f"{x.grad.item():.6f}")
        1.253381
    """
    drawn_from = [*generators, *_generators_of(f)]

    def once(*args: Any) -> Any:
        states = _random_states(drawn_from)
        with enable_grad():
            inside = [Tensor(x, requires_grad=x.requires_grad) if isinstance(x, Tensor) else x for x in args]
            own = {id(x) for x in inside}
            reached = [leaf.tensor for leaf in graph_of(f(*inside)).parameters]
            used = [leaf for leaf in reached if leaf is not None and id(leaf) not in own]
        after = _random_states(drawn_from)
        _restore(drawn_from, states)
        result = Checkpoint(f, drawn_from, states, used)(*args, *used)
        _restore(drawn_from, after)
        return result

    return once


class Checkpoint(Function):
    """A function whose inside is computed again on the way back."""

    def __init__(
        self,
        f: Callable[..., Any],
        generators: list[np.random.Generator],
        states: list[Any],
        used: list[Tensor],
    ) -> None:
        self.f, self.generators, self.states, self.used = f, generators, states, used

    def forward(self, *inputs: Any) -> Any:
        """The function's value; the inputs alone are saved."""
        self.given = inputs[: len(inputs) - len(self.used)]
        with no_grad():
            return values(self._again(*self.given))

    def backward(self, grad: Any) -> Any:
        """The function again, this time recorded, and back through it."""
        run = _Run(self._again, self.given, range(len(self.given)))
        found = run.gradients(grad, isinstance(grad, Tensor), [*run.inputs, *self.used])
        return tuple(found)

    def _again(self, *inputs: Any) -> Any:
        now = _random_states(self.generators)
        _restore(self.generators, self.states)
        try:
            return self.f(*inputs)
        finally:
            _restore(self.generators, now)


class _Run:
    """One call of a function on inputs that it can be differentiated by."""

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], argnums: Argnums, has_aux: bool = False
    ) -> None:
        self.single = isinstance(argnums, int)
        chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        self.name = _name(f)
        self.nested = any(
            isinstance(leaf, Tensor) for arg in args if not _is_module(arg) for leaf in _leaves(arg)
        )
        self.inputs: list[Tensor] = []
        self.stop: dict[Node, Tensor] = {}
        with enable_grad():
            given = [self._mapped_inputs(arg) if i in chosen else arg for i, arg in enumerate(args)]
            result = f(*given)
        self.trees: list[Tree] = [args[i] for i in chosen]
        self.aux: Any = None
        if has_aux:
            result, self.aux = result
        if not isinstance(result, (Tensor, np.ndarray, np.generic, float, int, complex, StandIn)):
            raise DtypeError(
                f"{self.name} gave a {type(result).__name__}: a transform needs one array, number or Tensor"
            )
        self.output = result if isinstance(result, Tensor) else wrap(as_array(result))

    def _mapped_inputs(self, arg: Tree) -> Tree:
        if _is_module(arg):
            self.inputs.extend(arg.parameters())
            return arg
        return _mapped(self._input, arg)

    def _input(self, leaf: Any) -> Tensor:
        if isinstance(leaf, Tensor) and leaf.requires_grad:
            x: Tensor = RULES[np.copy](leaf)  # an operation at which the way back stops
            assert x._node is not None
            self.stop[x._node] = x
        else:
            array = as_array(values(leaf), float if isinstance(leaf, int) else None)
            if array.dtype.kind not in "fc":
                raise DtypeError(
                    f"{self.name} cannot be differentiated by {array.dtype}: pass floating-point numbers"
                )
            x = Tensor(array, requires_grad=True)
        self.inputs.append(x)
        return x

    def gradients(self, grad: Any, create_graph: bool, by: Sequence[Tensor] | None = None) -> list[Any]:
        """The gradient with respect to each input (or whatever is named), zeros where the output does not depend on it."""
        upstream = grad if isinstance(grad, Tensor) else as_array(grad, self.output.dtype)
        if upstream.shape != self.output.shape:
            raise ShapeError(
                f"{self.name} gave shape {self.output.shape}, but its gradient has {upstream.shape}"
            )
        node = self.output._node
        if node is None:
            found: dict[Tensor, Any] = {self.output: upstream}
        else:
            upstream = upstream if create_graph else values(upstream)
            found = engine.run(
                [(node, upstream)], retain_graph=True, create_graph=create_graph, stop=self.stop
            )
        return [found.get(x, np.zeros_like(x._data)) for x in (self.inputs if by is None else by)]

    def pull(self, grad: Any) -> Any:
        """The gradient with respect to the chosen arguments, in their structure."""
        nested = self.nested or isinstance(grad, Tensor)
        found = self.gradients(grad, nested)
        return self.structured([g if nested else self.plain(g) for g in found])

    def plain(self, result: Any) -> Any:
        """A Tensor where Tensors were given, and else an array or a NumPy number."""
        if self.nested:
            return result if isinstance(result, Tensor) else wrap(as_array(result))
        return values(result)[()]

    def structured(self, flat: Sequence[Any]) -> Any:
        """One result for each input, put into the structure of the arguments."""
        unused = iter(flat)
        trees = [
            {name: next(unused) for name, _ in tree.named_parameters()}
            if _is_module(tree)
            else _mapped(lambda _: next(unused), tree)
            for tree in self.trees
        ]
        return trees[0] if self.single else tuple(trees)


def _mapped(f: Callable[[Any], Any], tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: _mapped(f, value) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(_mapped(f, item) for item in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(_mapped(f, item) for item in tree)
    return f(tree)


def _leaves(tree: Tree) -> list[Any]:
    leaves: list[Any] = []
    _mapped(leaves.append, tree)
    return leaves


def _is_module(x: Any) -> bool:
    return hasattr(x, "named_parameters")


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", type(f).__name__)


def _generators_of(f: Any) -> list[np.random.Generator]:
    modules = [module for _, module in f.named_modules()] if _is_module(f) else []
    return [
        held for module in modules for held in vars(module).values() if isinstance(held, np.random.Generator)
    ]


def _random_states(generators: Sequence[np.random.Generator]) -> list[Any]:
    return [np.random.get_state(), *(g.bit_generator.state for g in generators)]  # noqa: NPY002  others may use it


def _restore(generators: Sequence[np.random.Generator], states: Sequence[Any]) -> None:
    np.random.set_state(states[0])  # noqa: NPY002  others may use it
    for generator, state in zip(generators, states[1:], strict=True):
        generator.bit_generator.state = state
