"""Hypothesis strategies for the arrays and keywords that rules are tested with."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

from tests.minigrad.rules.differences import hermitian_like, normal

SEEDS = st.integers(0, 2**16)


def spaced(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values in a random order, apart from each other and from 0, so that a small step changes no order."""
    n = int(np.prod(shape))
    values = (rng.permutation(n) + rng.uniform(0.3, 0.7, n) - n // 2) / max(1, n / 3)
    return values.reshape(shape)


@st.composite
def smooth_arrays(draw, domains):
    """Broadcastable float64 arrays with 0 to 3 axes of 0 to 3 elements, each in its interval; some not contiguous."""
    shapes = draw(mutually_broadcastable_shapes(num_shapes=len(domains), max_dims=3, max_side=3, min_side=0))
    rng = np.random.default_rng(draw(SEEDS))
    made = [rng.uniform(*domain, shape) for domain, shape in zip(domains, shapes.input_shapes, strict=True)]
    return [turned(draw, a) for a in made]


@st.composite
def arrays(draw, *, min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4, shape=None):
    """A float64 array of spaced values, sometimes not contiguous."""
    if shape is None:
        shape = draw(array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side))
    return turned(draw, spaced(np.random.default_rng(draw(SEEDS)), shape))


def turned(draw, a: np.ndarray) -> np.ndarray:
    return a.T.copy().T if draw(st.booleans()) else a


def axes(ndim: int, *, several: bool = True) -> st.SearchStrategy[Any]:
    """None, an axis from either end, or a tuple of several."""
    one = st.integers(-ndim, ndim - 1) if ndim else st.nothing()
    many = st.lists(st.integers(0, ndim - 1), unique=True, max_size=ndim).map(tuple) if ndim else st.just(())
    return st.none() | one | many if several else st.none() | one


def masks(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    return SEEDS.map(lambda seed: np.random.default_rng(seed).random(shape) < 0.6)


REAL, COMPLEX = st.just(float), st.sampled_from([float, complex])


@st.composite
def sized(draw, signature: str, dtypes=COMPLEX, *, most: int = 3, make=normal):
    """Arrays of the shapes that a signature tells, as "nk,km": a letter is a length from 1 on, a digit itself."""
    letters = sorted(set(filter(str.isalpha, signature)))
    lengths = {letter: draw(st.integers(1, most)) for letter in letters}
    rng, dtype = np.random.default_rng(draw(SEEDS)), draw(dtypes)
    shapes = [tuple(lengths.get(c) or int(c) for c in part) for part in signature.split(",")]
    return [turned(draw, make(rng, shape, dtype)) for shape in shapes]


def ordered(rng: np.random.Generator, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Real numbers apart from each other and from 0."""
    return spaced(rng, shape)


def regular(rng: np.random.Generator, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Matrices of full rank, whose singular values and eigenvalues lie well apart."""
    spread = np.zeros(shape[-2:])
    np.fill_diagonal(spread, range(2, 2 + 2 * min(shape[-2:]), 2))
    return spread + normal(rng, shape, dtype) / 4


def hermitian(rng: np.random.Generator, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Hermitian matrices, positive definite, whose eigenvalues lie well apart."""
    return hermitian_like(rng, np.zeros(shape, dtype)) / 9 + np.diag(range(1, 2 * shape[-1], 2))
