"""Checking gradients: of rules, of functions of Tensors, and of layers that have nothing to do with minigrad."""

from minigrad.testing.functions import gradcheck
from minigrad.testing.layers import check_layer
from minigrad.testing.report import GradientError, InputError, InputReport, Problem, Report
from minigrad.testing.rules import check_rule

__all__ = [
    "GradientError",
    "InputError",
    "InputReport",
    "Problem",
    "Report",
    "check_layer",
    "check_rule",
    "gradcheck",
]
