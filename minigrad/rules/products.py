"""The derivatives of products of vectors, matrices and tensors.

∂X is the gradient with respect to X and G that with respect to the result; ᴴ is the conjugated transpose.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from minigrad.errors import AxisError, LinAlgError, ShapeError
from minigrad.function import Function
from minigrad.registry import name_of
from minigrad.rules.declare import Ufunc, composed, into, rule, ufunc


def flipped(a: Any) -> Any:
    """The last two axes exchanged."""
    return a.T if a.ndim == 2 else np.transpose(a, (*range(a.ndim - 2), a.ndim - 1, a.ndim - 2))


def adjoint(a: Any) -> Any:
    """Each matrix transposed and conjugated."""
    return flipped(a).conjugate()


def hermitian_part(a: Any) -> Any:
    """What of a gradient moves a Hermitian matrix."""
    return (a + adjoint(a)) / 2


def product(a: Any, b: Any) -> Any:
    """A matrix product by the faster call: for a narrow matrix too, np.dot reaches BLAS."""
    return np.dot(a, b) if a.ndim == b.ndim == 2 else np.matmul(a, b)


@ufunc(np.matmul)
@rule(np.linalg.matmul)
class MatMul(Ufunc):
    """For Y = A B: ∂A = G Bᴴ and ∂B = Aᴴ G; a vector is a row on the left, a column on the right."""

    def forward(self, x1: Any, x2: Any) -> Any:
        self.a, self.b = x1, x2
        return self.computed(x1, x2)

    @classmethod
    def called(cls, *args: Any, axes: Any = None, **options: Any) -> Any:
        """The call with options; `axes` are moved first."""
        return super().called(*args, **options) if axes is None else along(np.matmul, axes, *args, **options)

    def backward(self, grad: Any) -> Any:
        a, b = self.a, self.b
        if b.ndim == 1:
            grad = grad[..., None]
        if a.ndim == 1:
            grad = grad[..., None, :]
        grad_a = grad_b = None
        if self.needs[0]:
            grad_a = product(grad, adjoint(b) if b.ndim > 1 else b[None, :].conjugate())
        if self.needs[1]:
            grad_b = product(adjoint(a) if a.ndim > 1 else a[:, None].conjugate(), grad)
            grad_b = grad_b[..., 0] if b.ndim == 1 else grad_b
        return grad_a, grad_b


@rule(np.dot, parameters="a b out")
class Dot(Function):
    """The product of matrices over the last axis of a and the last but one of b, other axes laid out flat."""

    def forward(self, a: Any, b: Any) -> Any:
        self.a, self.b = a, b
        return np.dot(a, b)

    def backward(self, grad: Any) -> Any:
        a, b = self.a, self.b
        if np.ndim(a) == 0 or np.ndim(b) == 0:
            return grad * b.conjugate(), grad * a.conjugate()
        columns = b if b.ndim == 1 else np.transpose(b, (b.ndim - 2, *range(b.ndim - 2), b.ndim - 1))
        rows = np.reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))
        flat = np.reshape(columns, (a.shape[-1], math.prod(columns.shape[1:])))
        grad = np.reshape(grad, (rows.shape[0], flat.shape[1]))
        grad_a = grad_b = None
        if self.needs[0]:
            grad_a = np.reshape(np.dot(grad, adjoint(flat)), a.shape)
        if self.needs[1]:
            grad_b = np.reshape(np.dot(adjoint(rows), grad), columns.shape)
            if b.ndim > 2:
                grad_b = np.transpose(grad_b, (*range(1, b.ndim - 1), 0, b.ndim - 1))
        return grad_a, grad_b


@rule(np.vdot, parameters="a b")
class VDot(Function):
    """The inner product of all elements, those of a conjugated."""

    def forward(self, a: Any, b: Any) -> Any:
        self.a, self.b = a, b
        return np.vdot(a, b)

    def backward(self, grad: Any) -> Any:
        a, b = self.a, self.b
        return grad.conjugate() * np.reshape(b, np.shape(a)), grad * np.reshape(a, np.shape(b))


@composed(np.inner)
def inner(a: Any, b: Any) -> Any:
    """The sum of products over the last axis of each."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.tensordot(a, b, (-1, -1))


@composed(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """Every element of a times every element of b."""
    return into(out, np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)))


@composed(np.linalg.outer)
def outer_of_vectors(x1: Any, x2: Any) -> Any:
    """Every element of one vector times every element of another.

    Raises:
        ShapeError: one of them is no vector.
    """
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ShapeError(f"np.linalg.outer needs two vectors, not shapes {np.shape(x1)} and {np.shape(x2)}")
    return outer(x1, x2)


