import math
import time

import cirq
import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given

import qxai
from qxai.attributions.taylor import partial_exponential
from tests import circuits, transcriptions


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_infinite_order_is_the_dividend_of_a_single_feature(make, seed):
    """Identity I7, on values of the full unitary."""
    model = make(seed)
    x, root = circuits.inputs(seed, model, 2)
    game = transcriptions.feature_game(model, x, root)
    expected = [game({i}) - game(set()) for i in range(len(x))]
    np.testing.assert_allclose(qxai.taylor(model, x[None], root).values[0], expected, atol=1e-11)


@given(seed=circuits.SEEDS)
def test_one_frequency_sums_in_closed_form(seed):
    """Identity I6, with derivatives from shifted values of the full unitary."""
    model = circuits.encoding_first(seed, axes=circuits.ROTATIONS)
    x, root = circuits.inputs(seed, model, 2)
    delta = x - root

    def moved(i, shift):
        return transcriptions.model_output(model, root + shift * np.eye(len(x))[i])

    expected = []
    for i, step in enumerate(delta):
        first = (moved(i, np.pi / 2) - moved(i, -np.pi / 2)) / 2
        second = (moved(i, np.pi) - moved(i, 0)) / 2
        expected.append(np.sin(step) * first + (1 - np.cos(step)) * second)
    np.testing.assert_allclose(qxai.taylor(model, x[None], root).values[0], expected, atol=1e-11)


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_finite_orders_converge_to_the_infinite_one(make, seed):
    """The remainder after order k is at most |f| (Ωδ)^(k+1)/(k+1)! of the last frequency Ω."""
    model = make(seed)
    X = circuits.inputs(seed, model)
    polynomial = model.polynomial()
    limit = qxai.taylor(model, X, 0.2).values
    size = np.abs(polynomial.coefficients).sum()
    reach = max(w[-1] for w in polynomial.frequencies) * np.abs(X - 0.2).max()
    for order in (1, 2, 5, 10, 60):
        bound = 2 * size * math.exp((order + 1) * math.log(reach) - math.lgamma(order + 2))
        found = qxai.taylor(model, X, 0.2, order=order).values
        assert np.abs(found - limit).max() <= bound + 1e-9 * size + 1e-14


def test_first_order_is_the_gradient_at_the_root():
    model = circuits.reuploading(8)
    X = circuits.inputs(8, model)
    slope = transcriptions.shifted_gradient(model, [0.3, 0.3])
    found = qxai.taylor(model, X, 0.3, order=1)
    np.testing.assert_allclose(found.values, (X - 0.3) * slope, atol=1e-12)


def test_second_order_of_a_known_function():
    """cos x₀ + sin x₀ cos x₁ at the root (0, 0): orders one and two of x₀ are x₀ − x₀²/2."""
    C = np.zeros((3, 3))
    C[1, 0] = C[2, 1] = 1
    model = qxai.TrigPolynomial(C, [[1.0], [1.0]])
    X = np.array([[0.5, 0.8]])
    found = qxai.taylor(model, X, order=2)
    np.testing.assert_allclose(found.values, [[0.5 - 0.125, 0.0]], atol=1e-15)


def test_the_residual_is_what_interacts():
    """For sin x₀ sin x₁ nothing moves alone: all of it is residual."""
    C = np.zeros((3, 3))
    C[2, 2] = 1
    model = qxai.TrigPolynomial(C, [[1.0], [1.0]])
    X = np.array([[0.5, 0.8]])
    found = qxai.taylor(model, X)
    np.testing.assert_array_equal(found.values, 0)
    np.testing.assert_allclose(found.residual, np.sin(0.5) * np.sin(0.8))


@given(seed=circuits.SEEDS)
def test_on_an_additive_model_taylor_and_shapley_coincide(seed):
    """Part of identity I10."""
    rng = np.random.default_rng(seed)
    C = np.zeros((3, 3, 3))
    C[:, 0, 0], C[0, :, 0], C[0, 0, :] = rng.normal(size=(3, 3))
    model = qxai.TrigPolynomial(C, [[1.0]] * 3)
    X = rng.normal(size=(2, 3))
    found = qxai.taylor(model, X, 0.4)
    np.testing.assert_allclose(found.values, qxai.shapley(model, X, 0.4).values, atol=1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)


