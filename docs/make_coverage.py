"""Writes docs/coverage.md from the registry of rules: run python docs/make_coverage.py."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minigrad import rules  # noqa: F401  it fills the registry
from minigrad.registry import RULES, name_of

PAGE = Path(__file__).with_name("coverage.md")
TEXT = """\
# What NumPy functions can be differentiated

Call NumPy itself on Tensors: every function below computes what NumPy computes, and what depends on a Tensor that
requires a gradient is recorded. A function that is not listed raises a `NoRuleError` that names it, and so does a
keyword that is not listed. This page is made from the registry of rules by `docs/make_coverage.py`.

"Every order" means that the backward pass can itself be recorded, with `create_graph=True`, again and again.
"Zero" is the derivative of a step. "None" computes on the values: the result is a constant.

Beside what is listed: every ufunc takes `out=`, `where=`, `dtype=`, `casting=`, `order=`, `subok=` and `signature=`; a
place that `where=` leaves out keeps what `out=` held, and is 0 without it. `np.matmul`, `np.vecdot`, `np.matvec` and
`np.vecmat` take `axes=` too. Every ufunc of two inputs has `.reduce` (with `axis`, `keepdims`, `initial` and `where`),
`.accumulate`, `.reduceat` and `.outer`; every ufunc has `.at`. `out=` binds that Tensor to the result (see
[indexing](indexing.md)).

NumPy turns a list into an array before it asks whom to call, so that `np.exp([t, u])` of two Tensors is a
constant. Write `np.exp(np.stack([t, u]))`. What takes a list of arrays, such as `np.concatenate`, sees the Tensors
in it.

## Ties, kinks and edges

| where | the gradient |
|---|---|
| `max`, `min`, `amax`, `amin`: several equal extrema | each has an equal share; `initial` is one of them |
| `max`, `min`, max pooling: a NaN, which is the result | the NaN has it |
| `maximum`, `minimum`, `fmax`, `fmin`: two equal numbers | a half each |
| `fmax`, `fmin`: NaN and a number | the number has all of it |
| `abs`, `fabs`, `sign` at 0 | 0 |
| `clip` | 1 inside the bounds and at them; outside, the bound that holds has it |
| `sort`, `partition`, `median`, `quantile`: equal elements | by the stable permutation: the first keeps its place |
| `std` of equal numbers, `hypot` and `arctan2` at the origin, a norm at 0 | 0 |
| `0 ** b` with respect to b; `a ** 0` with respect to a | 0 |
| `(-a) ** b` with respect to b | NaN: there is none |
| `prod`, `cumprod` of zeros | exact: nothing is divided |
| `sinc` and all its derivatives at 0 | exact |
| `nansum` and its kin, `nan_to_num`: NaN | 0 |
| a zero gradient through an infinite slope, as in `np.where(x > 0, np.sqrt(x), 0)` at 0 | 0, not NaN |
| `t[i] = u` with a place named twice | the last value has it, as NumPy keeps the last |
| sums with a place named twice (`t[[0, 0]]`, `np.add.at`) | both |

## What is refused

Each of these is an error that says so; everything else that NumPy takes is taken.

| what | why |
|---|---|
| a gradient to `q=` and `weights=` of quantiles, `initial=` of reductions, options of `np.pad` | they are static |
| `np.pad` with a function as `mode` | the function writes into memory |
| `np.linalg.qr` in mode "raw" | it is a form of LAPACK's own |
| `np.linalg.qr` in mode "complete", of more rows than columns | the further columns are no function of the matrix |
| `out=` an array, for a result that requires a gradient | the gradient would be lost: give a Tensor |
| `out=` of a dtype that the result cannot be cast to by "same_kind" | values would be lost |
| `np.copyto`, `np.put` and their kin into a leaf that requires a gradient | see [indexing](indexing.md) |

## Functions

| function | takes | derivatives | |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    named = {name_of(key): key for key in RULES if callable(key) and name_of(key).startswith("np.")}
    return TEXT + "".join(row(name, named[name]) for name in sorted(named))


def row(name: str, function: Callable[..., Any]) -> str:
    """A line of the table."""
    rule: Any = RULES[function]
    if isinstance(function, np.ufunc):
        names = ", ".join(["x"] if function.nin == 1 else ["x1", "x2"])
    else:
        names = ", ".join(map(spelled, inspect.signature(rule).parameters.values()))
    summary = (rule.__doc__ or "").split("\n")[0].replace("|", "\\|")
    return f"| `{name}` | {names} | {rule.derivatives} | {summary} |\n"


def spelled(parameter: inspect.Parameter) -> str:
    """A parameter as a call has it."""
    stars = {parameter.VAR_POSITIONAL: "\\*", parameter.VAR_KEYWORD: "\\*\\*"}.get(parameter.kind, "")
    return stars + parameter.name


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
