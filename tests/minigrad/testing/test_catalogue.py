"""Every planted bug is caught and named, as a layer and as a Function; most shrink to a handful of numbers."""

from __future__ import annotations

import pytest

from minigrad.function import Function
from minigrad.testing import GradientError, check_layer, check_rule, rule_test
from tests.minigrad.testing import catalogue
from tests.minigrad.testing.catalogue import BUGS, Bug

HELPED = {  # the base class of Functions does it for the rule
    "product of broadcast arrays, not summed back",
}


def named(bugs: list[Bug]) -> list[object]:
    return [pytest.param(bug, id=bug.name) for bug in bugs]


def test_catalogue_holds_forty_bugs_and_more():
    assert len(BUGS) >= 40
    assert len({bug.name for bug in BUGS}) == len(BUGS)


@pytest.mark.parametrize("bug", named(BUGS))
def test_bug_in_a_layer_is_caught_and_named(bug):
    with pytest.raises(GradientError) as caught:
        check_layer(bug.make(), *bug.inputs())
    assert any(words in str(caught.value) for words in bug.says), str(caught.value)


@pytest.mark.parametrize("bug", named([bug for bug in BUGS if bug.name not in HELPED]))
def test_bug_in_a_function_is_caught_and_named(bug):
    rule = type(bug.make.__name__, (bug.make, Function), {})
    with pytest.raises(GradientError) as caught:
        check_rule(rule, *bug.inputs())
    assert any(words in str(caught.value) for words in bug.says), str(caught.value)


def test_function_may_leave_the_unbroadcast_to_its_base_class():
    rule = type("Multiply", (catalogue.right.Multiply, Function), {})
    assert check_rule(rule, *catalogue.inputs.normal((3, 4), (4,))(), order=2).ok


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (catalogue.right.Sigmoid, catalogue.inputs.GRID),
        (catalogue.right.Affine, catalogue.inputs.AFFINE),
        (catalogue.right.ReLU, catalogue.inputs.GRID),
        (catalogue.right.LayerNorm, catalogue.inputs.ROWS),
        (catalogue.right.Softmax, catalogue.inputs.ROWS),
        (catalogue.right.Max, catalogue.inputs.ROWS),
        (catalogue.right.Take, catalogue.inputs.repeated),
        (catalogue.right.Multiply, catalogue.inputs.SQUARE),
        (catalogue.right.MatMul, catalogue.inputs.SQUARE),
        (catalogue.right.Conv1d, catalogue.inputs.normal((3, 8), (4,))),
        (catalogue.right.SoftmaxWithLoss, catalogue.inputs.labelled),
    ],
)
def test_right_layers_of_the_catalogue_pass(layer, inputs):
    report = check_layer(layer(), *inputs())
    assert report.conclusive
    assert report.resolution < 1e-11


@pytest.mark.parametrize(
    ("layer", "signature"),
    [
        (catalogue.scale.MeanBias, "(n,i),(i,o),(o)->(n,o)"),
        (catalogue.axes.WrongAxis, "(n,i),(i,o),(o)->(n,o)"),
        (catalogue.axes.FirstRow, "(n,i),(i,o),(o)->(n,o)"),
        (catalogue.axes.MatMulTransposed, "(n,i),(i,o)->(n,o)"),
        (catalogue.axes.Swapped, "(n,m),(n,m)->(n,m)"),
        (catalogue.terms.HalfSigmoid, "(n,m)->(n,m)"),
        (catalogue.terms.SoftmaxDiagonal, "(n,m)->(n,m)"),
        (catalogue.kinks.EveryTie, "(n,m)->(n)"),
        (catalogue.kinks.KinkSlope, "(n,m)->(n,m)"),
        (catalogue.memory.WritesUpstream, "(n,m)->(n,m)"),
        (catalogue.memory.UpstreamInMemoryOrder, "(n,m)->(n,m)"),
    ],
)
def test_failing_property_shrinks_to_two_elements_a_dimension(layer, signature):
    @rule_test(signature, min_side=1)
    def property_of_layer():
        return layer()

    with pytest.raises(GradientError) as caught:
        property_of_layer()
    assert "minimal example" in str(caught.value)
    assert all(max(entry.shape, default=1) <= 2 for entry in caught.value.report.inputs)
