import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given
from scipy.stats import binom

import qxai
from qxai.attributions.lime import Neighbourhood, local_slopes
from tests import circuits


def test_slopes_are_those_of_weighted_ridge_regression():
    """scikit-learn's ridge, with the same weights and the penalty in its units."""
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    steps, targets = rng.normal(size=(3, 40, 2)), rng.normal(size=(3, 40))
    around = Neighbourhood(scale=1.0, width=0.8, ridge=0.07)
    found, _ = local_slopes(steps, targets, around)
    for one, z, y in zip(found, steps, targets):
        weights = np.exp(-0.5 * (z**2).sum(axis=1) / 0.8**2)
        # Relative to the variance of the neighbours as they are weighed.
        alpha = 0.07 * weights.sum() / (1 + 0.8**-2)
        peer = Ridge(alpha=alpha).fit(z, y, sample_weight=weights)
        np.testing.assert_allclose(one, peer.coef_, rtol=1e-9)


@given(seed=circuits.SEEDS)
def test_many_neighbours_reach_the_closed_form(seed):
    """Within five standard errors of the limit, and those are small."""
    model = circuits.encoding_first(seed, qubits=2)
    x = circuits.inputs(seed, model, 1)
    exact = qxai.lime(model, x, ridge=0.05)
    rng = np.random.default_rng(seed)
    found = qxai.lime(model, x, ridge=0.05, samples=20_000, rng=rng)
    assert np.all(np.abs(found.values - exact.values) < 5 * found.standard_error + 1e-12)
    assert found.standard_error.max() < 0.1
    assert found.evaluations == 20_000


def test_a_small_neighbourhood_gives_the_gradient():
    model = circuits.reuploading(3)
    X = circuits.inputs(3, model)
    found = qxai.lime(model, X, scale=1e-4, ridge=0.0)
    np.testing.assert_allclose(found.values, model.gradient(X), atol=1e-6)
    sampled = qxai.lime(model, X, scale=1e-4, ridge=0.0, samples=50, rng=np.random.default_rng(0))
    np.testing.assert_allclose(sampled.values, model.gradient(X), atol=1e-3)


def test_a_linear_function_is_found_again():
    """With ridge, shrunk by the factor of the closed form."""
    model = qxai.Function(lambda X: X @ [1.0, -2.0] + 3, num_features=2)
    rng = np.random.default_rng(0)
    plain = qxai.lime(model, np.ones((1, 2)), ridge=0.0, samples=30, rng=rng)
    np.testing.assert_allclose(plain.values, [[1.0, -2.0]], atol=1e-10)
    np.testing.assert_allclose(plain.standard_error, 0, atol=1e-8)


@pytest.mark.parametrize("scale", [1e-3, 0.1, 0.5])
def test_the_ridge_shrinks_by_the_same_factor_at_any_scale(scale):
    """Default settings near the input give the gradient, and not a thousandth of it."""
    model = circuits.reuploading(3)
    X = circuits.inputs(3, model)
    smooth = qxai.lime(model, X, scale=scale, ridge=0.0).values
    np.testing.assert_allclose(qxai.lime(model, X, scale=scale).values, smooth / 1.001)
    np.testing.assert_allclose(qxai.lime(model, X, scale=scale, ridge=1.0).values, smooth / 2)
    linear = qxai.Function(lambda X: X @ [1.0, -2.0] + 3, num_features=2)
    found = qxai.lime(
        linear, np.ones((1, 2)), scale=scale, ridge=0.5, samples=5000, rng=np.random.default_rng(0)
    )
    np.testing.assert_allclose(found.values, [[1 / 1.5, -2 / 1.5]], rtol=0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": 0}, "scale: expected a positive"),
        ({"kernel_width": -1}, "kernel_width: expected a positive"),
        ({"ridge": -1}, "ridge: expected a number of at least 0"),
        ({"samples": 3, "rng": np.random.default_rng(0)}, r"expected more than d \+ 1"),
        (
            {"scale": 60, "kernel_width": 0.1, "samples": 50, "rng": np.random.default_rng(0)},
            "weights that leave at least d \\+ 2 = 4 neighbours",
        ),
    ],
)
def test_bad_settings_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        qxai.lime(circuits.reuploading(3), np.zeros((1, 2)), **change)


def test_the_band_of_inexplicability_is_where_labels_are_coin_flips():
    """``⟨Z⟩ = cos x``: the label's probability is that of a binomial majority."""
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    exact = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))
    shots, repeats = 101, 1600
    model = exact.on(qxai.Sampled(shots, np.random.default_rng(1)))
    X = np.pi / 2 - np.array([[0.0], [0.035], [0.15], [0.5]])
    found = qxai.q_lime(
        model, X, epsilon=0.1, repeats=repeats, samples=12, rng=np.random.default_rng(2)
    )
    ups = (1 + np.cos(X[:, 0])) / 2
    expected = 1 - binom.cdf(shots // 2, shots, ups)
    error = np.sqrt(expected * (1 - expected) / repeats)
    assert np.all(np.abs(found.label_probability - expected) < 4 * error + 1e-3)
    assert found.in_band.tolist() == [True, False, False, False]
    assert found.evaluations == repeats * 4 * 13
    assert found.shots == found.evaluations * shots
    spread = found.slopes.std(axis=0)[:, 0]
    assert spread[0] > 0  # a distribution of surrogates, not one


def test_labels_without_shots_are_certain():
    model = circuits.encoding_first(7, qubits=2)
    X = circuits.inputs(7, model, 3)
    found = qxai.q_lime(model, X, repeats=3, samples=20, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(found.label_probability, model.values(X) > 0)
    assert not found.in_band.any()
    assert found.shots == 0
    with pytest.raises(ValueError, match=r"epsilon: expected at most 0.5"):
        qxai.q_lime(model, X, epsilon=0.7, rng=np.random.default_rng(0))


@pytest.mark.parametrize("scale", [1e-5, 1e-2, 0.5])
def test_near_neighbours_of_a_large_output_keep_their_digits(scale):
    """Rounding of the output, 1e-10, over the distance is all that the slopes may miss."""
    model = qxai.Function(lambda X: 1e6 + X @ [1.0, -2.0], num_features=2)
    rng = np.random.default_rng(0)
    found = qxai.lime(model, [[0.1, 0.2]], scale=scale, ridge=0.0, samples=50, rng=rng)
    np.testing.assert_allclose(found.values, [[1.0, -2.0]], atol=3e-10 / scale)
    assert np.all(found.standard_error < 1e-9 / scale)
