"""Breaches of the contract."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.testing.operation import Array
from tests.minigrad.testing.catalogue.inputs import AFFINE, GRID
from tests.minigrad.testing.catalogue.planting import plant
from tests.minigrad.testing.catalogue.right import Affine, Sigmoid


@plant("wrong dtype", inputs=GRID)
class NarrowDtype(Sigmoid):
    """sigmoid that returns float32."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad).astype(np.float32)


@plant("returned 2 gradients for 3 inputs", inputs=AFFINE)
class TooFew(Affine):
    """affine, the bias gradient forgotten."""

    def backward(self, grad: Array) -> Any:
        return super().backward(grad)[:2]


@plant("returned None", inputs=AFFINE)
class NoneReturned(Affine):
    """affine, None for the bias."""

    def backward(self, grad: Array) -> Any:
        return (*super().backward(grad)[:2], None)


@plant("got is zero", inputs=AFFINE)
class ZeroWeights(Affine):
    """affine, zeros for the weights."""

    def backward(self, grad: Array) -> Any:
        dx, dw, db = super().backward(grad)
        return dx, np.zeros_like(dw), db
