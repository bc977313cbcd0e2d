import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given

import qxai
from qxai.attributions import integrated_gradients as module
from qxai.quadrature import nodes_for_band, unit_gauss_legendre
from tests import circuits, transcriptions


def by_frequencies(polynomial, x, baseline):
    """No quadrature: ``Σ_k ĉ_k (k_i δ_i / k·δ)(e^{ik·x} − e^{ik·x̃})`` over all terms."""
    delta = x - baseline
    terms = [[(0.0, 1.0)] for _ in x]
    waves = []
    for w in polynomial.frequencies:
        one = [[(0.0, 1.0)]]
        for frequency in w:
            one.append([(frequency, 0.5), (-frequency, 0.5)])
            one.append([(frequency, -0.5j), (-frequency, 0.5j)])
        waves.append(one)
    result = np.zeros(len(x), complex)
    for index in np.ndindex(*polynomial.coefficients.shape):
        terms = [((), polynomial.coefficients[index])]
        for i, k in enumerate(index):
            terms = [((*ks, w), c * f) for ks, c in terms for w, f in waves[i][k]]
        for wave, coefficient in terms:
            k = np.array(wave)
            along = k @ delta
            change = np.exp(1j * k @ x) - np.exp(1j * k @ baseline)
            ratio = change / along if abs(along) > 1e-9 else 1j * np.exp(1j * k @ baseline)
            result += coefficient * k * delta * ratio
    return result.real


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_nodes_that_follow_from_the_band_are_exact(make, seed):
    """Identity I4 against the closed form in frequencies, and completeness."""
    model = make(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    found = qxai.integrated_gradients(model, x[None], baseline)
    expected = by_frequencies(model.polynomial(), x, baseline)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-10)
    np.testing.assert_allclose(found.residual, 0, atol=1e-11)


@pytest.mark.parametrize("band", [0.1, 1, 10, 100, 1000])
def test_the_number_of_nodes_is_enough_and_close_to_what_is_needed(band):
    """``∫ exp(iωt) dt`` for the hardest ω: to 1e-13 as stated, and not with a third fewer."""
    exact = (np.exp(1j * band) - 1) / (1j * band)

    def error(count):
        nodes, weights = unit_gauss_legendre(count)
        return abs(weights @ np.exp(1j * band * nodes) - exact)

    count = nodes_for_band(band)
    assert error(count) < 1e-13 * max(1, band / 20)
    if band >= 100:
        assert error(2 * count // 3) > 1e-6


def test_far_points_among_near_ones():
    """Bands differ by four orders of magnitude within one batch."""
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))
    X = np.array([[0.001], [500.0], [0.3], [50.0]])
    found = qxai.integrated_gradients(model, X)
    np.testing.assert_allclose(found.values, np.cos(X) - 1, atol=1e-11)


@given(seed=circuits.SEEDS)
def test_on_an_additive_model_four_methods_coincide_and_qlrp_does_not(seed):
    """Identity I10: every qubit is read out by itself."""
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:3")
    circuit = cirq.Circuit((cirq.ry(a)(b), cirq.rx(rng.uniform(0.3, 1.2))(b)) for a, b in zip(x, q))
    model = qxai.PQC(circuit, x, sum((rng.normal() * cirq.Z(b) for b in q), cirq.PauliSum()))
    X, baseline = rng.normal(size=(2, 3)), rng.normal(size=3)
    expected = qxai.shapley(model, X, baseline).values
    for method in (qxai.integrated_gradients, qxai.occlusion, qxai.taylor):
        np.testing.assert_allclose(method(model, X, baseline).values, expected, atol=1e-11)
    assert np.abs(qxai.qlrp(model, X).values - expected).max() > 1e-3


