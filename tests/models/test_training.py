"""The training loop: what it learns, and that it can be taken up anywhere."""

import numpy as np
import pytest

import minigrad as mg
from models.data import load_data
from models.data.dataset import Dataset, Split
from models.errors import DivergedError, InputError
from models.evaluation import accuracy, classify, confusion_counts
from models.recipes import RECIPES, Recipe, recipe
from models.schedules import SCHEDULES
from models.training import Training, add_penalty_gradient, train_quietly

RNG = np.random.default_rng(0)


def unwatched(_step: int, _loss: float) -> None:
    pass


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_data("digits", RNG)


def test_the_default_net_reads_nine_of_ten_carried_digits(digits):
    assert accuracy(train_quietly(recipe("mlp").with_options(steps=1000), digits).net, digits.test) > 0.9


def test_quadrants_are_told_apart():
    data = load_data("quadrants", RNG)
    training = train_quietly(recipe("quadrants"), data)
    assert training.net.sizes == (2, 50, 4)
    assert classify(training.net, data.test.x).tolist() == [0, 1, 2, 3]


def test_two_layers_learn_xor_and_one_line_does_not():
    table = load_data("xor", RNG)
    assert accuracy(train_quietly(recipe("xor"), table).net, table.test) == 1
    assert accuracy(train_quietly(recipe("line"), table).net, table.test) <= 0.75


def test_a_spiral_is_learned():
    data = load_data("spiral", RNG)
    assert accuracy(train_quietly(recipe("mlp").with_options(rate=0.01), data).net, data.test) > 0.95


@pytest.mark.slow
def test_nielsens_net_learns_as_the_notes_say(mnist_folder):
    data = load_data("mnist", RNG, folder=mnist_folder)
    training = train_quietly(recipe("nielsen").with_options(epochs=2), data)
    assert (len(training.train), len(training.validation), len(training.test)) == (50_000, 10_000, 10_000)
    assert training.net.sizes == (784, 30, 10)
    assert accuracy(training.net, data.test) > 0.88


def test_a_step_is_that_of_gradient_descent_with_the_penalty():
    data = load_data("quadrants", RNG)
    training = Training(recipe("quadrants").with_options(rate=0.5, l2=0.1, steps=1), data)
    before = [p.numpy().copy() for p in training.net.parameters()]
    loss = training.loss.cost(training.net(data.train.x), data.train.labels)
    loss.backward()
    gradients = [p.grad.numpy().copy() for p in training.net.parameters()]
    list(training.run(unwatched))
    for p, old, gradient in zip(training.net.parameters(), before, gradients, strict=True):
        penalty = 0.1 * old if old.ndim == 2 else 0
        np.testing.assert_allclose(p.numpy(), old - 0.5 * (gradient + penalty), rtol=1e-5, atol=1e-7)


def test_the_penalty_falls_on_a_weight_without_a_gradient_too():
    w = mg.Tensor([[2.0]], requires_grad=True)
    add_penalty_gradient(w, 0.5)
    assert w.grad.tolist() == [[1.0]]


def test_reports_come_after_each_epoch_or_ten_times(digits):
    by_epochs = Training(recipe("mlp").with_options(epochs=3), digits)
    assert [report.step for report in by_epochs.run(unwatched)] == [15, 30, 45]
    by_steps = Training(recipe("mlp").with_options(steps=25), digits)
    assert [report.step for report in by_steps.run(unwatched)] == [3, 6, 9, 12, 15, 18, 21, 24, 25]
    told = Training(recipe("mlp").with_options(steps=25, every=10), digits)
    assert [report.step for report in told.run(unwatched)] == [10, 20, 25]


def test_every_step_is_watched_and_the_reported_loss_is_their_mean(digits):
    seen = []
    training = Training(recipe("mlp").with_options(steps=6, every=3), digits)
    reports = list(training.run(lambda step, loss: seen.append((step, loss))))
    assert [step for step, _ in seen] == [1, 2, 3, 4, 5, 6]
    assert reports[1].train_loss == pytest.approx(np.mean([loss for _, loss in seen[3:]]))


