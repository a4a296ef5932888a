"""Time the two nets of the notes on MNIST: python -m tests.benchmarks.mnist_nets --data-dir DIR [--help]

Each is computed by minigrad and as the notes compute it. The first table compares the time of a unit of work,
in interleaved rounds; the second is one whole training as `python -m models train` does it, reports included.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from models.data import Dataset, load_data
from models.data.prepare import one_hot
from models.evaluation import accuracy
from models.recipes import recipe
from models.training import Training
from tests.benchmarks.contenders.notes import NielsensNetwork, TwoLayerNet
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import Step, interleave, markdown

UNITS = {"nielsen": ("an epoch, 5,000 batches of 10", 5_000), "two-layer": ("10,000 steps of 100", 10_000)}
NOTES, MINIGRAD = "as in the notes", "minigrad"


def main() -> None:
    """Time both nets, train them, and print the tables."""
    parser = argparse.ArgumentParser(description="Time the two nets of the notes on MNIST.")
    parser.add_argument("--data-dir", type=Path, help="the folder with MNIST's files")
    parser.add_argument("--rounds", type=int, default=9, help="each contender runs once in each round")
    parser.add_argument("--seconds", type=float, default=0.1, help="for one contender in one round")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    data = load_data("mnist", np.random.default_rng(0), folder=arguments.data_dir)
    print(facts(), end="\n\n")
    rows = []
    for name, (unit, count) in UNITS.items():
        trained = Training(recipe(name).with_options(seed=arguments.seed), data)
        steps = {NOTES: by_the_notes(name, data), MINIGRAD: bare_step(trained)}
        timings = interleave(steps, rounds=arguments.rounds, seconds=arguments.seconds)
        seconds = [timings[title].median * count / 1e6 for title in (NOTES, MINIGRAD)]
        ratio = timings[MINIGRAD].ratio(timings[NOTES])
        rows.append([name, unit, *(f"{each:.2f}" for each in seconds), f"{1 / ratio:.1f} x"])
    print(markdown(["net", "seconds for", NOTES, MINIGRAD, "faster"], rows), end="\n\n")
    rows = [whole_training(name, data, arguments.seed) for name in UNITS]
    print(markdown(["net", "steps", "seconds", "in the step itself", "training", "test"], rows))


def by_the_notes(name: str, data: Dataset) -> Step:
    """One mini-batch of the notes' own code, float64 and one-hot labels as they have it."""
    rng = np.random.default_rng(0)
    x, t = data.train.x[:10_000].astype(float), one_hot(data.train.labels[:10_000], 10).astype(float)
    if name == "nielsen":
        network = NielsensNetwork([784, 30, 10], rng)
        pairs = [(image[:, None], label[:, None]) for image, label in zip(x, t, strict=True)]

        def update() -> None:
            network.update_mini_batch([pairs[i] for i in rng.integers(len(pairs), size=10)], eta=3.0)

        return update
    net = TwoLayerNet([784, 50, 10], rng)

    def step() -> None:
        batch = rng.choice(len(x), 100)
        net.step(x[batch], t[batch], rate=0.1)

    return step


def bare_step(training: Training) -> Step:
    """One step on a batch that is at hand: forward, backward and update, and nothing around them."""
    batch = next(training.batches)
    x, labels = training.train.x[batch], training.train.labels[batch]
    return lambda: training.take_step(x, labels)


class TimedTraining(Training):
    """Knows how long it has been inside its steps."""

    inside = 0.0

    def take_step(self, x: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
        """The step of Training, timed."""
        start = perf_counter()
        loss = super().take_step(x, labels)
        self.inside += perf_counter() - start
        return loss


def whole_training(name: str, data: Dataset, seed: int) -> list[str]:
    """A training to its last report: its time, the share of it in the step, its accuracies."""
    training = TimedTraining(recipe(name).with_options(seed=seed), data)
    start = perf_counter()
    for _ in training.run(lambda _step, _loss: None):
        pass
    seconds = perf_counter() - start
    share = training.inside / seconds
    accuracies = [accuracy(training.net, split) for split in (training.train, training.test)]
    return [name, f"{training.steps:,}", f"{seconds:.1f}", f"{share:.0%}", *(f"{a:.4f}" for a in accuracies)]


if __name__ == "__main__":
    main()
