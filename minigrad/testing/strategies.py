"""Hypothesis strategies for the inputs of a rule: shapes from a signature, values with ties and kinks, layouts.

Everything shrinks to what a reader can check by hand: small shapes, zeros and eighths, C order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.testing.layout import fortran, reversed_strides, strided
from minigrad.testing.operation import Array, Arrays
from minigrad.testing.optional import require
from minigrad.testing.report import CheckError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
else:
    require("hypothesis", "minigrad.testing.strategies")

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

LARGEST_SIDE = 4
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "C": np.copy,
    "F": fortran,
    "negative strides": reversed_strides,
    "strides with gaps": strided,
}
Elements = Callable[[Mapping[str, int]], "SearchStrategy[Any]"]
_SIGNATURE = re.compile(r"\s*(\([^()]*\)\s*(,\s*\([^()]*\)\s*)*)->\s*\([^()]*\)(\s*,\s*\([^()]*\))*\s*")


@dataclass(frozen=True)
class Signature:
    """The axes of each input, such as (("n", "i"), ("i", "o"), ("o",)).

    Example:
        >>> Signature.parse("(n,i),(i,o),(o)->(n,o)").inputs
        (('n', 'i'), ('i', 'o'), ('o',))
    """

    inputs: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Read NumPy's notation for generalised functions; an axis may also be a number.

        Raises:
            CheckError: it is no such signature.
        """
        match = _SIGNATURE.fullmatch(text)
        if match is None:
            raise CheckError(f'{text!r} is no signature: write one as "(n,i),(i,o),(o)->(n,o)"')
        groups = re.findall(r"\(([^()]*)\)", match.group(1))
        return cls(tuple(tuple(axis.strip() for axis in g.split(",") if axis.strip()) for g in groups))

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the axes, each once, in order."""
        return tuple(dict.fromkeys(axis for axes in self.inputs for axis in axes if not axis.isdigit()))

    def shapes(self, sides: Mapping[str, int]) -> tuple[tuple[int, ...], ...]:
        """The shape of each input for given sides."""
        return tuple(tuple(int(a) if a.isdigit() else sides[a] for a in axes) for axes in self.inputs)


@st.composite
def sides(
    draw: Callable[..., Any], axes: tuple[str, ...], min_side: int = 0, max_side: int = LARGEST_SIDE
) -> Any:
    """A side for each axis. One is drawn for all, and some get their own, so that a square shrinks as a square."""
    common = draw(st.integers(min_side, max_side))
    own = {axis: draw(st.none() | st.integers(min_side, max_side)) for axis in axes}
    return {axis: common if side is None else side for axis, side in own.items()}


def values(shape: tuple[int, ...], low: float = -np.inf, high: float = np.inf) -> SearchStrategy[Array]:
    """Float64 arrays: eighths up to 2, with ties and zeros; or floats of magnitude 10^-6 to 10^6; inside bounds.

    Args:
        shape: of the array.
        low: the elements are above this, exclusive.
        high: the elements are below this, exclusive.

    Raises:
        CheckError: nothing lies between the two.
    """
    choices: list[SearchStrategy[float]] = []
    eighths = [k / 8 for k in sorted(range(-16, 17), key=abs) if low < k / 8 < high]
    if eighths:
        choices.append(st.sampled_from(eighths))
    small, large = 1e-6, 1e6
    wide: list[SearchStrategy[float]] = []
    if max(low, small) < min(high, large):
        wide.append(
            st.floats(max(low, small), min(high, large), exclude_min=low >= small, exclude_max=high <= large)
        )
    if max(low, -large) < min(high, -small):
        wide.append(
            st.floats(
                max(low, -large), min(high, -small), exclude_min=low >= -large, exclude_max=high <= -small
            )
        )
    if wide:
        choices.append(st.one_of(wide))
    if not choices:
        raise CheckError(f"no floats between {low} and {high} are of a size that rules are tested at")
    return st.one_of(
        [hnp.arrays(np.float64, shape, elements=choice, fill=st.nothing()) for choice in choices]
    )


@st.composite
def inputs(
    draw: Callable[..., Any],
    signature: str,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    min_side: int = 0,
    max_side: int = LARGEST_SIDE,
    elements: Mapping[int, Elements] | None = None,
) -> Arrays:
    """Arrays for all inputs of a rule.

    Args:
        draw: Hypothesis gives it.
        signature: the axes of the inputs, as "(n,i),(i,o),(o)->(n,o)". Where no input has axes, "(),()->()", shapes
            that broadcast against each other are drawn, 0-d ones among them.
        low: floats are above this.
        high: floats are below this.
        min_side: the shortest side; 0 gives empty arrays.
        max_side: the longest side.
        elements: of an input that holds no floats, such as labels, what its elements are drawn from, as a function
            of the sides: `{1: lambda sides: st.integers(0, sides["c"] - 1)}`.
    """
    parsed = Signature.parse(signature)
    if parsed.axes or any(parsed.inputs):
        chosen = draw(sides(parsed.axes, min_side, max_side))
        shapes = parsed.shapes(chosen)
    else:
        chosen = {}
        shapes = draw(
            hnp.mutually_broadcastable_shapes(
                num_shapes=len(parsed.inputs), min_dims=0, max_dims=3, min_side=min_side, max_side=max_side
            )
        ).input_shapes
    build = LAYOUTS[draw(st.sampled_from(list(LAYOUTS)))]
    special = elements or {}
    return tuple(
        draw(hnp.arrays(np.int64, shape, elements=special[k](chosen)))
        if k in special
        else build(draw(values(shape, low, high)))
        for k, shape in enumerate(shapes)
    )
