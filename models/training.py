"""The one training loop."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

import minigrad as mg
from models.data.dataset import Dataset
from models.data.prepare import Batches
from models.errors import DivergedError
from models.evaluation import accuracy
from models.losses import LOSSES
from models.naming import look_up
from models.nets import MLP
from models.optimizers import OPTIMIZERS
from models.recipes import Recipe
from models.runs import Checkpoint
from models.schedules import SCHEDULES

Watch = Callable[[int, float], None]

_SAMPLE = 2_000  # training examples that a report looks at; all of MNIST would take a third of the time


@dataclass(frozen=True)
class Report:
    """How a training stands.

    Args:
        step: How many steps have been taken.
        train_loss: The mean loss of the steps since the last report.
        train_acc: The accuracy on the training examples, on the first 2,000 if there are more.
        validation_acc: The accuracy on the examples held out; None if there are none.
        test_acc: The accuracy on the test examples.
        seconds: How long the training has taken.
    """

    step: int
    train_loss: float
    train_acc: float
    validation_acc: float | None
    test_acc: float
    seconds: float

    def to_json(self) -> dict[str, float]:
        """The numbers by name, as a line of the metrics holds them."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def build(recipe: Recipe, data: Dataset, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> MLP:
    """The recipe's net for a data set, its parameters as they are before training."""
    return MLP(
        (data.features, *recipe.hidden, data.classes),
        recipe.activation,
        weight=None if recipe.weight_std is None else mg.nn.normal(recipe.weight_std),
        bias=mg.nn.normal(recipe.bias_std),
        rng=rng,
        dtype=dtype,
    )


def add_penalty_gradient(w: mg.Tensor, l2: float) -> None:
    """Adds to the gradient of a weight that of the penalty λ/2 Σ w², which is λ w."""
    penalty = l2 * w.detach()
    w.grad = penalty if w.grad is None else w.grad + penalty


class Training:
    """A net on its way from a recipe's first step to its last.

    Args:
        recipe: How the net is built and trained.
        data: What it is trained and tested on.

    Raises:
        InputError: The recipe names something that there is not, or holds out all examples.
    """

    def __init__(self, recipe: Recipe, data: Dataset) -> None:
        weights_rng, batches_rng = np.random.default_rng(recipe.seed).spawn(2)
        self.recipe = recipe
        self.train, self.validation = data.train.hold_out(recipe.validation)
        self.test = data.test
        self.net = build(recipe, data, weights_rng)
        self.loss = look_up("loss", LOSSES, recipe.loss)
        self.batches = Batches(
            len(self.train), recipe.batch_size, batches_rng, replacement=recipe.replacement
        )
        self.steps = recipe.total_steps(self.batches.per_epoch)
        schedule = look_up("schedule", SCHEDULES, recipe.schedule)(recipe.rate, self.steps)
        make_optimizer = look_up("optimizer", OPTIMIZERS, recipe.optimizer)
        self.optimizer = make_optimizer(self.net.parameters(), schedule, recipe.momentum)
        self.every = recipe.steps_between_reports(self.batches.per_epoch)
        self.step = 0
        self.seconds = 0.0

    def run(self, watch: Watch) -> Iterator[Report]:
        """Trains to the last step, and yields a report after every `every` steps and after the last.

        Args:
            watch: Called after each step with its number, from 1, and its loss.

        Raises:
            DivergedError: A loss or a weight is no finite number; the steps that led there are not reported.
        """
        while self.step < self.steps:
            began = time.perf_counter()
            until = min(self.steps, (self.step // self.every + 1) * self.every)
            with np.errstate(over="ignore", invalid="ignore"):  # what diverges is told by DivergedError
                loss = self._train_until(until, watch)
            self.seconds += time.perf_counter() - began
            yield self._report(loss)

    def _train_until(self, until: int, watch: Watch) -> float:
        """Takes the steps up to `until`; gives their mean loss."""
        x, labels, batches = self.train.x, self.train.labels, self.batches
        total, first = 0.0, self.step
        for step in range(first, until):
            batch = next(batches)
            loss = self.take_step(x.take(batch, axis=0), labels[batch])
            if not math.isfinite(loss):
                raise self._diverged(f"the loss is {loss}", step + 1)
            total += loss
            watch(step + 1, loss)
        self.step = until
        if not all(np.isfinite(p.data).all() for p in self.net.parameters()):
            raise self._diverged("a weight is no finite number", until)
        return total / (until - first)

    def take_step(self, x: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
        """Goes downhill on one batch.

        Args:
            x: Shape (n, features).
            labels: Shape (n,).

        Returns:
            The loss before the step.
        """
        return float(self._downhill(x, labels).item())

    def compile(self) -> None:
        """Makes every step from now on a compiled one, with the same numbers."""
        self._downhill = mg.compile(self._downhill)  # type: ignore[method-assign]  # it takes and gives the same

    def _downhill(self, x: NDArray[np.float32], labels: NDArray[np.int64]) -> mg.Tensor:
        self.optimizer.zero_grad()
        loss = self.loss.cost(self.net(x), labels)
        loss.backward()
        if self.recipe.l2:
            for layer in self.net.layers:
                add_penalty_gradient(layer.w, self.recipe.l2)
        self.optimizer.step()
        return loss

    def _diverged(self, what: str, step: int) -> DivergedError:
        return DivergedError(f"{what} at step {step}: try a smaller --rate than {self.recipe.rate:g}")

    def _report(self, loss: float) -> Report:
        return Report(
            step=self.step,
            train_loss=loss,
            train_acc=accuracy(self.net, self.train[:_SAMPLE]),
            validation_acc=accuracy(self.net, self.validation) if len(self.validation) else None,
            test_acc=accuracy(self.net, self.test),
            seconds=self.seconds,
        )

    def checkpoint(self) -> Checkpoint:
        """This moment, from which `restore` goes on to the same numbers."""
        return Checkpoint(
            step=self.step,
            seconds=self.seconds,
            batches=self.batches.state(),
            weights=self.net.state_dict(),
            optimizer=self.optimizer.state_dict(),
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Takes up a training of the same recipe where `checkpoint` left it."""
        self.step, self.seconds = checkpoint.step, checkpoint.seconds
        self.batches.restore(checkpoint.batches)
        self.net.load_state_dict(checkpoint.weights)
        self.optimizer.load_state_dict(checkpoint.optimizer)


def train_quietly(recipe: Recipe, data: Dataset) -> Training:
    """A training carried to its end, with no one watching.

    Example:
        >>> from models.data import load_data
        >>> from models.recipes import recipe
        >>> xor = load_data("xor", np.random.default_rng(0))
        >>> training = train_quietly(recipe("xor"), xor)
        >>> training.net(xor.test.x).numpy().argmax(axis=1)
        array([0, 1, 1, 0])
    """
    training = Training(recipe, data)
    for _ in training.run(lambda _step, _loss: None):
        pass
    return training
