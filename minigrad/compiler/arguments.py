"""The arguments of a step: what they are told apart by, and the arrays in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from minigrad.compiler.errors import CompileError
from minigrad.compiler.program import replaced
from minigrad.tensor import Tensor


def leaves_of(args: tuple[Any, ...], options: dict[str, Any]) -> Sequence[Any]:
    """The arrays, Tensors and numbers in nested arguments, in their order."""
    if are_arrays(args, options):
        return args
    leaves: list[Any] = []
    replaced((args, _sorted(options)), leaves.append)
    return leaves


def rebuilt(args: tuple[Any, ...], options: dict[str, Any]) -> Callable[[Sequence[Any]], tuple[Any, Any]]:
    """A function that puts other leaves into the same nesting."""
    ordered = _sorted(options)

    def build(leaves: Sequence[Any]) -> tuple[Any, Any]:
        unused = iter(leaves)
        args_and_options: tuple[Any, Any] = replaced((args, ordered), lambda _: next(unused))
        return args_and_options

    return build


def _sorted(options: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(options.items()))


def signature(args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a compiled step stands for: the nesting of the arguments, their shapes and dtypes.

    Raises:
        CompileError: an argument holds neither arrays, Tensors nor numbers.
    """
    return _nesting((args, _sorted(options)))


def alike(
    args: tuple[Any, ...], options: dict[str, Any], names: dict[str, Any], checked: Collection[int]
) -> list[str]:
    """The conditions that other `args` and `options` are like these, quickly told where all are plain arrays.

    Args:
        args: of the step.
        options: of the step.
        names: what the conditions name is added to them.
        checked: the positions of the arrays whose shape the step itself looks at: their number of axes is enough.
    """
    if not are_arrays(args, options):
        names.update(signature=signature, expected=signature(args, options))
        return ["signature(args, options) == expected"]
    names.update({"ndarray": np.ndarray}, **{f"dtype{i}": arg.dtype for i, arg in enumerate(args)})
    shapes = [
        f"ndim == {arg.ndim}" if i in checked else f"shape == {arg.shape}" for i, arg in enumerate(args)
    ]
    return [
        f"not options and len(args) == {len(args)}",
        *(
            f"type(args[{i}]) is ndarray and args[{i}].{shape} and args[{i}].dtype is dtype{i}"
            for i, shape in enumerate(shapes)
        ),
    ]


def are_arrays(args: tuple[Any, ...], options: dict[str, Any]) -> bool:
    """Whether arguments are their own leaves."""
    return not options and all(type(arg) is np.ndarray for arg in args)


def _nesting(tree: Any) -> Any:
    if isinstance(tree, (tuple, list)):
        return (type(tree), *map(_nesting, tree))
    if isinstance(tree, dict):
        return (dict, *((name, _nesting(item)) for name, item in tree.items()))
    if isinstance(tree, Tensor):
        if tree._node is not None:
            raise CompileError(
                f"an argument of a compiled function is a recorded result, {tree._described()}, to which no gradient "
                "would go back: pass tensor.detach(), or compute it inside"
            )
        return (Tensor, tree.shape, tree.dtype, tree.requires_grad, tree.grad is None)
    if isinstance(tree, np.ndarray) and not isinstance(tree, np.ma.MaskedArray):
        return (tree.shape, tree.dtype)
    if isinstance(tree, (bool, int, float, np.number, np.bool_)):
        return type(tree)
    raise CompileError(
        f"an argument of a compiled function is a {type(tree).__name__}: give arrays, Tensors and numbers, and let "
        "the function find other things around it"
    )
