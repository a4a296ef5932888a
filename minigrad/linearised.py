"""One call of a function, ready to be differentiated: what every transform is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad import engine
from minigrad.errors import DtypeError, ShapeError
from minigrad.node import Node
from minigrad.registry import RULES
from minigrad.rows import Rows
from minigrad.standin import StandIn, as_array
from minigrad.state import enable_grad
from minigrad.tensor import Array, Tensor, values, wrap
from minigrad.trees import Tree, function_name, is_module, leaves_of, mapped

Argnums: TypeAlias = "int | Sequence[int]"

# Gradients in one pass: more of them save little time, and all that is computed is that much larger.
TOGETHER = 128


class Linearised:
    """One call of a function on inputs that it can be differentiated by."""

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], argnums: Argnums, has_aux: bool = False
    ) -> None:
        self.single = isinstance(argnums, int)
        chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        self.name = function_name(f)
        self.nested = any(
            isinstance(leaf, Tensor) for arg in args if not is_module(arg) for leaf in leaves_of(arg)
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
        if is_module(arg):
            self.inputs.extend(arg.parameters())
            return arg
        return mapped(self._input, arg)

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
        """The gradient with respect to each input, or to whatever is named; zeros where nothing depends on it."""
        upstream = grad if isinstance(grad, (Tensor, Rows)) else as_array(grad, self.output.dtype)
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
        return [
            found[x] if x in found else zeros_for(upstream, x) for x in (self.inputs if by is None else by)
        ]

    def rows(self, grads: Array) -> list[Array]:
        """For each input, what many gradients give, in passes that carry a number of them together."""
        passes = [
            self.gradients(Rows(grads[start : start + TOGETHER]), False)
            for start in range(0, len(grads), TOGETHER)
        ]
        return [np.concatenate([rows.data for rows in of_one]) for of_one in zip(*passes, strict=True)]

    def recorded_rows(self, grads: Array) -> list[Any]:
        """The same where the passes are recorded: one for each gradient."""
        passes = [map(self.plain, self.gradients(grad, True)) for grad in grads]
        return [np.stack(of_one) for of_one in zip(*passes, strict=True)]

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
            if is_module(tree)
            else mapped(lambda _: next(unused), tree)
            for tree in self.trees
        ]
        return trees[0] if self.single else tuple(trees)


def zeros_for(upstream: Any, x: Tensor) -> Any:
    """The gradient with respect to an input on which nothing depends."""
    return (
        Rows(np.zeros((len(upstream.data), *x.shape), x.dtype))
        if isinstance(upstream, Rows)
        else np.zeros_like(x._data)
    )
