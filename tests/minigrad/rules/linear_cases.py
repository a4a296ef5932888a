"""The table of `cases` for linear algebra and Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.minigrad.rules.cases import Case, each, resolve, torchs
from tests.minigrad.rules.differences import hermitian_like
from tests.minigrad.rules.strategies import REAL, hermitian, regular, sized

MATRICES, SQUARE, SYMMETRIC = (
    sized("bnm", make=regular),
    sized("bnn", make=regular),
    sized("bnn", make=hermitian),
)
STAY = {"tangents": hermitian_like}


def adjoint(a: Any) -> Any:
    return np.conj(np.swapaxes(a, -1, -2))


def projectors(v: Any) -> Any:
    """Of orthonormal columns, weighted apart: what does not depend on their signs or phases."""
    return np.matmul(v * np.arange(1.0, v.shape[-1] + 1), adjoint(v))


def torchs_projectors(t: Any, v: Any) -> Any:
    return (v * t.arange(1.0, v.shape[-1] + 1, dtype=t.float64)) @ v.mH


def of_svd(a: Any) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return projectors(u), s, projectors(adjoint(vh))


def torchs_svd(t: Any, a: Any) -> Any:
    u, s, vh = t.linalg.svd(a, full_matrices=False)
    return torchs_projectors(t, u), s, torchs_projectors(t, vh.mH)


def of_eigh(a: Any) -> Any:
    w, v = np.linalg.eigh(a + adjoint(a))
    return w, projectors(v)


def torchs_eigh(t: Any, a: Any) -> Any:
    w, v = t.linalg.eigh(a + a.mH)
    return w, torchs_projectors(t, v)


PRODUCTS = {
    "matmul": Case(np.matmul, sized("bnk,km"), torchs("matmul")),
    "dot": Case(np.dot, sized("nk,km"), torchs("matmul")),
    "vdot": Case(np.vdot, sized("n,n"), torchs("vdot")),
    "inner": Case(np.inner, sized("nk,mk"), torchs("inner")),
    "outer": Case(np.outer, sized("n,m"), torchs("outer")),
    "vecdot": Case(np.vecdot, sized("bn,n"), torchs("linalg.vecdot")),
    "matvec": Case(np.matvec, sized("bnm,m"), torchs("matmul")),
    "vecmat": Case(np.vecmat, sized("n,bnm", REAL), torchs("matmul")),
    "vecmat of complex numbers": Case(np.vecmat, sized("n,bnm"), lambda t, v, a: t.matmul(v.conj(), a)),
    "tensordot": Case(
        lambda a, b: np.tensordot(a, b, ([0, 2], [1, 0])),
        sized("nmk,kn"),
        lambda t, a, b: t.tensordot(a, b, ([0, 2], [1, 0])),
    ),
    "einsum": Case(
        lambda a, b: np.einsum("bii,ij->j", a, b), sized("bnn,nm"), lambda t, *xs: t.einsum("bii,ij->j", *xs)
    ),
    "kron": Case(np.kron, sized("nm,kl"), torchs("kron")),
    "cross": Case(np.cross, sized("n3,n3"), torchs("linalg.cross")),
    "trace": Case(np.trace, sized("nm"), torchs("trace")),
    "convolve": Case(
        np.convolve,
        sized("n,m", REAL),
        lambda t, a, v: t.nn.functional.conv1d(a[None, None], v.flip(0)[None, None], padding=len(v) - 1)[
            0, 0
        ],
    ),
    "correlate": Case(
        lambda a, v: np.correlate(a, v, "full"),
        sized("n,m", REAL),
        lambda t, a, v: t.nn.functional.conv1d(a[None, None], v[None, None], padding=len(v) - 1)[0, 0],
    ),
    "convolve complex numbers": Case(np.convolve, sized("n,m")),
    "correlate complex numbers": Case(np.correlate, sized("n,m")),
    "cov": Case(np.cov, sized("n4"), torchs("cov")),
    "corrcoef": Case(np.corrcoef, sized("n4"), torchs("corrcoef"), {"rtol": 1e-5}),
}


def vector_norm(order: float) -> Case:
    """The norm of rows."""
    return Case(
        lambda a: np.linalg.vector_norm(a, ord=order, axis=1),
        sized("nm"),
        lambda t, a: t.linalg.vector_norm(a, order, 1),
        {"rtol": 1e-4},
    )


def matrix_norm(order: Any) -> Case:
    """The norm of each matrix."""
    return Case(
        lambda a: np.linalg.norm(a, order, (1, 2)), MATRICES, lambda t, a: t.linalg.norm(a, order, (1, 2))
    )


LINALG = {
    "linalg.norm": Case(np.linalg.norm, sized("nm"), torchs("linalg.norm")),
    **{f"linalg.vector_norm, {order}": vector_norm(order) for order in (1, 2, 3, 1.5, np.inf, -np.inf)},
    **{f"linalg.norm, {order}": matrix_norm(order) for order in ("nuc", 1, -1, 2, -2, np.inf, -np.inf)},
    **each("linalg.inv linalg.det linalg.matrix_norm linalg.svdvals linalg.cond", SQUARE),
    "linalg.pinv": Case(np.linalg.pinv, MATRICES, torchs("linalg.pinv")),
    "linalg.solve": Case(np.linalg.solve, sized("bnn,bnm", make=regular), torchs("linalg.solve")),
    "linalg.lstsq": Case(
        lambda a, b: np.linalg.lstsq(a, b)[0],
        sized("4n,4m", make=regular),
        lambda t, a, b: t.linalg.lstsq(a, b).solution,
    ),
    "linalg.slogdet": Case(np.linalg.slogdet, SQUARE, torchs("linalg.slogdet")),
    "linalg.cholesky": Case(
        lambda a: np.linalg.cholesky(a + adjoint(a)), SYMMETRIC, lambda t, a: t.linalg.cholesky(a + a.mH)
    ),
    "linalg.cholesky, upper": Case(
        lambda a: np.linalg.cholesky(a + adjoint(a), upper=True),
        SYMMETRIC,
        lambda t, a: t.linalg.cholesky(a + a.mH, upper=True),
    ),
    "linalg.qr": Case(np.linalg.qr, sized("b3n", make=regular), lambda t, a: tuple(t.linalg.qr(a))),
    "linalg.svd": Case(of_svd, MATRICES, torchs_svd),
    "linalg.eigh": Case(of_eigh, SYMMETRIC, torchs_eigh),
    "linalg.eigvalsh": Case(
        lambda a: np.linalg.eigvalsh(a + adjoint(a)), SYMMETRIC, lambda t, a: t.linalg.eigvalsh(a + a.mH)
    ),
    "linalg.eigvalsh of one triangle": Case(np.linalg.eigvalsh, SYMMETRIC, options=STAY),
    "linalg.eigvals": Case(
        lambda a: np.sum(np.linalg.eigvals(a) ** 3, -1),
        SQUARE,
        lambda t, a: t.sum(t.linalg.eigvals(a) ** 3, -1),
    ),
    "linalg.eig": Case(lambda a: np.sum(np.abs(np.linalg.eig(a).eigenvectors) ** 4, axis=(-2, -1)), SQUARE),
    "linalg.matrix_power": Case(
        lambda a: np.linalg.matrix_power(a, -2), SQUARE, lambda t, a: t.linalg.matrix_power(a, -2)
    ),
    "linalg.multi_dot": Case(
        lambda *xs: np.linalg.multi_dot(xs), sized("nm,mk,kl"), lambda t, *xs: t.linalg.multi_dot(xs)
    ),
    "linalg.tensorsolve": Case(
        lambda a, b: np.linalg.tensorsolve(np.reshape(a, (2, 3, 6)), b),
        sized("66,23", make=regular),
        lambda t, a, b: t.linalg.tensorsolve(a.reshape(2, 3, 6), b),
    ),
    "linalg.tensorinv": Case(
        lambda a: np.linalg.tensorinv(np.reshape(a, (2, 3, 6))),
        sized("66", make=regular),
        lambda t, a: t.linalg.tensorinv(a.reshape(2, 3, 6)),
    ),
    "linalg.trace": Case(np.linalg.trace, SQUARE, lambda t, a: t.diagonal(a, 0, -2, -1).sum(-1)),
    "linalg.diagonal": Case(
        lambda a: np.linalg.diagonal(a, offset=-1), SQUARE, lambda t, a: t.diagonal(a, -1, -2, -1)
    ),
    "linalg.cross": Case(np.linalg.cross, sized("n3,n3"), torchs("linalg.cross")),
    "linalg.outer": Case(np.linalg.outer, sized("n,m"), torchs("outer")),
    "linalg.vecdot": Case(
        lambda a, b: np.linalg.vecdot(a, b, axis=0),
        sized("nm,nm"),
        lambda t, a, b: t.linalg.vecdot(a, b, dim=0),
    ),
}


def scaled(name: str, norm: str) -> Case:
    """A transform of five numbers, with one of the norms."""
    ours = resolve(f"fft.{name}")
    return Case(
        lambda a: ours(a, 5, 0, norm), sized("4n", REAL), lambda t, a: getattr(t.fft, name)(a, 5, 0, norm)
    )


FOURIER = {
    **each("fft.fft fft.ifft fft.fftn fft.ifftn", sized("nm4")),
    **each("fft.fft2 fft.ifft2", sized("nm4")),
    **each("fft.rfft fft.rfft2 fft.rfftn fft.ihfft", sized("nm4", REAL) | sized("nm5", REAL)),
    **each("fft.irfft fft.irfft2 fft.irfftn fft.hfft", sized("nm4")),
    **each("fft.fftshift fft.ifftshift", sized("nm4")),
    **{
        f"fft.{f}, {norm}": scaled(f, norm)
        for f in ("fft", "rfft", "irfft", "hfft")
        for norm in ("ortho", "forward")
    },
}

CASES: dict[str, Case] = PRODUCTS | LINALG | FOURIER
