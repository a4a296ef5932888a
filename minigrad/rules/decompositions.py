"""The derivatives of matrix decompositions.

∂X is the gradient with respect to X and G that with respect to the result, ᴴ is the conjugated transpose, ∘ the
product of elements.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minigrad.errors import ArgumentError, NoRuleError, ShapeError
from minigrad.function import Function
from minigrad.rules.declare import composed, rule
from minigrad.rules.products import adjoint, hermitian_part


class EighResult(NamedTuple):
    """The eigenvalues of Hermitian matrices in ascending order, and their eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class EigResult(NamedTuple):
    """The eigenvalues of square matrices, and their eigenvectors as columns of length 1."""

    eigenvalues: Any
    eigenvectors: Any


class QRResult(NamedTuple):
    """Orthonormal columns, and an upper triangle."""

    Q: Any
    R: Any


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values in descending order, right ones as rows."""

    U: Any
    S: Any
    Vh: Any


def inverse(x: Any) -> Any:
    """1 / x, and 0 for 0: what belongs to equal values, or to a value of zero, is left out."""
    zero = np.equal(x, 0)
    return np.where(zero, 0, 1 / np.where(zero, 1, x))


def inverse_gaps(x: Any) -> Any:
    """1 / (xⱼ - xᵢ) in row i and column j; 0 on the diagonal and between equal values."""
    return inverse(x[..., None, :] - x[..., :, None])


@rule(np.linalg.cholesky)
class Cholesky(Function):
    """For A = L Lᴴ: ∂A is the Hermitian part of L⁻ᴴ φ(Lᴴ G) L⁻¹, φ the lower triangle with half the diagonal.

    Murray, Differentiation of the Cholesky decomposition (2016). NumPy reads one triangle; the gradient is
    that with respect to a matrix that stays Hermitian.
    """

    upper: bool = False

    def forward(self, a: Any) -> Any:
        self.y = np.linalg.cholesky(a, upper=self.upper)
        return self.y

    def backward(self, grad: Any) -> Any:
        lower, grad = (adjoint(self.y), adjoint(grad)) if self.upper else (self.y, grad)
        n = grad.shape[-1]
        phi = (np.tri(n) - np.eye(n) / 2).astype(grad.dtype)
        middle = phi * np.matmul(adjoint(lower), grad)
        left = np.linalg.solve(adjoint(lower), middle)
        return hermitian_part(adjoint(np.linalg.solve(adjoint(lower), adjoint(left))))


class QR(Function):
    """For A = Q R with no fewer rows than columns: ∂A = (∂Q + Q M) R⁻ᴴ, where M = copyltu(∂R Rᴴ - Qᴴ ∂Q).

    copyltu makes a Hermitian matrix of one triangle: Roberts and Roberts, QR and LQ decomposition matrix
    backpropagation algorithms for square, wide, and deep matrices (2020).
    """

    numpy_function = staticmethod(np.linalg.qr)

    def forward(self, a: Any) -> Any:
        self.q, self.r = np.linalg.qr(a)
        return self.q, self.r

    def backward(self, grad_q: Any, grad_r: Any) -> Any:
        m = np.matmul(grad_r, adjoint(self.r)) - np.matmul(adjoint(self.q), grad_q)
        n = m.shape[-1]
        upper = (np.tri(n).T - np.eye(n) / 2).astype(m.dtype) * m
        grad = grad_q + np.matmul(self.q, upper + adjoint(upper))
        return adjoint(np.linalg.solve(self.r, adjoint(grad)))


@composed(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Orthonormal columns times an upper triangle; in mode "r" the triangle alone.

    A matrix with more columns than rows is decomposed by its first columns; the others are Q times what Qᴴ
    makes of them. The first columns must be of full rank.

    Raises:
        NoRuleError: the mode is "raw", or is "complete" where that is more than "reduced": there the further
            columns of Q are no function of the matrix.
        ArgumentError: there is no such mode.
        ShapeError: `a` is no matrix.
    """
    if np.ndim(a) < 2:
        raise ShapeError(f"np.linalg.qr needs matrices, not shape {np.shape(a)}")
    if mode not in ("reduced", "complete", "r", "raw"):
        raise ArgumentError(f"np.linalg.qr: mode must be 'reduced', 'complete', 'r' or 'raw', not {mode!r}")
    m, n = np.shape(a)[-2:]
    if mode == "raw" or (mode == "complete" and m > n):
        raise NoRuleError(f"np.linalg.qr: minigrad has no rule for mode={mode!r} of shape {np.shape(a)}")
    q, triangle = QR()(a[..., : min(m, n)])
    r = triangle if m >= n else np.concatenate([triangle, np.matmul(adjoint(q), a[..., m:])], axis=-1)
    return r if mode == "r" else QRResult(q, r)


class Eigh(Function):
    """For A = V diag(w) Vᴴ: ∂A is the Hermitian part of V (diag(∂w) + F ∘ Vᴴ ∂V) Vᴴ; Fᵢⱼ = 1 / (wⱼ - wᵢ).

    Giles (2008), 3.1. The gradient through the eigenvectors is that of distinct eigenvalues, and of a loss
    that does not depend on the vectors' signs or phases. It is that with respect to a matrix that stays
    Hermitian.
    """

    numpy_function = staticmethod(np.linalg.eigh)

    def __init__(self, uplo: Any) -> None:
        self.uplo = uplo

    def forward(self, a: Any) -> Any:
        self.w, self.v = np.linalg.eigh(a, self.uplo)
        return self.w, self.v

    def backward(self, grad_w: Any, grad_v: Any) -> Any:
        inner = inverse_gaps(self.w) * np.matmul(adjoint(self.v), grad_v) + on_diagonal(grad_w)
        return hermitian_part(np.matmul(np.matmul(self.v, inner), adjoint(self.v)))


