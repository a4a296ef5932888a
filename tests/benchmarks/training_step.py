"""Time a whole training step: python -m tests.benchmarks.training_step [--help]

Every contender makes the same step (forward, backward, SGD; float32) from the same start, which is checked
before anything is timed. One that fails, or whose library is not installed, shows '-' and a reason below.
"""

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.contenders.problem import Problem, Training
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import Step, Timing, interleave, markdown

NETS = ("2-50-4:4", "784-30-10:10", "784-50-10:1", "784-50-10:100", "784-512-10:256")
BASELINE = "by hand in NumPy"
CONTENDERS = {  # the title of a column: the module and the function that makes its Training
    BASELINE: "numpy_step.by_hand",
    "products alone": "numpy_step.products_alone",
    "minigrad": "minigrad_step.eager",
    "compiled (NumPy)": "minigrad_step.compiled_numpy",
    "compiled (Numba)": "minigrad_step.compiled_numba",
    "torch": "torch_step.eager",
    "torch.compile": "torch_step.compiled",
    "jax.jit": "jax_step.compiled",
    "mygrad": "mygrad_step.eager",
    "autograd": "autograd_step.eager",
}
PACKAGES = ("torch", "jax", "mygrad", "autograd", "numba")
STEPS_CHECKED = 5
Trained = Sequence[NDArray[np.floating]]  # the losses of those steps, then w1, b1, w2, b2


def main() -> None:
    """Time the nets and print the report."""
    arguments = parse_arguments()
    titles = [title for title in CONTENDERS if title == BASELINE or title in arguments.only]
    print(facts(PACKAGES), end="\n\n")
    missing: dict[str, str] = {}
    timings: dict[str, dict[str, Timing]] = {}
    for net in arguments.nets:
        steps = prepare(Problem.named(net), titles, missing)
        timings[net] = interleave(steps, rounds=arguments.rounds, seconds=arguments.seconds)
    print(report(timings, titles), end="\n\n")
    for title, reason in missing.items():
        print(f"- {title}: {reason}")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time a whole training step.")
    parser.add_argument(
        "--nets", nargs="+", default=NETS, metavar="NET", help="sizes:batch, like 784-50-10:100"
    )
    parser.add_argument("--only", nargs="+", default=CONTENDERS, choices=CONTENDERS, metavar="TITLE")
    parser.add_argument("--rounds", type=int, default=15, help="each contender runs once in each round")
    parser.add_argument("--seconds", type=float, default=0.05, help="for one contender in one round")
    return parser.parse_args()


def prepare(problem: Problem, titles: Sequence[str], missing: dict[str, str]) -> dict[str, Step]:
    """Find the contenders that run here, and check them; why the others do not run goes into `missing`."""
    steps: dict[str, Step] = {}
    truth = None
    for title in titles:
        module, _, function = CONTENDERS[title].partition(".")
        try:
            contender = importlib.import_module(f"tests.benchmarks.contenders.{module}")
            training: Training = getattr(contender, function)(problem)
            truth = check(training, truth)
        except Exception as error:  # noqa: BLE001  whatever a foreign library raises is a line of the report
            missing[title] = f"{type(error).__name__}: {error}".splitlines()[0]
        else:
            steps[title] = training.step
    return steps


def check(training: Training, truth: Trained | None) -> Trained | None:
    """Make a few steps, and raise ValueError on a difference from the truth: the numbers of the first one."""
    losses = [float(training.step()) for _ in range(STEPS_CHECKED)]
    if training.parameters is None:
        return truth
    trained = [np.array(losses), *map(np.asarray, training.parameters())]
    if truth is None:
        return trained
    for name, got, expected in zip(("loss", "w1", "b1", "w2", "b2"), trained, truth, strict=True):
        if not np.allclose(got, expected, rtol=1e-3, atol=1e-5):
            difference = np.abs(got - expected).max()
            raise ValueError(
                f"{name} differs by {difference:.2g} from the step by hand after {STEPS_CHECKED} steps"
            )
    return truth


def report(timings: Mapping[str, Mapping[str, Timing]], titles: Sequence[str]) -> str:
    """Two Markdown tables: the microseconds of a step, and their ratio to the step by hand."""

    def table(cell: Callable[[Timing, Timing], str]) -> str:
        rows = [
            [net, *(cell(timed[title], timed[BASELINE]) if title in timed else "-" for title in titles)]
            for net, timed in timings.items()
        ]
        return markdown(["net:batch", *titles], rows)

    return f"""Microseconds for one step, the median of the rounds (the minimum):

{table(lambda timing, _: f"{short(timing.median)} ({short(timing.minimum)})")}

Times the step by hand, the median of the ratios within a round:

{table(lambda timing, by_hand: f"{timing.ratio(by_hand):.2f}")}"""


def short(microseconds: float) -> str:
    """Three digits at least."""
    return f"{microseconds:.0f}" if microseconds >= 100 else f"{microseconds:.1f}"


if __name__ == "__main__":
    main()
