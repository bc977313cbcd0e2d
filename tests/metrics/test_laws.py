"""Metrics against libraries that compute the same, against definitions, and against laws."""

import itertools

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import auc, roc_auc_score

import qxai
from qxai import metrics
from tests import circuits

RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(20, 6))
OTHERS = RNG.normal(size=(20, 6))


@pytest.fixture
def model():
    return circuits.encoding_first(5, qubits=4)


@pytest.fixture
def inputs(model):
    return circuits.inputs(5, model, 6)


def test_localisation_is_the_area_of_scikit_learn():
    masks = RNG.random((20, 6)) < 0.5
    masks[:, 0], masks[:, 1] = True, False
    rounded = np.round(VALUES, 0)  # with ties
    expected = [roc_auc_score(m, np.abs(v)) for m, v in zip(masks, rounded)]
    np.testing.assert_allclose(metrics.localisation_auc(rounded, masks), expected)


def test_agreement_is_the_correlation_of_scipy():
    expected = [spearmanr(np.abs(a), np.abs(b)).statistic for a, b in zip(VALUES, OTHERS)]
    np.testing.assert_allclose(metrics.agreement(VALUES, OTHERS), expected)


def test_areas_are_those_of_scikit_learn():
    expected = [auc(np.linspace(0, 1, 6), row) for row in VALUES]
    np.testing.assert_allclose(metrics.area(VALUES), expected)


def test_gini_is_half_the_mean_difference_relative_to_the_mean():
    sizes = np.abs(VALUES)
    difference = np.abs(sizes[:, :, None] - sizes[:, None]).mean(axis=(1, 2))
    np.testing.assert_allclose(metrics.gini(VALUES), difference / (2 * sizes.mean(axis=1)))


def test_gini_does_not_exceed_its_bound():
    one = np.eye(5)[[2]]
    np.testing.assert_allclose(metrics.gini(one), 1 - 1 / 5)


def test_complete_methods_are_complete(model, inputs):
    for method in (qxai.shapley, qxai.integrated_gradients):
        np.testing.assert_allclose(metrics.completeness(method(model, inputs, 0.3)), 0, atol=1e-12)
    assert metrics.completeness(qxai.occlusion(model, inputs, 0.3)).max() > 1e-3


def test_random_order_is_the_mean_over_all_orders(model, inputs):
    baseline = np.full(4, 0.3)
    orders = np.array(list(itertools.permutations(range(4))), dtype=float)
    start, end = model.values(baseline[None]), model.values(inputs)
    curves = []
    for order in orders:  # attributions whose order is this one, whatever the direction
        given = order * np.where(end < start, -1, 1)[:, None]
        curves.append(metrics.insertion_curve(model, inputs, given, baseline))
    expected = np.mean(curves, axis=0)
    np.testing.assert_allclose(
        metrics.random_order_curve(model, inputs, baseline), expected, atol=1e-12
    )
    plain = qxai.Function(model.values, num_features=4)
    np.testing.assert_allclose(
        metrics.random_order_curve(plain, inputs, baseline), expected, atol=1e-12
    )


def test_deletion_is_insertion_of_the_opposite_backwards(model, inputs):
    values = VALUES[:6, :4]
    forth = metrics.deletion_curve(model, inputs, values, 0.3)
    back = metrics.insertion_curve(model, inputs, -values, 0.3)[:, ::-1]
    np.testing.assert_allclose(forth, back, atol=1e-12)


def test_random_attributions_gain_nothing_over_random_order(model, inputs):
    rng = np.random.default_rng(1)
    repeated, many = np.repeat(inputs, 2000, axis=0), rng.normal(size=(12_000, 4))
    polynomial = model.polynomial()
    found = metrics.area(metrics.deletion_curve(polynomial, repeated, many, 0.3))
    chance = metrics.area(metrics.random_order_curve(polynomial, inputs, 0.3)[:, ::-1])
    by_input = found.reshape(6, 2000)
    error = by_input.std(axis=1) / np.sqrt(2000)
    assert np.all(np.abs(by_input.mean(axis=1) - chance) < 4 * error + 1e-12)


def test_an_additive_function_is_explained_without_infidelity():
    weights = np.array([1.0, -2.0, 0.5])
    model = qxai.Function(lambda X: np.sin(X) @ weights, num_features=3)
    X = RNG.uniform(0, 3, (5, 3))
    parts = (np.sin(X) - np.sin(0.2)) * weights
    np.testing.assert_allclose(metrics.infidelity(model, X, parts, 0.2), 0, atol=1e-25)
    assert (metrics.infidelity(model, X, 1.1 * parts, 0.2) > 1e-4).all()


def test_infidelity_is_least_for_the_fitted_slopes(model, inputs):
    """Its failure mode: least squares wins, and moving away from it costs the squared distance."""
    present = np.array(list(np.ndindex((2,) * 4)), dtype=bool)
    x, start = inputs[:1], np.full((1, 4), 0.3)
    lost = model.values(x) - model.values(np.where(present, start, x))
    best = np.linalg.lstsq(present.astype(float), lost, rcond=None)[0][None]
    least = metrics.infidelity(model, x, best, 0.3)
    np.testing.assert_allclose(least, np.mean((present @ best[0] - lost) ** 2))
    for other in (qxai.shapley(model, x, 0.3).values, best + 0.01):
        assert metrics.infidelity(model, x, other, 0.3) > least


def test_sampled_infidelity_tends_to_the_exact_one(model, inputs):
    values = VALUES[:6, :4]
    exact = metrics.infidelity(model, inputs, values, 0.3)
    rng = np.random.default_rng(2)
    found = np.array([metrics.infidelity(model, inputs, values, 0.3, 100, rng) for _ in range(200)])
    error = found.std(axis=0) / np.sqrt(200)
    assert np.all(np.abs(found.mean(axis=0) - exact) < 4 * error)


def test_sensitivity_to_small_moves_is_proportional_to_them():
    def explain(X):
        return np.sin(X)

    X = RNG.uniform(0, 1, (10, 3))
    large, small = (
        metrics.max_sensitivity(explain, X, radius, 500, np.random.default_rng(3))
        for radius in (2e-3, 1e-3)
    )
    np.testing.assert_allclose(large / small, 2, rtol=1e-2)


def test_that_many_shots_leave_that_error():
    model = circuits.encoding_first(3, qubits=3)
    X = np.repeat(circuits.inputs(3, model, 1), 300, axis=0)
    pilot = qxai.occlusion(model.on(qxai.Sampled(200, np.random.default_rng(4))), X, 0.4)
    wanted = 0.02
    factor = metrics.shots_to_error(pilot, wanted) / pilot.shots
    device = qxai.Sampled(round(200 * factor), np.random.default_rng(5))
    error = qxai.occlusion(model.on(device), X, 0.4).values - qxai.occlusion(model, X, 0.4).values
    np.testing.assert_allclose(np.sqrt(np.mean(error**2)), wanted, rtol=0.1)
