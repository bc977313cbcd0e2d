import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss, mean_squared_error

from qxai.losses import cross_entropy, squared_error

RNG = np.random.default_rng(0)
SCORES = RNG.normal(0, 3, (6, 3))
LABELS = np.array([0, 2, 1, 1, 0, 2])
WEIGHTS = RNG.uniform(0, 2, 6)


def test_cross_entropy_is_that_of_scikit_learn():
    losses, _ = cross_entropy(SCORES, np.eye(3)[LABELS], WEIGHTS)
    expected = log_loss(LABELS, softmax(SCORES, axis=1), sample_weight=WEIGHTS)
    np.testing.assert_allclose(losses.sum() / WEIGHTS.sum(), expected, rtol=1e-12)


def test_squared_error_is_that_of_scikit_learn():
    losses, _ = squared_error(SCORES, np.eye(3)[LABELS], WEIGHTS)
    expected = mean_squared_error(np.eye(3)[LABELS], SCORES, sample_weight=WEIGHTS)
    np.testing.assert_allclose(losses.sum() / WEIGHTS.sum(), 3 * expected, rtol=1e-12)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
def test_slopes_are_those_of_finite_differences(loss):
    targets = RNG.dirichlet(np.ones(3), 6)
    found, step = loss(SCORES, targets, WEIGHTS)[1], 1e-6
    for row, column in np.ndindex(SCORES.shape):
        moved = np.zeros(SCORES.shape)
        moved[row, column] = step
        up, down = (loss(SCORES + sign * moved, targets, WEIGHTS)[0].sum() for sign in (1, -1))
        np.testing.assert_allclose(found[row, column], (up - down) / (2 * step), atol=1e-7)


def test_scores_of_any_size_have_a_finite_loss():
    losses, slopes = cross_entropy(np.array([[1e4, -1e4]]), np.array([[0.0, 1.0]]), np.ones(1))
    np.testing.assert_allclose(losses, [2e4])
    np.testing.assert_allclose(slopes, [[1, -1]])