def test_infinite_order_works_without_a_polynomial():
    """A product of two features in one gate: cos(x₀ x₁) for this circuit."""
    q, x = cirq.LineQubit(0), sympy.symbols("x:2")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x[0] * x[1])(q)), x, cirq.Z(q))
    found = qxai.taylor(model, [[0.5, 0.8]], [1.0, 2.0])
    expected = [np.cos(1.0) - np.cos(2.0), np.cos(0.8) - np.cos(2.0)]
    np.testing.assert_allclose(found.values[0], expected, atol=1e-14)


def test_evaluations_count_a_shared_root_once():
    model = circuits.encoding_first(3, qubits=3)
    X = circuits.inputs(3, model, 4)
    assert qxai.taylor(model, X).evaluations == 4 * 3 + 1
    assert qxai.taylor(model, X, X / 2).evaluations == 4 * 3 + 4
    assert qxai.taylor(model, X, order=2).evaluations == 2 * 2 * 3


@pytest.mark.parametrize("order", [0, -1, 1.5, math.nan])
def test_bad_orders_are_refused(order):
    model = circuits.encoding_first(3, qubits=2)
    with pytest.raises(ValueError, match=r"order: expected .* 1 up or math\.inf"):
        qxai.taylor(model, np.zeros((1, 2)), order=order)


def summed(angle, order):
    """``Σ_{m=1}^{order} (i angle)^m / m!`` term by term, with digits enough for any angle here."""
    with mpmath.workdps(400):
        return complex(
            sum(mpmath.mpc(0, angle) ** m / mpmath.factorial(m) for m in range(1, order + 1))
        )


@pytest.mark.parametrize("angle", [0.0, 1e-9, -1e-3, 0.5, -3.0, 24.0, 40.0, -100.0, 300.0])
@pytest.mark.parametrize("order", [1, 2, 3, 10, 39, 41, 150, 400])
def test_the_series_of_a_wave_does_not_cancel(angle, order):
    found, expected = partial_exponential(np.array([angle]), order)[0], summed(angle, order)
    np.testing.assert_allclose(found.real, expected.real, rtol=1e-11, atol=1e-16 * abs(expected))
    np.testing.assert_allclose(found.imag, expected.imag, rtol=1e-11, atol=1e-16 * abs(expected))


@pytest.mark.parametrize(("step", "order"), [(40.0, 150), (40.0, 100), (20.0, 300)])
def test_high_orders_far_from_the_root(step, order):
    """A sine: with order 150 at 40 radians the sum has long come back to the sine itself."""
    model = qxai.TrigPolynomial([0.0, 0.0, 1.0], [[1.0]])
    found = qxai.taylor(model, [[step]], order=order).values[0, 0]
    np.testing.assert_allclose(found, summed(step, order).imag, rtol=1e-11)
    if order > 100:
        np.testing.assert_allclose(found, np.sin(step), rtol=1e-9)


def test_orders_whose_terms_overflow_are_refused_with_a_remedy_that_works():
    model = qxai.TrigPolynomial([0.0, 0.0, 1.0], [[1.0]])
    with pytest.raises(ValueError, match=r"order: .* overflow; use order=math\.inf"):
        qxai.taylor(model, [[2000.0]], order=1990)
    np.testing.assert_allclose(qxai.taylor(model, [[2000.0]]).values, np.sin(2000.0))


def test_an_order_of_any_size_ends():
    """Far beyond where terms overflow: a thousand million orders are not counted through."""
    model = qxai.TrigPolynomial([0.0, 0.0, 1.0], [[1.0]])
    start = time.process_time()
    with pytest.raises(ValueError, match=r"found an overflow; use order=math\.inf"):
        qxai.taylor(model, [[1e12]], order=10**9)
    np.testing.assert_allclose(qxai.taylor(model, [[30.0]], order=10**9).values, np.sin(30.0))
    assert time.process_time() - start < 5
