"""From the numbers of a wrong gradient to its likely cause.

Each recogniser looks for one kind of mistake and names it. It speaks only where the mistake explains the whole
difference, to a part in a thousand, so that a small error is not explained by whatever is nearly right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from minigrad.testing.evidence import Evidence
from minigrad.testing.operation import Array

Recogniser = Callable[[Evidence], str]


def likely_cause(evidence: Evidence) -> str:
    """The first cause that explains the evidence, with where the wrong elements lie; "" where none does."""
    where = _pattern(evidence)
    what = next(filter(None, (recognise(evidence) for recognise in RECOGNISERS)), "")
    return "; ".join(filter(None, (what, where)))


def explains(evidence: Evidence, candidate: Array) -> bool:
    """Whether a corrected gradient (at the measured elements) removes the difference where it is wrong."""
    wrong = evidence.wrong
    left = np.abs(candidate - evidence.expected)[wrong]
    difference = np.abs(evidence.got - evidence.expected)[wrong]
    return bool(np.all(left <= 1e-3 * difference + 2 * evidence.bounds[wrong]))


def _zero(evidence: Evidence) -> str:
    if np.all(evidence.got[evidence.wrong] == 0):
        return "got is zero: the term is missing, or a small gradient is dropped"
    return ""


def _sign(evidence: Evidence) -> str:
    return "sign: got == -expected" if explains(evidence, -evidence.got) else ""


def _conjugate(evidence: Evidence) -> str:
    if evidence.got.dtype.kind == "c" and explains(evidence, np.conj(evidence.got)):
        return "got == conj(expected): conjugate the local derivative"
    return ""


def _constant_ratio(evidence: Evidence) -> str:
    ratios = _ratios(evidence)
    if not len(ratios):
        return ""
    ratio = float(np.median(ratios.real))
    if ratio == 0 or not explains(evidence, evidence.got / ratio):
        return ""
    return _count_ratio(evidence, ratio) or _plain_ratio(ratio, len(ratios))


def _count_ratio(evidence: Evidence, ratio: float) -> str:
    """A ratio that is the length of an axis: a mean for a sum, or a sum for a mean."""
    mean = abs(ratio) < 1
    count = round(abs(1 / ratio if mean else ratio))
    if count < 2 or abs(abs(ratio) * (1 / count if not mean else count) - 1) > 1e-6:
        return ""
    axes = _axes_of_length(evidence, count)
    if not axes:
        return ""
    sign = "-" if ratio < 0 else ""
    if mean:
        return f"got == {sign}expected / N (N = {count}): mean over {axes} where a sum is needed"
    return f"got == {sign}N * expected (N = {count}): sum over {axes} where a mean (1/N) is needed"


def _axes_of_length(evidence: Evidence, count: int) -> str:
    point = evidence.mismatch.point
    for array in (*point.upstream, *point.op.inputs):
        for k in range(1, array.ndim + 1):
            for axes in combinations(range(array.ndim), k):
                if int(np.prod([array.shape[a] for a in axes])) == count:
                    return f"axis {axes[0]}" if k == 1 else f"axes {axes}"
    return ""


def _plain_ratio(ratio: float, measured: int) -> str:
    if abs(ratio - 2) < 1e-6:
        return "scale: got == 2 * expected: added twice, or a factor 1/2 is missing"
    if abs(ratio - 0.5) < 1e-6:
        return "scale: got == expected / 2: a factor 2 is missing"
    digits = int(min(15, max(6, 3 - np.log10(max(abs(ratio - 1), 1e-15)))))
    constant = "a constant ratio" if measured > 1 else "the ratio"
    return f"scale: got == c * expected with {constant} c = {ratio:.{digits}g}"


def _permuted(evidence: Evidence) -> str:
    """The axes transposed, reversed or shifted."""
    gradient = evidence.mismatch.point.gradients[evidence.mismatch.index]
    for a, b in combinations(range(gradient.ndim), 2):
        if gradient.shape[a] == gradient.shape[b] and explains(
            evidence, _at(evidence, gradient.swapaxes(a, b))
        ):
            return f"transpose: got has axes {a} and {b} swapped"
    for axis in range(gradient.ndim):
        if explains(evidence, _at(evidence, np.flip(gradient, axis))):
            return f"got is reversed along axis {axis}"
        for shift in (1, -1):
            if explains(evidence, _at(evidence, np.roll(gradient, shift, axis))):
                return f"off by one: got is shifted by {-shift:+d} along axis {axis}"
    return ""


def _swapped(evidence: Evidence) -> str:
    """The gradient of another input."""
    op, gradients = evidence.mismatch.point.op, evidence.mismatch.point.gradients
    own = evidence.mismatch.index
    for other in op.wrt:
        alike = other != own and gradients[other].shape == gradients[own].shape
        if alike and explains(evidence, _at(evidence, gradients[other])):
            return f"swapped arguments: this is the gradient that backward returned for '{op.names[other]}'"
    return ""


def _wrong_axis(evidence: Evidence) -> str:
    """The upstream gradient reduced over other axes than it should be, or not summed but taken."""
    point = evidence.mismatch.point
    shape = point.op.inputs[evidence.mismatch.index].shape
    for v in point.upstream:
        sums = dict(_reductions(v, shape))
        true = next(
            (axes for axes, s in sums.items() if np.allclose(_at(evidence, s), evidence.expected)), None
        )
        if true is None:
            continue
        for axes, s in sums.items():
            if axes != true and np.allclose(_at(evidence, s), evidence.got):
                return f"wrong axis: summed over {_named(axes)} where {_named(true)} is needed"
        for axis in true[:1]:
            for which in (0, -1):
                if np.array_equal(np.take(v, which, axis).reshape(-1)[: len(evidence.got)], evidence.got):
                    return f"missing sum: only one slice along axis {axis} is taken; sum over it"
    return ""


def _reductions(v: Array, shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Array]]:
    """The sums of `v` over sets of axes that have the size of `shape`."""
    size = int(np.prod(shape))
    for k in range(1, v.ndim + 1):
        for axes in combinations(range(v.ndim), k):
            reduced = v.sum(axis=axes)
            if reduced.size == size:
                yield axes, reduced.reshape(shape)


def _named(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {axes}"


def _additive(evidence: Evidence) -> str:
    """A term too many or too few that is known: the upstream gradient, or the gradient of another input."""
    point, index = evidence.mismatch.point, evidence.mismatch.index
    terms = {"the upstream gradient": point.upstream[0]}
    terms |= {
        f"the gradient for '{point.op.names[k]}'": point.gradients[k] for k in point.op.wrt if k != index
    }
    terms |= {f"input '{name}'": x for name, x in zip(point.op.names, point.op.inputs, strict=True)}
    for name, term in terms.items():
        if term.shape != point.gradients[index].shape:
            continue
        values = _at(evidence, term)
        if explains(evidence, evidence.got + values):
            return f"missing term: expected == got + {name}"
        if explains(evidence, evidence.got - values):
            return f"a term too many: expected == got - {name}"
    return ""


def _factor(evidence: Evidence) -> str:
    """A known factor too many or too few: the input, the output, the upstream gradient, ..."""
    shape = evidence.mismatch.point.gradients[evidence.mismatch.index].shape
    for name, factor in _factors(evidence):
        if np.shape(factor) != shape:
            continue
        values = _at(evidence, factor)
        if explains(evidence, evidence.got * values):
            return f"missing factor: expected == got * {name}"
        if explains(evidence, evidence.got / values):
            return f"a factor too many: got == expected * {name}"
    return ""


def _factors(evidence: Evidence) -> Iterator[tuple[str, Array]]:
    point = evidence.mismatch.point
    arrays: list[tuple[str, Array]] = [("the upstream gradient", v) for v in point.upstream]
    arrays += list(zip((f"'{n}'" for n in point.op.names), point.op.inputs, strict=True))
    arrays += [("the output", y) for y in point.outputs]
    for name, a in arrays:
        if a.dtype.kind not in "fc":
            continue
        yield name, a
        yield f"{name} squared", a * a
        yield f"(1 - {name})", 1 - a
        yield f"(1 + {name})", 1 + a
        yield f"(1 - {name} squared)", 1 - a * a


def _repeated_index(evidence: Evidence) -> str:
    """Elements that an integer input names more than once lose all but one of their contributions."""
    op = evidence.mismatch.point.op
    shape = op.inputs[evidence.mismatch.index].shape
    for k, indices in enumerate(op.inputs):
        if indices.dtype.kind not in "iu" or not indices.size or not shape:
            continue
        values, counts = np.unique(indices, return_counts=True)
        repeated = set(values[counts > 1].tolist())
        rows = np.unravel_index(evidence.elements[evidence.wrong], shape)
        for axis in range(len(shape)):
            if repeated and set((rows[axis]).tolist()) <= repeated:
                return (
                    f"missing sum: elements that '{op.names[k]}' names more than once keep one contribution; "
                    "use np.add.at, not assignment"
                )
    return ""


def _float32(evidence: Evidence) -> str:
    got = evidence.got
    relative = (
        np.abs(got - evidence.expected)[evidence.wrong]
        / np.maximum(np.abs(evidence.expected), 1e-300)[evidence.wrong]
    )
    if got.dtype == np.float64 and np.all(got.astype(np.float32) == got) and np.all(relative < 1e-5):
        return "precision: got is rounded to float32 (a cast, or an array of float32, in the rule)"
    return ""


def _clipped(evidence: Evidence) -> str:
    """Wrong where the gradient, or the local derivative in it, would be beyond a value that it never passes."""
    scales = [np.ones(len(evidence.got))]
    scales += [_at(evidence, v) for v in evidence.mismatch.point.upstream if v.size == evidence.size]
    for scale in scales:
        local, true = np.abs(evidence.got / scale), np.abs(evidence.expected / scale)
        top = float(local.max())
        stuck = np.isclose(local[evidence.wrong], top, rtol=1e-12, atol=0).all()
        if top > 0 and stuck and np.all(true[evidence.wrong] > top) and not evidence.wrong.all():
            return f"clipped: nothing in got is beyond {top:.6g}"
    return ""


def _rows(evidence: Evidence) -> str:
    """The difference is constant along an axis, or proportional to the output along it: a missing mean or sum."""
    mismatch = evidence.mismatch
    shape = mismatch.point.gradients[mismatch.index].shape
    if evidence.size != len(evidence.elements) or not evidence.size:
        return ""
    difference = (evidence.got - evidence.expected).reshape(shape)
    noise = 1e-3 * float(np.abs(difference).max()) + 2 * float(evidence.bounds.max())
    for axis in reversed(range(len(shape))):
        if shape[axis] < 2:
            continue
        if np.abs(difference - difference.mean(axis, keepdims=True)).max() <= noise:
            return f"a term constant along axis {axis} is missing or wrong: a mean or sum over that axis"
        for out in mismatch.point.outputs:
            if out.shape == shape and np.all(out != 0):
                scaled = difference / out
                spread = np.abs(scaled - scaled.mean(axis, keepdims=True)).max()
                if spread <= 1e-3 * np.abs(scaled).max():
                    return f"a term output * (sum over axis {axis}) is missing or wrong, as in softmax's backward"
    return ""


def _small_term(evidence: Evidence) -> str:
    """Ratios near 1 that vary and lie on one side: an eps forgotten, or applied twice."""
    ratios = _ratios(evidence)
    if len(ratios) < 1 or np.iscomplexobj(ratios):
        return ""
    off = ratios - 1
    if np.all(np.abs(off) < 0.1) and (np.all(off > 0) or np.all(off < 0)):
        return (
            "forgotten eps: the ratios lie near 1, all on one side "
            f"({ratios.min():.6g} to {ratios.max():.6g}); a small constant under a root or in a denominator differs"
        )
    return ""


def _ratios(evidence: Evidence) -> Array:
    """Got / expected where wrong and not lost in the noise."""
    sure = evidence.wrong & (np.abs(evidence.expected) > 100 * evidence.bounds)
    return np.asarray(evidence.got[sure] / evidence.expected[sure])


def _at(evidence: Evidence, array: Array) -> Array:
    return np.asarray(array).reshape(-1)[evidence.elements]


def _pattern(evidence: Evidence) -> str:
    """Where the wrong elements lie, if not everywhere."""
    wrong, right = evidence.wrong, ~evidence.wrong
    if not right.any():
        return ""
    point, index = evidence.mismatch.point, evidence.mismatch.index
    x = _at(evidence, point.op.inputs[index])
    if evidence.complete and len(evidence.elements) > 2 and wrong.sum() == 1:
        return f"only one element is wrong, at {x[wrong][0]:+.6g}"
    if x.dtype.kind == "f":
        if np.all(x[wrong] < 0) and np.all(x[right] >= 0):
            return "wrong only where the input is negative"
        if np.all(x[wrong] > 0) and np.all(x[right] <= 0):
            return "wrong only where the input is positive"
        if np.abs(x[wrong]).min() > np.abs(x[right]).max():
            return f"wrong only where the input is large (beyond {np.abs(x[right]).max():.3g} in magnitude)"
    return _axis_pattern(evidence)


def _axis_pattern(evidence: Evidence) -> str:
    """The wrong elements are one slice along an axis."""
    shape = evidence.mismatch.point.op.inputs[evidence.mismatch.index].shape
    where = np.unravel_index(evidence.elements, shape)
    for axis, positions in enumerate(where):
        inside = set(positions[evidence.wrong].tolist())
        if not inside & set(positions[~evidence.wrong].tolist()) and len(inside) == 1 and shape[axis] > 1:
            k = inside.pop()
            edge = {0: " (the first)", shape[axis] - 1: " (the last)"}.get(k, "")
            return f"wrong only at index {k}{edge} of axis {axis}"
    return ""


RECOGNISERS: tuple[Recogniser, ...] = (
    _repeated_index,
    _zero,
    _sign,
    _conjugate,
    _float32,
    _clipped,
    _swapped,
    _wrong_axis,
    _constant_ratio,
    _permuted,
    _additive,
    _factor,
    _rows,
    _small_term,
)
