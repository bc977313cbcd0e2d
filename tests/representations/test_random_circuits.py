"""Random circuits of every kind, by Cirq's simulator and by the definition of Shapley values."""

import cirq
import numpy as np
import pytest
import sympy

import qxai

X, T = sympy.symbols("x:3"), sympy.symbols("t:4")
FIXED = [cirq.H, cirq.S, cirq.T, cirq.X, cirq.Y**-0.5, cirq.CX, cirq.CZ, cirq.SWAP, cirq.ISWAP]
FIXED += [cirq.SQRT_ISWAP, cirq.CXPowGate(exponent=0.3), cirq.CCX, cirq.CSWAP]
LEARNT = [cirq.rx(T[0]), cirq.ry(2 * T[1] + 0.1), cirq.rz(T[0] * T[2]), cirq.XX ** T[2]]
LEARNT += [cirq.ISWAP ** T[3], cirq.CZPowGate(exponent=T[1]), cirq.FSimGate(T[3], 0.2)]


def placed(gate, qubits, rng):
    return gate.on(*rng.permutation(np.array(qubits, object))[: cirq.num_qubits(gate)])


def drawn(rng, joined):
    """An encoding, in which gates on several qubits may stand, then gates of all kinds."""
    qubits = cirq.LineQubit.range(int(rng.integers(3, 6)))
    rotations = [cirq.rx, cirq.ry, cirq.rz]
    gates = []
    for feature in X:
        angle = feature * float(rng.choice([1, 2, 0.5])) + float(rng.choice([0, 0.3]))
        gates += [rotations[rng.integers(3)](angle), *[cirq.CX] * joined]
    kinds = FIXED + LEARNT
    gates += [kinds[k] for k in rng.integers(0, len(kinds), 12)]
    observable = 0.4 * cirq.Z(qubits[0]) - 1.3
    for _ in range(2):
        letters = {
            q: [cirq.X, cirq.Y, cirq.Z][rng.integers(3)] for q in qubits[:: rng.integers(1, 3)]
        }
        observable += float(rng.normal()) * cirq.PauliString(letters)
    return cirq.Circuit(placed(gate, qubits, rng) for gate in gates), observable


def simulated(circuit, observable, values):
    resolved = cirq.resolve_parameters(circuit, values)
    order = sorted(resolved.all_qubits() | set(observable.qubits))
    state = cirq.Simulator(dtype=np.complex128).simulate(resolved, qubit_order=order)
    place = {q: i for i, q in enumerate(order)}
    return observable.expectation_from_state_vector(state.final_state_vector, place).real


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_all_forms_of_a_random_circuit_are_what_cirq_simulates(seed, joined):
    rng = np.random.default_rng([seed, joined])
    circuit, observable = drawn(rng, joined)
    learnt = [t for t in T if t in cirq.parameter_symbols(circuit)]
    values = {t: float(rng.choice([rng.uniform(-3, 3), 0, np.pi / 2])) for t in learnt}
    model = qxai.PQC(circuit, X, observable, values)
    points = rng.uniform(-3, 3, (3, 3))
    expected = [simulated(circuit, observable, values | dict(zip(X, row))) for row in points]
    forms = [model, model.polynomial(), model.multilinear()]
    if not joined:
        forms.append(model.pauli_polynomial())
    for form in forms:
        np.testing.assert_allclose(form.values(points), expected, atol=1e-13)
        np.testing.assert_allclose(form.gradient(points), model.gradient(points), atol=1e-13)
    enumerated = qxai.shapley(qxai.Function(model.values, num_features=3), points, 0.3)
    np.testing.assert_allclose(
        qxai.shapley(model, points, 0.3).values, enumerated.values, atol=1e-13
    )
