"""What the gradient checker catches, what it wrongly accuses, and how long it takes, beside other checkers.

    python -m tests.benchmarks.gradcheck [--trials 2000] [--seed 0]

Other libraries take part where they are installed. Times are the best of several; compare them within one run only.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.rules.layers.dense import Affine
from minigrad.testing import GradientError, check_layer, check_rule, gradcheck
from tests.benchmarks.gradient_checkers import CHECKERS, Planted, fast_torch
from tests.minigrad.testing import catalogue
from tests.minigrad.testing.right_rules import trials

SEEDS = 10
FACTORS = (1e-2, 1e-3, 1e-5, 1e-6, 1e-8, 1e-9)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def planted() -> list[Planted]:
    """The bugs of the comparison: sigmoid's backward, made wrong in one way each."""

    def right(grad: Any, x: Any) -> Any:
        y = _sigmoid(x)
        return grad * y * (1 - y)

    def one_of_many(grad: Any, x: Any) -> Any:
        g = right(grad, x)
        g.reshape(-1)[17] *= 1.5
        return g

    def small(grad: Any, x: Any) -> Any:
        return np.zeros_like(grad * x)

    def memory_order(grad: Any, x: Any) -> Any:
        return right(np.ravel(grad, order="K").reshape(grad.shape), x)

    def nonlinear(grad: Any, x: Any) -> Any:
        return right(np.clip(grad, -1, 1), x)

    def scaled(factor: float) -> Callable[[Any, Any], Any]:
        return lambda grad, x: right(grad, x) * (1 + factor)

    return [
        *(Planted(f"x (1 + {f:.0e})", _sigmoid, scaled(f), (3, 5)) for f in FACTORS),
        Planted("one of 1,000 elements x 1.5", _sigmoid, one_of_many, (20, 50)),
        Planted("a gradient of 2e-6 x returned as 0", lambda x: 1e-6 * x * x, small, (3, 5)),
        Planted("upstream gradient read in memory order", _sigmoid, memory_order, (3, 5)),
        Planted("not linear in the upstream gradient", _sigmoid, nonlinear, (3, 5)),
        Planted("none (a right rule)", _sigmoid, right, (3, 5)),
    ]


def sensitivity() -> list[list[str]]:
    """For each planted bug, in how many of SEEDS inputs each checker raises."""
    rows = [["planted bug", *CHECKERS]]
    for bug in planted():
        caught = [sum(checker(bug, seed) for seed in range(SEEDS)) for checker in CHECKERS.values()]
        rows.append([bug.name, *(f"{n} of {SEEDS}" for n in caught)])
    return rows


def count_catalogue() -> str:
    """How many planted bugs of the catalogue are caught, and how many of them named."""
    caught = named = 0
    for bug in catalogue.BUGS:
        try:
            check_layer(bug.make(), *bug.inputs())
        except GradientError as error:
            caught += 1
            named += any(words in str(error) for words in bug.says)
    return f"{caught} of {len(catalogue.BUGS)} caught, {named} with the right cause"


def count_alarms(count: int, seed: int) -> str:
    """False alarms and inconclusive checks of right rules, where their forward is finite."""
    tally: Counter[str] = Counter()
    with np.errstate(all="ignore"):
        for t, (rule, kind, inputs) in enumerate(trials(np.random.default_rng(seed), count)):
            if not np.isfinite(rule.forward(*inputs)).all():
                continue
            tally["all"] += 1
            tally[kind] += 1
            try:
                report = check_layer(rule.forward, rule.backward, *inputs, seed=t)
            except GradientError:
                tally["false"] += 1
                continue
            if not report.conclusive:
                tally["unclear"] += 1
                tally[f"unclear {kind}"] += 1
    kinds = ", ".join(
        f"{kind} {tally[f'unclear {kind}'] / tally[kind]:.1%}"
        for kind in ("normal", "grid", "ties", "wide", "special")
    )
    return (
        f"{tally['false']} false alarms in {tally['all']:,} trials; "
        f"{tally['unclear'] / tally['all']:.2%} inconclusive ({kinds})"
    )


def timings() -> list[list[str]]:
    """Milliseconds for a 64x128 @ 128x64 affine, and for finding one wrong element of 16,448."""
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(64, 128)), rng.normal(size=(128, 64)), rng.normal(size=64)

    class OneWrong(Affine):
        """One wrong element of w."""

        def backward(self, grad: Any) -> Any:
            dx, dw, db = super().backward(grad)
            dw[70, 11] *= 1.001
            return dx, dw, db

    class Doubled(Function):
        """All of 16,448 elements in one input."""

        def forward(self, v: Any) -> Any:
            self.v = v
            return np.tanh(v)

        def backward(self, grad: Any) -> Any:
            g = grad * (1 - np.tanh(self.v) ** 2)
            g[9000] *= 1.001
            return g

    rows = [["check", "ms"]]
    rows.append(["affine, all checks in float64 and float32", _best(lambda: check_rule(Affine, x, w, b))])
    rows.append(["affine, all checks in float64", _best(lambda: check_rule(Affine, x, w, b, dtypes=("f8",)))])
    rows.append(["affine, gradcheck (the numbers alone)", _best(lambda: gradcheck(Affine(), x, w, b))])
    torch = fast_torch(x, w, b)
    if torch is not None:
        rows.append(["affine, torch's fast mode", _best(torch)])
    rows.append(
        ["affine, one wrong element of w found", _best(lambda: _fails(check_rule, OneWrong, x, w, b), 5)]
    )
    vector = rng.normal(size=16448)
    rows.append(
        ["tanh, one wrong element of 16,448 found", _best(lambda: _fails(check_rule, Doubled, vector), 5)]
    )
    return rows


def _fails(check: Callable[..., Any], *arguments: Any) -> None:
    try:
        check(*arguments)
    except GradientError:
        return
    raise AssertionError("the planted bug passed")


def _best(run: Callable[[], Any], repeats: int = 30) -> str:
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return f"{best * 1e3:.2f}"


def _print(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description="Measure the gradient checker.")
    parser.add_argument("--trials", type=int, default=2000, help="right rules to check (default 2000)")
    parser.add_argument("--seed", type=int, default=0, help="what the trials are drawn from")
    given = parser.parse_args()
    _print(sensitivity())
    _print(timings())
    print(f"catalogue: {count_catalogue()}")
    print(f"right rules: {count_alarms(given.trials, given.seed)}")


if __name__ == "__main__":
    main()