@given(seed=circuits.SEEDS)
def test_each_taylor_monomial_is_shared_by_its_powers(seed):
    """Identities I8 and I9: one double series about the baseline, shared in two ways."""
    model = circuits.reuploading(seed)
    x, baseline = circuits.inputs(seed, model, 2) / 3
    polynomial = model.polynomial()
    order, delta = 44, x - baseline
    slopes = [polynomial.vectors(baseline[None], order=m) for m in range(order)]
    by_powers, by_equal = np.zeros(2), np.zeros(2)
    factor = [1.0]
    for m in range(1, order):
        factor.append(factor[-1] / m)
    for k0 in range(order):
        for k1 in range(order - k0):
            vectors = [slopes[k0][0], slopes[k1][1]]
            term = polynomial.contract(vectors)[0] * factor[k0] * factor[k1]
            term *= delta[0] ** k0 * delta[1] ** k1
            powers = np.array([k0, k1])
            if powers.any():
                by_powers += term * powers / powers.sum()
                by_equal += term * (powers > 0) / (powers > 0).sum()
    found = qxai.integrated_gradients(model, x[None], baseline).values[0]
    np.testing.assert_allclose(found, by_powers, atol=1e-9)
    np.testing.assert_allclose(
        qxai.shapley(model, x[None], baseline).values[0], by_equal, atol=1e-9
    )


def test_steps_integrate_a_models_own_gradient():
    """A product of features in one gate has no polynomial: ``cos(x₀ x₁)``."""
    q, x = cirq.LineQubit(0), sympy.symbols("x:2")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x[0] * x[1])(q)), x, cirq.Z(q))
    X = np.array([[0.5, 0.8]])
    by_itself = qxai.integrated_gradients(model, X)
    np.testing.assert_allclose(by_itself.values, (np.cos(0.4) - 1) / 2, atol=1e-9)
    assert by_itself.route == "quadrature with 16 steps"
    found = qxai.integrated_gradients(model, X, steps=12)
    half = (np.cos(0.4) - 1) / 2  # along the line both features contribute alike
    np.testing.assert_allclose(found.values, [[half, half]], atol=1e-13)
    assert found.evaluations == 12 * 2 * 2 / 2  # one gate holds both features


def test_occlusion_is_the_definition():
    for make in circuits.MAKERS:
        model = make(5)
        x, baseline = circuits.inputs(5, model, 2)
        game = transcriptions.feature_game(model, x, baseline)
        everyone = set(range(len(x)))
        expected = [game(everyone) - game(everyone - {i}) for i in range(len(x))]
        found = qxai.occlusion(model, x[None], baseline)
        np.testing.assert_allclose(found.values[0], expected, atol=1e-12)
        assert found.evaluations == len(x) + 1


