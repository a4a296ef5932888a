"""The derivatives of elementwise functions, in terms of the output y and the inputs: a table to read."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from minigrad.errors import ArgumentError
from minigrad.function import Function
from minigrad.registry import lookup, registered
from minigrad.rules.declare import NUMBERS, Ufunc, composed, elementwise, into, rule, times, ufunc
from minigrad.rules.integrals import i0_derivative, sinc_derivative
from minigrad.tensor import Tensor

LN2, LN10 = math.log(2), math.log(10)


def share(wins: Any, wins_or_ties: Any) -> Any:
    """The share of the gradient: 1 for the winner, a half in a tie, 0 for the loser."""
    return 0.5 * wins + 0.5 * wins_or_ties


def over(a: Any, length: Any) -> Any:
    """The quotient a / length, and 0 where the length is 0."""
    return a / np.where(np.equal(length, 0), 1, length)


def inverse(b: Any) -> Any:
    """The number 1 / b, by NumPy where Python would refuse to divide by 0."""
    return np.divide(1, b) if type(b) in NUMBERS and b == 0 else 1 / b


# Arithmetic

elementwise(np.add, 1, 1)
elementwise(np.subtract, 1, -1)
elementwise(np.multiply, lambda y, a, b: b, lambda y, a, b: a, singular=False)
elementwise(np.divide, lambda y, a, b: inverse(b), lambda y, a, b: -y / b)
elementwise(np.negative, -1)
elementwise(np.positive, 1)
elementwise(np.square, lambda y, x: 2 * x, singular=False)
elementwise(np.nextafter, 1, 0)
elementwise(np.reciprocal, lambda y, x: -y * y)
elementwise(np.remainder, 1, lambda y, a, b: -np.floor_divide(a, b))
elementwise(np.fmod, 1, lambda y, a, b: -np.trunc(a / b))

# Powers and roots; a zero to a power has no derivative by its exponent but 0

for power in (np.power, np.float_power):
    elementwise(
        power,
        lambda y, a, b: times(b, a ** (b - 1)),
        lambda y, a, b: y * np.log(np.where(np.equal(a, 0), 1, a)),
    )
elementwise(np.sqrt, lambda y, x: 0.5 / y)
elementwise(np.cbrt, lambda y, x: 1 / (3 * y * y))
elementwise(np.hypot, lambda y, a, b: over(a, y), lambda y, a, b: over(b, y))

# Exponentials and logarithms

elementwise(np.exp, lambda y, x: y, singular=False)
elementwise(np.exp2, lambda y, x: LN2 * y, singular=False)
elementwise(np.expm1, lambda y, x: y + 1, singular=False)
elementwise(np.log, lambda y, x: 1 / x)
elementwise(np.log2, lambda y, x: 1 / (LN2 * x))
elementwise(np.log10, lambda y, x: 1 / (LN10 * x))
elementwise(np.log1p, lambda y, x: 1 / (1 + x))
elementwise(np.logaddexp, lambda y, a, b: np.exp(a - y), lambda y, a, b: np.exp(b - y))
elementwise(np.logaddexp2, lambda y, a, b: np.exp2(a - y), lambda y, a, b: np.exp2(b - y))
elementwise(np.ldexp, lambda y, x, n: np.ldexp(np.ones_like(x), n), None)

# Circular and hyperbolic functions, and their inverses

elementwise(np.sin, lambda y, x: np.cos(x), finite=True)
elementwise(np.cos, lambda y, x: -np.sin(x), finite=True)
elementwise(np.tan, lambda y, x: 1 + y * y, singular=False)
elementwise(np.arcsin, lambda y, x: 1 / np.sqrt((1 - x) * (1 + x)))
elementwise(np.arccos, lambda y, x: -1 / np.sqrt((1 - x) * (1 + x)))
elementwise(np.arctan, lambda y, x: 1 / (1 + x * x), finite=True)
elementwise(np.arctan2, lambda y, a, b: over(b, a * a + b * b), lambda y, a, b: over(-a, a * a + b * b))
elementwise(np.sinh, lambda y, x: np.cosh(x), singular=False)
elementwise(np.cosh, lambda y, x: np.sinh(x), singular=False)
elementwise(np.tanh, lambda y, x: 1 - y * y, finite=True)
elementwise(np.arcsinh, lambda y, x: 1 / np.sqrt(x * x + 1))
elementwise(np.arccosh, lambda y, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)))
elementwise(np.arctanh, lambda y, x: 1 / ((1 - x) * (1 + x)))
elementwise(np.deg2rad, math.pi / 180)
elementwise(np.radians, math.pi / 180)
elementwise(np.rad2deg, 180 / math.pi)
elementwise(np.degrees, 180 / math.pi)
elementwise(np.sinc, lambda y, x: sinc_derivative(x, 1))
elementwise(np.i0, lambda y, x: i0_derivative(x, 1))

# Steps: flat wherever they have a derivative

for step in (np.floor, np.ceil, np.trunc, np.rint, np.fix):
    elementwise(step, 0)
elementwise(np.floor_divide, 0, 0)
elementwise(np.heaviside, 0, lambda y, x, at_zero: np.equal(x, 0))

# Kinks: 0 where abs has two slopes; half the gradient to each of two equal numbers

elementwise(np.absolute, lambda y, x: np.sign(x).conjugate(), finite=True)
elementwise(np.fabs, lambda y, x: np.sign(x))
elementwise(np.copysign, lambda y, a, b: np.sign(a) * np.copysign(1, b), 0)
elementwise(
    np.maximum, lambda y, a, b: share(a > b, a >= b), lambda y, a, b: share(b > a, b >= a), finite=True
)
elementwise(
    np.minimum, lambda y, a, b: share(a < b, a <= b), lambda y, a, b: share(b < a, b <= a), finite=True
)
elementwise(
    np.fmax,
    lambda y, a, b: fits(share(a > b, a >= b), a, b),
    lambda y, a, b: fits(share(b > a, b >= a), b, a),
)
elementwise(
    np.fmin,
    lambda y, a, b: fits(share(a < b, a <= b), a, b),
    lambda y, a, b: fits(share(b < a, b <= a), b, a),
)


def fits(won: Any, mine: Any, other: Any) -> Any:
    """The share of a number where NaN loses against any number."""
    return np.where(np.isnan(other), 1, np.where(np.isnan(mine), 0, won))


# A choice between numbers


class Clip(Function):
    """The gradient passes to the array inside the bounds and at them, and outside to the bound that holds."""

    numpy_function = staticmethod(np.clip)

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def forward(self, a: Any, a_min: Any, a_max: Any) -> Any:
        raised = a if a_min is None else np.maximum(a, a_min)
        above = np.False_ if a_max is None else np.greater(raised, a_max)
        below = np.False_ if a_min is None else np.logical_and(np.less(a, a_min), np.logical_not(above))
        self.chosen = np.logical_not(np.logical_or(below, above)), below, above
        return np.clip(a, a_min, a_max, **self.options)

    def backward(self, grad: Any) -> Any:
        return tuple(
            np.where(chosen, grad, 0) if need else None
            for chosen, need in zip(self.chosen, self.needs, strict=True)
        )


@registered(np.clip)
def clip(
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
    **options: Any,
) -> Any:
    """np.clip under either pair of names for its bounds."""
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise ArgumentError("np.clip: a bound is given twice, as a_min= or a_max= and as min= or max=")
    bounds = min if a_min is None else a_min, max if a_max is None else a_max
    return into(out, Clip(options)(a, *bounds))


class Where(Function):
    """The gradient passes to whichever of the two was chosen."""

    numpy_function = staticmethod(np.where)

    def forward(self, condition: Any, x: Any, y: Any) -> Any:
        self.condition = condition
        return np.where(condition, x, y)

    def backward(self, grad: Any) -> Any:
        return None, np.where(self.condition, grad, 0), np.where(self.condition, 0, grad)


@registered(np.where)
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    """np.where of three arguments; of one, the places that are true."""
    if x is None and y is None:
        return lookup(np.nonzero)(condition)
    if x is None or y is None:
        raise ArgumentError("np.where takes both x and y, or neither")
    return Where()(condition, x, y)


@rule(np.nan_to_num)
class NanToNum(Function):
    """The gradient passes where the number was finite."""

    copy: bool = True  # a Tensor is a value: False changes nothing
    nan: float = 0.0
    posinf: float | None = None
    neginf: float | None = None

    def forward(self, x: Any) -> Any:
        self.finite = np.isfinite(x)
        return np.nan_to_num(x, nan=self.nan, posinf=self.posinf, neginf=self.neginf)

    def backward(self, grad: Any) -> Any:
        return np.where(self.finite, grad, 0)


@rule(np.round, np.around)
class Round(Function):
    """Flat wherever it has a derivative."""

    decimals: int = 0

    def forward(self, a: Any) -> Any:
        return np.round(a, self.decimals)

    def backward(self, grad: Any) -> Any:
        return np.zeros_like(grad)


# Two results each


@ufunc(np.modf)
class Modf(Ufunc):
    """The fractional part has the slope 1, the whole one 0."""

    def forward(self, x: Any) -> Any:
        return self.computed(x)

    def backward(self, fraction: Any, whole: Any) -> Any:  # noqa: ARG002
        return fraction


@ufunc(np.frexp)
class Frexp(Ufunc):
    """x = m 2^n: the mantissa m has the slope 2^-n; the exponent n is an integer."""

    def forward(self, x: Any) -> Any:
        mantissa, self.exponent = self.computed(x)
        return mantissa, self.exponent

    def backward(self, mantissa: Any, exponent: Any) -> Any:  # noqa: ARG002
        return np.ldexp(mantissa, -self.exponent)


@ufunc(np.divmod)
class Divmod(Ufunc):
    """The quotient has no slope; the remainder has that of np.remainder."""

    def forward(self, a: Any, b: Any) -> Any:
        self.quotient, remainder = self.computed(a, b)
        return self.quotient, remainder

    def backward(self, quotient: Any, remainder: Any) -> Any:  # noqa: ARG002
        return remainder, -remainder * self.quotient


# Polynomials and ranges


@composed(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """The polynomial of coefficients p, the highest power first, by Horner's scheme."""
    y = np.zeros_like(x)
    for coefficient in p:
        y = y * x + coefficient
    return y


