"""Circuits with measurements, circuits within circuits, gates of one's own."""

import cirq
import numpy as np
import pytest
import sympy

import qxai

Q, (X0, X1) = cirq.LineQubit.range(2), sympy.symbols("x:2")
POINTS = np.array([[0.4, -0.7], [1.3, 0.2]])


def simulated(circuit, x, observable):
    """From Cirq's simulator, everything decomposed and measurements taken away."""
    unrolled = cirq.unroll_circuit_op(circuit, tags_to_check=None, deep=True)
    flat = cirq.Circuit(cirq.decompose(unrolled))
    kept = cirq.Circuit(op for op in flat.all_operations() if not cirq.is_measurement(op))
    bound = cirq.resolve_parameters(kept, {"x0": x[0], "x1": x[1]})
    simulator = cirq.Simulator(dtype=np.complex128)
    return simulator.simulate_expectation_values(bound, [observable])[0].real


class Block(cirq.Gate):
    """Two symbols hidden in a decomposition, as people write gates."""

    def __init__(self, s, t):
        self.s, self.t = s, t

    def _num_qubits_(self):
        return 2

    def _decompose_(self, qubits):
        yield cirq.ry(self.s)(qubits[0])
        yield cirq.CNOT(*qubits)
        yield cirq.X(qubits[1]) ** self.t


class Outer(cirq.Gate):
    """A gate of gates."""

    def __init__(self, s, t):
        self.s, self.t = s, t

    def _num_qubits_(self):
        return 2

    def _decompose_(self, qubits):
        yield Block(self.s, 0.3)(*qubits)
        yield Block(0.2, self.t)(*qubits[::-1])


INSIDE = cirq.FrozenCircuit(cirq.ry(X0)(Q[0]), cirq.CNOT(*Q), cirq.ry(X1)(Q[1]))
MEASURED = cirq.FrozenCircuit(*INSIDE, cirq.measure(*Q, key="m"))
Y = sympy.Symbol("y")
CIRCUITS = {
    "measured at the end": [*INSIDE.all_operations(), cirq.measure(Q[0]), cirq.measure(Q[1])],
    "one measured early": [cirq.ry(X0)(Q[0]), cirq.CNOT(*Q), cirq.measure(Q[0]), cirq.ry(X1)(Q[1])],
    "inverted bits": [*INSIDE.all_operations(), cirq.measure(*Q, invert_mask=(True, False))],
    "a circuit as an operation": [cirq.CircuitOperation(INSIDE, use_repetition_ids=False)],
    "repeated": [cirq.CircuitOperation(INSIDE, repetitions=2, use_repetition_ids=False)],
    "with other names": [
        cirq.CircuitOperation(
            cirq.FrozenCircuit(cirq.ry(Y)(Q[0]), cirq.CNOT(*Q)),
            param_resolver={Y: X0},
            use_repetition_ids=False,
        ),
        cirq.ry(X1)(Q[1]),
    ],
    "measured inside": [cirq.CircuitOperation(MEASURED, use_repetition_ids=False)],
    "a gate of one's own": [cirq.H(Q[1]), Block(X0, X1)(*Q)],
    "gates within gates": [cirq.H(Q[1]), Outer(X0, X1)(*Q)],
    "PhasedFSim": [
        cirq.H.on_each(*Q),
        cirq.PhasedFSimGate(theta=X0, zeta=0.1, chi=0.2, gamma=X1, phi=0.3)(*Q),
        cirq.rx(0.4)(Q[0]),
    ],
    "FSim": [cirq.X(Q[0]), cirq.ry(0.3)(Q[1]), cirq.FSimGate(X0, X1)(*Q), cirq.ry(0.4)(Q[1])],
    "PhasedISwap": [
        cirq.X(Q[0]),
        cirq.PhasedISwapPowGate(phase_exponent=0.1, exponent=X0)(*Q),
        cirq.ry(X1)(Q[1]),
    ],
    "PhasedXZ": [
        cirq.PhasedXZGate(x_exponent=X0, z_exponent=X1, axis_phase_exponent=0.3)(Q[1]),
        cirq.CX(*Q[::-1]),
        cirq.rx(0.2)(Q[1]),
    ],
    "a phasor": [
        cirq.H(Q[0]),
        cirq.PauliStringPhasor(cirq.X(Q[0]) * cirq.Y(Q[1]), exponent_neg=X0),
        cirq.ry(X1)(Q[1]),
    ],
    "tagged and controlled": [
        cirq.H(Q[0]),
        cirq.ry(X0)(Q[1]).controlled_by(Q[0]).with_tags("t"),
        cirq.rx(X1)(Q[1]),
    ],
}