def test_a_quadratic_form_over_the_norm_has_gradient_x_input_zero():
    """Amplitude encoding ``xᵀAx/|x|²`` does not change along x."""
    rng = np.random.default_rng(0)
    A = rng.normal(size=(4, 4))
    A = A + A.T

    def values(X):
        return np.einsum("ni,ij,nj->n", X, A, X) / (X**2).sum(axis=1)

    def gradient(X):
        return 2 * (X @ A - values(X)[:, None] * X) / (X**2).sum(axis=1)[:, None]

    model = qxai.Function(values, gradient, 4)
    X = rng.normal(size=(5, 4))
    found = qxai.gradient_x_input(model, X, baseline=0.0001)  # the model is undefined at 0
    np.testing.assert_allclose((X * gradient(X)).sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(found.values, (X - 0.0001) * gradient(X))


def cosines(distance):
    """``cos a cos b`` is half of ``cos(a + b) + cos(a − b)``; from 0 each is integrated by hand."""
    a, b = distance, 0.7 * distance
    plus, minus = (np.cos(a + b) - 1) / (a + b) / 2, (np.cos(a - b) - 1) / (a - b) / 2
    return np.array([[a * (plus + minus), b * (plus - minus)]])


@pytest.mark.parametrize("distance", [30.0, 700.0, 2000.0, 16000.0, 1e6])
def test_far_from_the_baseline_it_takes_no_longer_and_stays_exact(distance):
    tensor = np.zeros((3, 3))
    tensor[1, 1] = 1.0
    model = qxai.TrigPolynomial(tensor, [[1.0], [1.0]])
    X = np.array([[distance, 0.7 * distance]])
    found = qxai.integrated_gradients(model, X)
    np.testing.assert_allclose(found.values, cosines(distance), atol=1e-11)
    np.testing.assert_allclose(found.residual, 0, atol=1e-11)


@pytest.mark.parametrize("distance", [30.0, 700.0, 16000.0, 1e9])
@pytest.mark.parametrize("by", ["panels", "waves"])
def test_sums_of_products_are_integrated_panel_by_panel_or_wave_by_wave(monkeypatch, distance, by):
    """A line is cut where one rule would get too long, or its waves are taken one by one."""
    if by == "panels" and distance > 1e5:
        pytest.skip("no quadrature resolves it")
    monkeypatch.setattr(module, "FAR", 1e9 if by == "panels" else 1e-9)
    cosine = np.array([[0.0], [1.0], [0.0]])
    model = qxai.ProductPolynomial([1.0], [cosine, cosine], [[1.0], [1.0]])
    X = np.array([[distance, 0.7 * distance], [0.1, 0.2]])
    found = qxai.integrated_gradients(model, X)
    np.testing.assert_allclose(found.values[:1], cosines(distance), atol=1e-10)
    alone = qxai.integrated_gradients(model, X[1:])
    np.testing.assert_allclose(found.values[1:], alone.values, atol=1e-13)


def test_terms_of_a_sum_of_products_are_integrated_with_the_features_they_have():
    """Terms of none, one, two and three of four features, far away: against its one tensor."""
    rng = np.random.default_rng(0)
    factors = [rng.normal(size=(3, 6)) for _ in range(4)]
    for term, features in enumerate([(), (1,), (0, 3), (0, 3), (1, 2, 3), (2,)]):
        for i in set(range(4)) - set(features):
            factors[i][1:, term] = 0
    model = qxai.ProductPolynomial(rng.normal(size=6), factors, [[1.0], [0.3], [2.0], [1.0]])
    assert model.waves == 1 + 3 + 9 + 27 + 3
    X = rng.uniform(-400, 400, (5, 4))
    found, expected = (p.mean_gradient(X, -3 * X) for p in (model, model.dense()))
    np.testing.assert_allclose(found, expected, atol=1e-14)
    one = qxai.integrated_gradients(model, X, 0.2)
    np.testing.assert_allclose(one.residual, 0, atol=1e-11)


def test_a_line_that_no_quadrature_resolves_is_refused_with_remedies_that_work():
    """Terms of sixteen features have too many waves for a sum over them."""
    d = 16
    cosine = np.array([[0.0], [1.0], [0.0]])
    model = qxai.ProductPolynomial([1.0], [cosine] * d, [[1.0]] * d)
    X = np.full((1, d), 1e11) + np.arange(d)
    with pytest.raises(ValueError, match=r"X, baseline: expected a line .* takes 5\.1e\+11"):
        qxai.integrated_gradients(model, X)
    near = qxai.integrated_gradients(model, X, baseline=X - 0.5)
    np.testing.assert_allclose(near.residual, 0, atol=1e-3)  # all that 1e12 radians leave
    with pytest.raises(ValueError, match="steps: expected at most 10000"):
        qxai.integrated_gradients(model, X, steps=10**6)


@given(seed=circuits.SEEDS)
def test_both_closed_forms_agree(seed):
    """The quadrature of the near and the sum over waves of the far, at the same distance."""
    model = circuits.reuploading(seed).polynomial()
    X, start = circuits.inputs(seed, model, 3), circuits.inputs(seed + 1, model, 3)
    by_waves = (X - start) * model.mean_gradient(start, X)
    found = qxai.integrated_gradients(model, X, start)
    np.testing.assert_allclose(by_waves, found.values, atol=1e-11)
