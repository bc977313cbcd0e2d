"""Enumeration, random orders and interactions."""

import numpy as np
import pytest
from hypothesis import given, settings

import qxai
from tests import circuits, transcriptions


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_a_callable_is_explained_by_enumeration(make, seed):
    model = make(seed)
    X = circuits.inputs(seed, model, 2)
    baseline = circuits.inputs(seed + 1, model, 2)
    function = qxai.Function(model.values, num_features=model.num_features)
    found = qxai.shapley(function, X, baseline)
    expected = qxai.shapley(model, X, baseline)
    np.testing.assert_allclose(found.values, expected.values, atol=1e-11)
    np.testing.assert_allclose(found.baseline_output, model.values(baseline), atol=1e-12)
    assert found.evaluations == 2 * 2**model.num_features


def test_too_many_coalitions_are_refused():
    function = qxai.Function(lambda X: X.sum(axis=1), num_features=21)
    with pytest.raises(ValueError, match=r"runs .* found 1 · 2\^21; pass samples="):
        qxai.shapley(function, np.zeros((1, 21)))
    rng = np.random.default_rng(0)
    assert qxai.shapley(function, np.zeros((1, 21)), samples=2, rng=rng).values.shape == (1, 21)
    few = qxai.Function(lambda X: X.sum(axis=1), num_features=14)
    many = np.broadcast_to(np.ones(14), (10_000, 14))
    with pytest.raises(ValueError, match=r"at most 134217728 runs .* found 10000 · 2\^14"):
        qxai.shapley(few, many)
    np.testing.assert_allclose(qxai.shapley(few, many[:3]).values, 1)


@pytest.mark.parametrize("make", circuits.MAKERS)
@settings(max_examples=10)
@given(seed=circuits.SEEDS)
def test_interactions_are_the_index_of_second_differences(make, seed):
    model = make(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    game = transcriptions.feature_game(model, x, baseline)
    index = transcriptions.interaction_index(game, len(x))
    found = qxai.shapley_interactions(model, x[None], baseline)[0]
    off = ~np.eye(len(x), dtype=bool)
    np.testing.assert_allclose(found[off], (index / 2)[off], atol=1e-11)
    shapley = transcriptions.shapley_of_game(game, len(x))
    np.testing.assert_allclose(found.sum(axis=1), shapley, atol=1e-11)


def test_values_agree_with_the_package_shap():
    """shap enumerates coalitions by itself: another program, another route.

    Its exact explainer gives Shapley–Taylor interactions, which have the same row sums, and on
    the diagonal what a feature does alone: Taylor-∞.
    """
    import shap

    model = circuits.encoding_first(7, qubits=4)
    X = circuits.inputs(7, model, 2)
    masker = shap.maskers.Independent(np.full((1, 4), 0.3), max_samples=1)
    explainer = shap.explainers.Exact(model.values, masker)
    values, peer = explainer(X).values, explainer(X, interactions=2).values
    np.testing.assert_allclose(qxai.shapley(model, X, 0.3).values, values, atol=1e-12)
    found = qxai.shapley_interactions(model, X, 0.3)
    np.testing.assert_allclose(found.sum(axis=2), peer.sum(axis=2), atol=1e-12)
    alone = peer[:, range(4), range(4)]
    np.testing.assert_allclose(qxai.taylor(model, X, 0.3).values, alone, atol=1e-12)


def test_random_orders_converge_as_one_over_the_square_root():
    """The error shrinks by four where the orders grow by sixteen, and every order is complete."""
    model = circuits.encoding_first(7, qubits=4)
    X = np.repeat(circuits.inputs(7, model, 1), 200, axis=0)
    exact = qxai.shapley(model, X).values
    errors = []
    for samples in (8, 128):
        found = qxai.shapley(model, X, samples=samples, rng=np.random.default_rng(0))
        np.testing.assert_allclose(found.residual, 0, atol=1e-12)
        errors.append(np.sqrt(np.mean((found.values - exact) ** 2)))
        assert found.evaluations == 200 * samples * 5
    assert 3.4 < errors[0] / errors[1] < 4.6


def test_the_same_seed_gives_the_same_bits_and_a_generator_is_demanded():
    model = circuits.encoding_first(7, qubits=3)
    X = circuits.inputs(7, model)

    def run():
        return qxai.shapley(model, X, samples=5, rng=np.random.default_rng(3)).values

    np.testing.assert_array_equal(run(), run())
    with pytest.raises(TypeError, match=r"rng: expected numpy.random.default_rng\(seed\)"):
        qxai.shapley(model, X, samples=5)
    with pytest.raises(ValueError, match="samples: expected a whole number of at least 2"):
        qxai.shapley(model, X, samples=1, rng=np.random.default_rng(3))
