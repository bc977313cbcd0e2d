import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings

import qxai
from tests import circuits, transcriptions


def small(seed):
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = cirq.Circuit(
        cirq.ry(x[0])(q[0]),
        cirq.rx(x[1])(q[1]),
        cirq.CX(*q),
        cirq.ISWAP(*q) ** 0.3,
        cirq.PhasedXZGate(x_exponent=0.2, z_exponent=0.7, axis_phase_exponent=0.1)(q[0]),
        cirq.ry(0.4)(q[1]),
    )
    return qxai.PQC(circuit, x, circuits.random_observable(rng, q))


@settings(max_examples=8)
@given(seed=circuits.SEEDS)
def test_all_gates_as_players_by_enumeration(seed):
    model = small(seed)
    (x,) = circuits.inputs(seed, model, 1)
    expected = transcriptions.shapley_of_game(transcriptions.gate_game(model, x), 6)
    found = qxai.gate_shapley(model, x[None])
    np.testing.assert_allclose(found.values[0], expected, atol=1e-11)
    np.testing.assert_allclose(found.residual, 0, atol=1e-11)


def test_some_gates_as_players_the_others_always_there():
    model, gates = small(1), [4, 2]
    (x,) = circuits.inputs(1, model, 1)
    game = transcriptions.gate_game(model, x)
    others = {0, 1, 3, 5}
    expected = transcriptions.shapley_of_game(
        lambda present: game(others | {gates[k] for k in present}), 2
    )
    found = qxai.gate_shapley(model, x[None], gates)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-12)
    np.testing.assert_allclose(found.baseline_output, game(others))


def test_a_gate_that_is_taken_apart_is_one_player():
    """A controlled rotation by a feature is decomposed inside; its parts have one coin."""
    q, x = cirq.LineQubit.range(2), sympy.Symbol("x")
    fsim = cirq.FSimGate(theta=x, phi=0.3)(*q)
    circuit = cirq.Circuit(cirq.ry(0.7)(q[0]), fsim, cirq.ry(0.4)(q[1]))
    model = qxai.PQC(circuit, [x], cirq.Z(q[1]))
    assert len(model.compiled.operations) > 3
    expected = transcriptions.shapley_of_game(transcriptions.gate_game(model, [0.9]), 3)
    np.testing.assert_allclose(qxai.gate_shapley(model, [[0.9]]).values[0], expected, atol=1e-12)


def test_random_orders_agree_with_the_exact_values():
    model = small(3)
    X = circuits.inputs(3, model, 2)
    exact = qxai.gate_shapley(model, X)
    found = qxai.gate_shapley(model, X, samples=400, rng=np.random.default_rng(0))
    assert np.all(np.abs(found.values - exact.values) < 5 * found.standard_error + 1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    assert found.evaluations == 2 * 400 * 7
    assert exact.evaluations == 2 * 2 * 6 * 3


def test_identities_are_no_players_and_bad_positions_are_refused():
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.I(q), cirq.ry(x)(q)), [x], cirq.Z(q))
    assert qxai.gate_shapley(model, [[0.3]]).values.shape == (1, 1)
    for gates in ([0], [1, 1], [7], []):
        with pytest.raises(ValueError, match=r"gates: expected different positions .* \[1\]"):
            qxai.gate_shapley(model, [[0.3]], gates)
    with pytest.raises(TypeError, match="it needs a circuit"):
        qxai.gate_shapley(model.polynomial(), [[0.3]])


def test_products_of_features_in_one_gate_do():
    q, x = cirq.LineQubit(0), sympy.symbols("x:2")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x[0] * x[1])(q)), x, cirq.Z(q))
    found = qxai.gate_shapley(model, [[0.5, 0.8]])
    np.testing.assert_allclose(found.values, [[np.cos(0.4) - 1]])
