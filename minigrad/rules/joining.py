"""The derivatives of functions that join arrays or take them apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from minigrad.errors import ShapeError
from minigrad.function import Function
from minigrad.registry import RULES, registered
from minigrad.rules.declare import all_values, composed, operand, rule
from minigrad.rules.indexing import along

Casting: TypeAlias = Literal["no", "equiv", "safe", "same_kind", "unsafe"]


@rule(np.concatenate, parameters="arrays axis out dtype casting", stacked=True)
class Concatenate(Function):
    """The gradient is cut where the arrays were joined."""

    axis: int | None = 0
    dtype: Any = None
    casting: Casting = "same_kind"

    def forward(self, *arrays: Any) -> Any:
        self.shapes = [a.shape for a in arrays]
        if self.dtype is None and self.casting == "same_kind":
            return np.concatenate(arrays, self.axis)
        return np.concatenate(arrays, self.axis, dtype=self.dtype, casting=self.casting)

    def backward(self, grad: Any) -> Any:
        axis = (0 if self.axis is None else self.axis) % grad.ndim
        lengths = [np.prod(shape, dtype=int) if self.axis is None else shape[axis] for shape in self.shapes]
        cuts = pairwise(accumulate(lengths, initial=0))
        parts = (grad[along(axis, slice(start, stop))] for start, stop in cuts)
        return tuple(np.reshape(part, shape) for part, shape in zip(parts, self.shapes, strict=True))


@rule(np.stack, parameters="arrays axis out dtype casting", stacked=True)
class Stack(Function):
    """The gradient is taken apart along the new axis."""

    axis: int = 0
    dtype: Any = None
    casting: Casting = "same_kind"

    def forward(self, *arrays: Any) -> Any:
        self.count = len(arrays)
        if self.dtype is None and self.casting == "same_kind":
            return np.stack(arrays, self.axis)
        return np.stack(arrays, self.axis, dtype=self.dtype, casting=self.casting)

    def backward(self, grad: Any) -> Any:
        return tuple(grad[along(self.axis % grad.ndim, i)] for i in range(self.count))


@composed(np.hstack, stacked=True)
def hstack(tup: Sequence[Any], **options: Any) -> Any:
    """Joined along the second axis; vectors along their only one."""
    arrays = [np.atleast_1d(a) for a in tup]
    return np.concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1, **options)


@composed(np.vstack, stacked=True)
def vstack(tup: Sequence[Any], **options: Any) -> Any:
    """Joined along the first axis; vectors as rows."""
    return np.concatenate([np.atleast_2d(a) for a in tup], axis=0, **options)


@composed(np.dstack, stacked=True)
def dstack(tup: Sequence[Any]) -> Any:
    """Joined along the third axis."""
    return np.concatenate([np.atleast_3d(a) for a in tup], axis=2)


@composed(np.column_stack, stacked=True)
def column_stack(tup: Sequence[Any]) -> Any:
    """Joined along the second axis; vectors as columns."""
    return np.concatenate([a if a.ndim > 1 else np.reshape(a, (-1, 1)) for a in tup], axis=1)


@registered(np.block)
def block(arrays: Any) -> Any:
    """Nested lists joined, the innermost along the last axis, each level outwards along the one before."""

    def depth(nested: Any) -> int:
        if not isinstance(nested, list):
            return 0
        depths = set(map(depth, nested))
        if len(depths) != 1:
            raise ShapeError("np.block: lists are nested to different depths, or one is empty")
        return 1 + depths.pop()

    def axes(nested: Any) -> int:
        return max(map(axes, nested)) if isinstance(nested, list) else np.ndim(nested)

    def join(nested: Any, level: int) -> Any:
        if not isinstance(nested, list):
            a = operand(nested)
            return RULES[np.reshape](a, (1,) * (ndim - np.ndim(a)) + np.shape(a))
        return np.concatenate([join(part, level - 1) for part in nested], axis=-level)

    levels = depth(arrays)
    ndim = max(levels, axes(arrays))
    return join(arrays, levels)


@composed(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Joined at the end of an axis, or of all elements in their order."""
    return np.concatenate([arr, operand(values)], axis)


@composed(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Values inserted before positions: NumPy, run on the positions of all elements, tells the order."""
    values = operand(values)
    old = np.arange(arr.size).reshape(arr.shape)
    new = arr.size + np.arange(values.size).reshape(values.shape)
    both = np.concatenate([np.reshape(arr, -1), np.reshape(values, -1).astype(arr.dtype)])
    return both[np.insert(old, obj, new, axis)]


# Taken apart


@composed(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Parts along an axis: so many, or cut before each index."""
    axis = normalize_axis_index(axis, ary.ndim)
    parts = np.array_split(np.arange(ary.shape[axis]), all_values(indices_or_sections))
    starts = [part[0] if len(part) else 0 for part in parts]
    return [ary[along(axis, slice(i, i + len(part)))] for i, part in zip(starts, parts, strict=True)]


@composed(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """np.array_split into equal parts.

    Raises:
        ShapeError: the axis cannot be cut into that many equal parts.
    """
    count = all_values(indices_or_sections)
    axis = normalize_axis_index(axis, ary.ndim)
    if np.ndim(count) == 0 and (count < 1 or ary.shape[axis] % count):
        raise ShapeError(
            f"np.split: {ary.shape[axis]} elements along axis {axis} make no {count} equal parts"
        )
    return np.array_split(ary, count, axis)


@composed(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """np.split along the second axis; of a vector along its only one."""
    return np.split(ary, indices_or_sections, axis=1 if ary.ndim > 1 else 0)


@composed(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """np.split along the first axis."""
    return np.split(ary, indices_or_sections, axis=needed(ary, 0))


@composed(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """np.split along the third axis."""
    return np.split(ary, indices_or_sections, axis=needed(ary, 2))


def needed(ary: Any, axis: int) -> int:
    """The axis, if it is there and stands for an array of rows or more."""
    if ary.ndim < max(2, axis + 1):
        raise ShapeError(
            f"an array of {ary.ndim} axes cannot be split along axis {axis} of {max(2, axis + 1)} or more"
        )
    return axis


class Unstack(Function):
    """The gradients of the parts are stacked."""

    numpy_function = staticmethod(np.unstack)

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return np.unstack(x, axis=self.axis)

    def backward(self, *grads: Any) -> Any:
        return np.stack(grads, self.axis)


@composed(np.unstack)
def unstack(x: Any, /, *, axis: int = 0) -> Any:
    """The elements along an axis, each without it."""
    return Unstack(normalize_axis_index(axis, x.ndim))(x)
