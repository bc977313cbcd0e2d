"""Training of scores: slopes, validation and the early stop."""

import numpy as np
import pytest

from qxai.estimators import learning
from qxai.estimators.learning import Examples, Plan, learn
from qxai.estimators.scores import untrained
from qxai.losses import cross_entropy, squared_error


def examples(count, seed, classes=3):
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, np.pi, (count, 3))
    labels = rng.integers(classes, size=count)
    return Examples(angles, np.eye(classes)[labels], rng.uniform(0.5, 1.5, count))


def plan(**changes):
    settings = {
        "layers": 2,
        "epochs": 40,
        "batch_size": 8,
        "learning_rate": 0.2,
        "validation_fraction": 0.3,
        "patience": None,
        "progress": None,
    }
    return Plan(**settings | changes)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
def test_slopes_by_angles_weights_and_offsets_are_finite_differences(loss):
    given, rng = examples(9, 0), np.random.default_rng(2)
    scores = untrained("abc", 2, 3, rng)
    slope, rows, step = learning._slope(scores, loss, given), np.array([7, 1, 4]), 1e-6
    at = scores.numbers + rng.normal(0, 0.2, len(scores.numbers))
    moved = step * np.eye(len(at))
    expected = [(slope(at + m, rows)[0] - slope(at - m, rows)[0]) / (6 * step) for m in moved]
    np.testing.assert_allclose(slope(at, rows)[1], expected, atol=1e-7)


def test_patience_stops_early_and_keeps_the_best_on_rows_held_out():
    """Labels are noise: what is learnt soon harms the rows that were held out."""
    train, held = examples(24, 1), examples(24, 2)
    start = untrained("abc", 2, 3, np.random.default_rng(0))
    scores, history = learn(
        start, cross_entropy, train, held, plan(patience=4), np.random.default_rng(1)
    )
    best = int(np.argmin(history["validation"]))
    assert len(history["validation"]) == len(history["loss"]) == best + 1 + 4 < 40
    losses, _ = cross_entropy(scores.values(held.angles), held.targets, held.weights)
    found = losses.sum() / held.weights.sum()
    np.testing.assert_allclose(found, history["validation"].min(), rtol=1e-12)


def test_without_patience_all_epochs_count_and_the_last_stays():
    train, held = examples(24, 1), examples(24, 2)
    start = untrained("abc", 2, 3, np.random.default_rng(0))
    scores, history = learn(start, cross_entropy, train, held, plan(), np.random.default_rng(1))
    losses, _ = cross_entropy(scores.values(held.angles), held.targets, held.weights)
    assert len(history["loss"]) == 40
    np.testing.assert_allclose(losses.sum() / held.weights.sum(), history["validation"][-1])
    assert history["validation"][-1] > history["validation"].min()


def test_the_circuit_has_terms_of_even_and_of_odd_order():
    """A ring of CZ gates would change sign as all angles turn by π: it has one parity."""
    rng = np.random.default_rng(3)
    scores = untrained("abcd", 3, 1, rng)
    model = scores.model(np.ones(1))
    angles = rng.uniform(0, np.pi, (20, 4))
    model = model.with_parameters(rng.uniform(-3, 3, len(model.parameters)))
    even = model.values(angles) + model.values(angles + np.pi)
    odd = model.values(angles) - model.values(angles + np.pi)
    assert np.abs(even).max() > 0.01
    assert np.abs(odd).max() > 0.01


def test_numbers_come_back_as_they_were():
    rng = np.random.default_rng(4)
    scores = untrained("abc", 2, 2, rng)
    numbers = rng.normal(size=len(scores.numbers))
    np.testing.assert_array_equal(scores.at(numbers).numbers, numbers)
