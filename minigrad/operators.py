"""The operators of a Tensor: each finds its rule in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from minigrad.registry import OPERATIONS, RULES

if TYPE_CHECKING:
    from minigrad.tensor import Operand, Tensor


class Operators:
    """What Python's operators mean for a Tensor: NumPy's ufunc of the same sense."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _rebind(self, value: Tensor) -> Tensor: ...

    # Arithmetic

    def __add__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.add]((self, other))

    def __radd__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.add]((other, self))

    def __sub__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.subtract]((self, other))

    def __rsub__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.subtract]((other, self))

    def __mul__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.multiply]((self, other))

    def __rmul__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.multiply]((other, self))

    def __truediv__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.divide]((self, other))

    def __rtruediv__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.divide]((other, self))

    def __floordiv__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.floor_divide]((self, other))

    def __rfloordiv__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.floor_divide]((other, self))

    def __mod__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.remainder]((self, other))

    def __rmod__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.remainder]((other, self))

    def __pow__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.power]((self, other))

    def __rpow__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.power]((other, self))

    def __matmul__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.matmul]((self, other))

    def __rmatmul__(self, other: Operand) -> Tensor:
        return OPERATIONS[np.matmul]((other, self))

    def __neg__(self) -> Tensor:
        return OPERATIONS[np.negative]((self,))

    def __pos__(self) -> Tensor:
        return OPERATIONS[np.positive]((self,))

    def __abs__(self) -> Tensor:
        return OPERATIONS[np.absolute]((self,))

    # Comparisons give booleans, through which no gradient passes.

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]  # elementwise, as NumPy's
        return RULES[np.equal](self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]  # elementwise, as NumPy's
        return RULES[np.not_equal](self, other)

    def __lt__(self, other: Operand) -> Tensor:
        return RULES[np.less](self, other)

    def __le__(self, other: Operand) -> Tensor:
        return RULES[np.less_equal](self, other)

    def __gt__(self, other: Operand) -> Tensor:
        return RULES[np.greater](self, other)

    def __ge__(self, other: Operand) -> Tensor:
        return RULES[np.greater_equal](self, other)

    def __invert__(self) -> Tensor:
        return RULES[np.invert](self)

    def __and__(self, other: Operand) -> Tensor:
        return RULES[np.bitwise_and](self, other)

    def __or__(self, other: Operand) -> Tensor:
        return RULES[np.bitwise_or](self, other)

    def __xor__(self, other: Operand) -> Tensor:
        return RULES[np.bitwise_xor](self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __lshift__(self, other: Operand) -> Tensor:
        return RULES[np.left_shift](self, other)

    def __rlshift__(self, other: Operand) -> Tensor:
        return RULES[np.left_shift](other, self)

    def __rshift__(self, other: Operand) -> Tensor:
        return RULES[np.right_shift](self, other)

    def __rrshift__(self, other: Operand) -> Tensor:
        return RULES[np.right_shift](other, self)

    def __divmod__(self, other: Operand) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    # Assignment: the Tensor object takes a new recorded value; no array is written into.

    def __iadd__(self, other: Operand) -> Tensor:
        return self._rebind(self + other)

    def __isub__(self, other: Operand) -> Tensor:
        return self._rebind(self - other)

    def __imul__(self, other: Operand) -> Tensor:
        return self._rebind(self * other)

    def __itruediv__(self, other: Operand) -> Tensor:
        return self._rebind(self / other)

    def __ifloordiv__(self, other: Operand) -> Tensor:
        return self._rebind(self // other)

    def __imod__(self, other: Operand) -> Tensor:
        return self._rebind(self % other)

    def __ipow__(self, other: Operand) -> Tensor:
        return self._rebind(self**other)

    def __imatmul__(self, other: Operand) -> Tensor:
        return self._rebind(self @ other)

    def __iand__(self, other: Operand) -> Tensor:
        return self._rebind(self & other)

    def __ior__(self, other: Operand) -> Tensor:
        return self._rebind(self | other)

    def __ixor__(self, other: Operand) -> Tensor:
        return self._rebind(self ^ other)

    def __ilshift__(self, other: Operand) -> Tensor:
        return self._rebind(self << other)

    def __irshift__(self, other: Operand) -> Tensor:
        return self._rebind(self >> other)
