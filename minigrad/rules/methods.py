"""The methods of ufuncs, np.add.reduce and its kin: what each does is said once, for all of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from itertools import accumulate as running
from itertools import pairwise
from typing import Any

import numpy as np

from minigrad.registry import RULES, Key
from minigrad.rules import complex_numbers, elementwise, values  # noqa: F401  they enter the ufuncs
from minigrad.rules.declare import all_values, into, named, operand, tensors
from minigrad.rules.indexing import scatter
from minigrad.rules.reductions import kept_shape, lanes, reduced_shape
from minigrad.tensor import Array, Axis


def slices(array: Any, axis: int) -> list[Any]:
    """The array cut into its elements along an axis, without that axis."""
    array = np.moveaxis(operand(array), axis, 0)
    return [array[i] for i in range(array.shape[0])]


def reduce(
    ufunc: np.ufunc,
    array: Any,
    axis: Axis = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    """Takes the elements along an axis one by one, from the first to the last, those that `where` chooses.

    Raises:
        ShapeError: NumPy refuses the axes, or needs `initial`.
    """
    array = operand(array)
    try:
        check_reduction(ufunc, array.ndim, axis, initial, where is not True)
    except ValueError as error:
        raise named(error, ufunc.reduce, array) from error
    parts = slices(lanes(array, axis), -1)
    fold = functools.partial(ufunc, dtype=dtype)
    start: Any = None if initial is np._NoValue else initial
    if start is None and (where is not True or not parts):
        start = np.asarray(ufunc.identity, array.dtype if dtype is None else dtype)
    if where is not True:
        mask_of_all = np.broadcast_to(all_values(where), array.shape)
        masks = np.moveaxis(lanes(mask_of_all, axis), -1, 0)
        y = start
        for part, mask in zip(parts, masks, strict=True):
            y = np.where(mask, fold(y, part), y)
    else:
        y = functools.reduce(fold, parts if start is None else [start, *parts])
    shape = kept_shape(array.shape, axis) if keepdims else reduced_shape(array.shape, axis)
    return into(out, tensors(np.reshape(np.broadcast_to(y, reduced_shape(array.shape, axis)), shape)))


def check_reduction(ufunc: np.ufunc, ndim: int, axis: Axis, initial: Any, masked: bool) -> None:
    """Asks NumPy, with a single number, whether the ufunc reduces such axes, and without `initial`."""
    start = initial if initial is np._NoValue else 1
    ufunc.reduce(np.ones((1,) * ndim), axis, initial=start, where=np.True_ if masked else True)


def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """Every result of `reduce` on the way."""
    array = np.moveaxis(operand(array), axis, 0)
    first = array[:1] if dtype is None else array[:1].astype(dtype)
    parts = [*slices(first, 0), *slices(array[1:], 0)]
    steps = running(parts, functools.partial(ufunc, dtype=dtype))
    return into(out, tensors(joined(first, steps, axis)))


def reduceat(
    ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    """`reduce` from each index to the next; the element itself where the next one is not larger."""
    parts = np.moveaxis(operand(array), axis, 0)
    starts = np.asarray(all_values(indices), np.intp)
    np.add.reduceat(np.ones(len(parts)), starts)  # NumPy knows which indices there are
    ranges = [slice(i, j if i < j else i + 1) for i, j in pairwise([*starts, len(parts)])]
    return into(out, tensors(joined(parts, (ufunc.reduce(parts[r], 0, dtype) for r in ranges), axis)))


def joined(array: Any, results: Iterable[Any], axis: int) -> Any:
    """Results along an axis, also none: the array, whose first axis it was, tells the shape."""
    found = [y[None] for y in results]
    return np.moveaxis(np.concatenate(found) if found else array[:0], 0, axis)


def outer(ufunc: np.ufunc, a: Any, b: Any, **options: Any) -> Any:
    """Each element of a with each of b."""
    a, b = operand(a), operand(b)
    return RULES[ufunc](np.reshape(a, a.shape + (1,) * b.ndim), b, **options)


def at(ufunc: np.ufunc, a: Any, indices: Any, *b: Any) -> None:
    """Puts the elements at the indices through the ufunc, in place; an index given twice goes through twice."""
    places = np.arange(np.size(a)).reshape(np.shape(a))[all_values(indices)]
    operands = [np.reshape(np.broadcast_to(operand(x), places.shape), -1) for x in b]
    y = RULES[np.reshape](a, -1)
    for now in rounds(places := places.reshape(-1)):
        chosen = places[now]
        y[chosen] = RULES[ufunc](y[chosen], *(x[now] for x in operands))
    into(a, np.reshape(y, np.shape(a)))


def rounds(places: Array) -> list[Array]:
    """Positions in `places`, such that no round comes to a place twice and each comes to it in turn."""
    order = np.argsort(places, kind="stable")
    turn = np.empty(places.size, int)
    turn[order] = np.arange(places.size) - np.searchsorted(places[order], places[order])
    return [np.flatnonzero(turn == n) for n in range(turn.max(initial=-1) + 1)]


def add_at(sign: int, a: Any, indices: Any, b: Any) -> None:
    """Adds to the elements at the indices, in place; to an index given twice, twice."""
    index = all_values(indices)
    b = np.broadcast_to(operand(b), np.shape(np.broadcast_to(0, np.shape(a))[index]))
    into(a, RULES[np.add](a, sign * scatter(b, index, np.shape(a))))


def along_first(function: Callable[..., Any], array: Any, axis: Axis = 0, *args: Any, **options: Any) -> Any:
    """A reduction as a ufunc's method, which takes the first axis where the function takes all."""
    return RULES[function](array, axis, *args, **options)


def along_first_as(
    function: Callable[..., Any], array: Any, axis: Axis = 0, dtype: Any = None, *args: Any, **options: Any
) -> Any:
    """`along_first` of a function that takes no `dtype`."""
    array = operand(array)
    return along_first(function, array if dtype is None else array.astype(dtype), axis, *args, **options)


# A function of NumPy's that does the same faster.
FASTER: dict[Key, Callable[..., Any]] = {
    (np.add, "reduce"): functools.partial(along_first, np.sum),
    (np.multiply, "reduce"): functools.partial(along_first, np.prod),
    (np.maximum, "reduce"): functools.partial(along_first_as, np.max),
    (np.minimum, "reduce"): functools.partial(along_first_as, np.min),
    (np.add, "accumulate"): functools.partial(along_first, np.cumsum),
    (np.multiply, "accumulate"): functools.partial(along_first, np.cumprod),
    (np.add, "at"): functools.partial(add_at, 1),
    (np.subtract, "at"): functools.partial(add_at, -1),
}


def _enter() -> None:
    """Enters the methods of every ufunc that has a rule."""
    RULES.update(FASTER)
    ufuncs = [key for key in RULES if isinstance(key, np.ufunc) and key.nout == 1 and key.signature is None]
    methods: tuple[Callable[..., Any], ...] = (at, reduce, accumulate, reduceat, outer)
    for ufunc in ufuncs:
        for method in methods if ufunc.nin == 2 else (at,):
            rule: Callable[..., Any] = functools.partial(method, ufunc)
            RULES.setdefault((ufunc, method.__name__), rule)


_enter()
