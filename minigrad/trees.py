"""Structures of arrays: lists, tuples and dicts in each other, and modules, which stand for their parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

# Arrays, numbers and Tensors, nested in lists, tuples and dicts; a module stands for the dict of its parameters.
Tree: TypeAlias = Any


def mapped(f: Callable[[Any], Any], tree: Tree) -> Tree:
    """The same structure, with every leaf put through `f`."""
    if isinstance(tree, dict):
        return {key: mapped(f, value) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(mapped(f, item) for item in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(mapped(f, item) for item in tree)
    return f(tree)


def leaves_of(tree: Tree) -> list[Any]:
    """The leaves, in the order of the structure."""
    leaves: list[Any] = []
    mapped(leaves.append, tree)
    return leaves


def is_module(x: Any) -> bool:
    """Whether x has named parameters, which stand for it."""
    return hasattr(x, "named_parameters")


def function_name(f: Callable[..., Any]) -> str:
    """What errors call a function."""
    return getattr(f, "__name__", type(f).__name__)