@composed(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: str | None = None,  # noqa: ARG001  there is but one
) -> Any:
    """Equal steps from start to stop."""
    parts = num - 1 if endpoint else num
    step = (stop - start) / max(parts, 1)
    numbers = np.reshape(np.arange(num, dtype=step.dtype), (-1, *[1] * np.ndim(step)))
    y = np.moveaxis(start + numbers * step, 0, axis)
    y = y if dtype is None else y.astype(dtype)
    return (y, step) if retstep else y


# Copies


@rule(Tensor.astype, np.astype)
class Astype(Function):
    """The gradient is cast back to the dtype it came from."""

    dtype: Any
    copy: bool = True
    device: str | None = None

    def forward(self, x: Any) -> Any:
        if self.device not in (None, "cpu"):
            raise ArgumentError(f"there is no device {self.device!r}: minigrad computes on the cpu")
        return x.astype(self.dtype)

    def backward(self, grad: Any) -> Any:
        return grad


@rule(np.copy)
class Copy(Function):
    """A copy has the gradient of what was copied."""

    order: Literal["K", "A", "C", "F"] = "K"
    subok: bool = False  # a Tensor has no subclass

    def forward(self, a: Any) -> Any:
        return np.copy(a, order=self.order)

    def backward(self, grad: Any) -> Any:
        return grad
