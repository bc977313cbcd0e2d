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


def with_many_controls():
    """A gate that is taken apart, one with many controls, a wide matrix, fixed gates."""
    q, x = cirq.LineQubit.range(5), sympy.symbols("x:2")
    unitary = cirq.testing.random_unitary(8, random_state=2)
    circuit = cirq.Circuit(
        cirq.H.on_each(*q[:4]),
        cirq.FSimGate(theta=x[0], phi=0.3)(*q[:2]),
        cirq.ry(x[1]).on(q[4]).controlled_by(*q[:4]),
        cirq.MatrixGate(unitary)(*q[2:]),
        cirq.rx(sympy.Symbol("t"))(q[4]),
        cirq.CX(q[4], q[1]),
    )
    observable = cirq.Z(q[4]) * cirq.X(q[1]) + 0.3 * cirq.Y(q[0]) + 0.7
    return qxai.PQC(circuit, x, observable, {"t": 0.4})


@pytest.mark.parametrize("make", [lambda: small(4), with_many_controls])
@pytest.mark.parametrize("chunk", [2**15, 64])
def test_orders_are_those_of_circuits_that_cirq_builds_without_the_gates(make, chunk):
    """The draws are repeated here, each circuit of a path is built without what is absent."""
    model = make()
    X = circuits.inputs(4, model, 2)
    count, orders = len(list(model.circuit.all_operations())), 3
    drawn = np.random.default_rng(8)
    ranks = drawn.permuted(np.tile(np.arange(count), (2, orders, 1)), axis=2)
    gains = np.zeros((2, orders, count))
    for n, x in enumerate(X):
        game = transcriptions.gate_game(model, x)
        for k, path in enumerate(np.argsort(ranks[n], axis=1)):
            for step, gate in enumerate(path):
                gains[n, k, gate] = game(set(path[: step + 1])) - game(set(path[:step]))
    found = qxai.gate_shapley(
        model.on(qxai.Statevector(chunk=chunk)), X, samples=orders, rng=np.random.default_rng(8)
    )
    np.testing.assert_allclose(found.values, gains.mean(axis=1), atol=1e-12)
    error = gains.std(axis=1, ddof=1) / np.sqrt(orders)
    np.testing.assert_allclose(found.standard_error, error, atol=1e-12)
    assert (found.evaluations, found.shots) == (2 * orders * (count + 1), 0)


def test_another_backend_runs_a_circuit_for_each_coalition():
    class Exact:
        def __init__(self):
            self.circuits, self.runs = 0, 0

        def values(self, circuit, X, parameters):
            self.circuits, self.runs = self.circuits + 1, self.runs + len(X)
            return qxai.Statevector().values(circuit, X, parameters)

        def gradient(self, circuit, X, parameters):
            raise AssertionError

    model, backend = small(6), Exact()
    X = circuits.inputs(6, model, 2)
    found = [
        qxai.gate_shapley(m, X, samples=5, rng=np.random.default_rng(1))
        for m in (model, model.on(backend))
    ]
    np.testing.assert_allclose(found[0].values, found[1].values, atol=1e-13)
    assert backend.runs == 2 * 6 * 7 + 2 * 2  # five orders are three pairs
    assert backend.circuits > 10