def numbers(training: Training) -> list[np.ndarray]:
    return [p.numpy() for p in training.net.parameters()]


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "sgd", "replacement": True},
        {"optimizer": "sgd", "momentum": 0.9, "schedule": "cosine"},
        {"optimizer": "nesterov", "momentum": 0.9, "schedule": "drops", "rate": 0.01},
        {"optimizer": "rmsprop", "rate": 1e-3},
        {"optimizer": "adagrad", "rate": 1e-2},
        {"optimizer": "adam", "rate": 1e-3, "schedule": "warm-cosine", "l2": 1e-4},
    ],
)
def test_a_restored_training_goes_on_to_the_very_same_numbers(digits, options):
    chosen = recipe("mlp").with_options(steps=50, every=7, **options)
    whole = train_quietly(chosen, digits)
    first = Training(chosen, digits)
    reports = first.run(unwatched)
    for _ in range(3):
        next(reports)
    again = Training(chosen.with_options(seed=chosen.seed), digits)
    again.restore(first.checkpoint())
    assert again.step == 21
    for _ in again.run(unwatched):
        pass
    for resumed, never_stopped in zip(numbers(again), numbers(whole), strict=True):
        np.testing.assert_array_equal(resumed, never_stopped)


def test_the_seed_decides_the_numbers(digits):
    chosen = recipe("mlp").with_options(steps=5)
    one, same, other = (train_quietly(chosen.with_options(seed=seed), digits) for seed in (1, 1, 2))
    np.testing.assert_array_equal(numbers(one)[0], numbers(same)[0])
    assert (numbers(one)[0] != numbers(other)[0]).any()


@pytest.mark.parametrize(("rate", "message"), [(1e20, "the loss is nan at step"), (3e38, "is")])
def test_a_loss_that_is_no_number_stops_the_training(digits, rate, message):
    training = Training(recipe("mlp").with_options(optimizer="sgd", rate=rate, steps=100), digits)
    with pytest.raises(
        DivergedError, match=rf"{message}.*try a smaller --rate than {rate:g}".replace("+", r"\+")
    ):
        list(training.run(unwatched))


def test_weights_that_are_no_numbers_are_not_reported(digits):
    training = Training(recipe("mlp").with_options(optimizer="sgd", rate=1e39, steps=1), digits)
    with pytest.raises(DivergedError, match="a weight is no finite number at step 1"):
        list(training.run(unwatched))


@pytest.mark.parametrize("kind", ["optimizer", "loss", "schedule", "activation"])
def test_unknown_names_are_told_with_the_known_ones(digits, kind):
    with pytest.raises(InputError, match=f"there is no {kind} 'x'; there are "):
        Training(recipe("mlp").with_options(**{kind: "x"}), digits)


def test_held_out_examples_are_not_trained_on(digits):
    training = Training(recipe("mlp").with_options(validation=0.2, steps=1), digits)
    assert (len(training.train), len(training.validation)) == (1200, 300)
    (report,) = training.run(unwatched)
    assert report.validation_acc == accuracy(training.net, training.validation)
    assert "validation_acc" in report.to_json()


def test_holding_out_all_examples_is_refused():
    with pytest.raises(InputError, match=r"holding out 0\.9 of 4 examples leaves none"):
        Training(recipe("xor").with_options(validation=0.9), load_data("xor", RNG))


def test_no_held_out_examples_no_accuracy_on_them(digits):
    (report,) = Training(recipe("mlp").with_options(steps=1), digits).run(unwatched)
    assert "validation_acc" not in report.to_json()


def test_schedules_lead_through_the_run_as_they_say():
    rates = {name: [make(0.5, 60)(step) for step in (0, 30, 59)] for name, make in SCHEDULES.items()}
    assert rates == {
        "constant": [0.5, 0.5, 0.5],
        "cosine": [0.5, pytest.approx(0.25), pytest.approx(0, abs=1e-3)],
        "warm-cosine": [pytest.approx(0.5 / 3), pytest.approx(0.25), pytest.approx(0, abs=1e-3)],
        "drops": [0.5, pytest.approx(0.05), pytest.approx(0.005)],
    }


def test_epochs_and_steps_replace_each_other_and_exclude_each_other():
    assert recipe("nielsen").with_options(steps=7).epochs is None
    assert recipe("mlp").with_options(epochs=7).steps is None
    assert Recipe("bare", hidden=()).total_steps(per_epoch=9) == 9
    with pytest.raises(InputError, match="--epochs and --steps exclude each other"):
        recipe("mlp").with_options(epochs=1, steps=1)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_json(name):
    assert Recipe.from_json(recipe(name).to_json()) == recipe(name)


def test_confusion_counts_labels_by_row():
    counts = confusion_counts(np.array([1, 1, 0]), np.array([0, 1, 0]), 2)
    assert counts.tolist() == [[1, 1], [0, 1]]


def test_a_batch_larger_than_the_data_is_all_of_it():
    split = Split(np.zeros((3, 2), np.float32), np.array([0, 1, 0]))
    data = Dataset("made", split, split, classes=2)
    assert Training(recipe("mlp").with_options(epochs=2), data).steps == 2
