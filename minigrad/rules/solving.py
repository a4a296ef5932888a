"""The derivatives of inverses, determinants and linear equations.

The formulas: Giles, An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation (2008), with ᴴ, the conjugated transpose, in place of the transpose.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from minigrad.errors import ShapeError
from minigrad.function import Function
from minigrad.rules.declare import composed, constant, overridable, rule
from minigrad.rules.products import adjoint, flipped, hermitian_part, product

constant(np.linalg.matrix_rank)


@rule(np.linalg.inv)
class Inv(Function):
    """For Y = A⁻¹: ∂A = -Yᴴ G Yᴴ."""

    def forward(self, a: Any) -> Any:
        self.y = np.linalg.inv(a)
        return self.y

    def backward(self, grad: Any) -> Any:
        y = adjoint(self.y)
        return -product(product(y, grad), y)


@rule(np.linalg.solve)
class Solve(Function):
    """For A X = B: ∂B = A⁻ᴴ G and ∂A = -∂B Xᴴ, over any stack; a vector B is one column."""

    def forward(self, a: Any, b: Any) -> Any:
        self.a = a
        self.vector = b.ndim == 1
        self.x = np.linalg.solve(a, b)
        return self.x

    def backward(self, grad: Any) -> Any:
        x = self.x[..., None] if self.vector else self.x
        grad = grad[..., None] if self.vector else grad
        grad_b = np.linalg.solve(adjoint(self.a), grad)
        grad_a = -np.matmul(grad_b, adjoint(x)) if self.needs[0] else None
        return grad_a, grad_b[..., 0] if self.vector else grad_b


@rule(np.linalg.det)
class Det(Function):
    """The slope of a determinant is the matrix of cofactors; it is there for a singular matrix too."""

    def forward(self, a: Any) -> Any:
        self.a = a
        return np.linalg.det(a)

    def backward(self, grad: Any) -> Any:
        return grad[..., None, None] * cofactors(self.a).conjugate()


@overridable
def cofactors(a: Any) -> Any:
    """The cofactors of square matrices, det(A) A⁻ᵀ wherever that exists.

    From A = U S Vᴴ: the cofactors of S are the products of all singular values but one, those of U and Vᴴ
    their conjugates times their determinants. No division, so a singular matrix has them as well.

    Example:
        >>> cofactors(np.array([[1.0, 2.0], [3.0, 4.0]])).round(9)
        array([[ 4., -3.],
               [-2.,  1.]])
    """
    u, s, vh = np.linalg.svd(a)
    others = np.where(np.eye(s.shape[-1], dtype=bool), 1, s[..., None, :]).prod(-1)
    phase = np.linalg.det(u) * np.linalg.det(vh)
    return phase[..., None, None] * np.matmul(u.conjugate() * others[..., None, :], vh.conjugate())


@rule(cofactors)
class Cofactors(Function):
    """The derivative of C = det(A) A⁻ᵀ, which needs the inverse."""

    def forward(self, a: Any) -> Any:
        self.a = a
        self.y = cofactors(a)
        return self.y

    def backward(self, grad: Any) -> Any:
        inverse = adjoint(np.linalg.inv(self.a))
        of_det = np.sum(grad * inverse, axis=(-2, -1))[..., None, None]
        det = np.linalg.det(self.a)[..., None, None]
        through_inverse = np.matmul(np.matmul(inverse, flipped(grad)), inverse)
        return of_det * self.y.conjugate() - det.conjugate() * through_inverse


class SlogdetResult(NamedTuple):
    """The sign (of a complex determinant, its phase) and the logarithm of the absolute value."""

    sign: Any
    logabsdet: Any


class Slogdet(Function):
    """For det = s exp(l): dl + i dφ = tr(A⁻¹ dA), where ds = is dφ; so ∂A = (∂l + i Im(∂s s*)) A⁻ᴴ."""

    def forward(self, a: Any) -> Any:
        self.a = a
        self.sign, logabsdet = np.linalg.slogdet(a)
        return self.sign, logabsdet

    def backward(self, grad_sign: Any, grad_log: Any) -> Any:
        grad = grad_log + 1j * np.imag(grad_sign * self.sign.conjugate())
        return grad[..., None, None] * adjoint(np.linalg.inv(self.a))


@composed(np.linalg.slogdet)
def slogdet(a: Any) -> SlogdetResult:
    """The sign and the logarithm of the determinant."""
    return SlogdetResult(*Slogdet()(a))


@composed(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The x for which tensordot(a, x) is b.

    Raises:
        ShapeError: `a`, laid out as a matrix, is not square.
        LinAlgError: it is singular.
    """
    if axes is not None:
        a = np.moveaxis(a, axes, range(-len(axes), 0))
    shape = np.shape(a)[np.ndim(b) :]
    n = math.prod(shape)
    if n * n != np.size(a):
        raise ShapeError(
            f"np.linalg.tensorsolve: a {np.shape(a)} is not square with its last {len(shape)} axes as columns"
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.reshape(b, -1)), shape)