def along(function: np.ufunc, axes: Sequence[Any], a: Any, b: Any, **options: Any) -> Any:
    """A product over axes that lie elsewhere: they are moved to the end, and those of the result from there.

    Raises:
        AxisError: there are more or fewer of them than the product takes.
    """
    core = CORE_AXES.get(function) or (min(np.ndim(a), 2), min(np.ndim(b), 2))
    core = core if len(core) == 3 else (*core, sum(core) - 2)
    places = [(place,) if isinstance(place, (int, np.integer)) else tuple(place) for place in axes]
    if not core[2]:
        places = [*places, *[()] * (3 - len(places))]
    if tuple(map(len, places)) != core:
        raise AxisError(
            f"{name_of(function)} takes {core} axes of its inputs and its result, not axes={axes}"
        )
    ends = [tuple(range(-n, 0)) for n in core]
    y = function(np.moveaxis(a, places[0], ends[0]), np.moveaxis(b, places[1], ends[1]), **options)
    return np.moveaxis(y, ends[2], places[2])


CORE_AXES: dict[Any, tuple[int, ...]] = {np.vecdot: (1, 1, 0), np.matvec: (2, 1, 1), np.vecmat: (1, 2, 1)}


@composed(np.vecdot, np.linalg.vecdot)
def vecdot(
    x1: Any,
    x2: Any,
    *,
    axis: int = -1,
    axes: Any = None,
    keepdims: bool = False,
    out: Any = None,
    **options: Any,
) -> Any:
    """The inner product of vectors along an axis, those of x1 conjugated."""
    if axes is not None:
        return into(out, along(np.vecdot, axes, x1, x2, **options))
    x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    y = np.matmul(x1[..., None, :].conjugate(), x2[..., None], **options)[..., 0]
    return into(out, np.moveaxis(y, -1, axis) if keepdims else y[..., 0])


@composed(np.matvec)
def matvec(x1: Any, x2: Any, *, axes: Any = None, out: Any = None, **options: Any) -> Any:
    """Matrices times vectors."""
    if axes is not None:
        return into(out, along(np.matvec, axes, x1, x2, **options))
    return into(out, np.matmul(x1, np.expand_dims(x2, -1), **options)[..., 0])


@composed(np.vecmat)
def vecmat(x1: Any, x2: Any, *, axes: Any = None, out: Any = None, **options: Any) -> Any:
    """Vectors, conjugated, times matrices."""
    if axes is not None:
        return into(out, along(np.vecmat, axes, x1, x2, **options))
    return into(out, np.matmul(np.expand_dims(x1, -2).conjugate(), x2, **options)[..., 0, :])


