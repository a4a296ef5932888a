"""How thoroughly to check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

AtKink: TypeAlias = Literal["subgradient", "ignore", "error"]


class OptionsGiven(TypedDict, total=False):
    """The options that a caller may give, as keywords; `Options` has their defaults."""

    at_kink: AtKink
    dtypes: tuple[str, ...]
    layouts: bool
    min_resolution: float
    seed: int


@dataclass(frozen=True)
class Options:
    """The options of `check_rule`, and what they are where nothing is said.

    Args:
        at_kink: what a gradient at a kink must be: a "subgradient", anything ("ignore"), or an "error".
        dtypes: "f8" judges the mathematics; with "f4" the rule is also run in float32 and compared.
        layouts: whether to rebuild the arrays in other memory layouts.
        min_resolution: a gradient proven only to more than this relative error is inconclusive.
        seed: what directions and upstream gradients are drawn from.
    """

    at_kink: AtKink = "subgradient"
    dtypes: tuple[str, ...] = ("f8", "f4")
    layouts: bool = True
    min_resolution: float = 1e-6
    seed: int = 0
