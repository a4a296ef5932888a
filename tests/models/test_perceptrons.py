"""Gates as perceptrons, and what one line cannot do."""

import itertools

import numpy as np
import pytest

from models.data.made import TRUTH_TABLE
from models.perceptrons import AND, GATES, NAND, Perceptron

TRUTH = {"AND": [0, 0, 0, 1], "NAND": [1, 1, 1, 0], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


@pytest.mark.parametrize("name", GATES)
def test_gates_have_their_truth_tables(name):
    assert GATES[name](TRUTH_TABLE).tolist() == TRUTH[name]
    assert [int(GATES[name](x)) for x in TRUTH_TABLE] == TRUTH[name]


def test_the_weights_are_those_of_the_notes():
    assert (AND.weights, AND.bias) == ((0.5, 0.5), -0.7)
    assert (NAND.weights, NAND.bias) == ((-0.5, -0.5), 0.7)


def test_on_the_line_the_answer_is_0():
    assert Perceptron((1.0, -1.0), 0.0)([[2, 2], [2, 1], [1, 2]]).tolist() == [0, 1, 0]


def test_no_line_of_a_fine_grid_separates_xor():
    grid = np.linspace(-1, 1, 21)
    right = [
        int((Perceptron((w1, w2), b)(TRUTH_TABLE) == TRUTH["XOR"]).sum())
        for w1, w2, b in itertools.product(grid, repeat=3)
    ]
    assert max(right) == 3
