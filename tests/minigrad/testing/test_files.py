"""`minigrad check`: rules are found in a file, checked, and the exit status says whether one is wrong."""

from __future__ import annotations

import textwrap

import pytest

from minigrad.__main__ import main

RIGHT = """
    import numpy as np
    import minigrad as mg

    class Sigmoid(mg.Function):
        def forward(self, x):
            self.y = 1 / (1 + np.exp(-x))
            return self.y

        def backward(self, grad):
            return grad * self.y * (1 - self.y)
"""
MORE = """
    class MatMul:
        def forward(self, a, b):
            self.a, self.b = a, b
            return a @ b

        def backward(self, grad):
            return grad @ self.b.T, self.a.T @ grad

    class Pick(mg.Function):
        def forward(self, x, labels):
            self.labels, self.shape = labels, x.shape
            return x[np.arange(len(labels)), labels]

        def backward(self, grad):
            out = np.zeros(self.shape, grad.dtype)
            out[np.arange(len(self.labels)), self.labels] = grad
            return out, None

    class Log(mg.Function):
        @staticmethod
        def examples(rng):
            return (rng.uniform(1, 2, (2, 3)),)

        def forward(self, x):
            self.x = x
            return np.log(x)

        def backward(self, grad):
            return grad / self.x

    class Abstract(mg.Function):
        pass
"""
WRONG = """
    class Half(Sigmoid):
        def backward(self, grad):
            return grad * self.y
"""
PARAMETERS = """
    from dataclasses import dataclass

    @dataclass
    class Scale(mg.Function):
        factor: float

        def forward(self, x):
            return self.factor * x

        def backward(self, grad):
            return self.factor * grad
"""
EXAMPLE = """
        @staticmethod
        def examples(rng):
            return Scale(3.0), rng.normal(size=4)
"""


@pytest.fixture
def write(tmp_path):
    def writer(*parts):
        path = tmp_path / "rules_of_mine.py"
        path.write_text("\n".join(textwrap.dedent(part) for part in parts))
        return str(path)

    return writer


def test_right_rules(write, capsys):
    assert main(["check", write(RIGHT, MORE), "--quiet"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in out] == ["Sigmoid", "MatMul", "Pick", "Log"]
    assert all("proven to" in line for line in out)


def test_whole_reports_are_printed(write, capsys):
    assert main(["check", write(RIGHT)]) == 0
    assert "purity: nothing written to" in capsys.readouterr().out


def test_wrong_rule_gives_status_1(write, capsys):
    path = write(RIGHT, WRONG)
    assert main(["check", path]) == 1
    assert "Half.backward is wrong for input 0 'x'" in capsys.readouterr().out
    assert main(["check", f"{path}:Sigmoid"]) == 0
    assert main(["check", f"{path}:Half"]) == 1


def test_rule_with_parameters_needs_an_example(write, capsys):
    assert main(["check", write(RIGHT, PARAMETERS)]) == 2
    assert "give it a static method examples(rng)" in capsys.readouterr().err


def test_example_may_give_the_instance(write):
    source = textwrap.dedent(PARAMETERS) + textwrap.indent(textwrap.dedent(EXAMPLE), "    ")
    assert main(["check", write(RIGHT, source)]) == 0


def test_wrong_outweighs_unusable(write):
    assert main(["check", write(RIGHT, WRONG, PARAMETERS)]) == 1


@pytest.mark.parametrize(
    ("source", "suffix", "message"),
    [
        ("x = 1", "", "defines no Function"),
        (RIGHT, ":Nothing", "defines no rule 'Nothing', but Sigmoid"),
        (
            RIGHT
            + "    class Odd(mg.Function):\n        def forward(self, x):\n            raise ValueError\n\n"
            "        def backward(self, grad):\n            return grad\n",
            ":Odd",
            "no usual inputs fit",
        ),
    ],
)
def test_file_that_cannot_be_checked_gives_status_2(write, capsys, source, suffix, message):
    assert main(["check", write(source) + suffix]) == 2
    assert message in capsys.readouterr().err


def test_file_that_does_not_exist(capsys):
    assert main(["check", "no_such_file.py"]) == 2
    assert "no_such_file.py is no Python file" in capsys.readouterr().err