@composed(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse with respect to `tensordot(a, x, ind)`.

    Raises:
        ShapeError: `ind` is not positive, or `a`, laid out as a matrix, is not square.
        LinAlgError: it is singular.
    """
    rows, columns = np.shape(a)[:ind], np.shape(a)[ind:]
    n = math.prod(rows)
    if ind <= 0 or n != math.prod(columns):
        raise ShapeError(
            f"np.linalg.tensorinv: a {np.shape(a)} is not square with its first {ind} axes as rows"
        )
    return np.reshape(np.linalg.inv(np.reshape(a, (n, n))), (*columns, *rows))


@rule(np.linalg.pinv)
class Pinv(Function):
    """The derivative at constant rank (Golub and Pereyra, 1973).

    dP = -P dA P + P Pᴴ dAᴴ (1 - A P) + (1 - P A) dAᴴ Pᴴ P. With `hermitian`, that of a matrix that stays so.
    """

    rcond: Any = None
    hermitian: bool = False
    rtol: Any = np._NoValue

    def forward(self, a: Any) -> Any:
        self.a = a
        self.p = np.linalg.pinv(a, self.rcond, self.hermitian, rtol=self.rtol)
        return self.p

    def backward(self, grad: Any) -> Any:
        a, p, ph, gh = self.a, self.p, adjoint(self.p), adjoint(grad)
        first = np.matmul(np.matmul(ph, grad), ph)
        second = np.matmul(np.matmul(gh, p), ph)
        third = np.matmul(np.matmul(ph, p), gh)
        second = second - np.matmul(np.matmul(a, p), second)
        third = third - np.matmul(np.matmul(third, p), a)
        grad_a = second + third - first
        return hermitian_part(grad_a) if self.hermitian else grad_a


@composed(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """Least squares: the solution, the squared residuals, the rank and the singular values.

    Singular values below `rcond` times the largest count as zero; a negative `rcond` is the machine's precision.

    Raises:
        ShapeError: `a` is no matrix, or its rows and those of `b` differ in number.
    """
    if np.ndim(a) != 2 or np.ndim(b) not in (1, 2) or np.shape(a)[0] != np.shape(b)[0]:
        raise ShapeError(
            f"np.linalg.lstsq: a {np.shape(a)} and b {np.shape(b)} are no matrices of as many rows"
        )
    m, n = np.shape(a)
    eps = np.finfo(np.result_type(a, 1.0)).eps
    rcond = eps * max(m, n) if rcond is None else eps if rcond < 0 else rcond
    s = np.linalg.svdvals(a)
    rank = np.count_nonzero(np.greater(s, rcond * np.max(s, initial=0)))
    x = np.matmul(np.linalg.pinv(a, rcond), b)
    if m <= n or rank < n:
        return x, np.zeros_like(s)[:0], rank, s
    columns = b if np.ndim(b) == 2 else np.expand_dims(b, -1)
    rest = np.abs(np.reshape(np.matmul(a, x), np.shape(columns)) - columns)
    return x, np.sum(rest * rest, axis=0), rank, s