@composed(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over pairs of axes: a product of two matrices, once these are brought together.

    Raises:
        AxisError: one of them has no such axis.
        ShapeError: the axes of a pair differ in number or in length.
    """
    shape_a, shape_b = np.shape(a), np.shape(b)
    if isinstance(axes, (int, np.integer)):
        axes = range(-axes, 0), range(axes)
    over_a, over_b = (
        normalize_axis_tuple(over, len(shape)) for shape, over in zip((shape_a, shape_b), axes, strict=True)
    )
    if [shape_a[i] for i in over_a] != [shape_b[i] for i in over_b]:
        raise ShapeError(
            f"np.tensordot: axes {over_a} of a {shape_a} and {over_b} of b {shape_b} differ in length"
        )
    rest_a = [i for i in range(len(shape_a)) if i not in over_a]
    rest_b = [i for i in range(len(shape_b)) if i not in over_b]
    kept_a, kept_b = [shape_a[i] for i in rest_a], [shape_b[i] for i in rest_b]
    n = math.prod(shape_a[i] for i in over_a)
    rows = np.reshape(np.transpose(a, [*rest_a, *over_a]), (math.prod(kept_a), n))
    columns = np.reshape(np.transpose(b, [*over_b, *rest_b]), (n, math.prod(kept_b)))
    return np.reshape(np.dot(rows, columns), (*kept_a, *kept_b))


@composed(np.linalg.tensordot)
def tensordot_of_arrays(x1: Any, x2: Any, *, axes: Any = 2) -> Any:
    """`np.tensordot` under the Array API's signature."""
    return np.tensordot(x1, x2, axes)


@composed(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Every element of a replaced by itself times all of b."""
    ndim = max(np.ndim(a), np.ndim(b))
    coarse = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    fine = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    spaced = np.reshape(a, [n for m in coarse for n in (m, 1)])
    tiles = np.reshape(b, [n for m in fine for n in (1, m)])
    return np.reshape(spaced * tiles, [m * n for m, n in zip(coarse, fine, strict=True)])


@composed(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector product in three dimensions; of two plane vectors, its one component across the plane.

    Raises:
        ShapeError: a vector has neither two nor three components.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    (ax, ay, az), (bx, by, bz) = _components(a, axisa), _components(b, axisb)
    z = ax * by - ay * bx
    if az is None and bz is None:
        return z
    az = np.zeros_like(ax) if az is None else az
    bz = np.zeros_like(bx) if bz is None else bz
    return np.stack([ay * bz - az * by, az * bx - ax * bz, z], axisc)


@composed(np.linalg.cross)
def cross_in_space(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """The vector product in three dimensions.

    Raises:
        ShapeError: a vector has not three components.
    """
    if np.shape(x1)[axis] != 3 or np.shape(x2)[axis] != 3:
        raise ShapeError(
            f"np.linalg.cross needs three components along axis {axis}, not {np.shape(x1)} and {np.shape(x2)}"
        )
    return np.cross(x1, x2, axis=axis)


def _components(a: Any, axis: int) -> Sequence[Any]:
    vectors = np.moveaxis(a, axis, -1)
    if vectors.shape[-1] not in (2, 3):
        raise ShapeError(f"np.cross needs two or three components along axis {axis}, not shape {np.shape(a)}")
    return vectors[..., 0], vectors[..., 1], vectors[..., 2] if vectors.shape[-1] == 3 else None


@composed(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """The sum along a diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype, out=out)


@composed(np.linalg.trace)
def trace_of_matrices(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sum along a diagonal of each matrix."""
    return np.trace(x, offset, -2, -1, dtype)


@composed(np.linalg.diagonal)
def diagonal_of_matrices(x: Any, *, offset: int = 0) -> Any:
    """A diagonal of each matrix."""
    return np.diagonal(x, offset, -2, -1)


@composed(np.linalg.matrix_transpose)
def matrix_transpose(x: Any) -> Any:
    """Each matrix transposed."""
    return np.swapaxes(x, -1, -2)


@composed(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """A square matrix times itself, by repeated squaring; a negative power is that of the inverse.

    Raises:
        LinAlgError: the matrices are not square, or `n` is negative and one of them is singular.
        TypeError: `n` is no integer.
    """
    n = operator.index(n)
    if np.ndim(a) < 2 or np.shape(a)[-1] != np.shape(a)[-2]:
        raise LinAlgError(f"np.linalg.matrix_power needs square matrices, not shape {np.shape(a)}")
    if n < 0:
        a, n = np.linalg.inv(a), -n
    # The zeroth power is taken apart from a, so that the gradient of a is zero and not missing.
    power = np.where(True, np.eye(np.shape(a)[-1], dtype=np.result_type(a)), a) if n == 0 else None
    while n:
        if n % 2:
            power = a if power is None else np.matmul(power, a)
        n //= 2
        if n:
            a = np.matmul(a, a)
    return power


@composed(np.linalg.multi_dot, stacked=True)
def multi_dot(arrays: Sequence[Any], *, out: Any = None) -> Any:
    """The product of a chain of matrices in the order that takes the fewest multiplications.

    The order is found by dynamic programming (Cormen et al., Introduction to Algorithms, 15.2). The first and
    the last may be vectors.

    Raises:
        ShapeError: there are fewer than two, or one of them is no matrix.
    """
    n = len(arrays)
    if n < 2:
        raise ShapeError(f"np.linalg.multi_dot needs at least two matrices, not {n}")
    for i, a in enumerate(arrays):
        if np.ndim(a) != 2 and (np.ndim(a) != 1 or 0 < i < n - 1):
            raise ShapeError(f"np.linalg.multi_dot: arrays[{i}] {np.shape(a)} is no matrix")
    sizes = [1 if np.ndim(arrays[0]) == 1 else np.shape(arrays[0])[0], *(np.shape(a)[0] for a in arrays[1:])]
    sizes.append(1 if np.ndim(arrays[-1]) == 1 else np.shape(arrays[-1])[-1])
    cost = {(i, i): 0 for i in range(n)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], cut[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )

    def chain(i: int, j: int) -> Any:
        return arrays[i] if i == j else np.dot(chain(i, cut[i, j]), chain(cut[i, j] + 1, j))

    return into(out, chain(0, n - 1))
