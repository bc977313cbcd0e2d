import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given

import qxai
from tests import circuits, transcriptions


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_values_are_those_of_the_full_unitary(make, seed):
    model = make(seed)
    X = circuits.inputs(seed, model)
    expected = [transcriptions.model_output(model, x) for x in X]
    np.testing.assert_allclose(model.values(X), expected, atol=1e-12)


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_adjoint_shift_rule_and_polynomial_give_one_gradient(make, seed):
    """Identity I2."""
    model = make(seed)
    X = circuits.inputs(seed, model, 2)
    adjoint = model.gradient(X)
    shifted = [transcriptions.shifted_gradient(model, x) for x in X]
    np.testing.assert_allclose(adjoint, shifted, atol=1e-11)
    np.testing.assert_allclose(adjoint, model.polynomial().gradient(X), atol=1e-11)


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_parameter_gradient_is_the_shift_rule_of_the_weighted_sum(make, seed):
    """Parameters are exchanged for features: their gradient is known by another route."""
    model = make(seed)
    X = circuits.inputs(seed, model)
    weights = np.random.default_rng(seed).normal(size=len(X))
    values, found = model.backend.parameter_gradient(
        model.compiled, X, model.parameter_values, lambda values, rows: weights[rows]
    )
    np.testing.assert_allclose(values, model.values(X), atol=1e-13)
    expected = np.zeros(len(found))
    for x, weight in zip(X, weights):
        swapped = qxai.PQC(
            model.circuit, list(model.parameters), model.observable, dict(zip(model.features, x))
        )
        expected += weight * transcriptions.shifted_gradient(swapped, model.parameter_values)
    np.testing.assert_allclose(found, expected, atol=1e-11)


def test_chunks_do_not_change_results():
    model = circuits.wide_features(3)
    X = circuits.inputs(3, model, 50)
    small = model.on(qxai.Statevector(chunk=64))
    np.testing.assert_allclose(small.values(X), model.values(X), rtol=0, atol=1e-14)
    np.testing.assert_allclose(small.gradient(X), model.gradient(X), rtol=0, atol=1e-13)


def test_the_weights_of_a_chunk_are_those_of_its_rows():
    model = circuits.encoding_first(5, qubits=3)
    X = circuits.inputs(5, model, 20)
    weights = np.arange(20.0)
    arguments = (model.compiled, X, model.parameter_values, lambda values, rows: weights[rows])
    whole = qxai.Statevector().parameter_gradient(*arguments)
    parts = qxai.Statevector(chunk=32).parameter_gradient(*arguments)
    np.testing.assert_allclose(whole[1], parts[1], atol=1e-13)


def test_a_product_of_features_has_values_and_gradient():
    """IQP: ``⟨X⟩`` of H RZ(x₀x₁) H … is known by hand."""
    q = cirq.LineQubit(0)
    x = sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.H(q), cirq.rz(x[0] * x[1])(q))
    model = qxai.PQC(circuit, x, cirq.X(q))
    X = np.random.default_rng(0).normal(size=(5, 2))
    product = X[:, 0] * X[:, 1]
    np.testing.assert_allclose(model.values(X), np.cos(product), atol=1e-14)
    expected = -np.sin(product)[:, None] * X[:, ::-1]
    np.testing.assert_allclose(model.gradient(X), expected, atol=1e-14)
    with pytest.raises(ValueError, match="functions of one feature, found x0\\*x1/pi"):
        model.polynomial()


def test_a_trainable_scale_has_the_right_gradient():
    """``⟨Z⟩ = cos(w x)``: an exponent that is a product of feature and parameter."""
    q = cirq.LineQubit(0)
    circuit = cirq.Circuit(cirq.ry(sympy.Symbol("w") * sympy.Symbol("x"))(q))
    model = qxai.PQC(circuit, ["x"], cirq.Z(q), {"w": 0.7})
    X = np.array([[0.3], [1.2]])
    found = model.backend.parameter_gradient(
        model.compiled, X, model.parameter_values, lambda values, rows: np.ones(len(values))
    )[1]
    np.testing.assert_allclose(found, -np.sum(X * np.sin(0.7 * X)), atol=1e-14)
    np.testing.assert_allclose(model.polynomial().frequencies[0], [0.7])


def test_gates_wider_than_a_block_still_run():
    q = cirq.LineQubit.range(6)
    unitary = cirq.testing.random_unitary(32, random_state=1)
    circuit = cirq.Circuit(
        cirq.ry(sympy.Symbol("x"))(q[0]), cirq.MatrixGate(unitary, qid_shape=(2,) * 5)(*q[:5])
    )
    model = qxai.PQC(circuit, ["x"], cirq.Z(q[0]) * cirq.X(q[4]))
    x = np.array([[0.4]])
    np.testing.assert_allclose(model(x), transcriptions.model_output(model, x[0]), atol=1e-12)


def test_an_empty_batch_and_a_zero_observable():
    model = circuits.encoding_first(1, qubits=2)
    assert model.values(np.zeros((0, 2))).shape == (0,)
    assert model.gradient(np.zeros((0, 2))).shape == (0, 2)
    zero = qxai.PQC(model.circuit, model.features, cirq.PauliSum(), model.parameters)
    np.testing.assert_array_equal(zero.values(np.ones((2, 2))), 0)
    np.testing.assert_array_equal(zero.gradient(np.ones((2, 2))), 0)
