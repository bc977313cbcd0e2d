import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given

import qxai
from tests import circuits, transcriptions


@given(seed=circuits.SEEDS)
def test_zero_rule_is_the_shapley_value_of_depolarised_qubits(seed):
    """Identity I12, by density matrices and enumeration, one feature a qubit."""
    model = circuits.encoding_first(seed)
    (x,) = circuits.inputs(seed, model, 1)
    game = transcriptions.depolarised_game(model, x, 1, cirq.LineQubit.range(model.num_features))
    expected = transcriptions.shapley_of_game(game, len(x))
    found = qxai.qlrp(model, x[None])
    np.testing.assert_allclose(found.values[0], expected, atol=1e-11)
    np.testing.assert_allclose(found.baseline_output[0], game(set()), atol=1e-11)
    np.testing.assert_allclose(found.residual, 0, atol=1e-11)


@given(seed=circuits.SEEDS)
def test_players_are_qubits_where_features_and_qubits_differ(seed):
    """Identity I12 for two qubits a feature, two features a qubit, a phase and an idle qubit."""
    model = circuits.wide_features(seed)
    (x,) = circuits.inputs(seed, model, 1)
    game = transcriptions.depolarised_game(model, x, 2, cirq.LineQubit.range(4))
    q = transcriptions.shapley_of_game(game, 4)
    expected = [q[0] + q[1], q[2] / 2, q[2] / 2, q[3]]
    found = qxai.qlrp(model, x[None])
    np.testing.assert_allclose(found.values[0], expected, atol=1e-11)
    np.testing.assert_allclose(found.residual, 0, atol=1e-11)


@given(seed=circuits.SEEDS)
def test_relevance_carried_back_layer_by_layer_telescopes(seed):
    """Identity I11: explicit Pauli transfer matrices, one moment after the other."""
    model = circuits.encoding_first(seed, qubits=2, layers=1)
    (x,) = circuits.inputs(seed, model, 1)
    strings = transcriptions.qlrp_zero_layer_by_layer(model, x, 1)
    n = strings.ndim
    expected = np.zeros(2)
    for string in np.ndindex(*strings.shape):
        encoded = [q for q in range(n) if string[q] and q < 2]
        for q in encoded:
            expected[q] += strings[string] / len(encoded)
    np.testing.assert_allclose(qxai.qlrp(model, x[None]).values[0], expected, atol=1e-10)


def test_a_phase_on_the_initial_state_gets_relevance():
    """RZ on |0⟩ changes nothing, and yet the qubit's Z carries relevance: no dummy axiom for f."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(x[0])(q[0]), cirq.rz(x[1])(q[1]), cirq.I.on_each(*q))
    model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))
    found = qxai.qlrp(model, [[0.6, 1.3]])
    np.testing.assert_allclose(found.values, [[np.cos(0.6) / 2, np.cos(0.6) / 2]])
    np.testing.assert_allclose(qxai.shapley(model, [[0.6, 1.3]], 0.2).values[0, 1], 0, atol=1e-15)


def test_a_reuploading_model_is_refused_and_told_what_would_do():
    with pytest.raises(ValueError, match=r"qlrp, .*: expected a product .* qlrp with a baseline"):
        qxai.qlrp(circuits.reuploading(1), np.zeros((1, 2)))


def test_a_model_without_circuit_is_refused():
    model = qxai.TrigPolynomial(np.zeros(3), [[1.0]])
    with pytest.raises(TypeError, match="qlrp needs a model with a method pauli_polynomial"):
        qxai.qlrp(model, np.zeros((1, 1)))


def test_evaluations_and_an_empty_batch():
    model = circuits.encoding_first(3, qubits=3)
    assert qxai.qlrp(model, np.zeros((5, 3))).evaluations == 2 * 5 * 3 * 2
    assert qxai.qlrp(model, np.zeros((0, 3))).values.shape == (0, 3)
