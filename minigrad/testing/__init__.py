"""Checking gradients: of rules, of functions of Tensors, and of layers that know nothing of minigrad.

`check_rule`, `check_layer` and `gradcheck` need only NumPy; `rule_test`, `minigrad.testing.strategies` and the pytest
plugin need the extra "testing".
"""

from minigrad.testing.functions import gradcheck
from minigrad.testing.layers import check_layer
from minigrad.testing.properties import rule_test
from minigrad.testing.report import CheckError, GradientError, InputReport, Problem, Report
from minigrad.testing.rules import check_rule

__all__ = [
    "CheckError",
    "GradientError",
    "InputReport",
    "Problem",
    "Report",
    "check_layer",
    "check_rule",
    "gradcheck",
    "rule_test",
]
