import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import qxai
from qxai.representations.basis import basis, nodes
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.routes import from_grid, from_observable
from tests import circuits


def random_polynomial(seed, d=3):
    rng = np.random.default_rng(seed)
    frequencies = [np.sort(rng.uniform(0.2, 3, rng.integers(0, 3))) for _ in range(d)]
    shape = [2 * len(w) + 1 for w in frequencies]
    return qxai.TrigPolynomial(rng.normal(size=shape), frequencies)


def slow_value(polynomial, x):
    """Every term written out."""
    total = 0.0
    for index, coefficient in np.ndenumerate(polynomial.coefficients):
        factor = coefficient
        for k, w, t in zip(index, polynomial.frequencies, x):
            if k > 0:
                angle = w[(k - 1) // 2] * t
                factor *= np.cos(angle) if k % 2 else np.sin(angle)
        total += factor
    return total


@given(seed=circuits.SEEDS)
def test_values_are_the_sum_of_all_terms(seed):
    polynomial = random_polynomial(seed)
    X = np.random.default_rng(seed).uniform(-5, 5, (3, 3))
    expected = [slow_value(polynomial, x) for x in X]
    np.testing.assert_allclose(polynomial.values(X), expected, atol=1e-12)


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_both_ways_to_the_coefficients_agree_with_the_circuit(make, seed):
    model = make(seed)
    frequencies = feature_frequencies(model.compiled, model.parameter_values)
    arguments = (model.compiled, model.parameter_values, frequencies)
    grid, evolved = from_grid(*arguments), from_observable(*arguments)
    np.testing.assert_allclose(grid.coefficients, evolved.coefficients, atol=1e-12)
    X = circuits.inputs(seed, model)
    np.testing.assert_allclose(model.polynomial().values(X), model.values(X), atol=1e-12)


@given(seed=st.integers(0, 1000), scales=st.sampled_from([(1, 0.1), (1, 2), (1, 2**0.5), (3, 1)]))
def test_uneven_scales(seed, scales):
    model = circuits.reuploading(seed, scales=scales, d=1)
    X = np.random.default_rng(seed).uniform(-9, 9, (5, 1))
    np.testing.assert_allclose(model.polynomial().values(X), model.values(X), atol=1e-11)


@pytest.mark.parametrize(
    "frequencies", [[1], [1, 2, 3], [np.pi], [0.1, 0.9, 1, 1.1], [0.41, 1, 1.41, 2.41], [0.5, 1]]
)
def test_nodes_tell_the_functions_apart(frequencies):
    frequencies = np.array(frequencies, float)
    assert np.linalg.cond(basis(nodes(frequencies), frequencies)) <= 4


@given(seed=circuits.SEEDS)
def test_partials_are_linear_in_each_vector(seed):
    """The value is each vector times its derivative: multilinearity."""
    polynomial = random_polynomial(seed, d=4)
    rng = np.random.default_rng(seed)
    vectors = [rng.normal(size=(2, k)) for k in polynomial.coefficients.shape]
    value, derivatives = polynomial.partials(vectors)
    for vector, derivative in zip(vectors, derivatives):
        np.testing.assert_allclose((vector * derivative).sum(axis=1), value, atol=1e-10)


@pytest.mark.parametrize("order", range(6))
def test_vectors_are_differentiated(order):
    w = np.array([0.7, 2.0])
    x, step = np.array([0.4]), 1e-5
    numerical = (basis(x + step, w, order) - basis(x - step, w, order)) / (2 * step)
    np.testing.assert_allclose(basis(x, w, order + 1), numerical, atol=1e-7)


def test_interaction_order_counts_features_in_a_term():
    C = np.zeros((3, 3, 3))
    C[0, 0, 0] = 1
    one = qxai.TrigPolynomial(C, [[1.0]] * 3)
    assert one.interaction_order == 0
    C[1, 0, 2] = 0.5
    assert qxai.TrigPolynomial(C, [[1.0]] * 3).interaction_order == 2
    C[1, 1, 1] = 1e-17
    assert qxai.TrigPolynomial(C, [[1.0]] * 3).interaction_order == 2
    assert qxai.TrigPolynomial(0 * C, [[1.0]] * 3).interaction_order == 0


def test_a_feature_without_influence_and_a_single_feature():
    q = cirq.LineQubit.range(2)
    x = sympy.symbols("x:2")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x[0])(q[0]), cirq.rz(x[1])(q[1])), x, cirq.Z(q[0]))
    polynomial = model.polynomial()
    expected = np.zeros((3, 3))
    expected[1, 0] = 1
    np.testing.assert_allclose(polynomial.coefficients, expected, atol=1e-15)


def test_many_inputs_are_taken_in_chunks(monkeypatch):
    polynomial = random_polynomial(7)
    X = np.random.default_rng(0).normal(size=(100, 3))
    whole = polynomial.gradient(X)
    monkeypatch.setattr("qxai.representations.trigonometric.CHUNK", 7)
    np.testing.assert_allclose(polynomial.gradient(X), whole, atol=1e-13)
    assert polynomial.values(X[:0]).shape == (0,)


def test_what_would_not_fit_is_refused_with_its_size():
    q = cirq.LineQubit.range(20)
    x = sympy.symbols("x:20")
    model = qxai.PQC(cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q)), x, cirq.Z(q[0]))
    with pytest.raises(ValueError, match=r"at most 1 GiB, found the \w+ with .* GiB"):
        model.polynomial()


@pytest.mark.parametrize(
    ("coefficients", "frequencies", "message"),
    [
        (np.zeros((3, 2)), [[1], [1]], r"coefficients: expected shape \(3, 3\)"),
        (np.full(3, np.nan), [[1]], "coefficients: expected finite"),
        (np.zeros(3), [[-1]], r"frequencies\[0\]: expected distinct positive"),
        (np.zeros(5), [[1, 1]], r"frequencies\[0\]: expected distinct positive"),
        (np.zeros(()), [], "at least one feature"),
    ],
)
def test_bad_polynomials_are_refused(coefficients, frequencies, message):
    with pytest.raises(ValueError, match=message):
        qxai.TrigPolynomial(coefficients, frequencies)
