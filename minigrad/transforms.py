"""Functions to functions: gradients, products with Jacobians, Jacobians and Hessians, checkpoints.

Every transform takes arguments that are arrays, numbers or Tensors, also nested in lists, tuples and dicts, and
modules, whose parameters stand for them. Given arrays it gives arrays; given Tensors, Tensors that are recorded, so
that transforms nest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import engine
from minigrad.errors import ShapeError
from minigrad.linearised import Argnums, Linearised
from minigrad.tensor import Tensor, values
from minigrad.trees import function_name, leaves_of, mapped


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
        run = Linearised(f, args, argnums, has_aux)
        if run.output.size != 1:
            raise ShapeError(
                f"the gradient of {function_name(f)} needs a single value, but it gave shape {run.output.shape}: "
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
        run = Linearised(f, args, argnums)
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
    run = Linearised(f, primals, 0 if len(primals) == 1 else range(len(primals)))
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
    run = Linearised(f, primals, range(len(primals)))
    u = Tensor(np.zeros_like(run.output._data), requires_grad=True)
    roots = []
    for primal, product, tangent in zip(
        run.inputs, run.gradients(u, True), leaves_of(list(tangents)), strict=True
    ):
        v = tangent if isinstance(tangent, Tensor) else np.asarray(tangent, dtype=primal.dtype)
        if v.shape != primal.shape:
            raise ShapeError(
                f"jvp of {function_name(f)}: a tangent of shape {v.shape} for an argument of shape {primal.shape}"
            )
        if isinstance(product, Tensor) and product._node is not None:
            roots.append((product._node, v if run.nested else values(v)))
    found = engine.run(roots, retain_graph=True, create_graph=run.nested).get(u, np.zeros_like(u._data))
    return run.plain(run.output), run.plain(found)


def make_vjp(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Callable[[Any], Any], Any]]:
    """HIPS autograd's order of things: `make_vjp(f)(x)` gives the function of `vjp`, and then the value."""

    def at(*args: Any) -> tuple[Callable[[Any], Any], Any]:
        run = Linearised(f, args, argnums)
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
    run = Linearised(grad(f), (x,), 0)
    return run.pull(v)


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that gives the Jacobian of `f`: the rows go backward together.

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
        run = Linearised(f, args, argnums)
        basis = np.eye(run.output.size, dtype=run.output.dtype).reshape(run.output.size, *run.output.shape)
        shapes = [run.output.shape + x.shape for x in run.inputs]
        if not len(basis):
            return run.structured([np.zeros(shape) for shape in shapes])
        found = run.recorded_rows(basis) if run.nested else run.rows(basis)
        return run.structured([np.reshape(rows, s) for rows, s in zip(found, shapes, strict=True)])

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
    return mapped(lambda leaf: leaf.detach() if isinstance(leaf, Tensor) else leaf, x)
