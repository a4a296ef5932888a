"""The errors minigrad raises: one family, each member also the built-in exception it is."""

import numpy as np


class MinigradError(Exception):
    """The base of every error that minigrad raises on purpose."""


class ShapeError(MinigradError, ValueError):
    """Shapes that do not fit the operation, or each other."""


class AxisError(ShapeError, IndexError):
    """An axis that the array does not have."""


class BoundsError(MinigradError, IndexError):
    """An index outside the array, or one that is no integer."""


class ArgumentError(MinigradError, ValueError):
    """The value of an argument that the operation does not know, such as a mode."""


class LinAlgError(MinigradError, np.linalg.LinAlgError):
    """A matrix for which the operation has no result, such as the inverse of a singular one."""


class DtypeError(MinigradError, TypeError):
    """A dtype that the operation, or a gradient, cannot have."""


class LabelError(MinigradError, ValueError):
    """A class label outside the range of the classes."""


class GraphError(MinigradError, RuntimeError):
    """A backward pass that the recorded graph cannot give."""


class RuleError(MinigradError, TypeError):
    """A rule whose backward broke the contract of `Function`."""


class NoRuleError(MinigradError, TypeError):
    """A NumPy function, or a keyword of one, that minigrad has no rule for."""


class AnomalyError(MinigradError, FloatingPointError):
    """A NaN, an infinity, or a write to a captured array, found by `detect_anomaly`."""
