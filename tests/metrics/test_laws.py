"""Metrics against libraries that compute the same, against definitions, and against laws."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
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


@pytest.mark.parametrize("size", [1, 2, 3])
def test_faithfulness_is_the_correlation_of_scipy_set_by_set(model, inputs, size):
    values = RNG.normal(size=inputs.shape)
    found = metrics.faithfulness_correlation(model, inputs, values, 0.3, size)
    for x, row, one in zip(inputs, values, found):
        sums, losses = [], []
        for members in itertools.combinations(range(len(x)), size):
            gone = x.copy()
            gone[list(members)] = 0.3
            sums.append(row[list(members)].sum())
            losses.append(model.values([x])[0] - model.values([gone])[0])
        np.testing.assert_allclose(one, pearsonr(sums, losses).statistic, atol=1e-10)


def test_faithfulness_forgets_scale_and_what_is_added_to_all(model, inputs):
    values = RNG.normal(size=inputs.shape)
    first = metrics.faithfulness_correlation(model, inputs, values, 0.3)
    second = metrics.faithfulness_correlation(model, inputs, 7 * values + 2, 0.3)
    np.testing.assert_allclose(first, second, atol=1e-10)
    parts = qxai.shapley(model, inputs, 0.3)
    default = metrics.faithfulness_correlation(model, inputs, parts, 0.3)
    half = metrics.faithfulness_correlation(model, inputs, parts, 0.3, inputs.shape[1] // 2)
    np.testing.assert_array_equal(default, half)


def test_drawn_sets_tend_to_all_of_them(model, inputs):
    values, rng = RNG.normal(size=inputs.shape), np.random.default_rng(4)
    exact = metrics.faithfulness_correlation(model, inputs, values, 0.3, 2)
    found = metrics.faithfulness_correlation(model, inputs, values, 0.3, 2, 4000, rng)
    np.testing.assert_allclose(found, exact, atol=0.06)


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


def mean_by_size(model, x, start):
    """Over every set of present features, by enumeration."""
    d, sums = len(x), np.zeros(len(x) + 1)
    for present in itertools.product((False, True), repeat=d):
        value = model.values(np.where(present, x, start)[None])[0]
        sums[sum(present)] += value / math.comb(d, sum(present))
    return sums


@pytest.mark.parametrize("form", ["polynomial", "pauli_polynomial"])
def test_a_random_order_is_the_mean_over_all_sets_of_a_size(model, inputs, form):
    shape = getattr(model, form)()
    shape = shape.polynomial() if form == "pauli_polynomial" else shape
    start = np.full_like(inputs, 0.4)
    found = shape.size_means(shape.vectors(start), shape.vectors(inputs))
    expected = [mean_by_size(model, x, s) for x, s in zip(inputs, start)]
    np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("d", [8, 32, 64, 200])
def test_a_random_order_of_many_features_does_not_cancel(d):
    """All features alike: with k of d present the output is ``a^{d−k} c^k``, whatever the set."""
    a, c, x = 0.98, 0.9, 0.3
    slope = (c - a) / np.sin(x)
    factor = np.array([[a], [0.0], [slope]])
    model = qxai.ProductPolynomial([1.0], [factor] * d, [[1.0]] * d)
    found = metrics.random_order_curve(model, np.full((1, d), x))[0]
    sizes = np.arange(d + 1)
    np.testing.assert_allclose(-found, a ** (d - sizes) * c**sizes, rtol=1e-12)
    flat = metrics.deletion_curve(model, np.full((1, d), x), np.ones((1, d)))[0]
    np.testing.assert_array_equal(flat, found[::-1])


@pytest.mark.parametrize("turns", [0, 1, -1, 3])
def test_an_output_that_comes_back_has_no_sign_to_be_multiplied_by(turns):
    """x and the baseline differ by whole turns: f is the same there, up to rounding."""
    model = circuits.encoding_first(5, qubits=4)
    inputs = np.random.default_rng(0).uniform(-3, 3, (60, 4))
    start = inputs + 2 * np.pi * turns * np.array([1, 0, 1, 1])
    values = np.tile([4.0, 3.0, 2.0, 1.0], (60, 1))
    for curve in (metrics.deletion_curve, metrics.insertion_curve):
        found = curve(model, inputs, values, start)
        np.testing.assert_allclose(found[:, 0], model.values(inputs), atol=1e-12)
    found = metrics.random_order_curve(model, inputs, start)
    np.testing.assert_allclose(found[:, 0], model.values(inputs), atol=1e-12)


def test_a_falling_output_turns_its_curves_over():
    model = qxai.Function(lambda X: -X @ [1.0, 2.0, 4.0], num_features=3)
    ones, values = np.ones((1, 3)), [[-1.0, -2.0, -4.0]]
    np.testing.assert_allclose(metrics.deletion_curve(model, ones, values), [[7, 3, 1, 0]])
    np.testing.assert_allclose(metrics.insertion_curve(model, ones, values), [[0, 4, 6, 7]])