@pytest.mark.parametrize("name", CIRCUITS)
def test_circuits_as_they_come_have_the_values_of_cirqs_simulator(name):
    circuit = cirq.Circuit(CIRCUITS[name])
    observable = cirq.Z(Q[1]) + 0.5 * cirq.X(Q[0]) * cirq.Y(Q[1])
    model = qxai.PQC(circuit, [X0, X1], observable)
    expected = [simulated(circuit, x, observable) for x in POINTS]
    np.testing.assert_allclose(model.values(POINTS), expected, atol=1e-7)
    np.testing.assert_allclose(qxai.shapley(model, POINTS).residual, 0, atol=1e-12)
    step = 1e-6
    for i in range(2):
        shift = step * np.eye(2)[i]
        slope = (model.values(POINTS + shift) - model.values(POINTS - shift)) / (2 * step)
        np.testing.assert_allclose(model.gradient(POINTS)[:, i], slope, atol=1e-7)


class NoMatrix(cirq.Gate):
    """Says that it has a symbol, and neither matrix nor parts."""

    def _num_qubits_(self):
        return 1

    def _is_parameterized_(self):
        return True

    def _parameter_names_(self):
        return {"x0"}


class Fails(cirq.Gate):
    """Hides a symbol in a matrix that cannot be written down."""

    def _num_qubits_(self):
        return 1

    def _unitary_(self):
        return cirq.unitary(cirq.ry(float(X0)))


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([NoMatrix()(Q[0])], "spectrum or decomposition Cirq knows, found NoMatrix in"),
        ([Fails()(Q[0]), cirq.rx(X0)(Q[1])], r"found Fails in .*\(Cannot convert expression"),
        ([cirq.measure(Q[0]), cirq.rx(X0)(Q[0])], "remove measurements"),
        ([cirq.rx(X0)(Q[0]), cirq.reset(Q[0])], "remove measurements"),
        (
            [
                cirq.rx(X0)(Q[0]),
                cirq.measure(Q[0], key="m"),
                cirq.X(Q[1]).with_classical_controls("m"),
            ],
            "remove measurements",
        ),
    ],
)
def test_what_is_in_the_way_is_named(operations, message):
    with pytest.raises(ValueError, match=message):
        qxai.PQC(cirq.Circuit(operations), [X0], cirq.Z(Q[0]))


def test_the_advice_for_two_features_in_one_gate_works():
    """A gate whose parts do not commute: written out, QLRP in the circuit works."""
    circuit = cirq.Circuit(cirq.H(Q[1]), Block(X0, X1)(*Q))
    model = qxai.PQC(circuit, [X0, X1], cirq.Z(Q[1]))
    with pytest.raises(ValueError, match=r"write its parts as gates: cirq.Circuit\(cirq.decompose"):
        qxai.qlrp(model, POINTS, baseline=0.1)
    apart = qxai.PQC(cirq.Circuit(cirq.decompose(circuit)), [X0, X1], cirq.Z(Q[1]))
    np.testing.assert_allclose(apart.values(POINTS), model.values(POINTS), atol=1e-7)
    np.testing.assert_allclose(qxai.qlrp(apart, POINTS, baseline=0.1).residual, 0, atol=1e-12)


def test_parts_of_a_gate_that_commute_share_its_moment():
    """FSim is XX, YY and CZ powers, which commute: no order among its two angles."""
    in_one = [cirq.FSimGate(X0, X1)(*Q)]
    in_two = [cirq.CZ(*Q) ** (-X1 / np.pi), cirq.FSimGate(X0, 0)(*Q)]
    start, end = [cirq.X(Q[0]), cirq.ry(0.7)(Q[1])], cirq.ry(0.4)(Q[1])
    one, two = (
        qxai.PQC(cirq.Circuit(start, *gates, end), [X0, X1], cirq.Z(Q[1]) + cirq.X(Q[0]))
        for gates in (in_one, in_two)
    )
    np.testing.assert_allclose(one.values(POINTS), two.values(POINTS), atol=1e-7)
    found, other = (qxai.qlrp(model, POINTS, baseline=0.2) for model in (one, two))
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    np.testing.assert_allclose(found.values, qxai.shapley(one, POINTS, 0.2).values, atol=1e-7)
    assert np.abs(found.values - other.values).max() > 1e-3  # two moments have an order


def test_measurements_of_a_feature_map_are_left_out_too():
    circuit = cirq.Circuit(cirq.ry(X0)(Q[0]), cirq.measure(Q[0]))
    model = qxai.KernelModel(circuit, [X0], [[0.0]], [1.0])
    np.testing.assert_allclose(model.values([[0.6]]), np.cos(0.3) ** 2)
