"""Checking gradients: of rules, of functions of Tensors, and of layers that have nothing to do with minigrad."""

from minigrad.testing.layers import check_layer
from minigrad.testing.report import GradientError, InputError, InputReport, Problem, Report

__all__ = ["GradientError", "InputError", "InputReport", "Problem", "Report", "check_layer"]