def on_diagonal(x: Any) -> Any:
    """Diagonal matrices."""
    return x[..., None] * np.eye(x.shape[-1], dtype=x.dtype)


@composed(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> EighResult:  # noqa: N803  NumPy's name
    """Eigenvalues and eigenvectors of Hermitian matrices, of which one triangle is read."""
    return EighResult(*Eigh(UPLO)(a))


@composed(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803  NumPy's name
    """Eigenvalues of Hermitian matrices, in ascending order."""
    return eigh(a, UPLO).eigenvalues


class Eig(Function):
    """For A V = V diag(w): ∂A = V⁻ᴴ (diag(∂w) + F* ∘ (Vᴴ ∂V - Vᴴ V diag(Re Vᴴ ∂V))) Vᴴ; F as for `Eigh`.

    The second term is there because NumPy gives each eigenvector length 1: Boeddeker et al., On the
    computation of complex-valued gradients with application to statistically optimum beamforming (2017).
    """

    numpy_function = staticmethod(np.linalg.eig)

    def forward(self, a: Any) -> Any:
        self.w, self.v = np.linalg.eig(a)
        return self.w, self.v

    def backward(self, grad_w: Any, grad_v: Any) -> Any:
        vh = adjoint(self.v)
        turned = np.matmul(vh, grad_v)
        diagonal = np.sum((turned * np.eye(turned.shape[-1])).real, axis=-2, keepdims=True)
        turned = turned - np.matmul(vh, self.v) * diagonal
        inner = inverse_gaps(self.w).conjugate() * turned + on_diagonal(grad_w)
        return np.linalg.solve(vh, np.matmul(inner, vh))


@composed(np.linalg.eig)
def eig(a: Any) -> EigResult:
    """Eigenvalues and eigenvectors of square matrices; complex where an eigenvalue is."""
    return EigResult(*Eig()(a))


@composed(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Eigenvalues of square matrices; complex where one of them is."""
    return eig(a).eigenvalues


class SVD(Function):
    """The gradient for distinct singular values, of a loss that leaves the vectors' signs and phases open.

    For A = U S Vᴴ, with Eᵢⱼ = 1 / (sⱼ² - sᵢ²) and skew(X) = X - Xᴴ,

        ∂A = U (E ∘ skew(Uᴴ ∂U) S + S E ∘ skew(Vᴴ ∂V) + diag(∂S + i Im(Uᴴ ∂U) / S)) Vᴴ
             + (1 - U Uᴴ) ∂U S⁻¹ Vᴴ + U S⁻¹ ∂Vᴴ (1 - V Vᴴ)

    Townsend, Differentiating the singular value decomposition (2016); for complex matrices Wan and Zhang,
    Automatic differentiation for complex valued SVD (2019). With `full_matrices` the further vectors W are
    any basis of what is left, so a loss may depend on their space alone; it turns against U: dW = -U dUᴴ W.
    """

    numpy_function = staticmethod(np.linalg.svd)

    def __init__(self, full_matrices: bool) -> None:
        self.full_matrices = full_matrices

    def forward(self, a: Any) -> Any:
        self.u, self.s, self.vh = np.linalg.svd(a, self.full_matrices)
        return self.u, self.s, self.vh

    def backward(self, grad_u: Any, grad_s: Any, grad_vh: Any) -> Any:
        k = self.s.shape[-1]
        s, column = self.s[..., None, :], self.s[..., :, None]
        u, grad_u = _without_rest(self.u, grad_u, k)
        v, grad_v = _without_rest(adjoint(self.vh), adjoint(grad_vh), k)
        vh = adjoint(v)
        of_u, of_v = np.matmul(adjoint(u), grad_u), np.matmul(vh, grad_v)
        gaps = inverse_gaps(self.s * self.s)
        phases = inverse(s) * ((of_u - of_u.real) * np.eye(k))
        inner = gaps * (of_u - adjoint(of_u)) * s + column * gaps * (of_v - adjoint(of_v))
        grad = np.matmul(np.matmul(u, inner + on_diagonal(grad_s) + phases), vh)
        if u.shape[-2] > k:
            grad = grad + np.matmul((grad_u - np.matmul(u, of_u)) * inverse(s), vh)
        if v.shape[-2] > k:
            grad = grad + np.matmul(u * inverse(s), adjoint(grad_v - np.matmul(v, of_v)))
        return grad


def _without_rest(u: Any, grad: Any, k: int) -> tuple[Any, Any]:
    """The first k of orthonormal columns, with the gradient of all of them."""
    if u.shape[-1] == k:
        return u, grad
    first, rest = u[..., :k], u[..., k:]
    return first, grad[..., :k] - np.matmul(np.matmul(rest, adjoint(grad[..., k:])), first)


@composed(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """The singular value decomposition, or the singular values alone."""
    if not hermitian:
        result = SVDResult(*SVD(full_matrices and compute_uv)(a))
        return result if compute_uv else result.S
    w, v = eigh(a)
    order = np.argsort(-np.abs(w), axis=-1)
    s = np.take_along_axis(np.abs(w), order, axis=-1)
    if not compute_uv:
        return s
    u = np.take_along_axis(v, order[..., None, :], axis=-1)
    signs = np.take_along_axis(np.sign(w), order, axis=-1)
    return SVDResult(u, s, adjoint(u * signs[..., None, :]))


@composed(np.linalg.svdvals)
def svdvals(x: Any) -> Any:
    """The singular values, in descending order."""
    return np.linalg.svd(x, compute_uv=False)
