"""Where a device's noise sits, and what its few shots are worth."""

import itertools
import time

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.backends.device import error_of_mean, readings
from qxai.models.ansatz import mean_z

x, y = sympy.symbols("x y")
Q = cirq.LineQubit.range(3)
NOISE = 0.1

GATES = {
    "a gate with a phase": [cirq.PhasedXPowGate(phase_exponent=0.3, exponent=x)(Q[0])],
    "a gate of three parts": [
        cirq.PhasedXZGate(x_exponent=x, z_exponent=0.2, axis_phase_exponent=0.1)(Q[0])
    ],
    "identities": [cirq.rx(x)(Q[0]), [cirq.I(Q[0])] * 5],
    "an identity on two qubits": [cirq.rx(x)(Q[0]), cirq.IdentityGate(2)(*Q[:2])],
    "a gate on two qubits": [
        cirq.ry(x)(Q[0]),
        cirq.FSimGate(0.4, 0.2)(*Q[:2]),
        cirq.PhasedISwapPowGate(phase_exponent=0.3, exponent=x)(*Q[:2]),
    ],
    "a fixed gate on five qubits": [
        cirq.rx(x)(Q[0]),
        cirq.X(cirq.LineQubit(9)).controlled_by(*cirq.LineQubit.range(4)),
    ],
}


def transcribed(circuit, value, observable, noise):
    """One depolarising channel on each qubit behind each gate of the circuit as it was given."""
    behind = [
        part
        for op in circuit.all_operations()
        for part in (op, *(cirq.depolarize(noise).on(q) for q in op.qubits))
    ]
    noisy = cirq.resolve_parameters(cirq.Circuit(behind), {"x": value})
    rho = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(noisy).final_density_matrix
    order = sorted(noisy.all_qubits())
    return observable.expectation_from_density_matrix(
        rho, {q: i for i, q in enumerate(order)}, check_preconditions=False
    ).real


@pytest.mark.parametrize("name", GATES)
def test_noise_follows_the_gates_of_the_circuit_and_not_their_parts(name):
    circuit, observable = cirq.Circuit(GATES[name]), 1.0 * cirq.Z(Q[0])
    model = qxai.PQC(circuit, ["x"], observable)
    expected = transcribed(circuit, 0.4, cirq.PauliSum() + observable, NOISE)
    found = model.on(qxai.Sampled(200_000, np.random.default_rng(0), NOISE)).estimate([[0.4]])
    assert abs(found.values[0] - expected) < 5 * found.standard_error[0]
    assert abs(expected - model.values([[0.4]])[0]) > 10 * found.standard_error[0]


@pytest.mark.parametrize("name", ["a gate with a phase", "identities"])
def test_the_trajectories_have_the_same_noise(needs_qsim, name):
    circuit, observable = cirq.Circuit(GATES[name]), 1.0 * cirq.Z(Q[0])
    expected = transcribed(circuit, 0.4, cirq.PauliSum() + observable, NOISE)
    device = qxai.NoisyQSim(20_000, np.random.default_rng(0), NOISE)
    found = qxai.PQC(circuit, ["x"], observable).on(device).estimate([[0.4]])
    assert abs(found.values[0] - expected) < 5 * found.standard_error[0]


def test_a_gate_that_is_taken_out_takes_its_noise_along():
    """Gate Shapley's absent gate is no gate; the identities of the circuit stay and are noisy."""
    circuit = cirq.Circuit(cirq.rx(x)(Q[0]), cirq.I(Q[0]), cirq.ry(0.3)(Q[0]), cirq.H(Q[0]))
    model = qxai.PQC(circuit, ["x"], cirq.Z(Q[0]))
    assert model.view().gate_positions() == [0, 2, 3]
    left = cirq.Circuit(cirq.rx(x)(Q[0]), cirq.I(Q[0]), cirq.ry(0.3)(Q[0]))
    expected = transcribed(left, 0.4, cirq.PauliSum() + cirq.Z(Q[0]), NOISE)
    device = model.on(qxai.Sampled(400_000, np.random.default_rng(0), NOISE))
    found = device.view().without([[0.4]], [3])
    assert abs(found.values[0] - expected) < 5 * found.standard_error[0]


def test_noise_on_purpose_goes_between_the_noise_of_encoding_and_circuit():
    """All left of the Bloch vectors: the circuit's own noise, once behind every gate."""
    circuit = cirq.Circuit(
        cirq.PhasedXPowGate(phase_exponent=0.3, exponent=x)(Q[0]),
        cirq.ry(y)(Q[1]),
        cirq.I(Q[1]),
        cirq.CX(*Q[:2]),
        cirq.I(Q[1]),
        cirq.rx(0.4)(Q[1]),
    )
    model = qxai.PQC(circuit, ["x", "y"], cirq.Z(Q[1]))
    device = model.on(qxai.Sampled(400_000, np.random.default_rng(0), NOISE))
    whole, split = device.estimate([[0.4, 0.9]]), device.view().depolarised([[0.4, 0.9]], [1, 1])
    error = np.hypot(whole.standard_error[0], split.standard_error[0])
    assert abs(whole.values[0] - split.values[0]) < 5 * error
    assert abs(whole.values[0] - model.values([[0.4, 0.9]])[0]) > 20 * error


def test_readings_are_the_sums_of_signs_written_out():
    rng = np.random.default_rng(0)
    strings, coefficients = rng.integers(0, 2, (5, 4)), rng.normal(size=5)
    for number, bits in enumerate(itertools.product((0, 1), repeat=4)):
        signs = [(-1) ** np.dot(bits, string) for string in strings]
        np.testing.assert_allclose(readings(strings, coefficients)[number], coefficients @ signs)


def test_readout_errors_shrink_each_bit_by_itself():
    """``⟨Z…Z⟩`` on k qubits is left with (1 − 2p)^k."""
    circuit = cirq.Circuit(cirq.ry(x)(Q[0]), cirq.CX(*Q[:2]), cirq.CX(*Q[1:]))
    model = qxai.PQC(circuit, ["x"], cirq.Z(Q[0]) * cirq.Z(Q[1]) * cirq.Z(Q[2]))
    device = model.on(qxai.Sampled(400_000, np.random.default_rng(1), readout=0.07))
    found = device.estimate([[0.6]])
    assert abs(found.values[0] - 0.86**3 * np.cos(0.6)) < 5 * found.standard_error[0]


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.2])
@pytest.mark.parametrize("shots", [2, 5, 40])
def test_few_shots_that_agree_are_not_certain(angle, shots):
    """Two shots agree half of the time or more; the error told still covers the true value.

    Over many repetitions the mean squared error told is at least that which was made.
    """
    model = qxai.PQC(cirq.Circuit(cirq.rx(x)(Q[0])), ["x"], cirq.Z(Q[0]))
    device = model.on(qxai.Sampled(shots, np.random.default_rng(3)))
    found = device.estimate(np.full((4000, 1), angle))
    assert found.standard_error.min() > 0
    made = np.mean((found.values - np.cos(angle)) ** 2)
    assert np.mean(found.standard_error**2) > 0.95 * made


def test_the_imagined_readings_change_nothing_where_readings_are_balanced():
    """Of M fair ±1 the variance told is that of the mean, 1/M, but for a part of 2/M²."""
    shots, worths = 8, np.array([1.0, -1.0])
    outcomes = np.array(list(itertools.product(worths, repeat=shots)))
    mean = outcomes.mean(axis=1)
    squares = ((outcomes - mean[:, None]) ** 2).sum(axis=1)
    told = error_of_mean(squares, mean, shots, 1.0)
    np.testing.assert_allclose(told.mean(), (1 + 2 / (shots * (shots + 1))) / shots)


def test_a_wide_readout_takes_no_time_for_a_matrix_of_confusions():
    """14 qubits: a matrix of 2^14 squared would take 2 GiB and half a minute."""
    qubits = cirq.LineQubit.range(14)
    features = sympy.symbols("x:14")
    circuit = cirq.Circuit(cirq.ry(a)(q) for a, q in zip(features, qubits))
    model = qxai.PQC(circuit, features, mean_z(qubits))
    X = np.random.default_rng(0).uniform(-1, 1, (2, 14))
    start = time.process_time()
    found = model.on(qxai.Sampled(4000, np.random.default_rng(0), readout=0.1)).estimate(X)
    assert time.process_time() - start < 10
    exact = 0.8 * np.cos(X).mean(axis=1)
    assert np.all(np.abs(found.values - exact) < 5 * found.standard_error)


def test_shots_of_many_inputs_are_drawn_piece_by_piece(monkeypatch):
    """The same numbers, whatever fits at once: memory does not grow with the inputs."""
    model = qxai.PQC(
        cirq.Circuit(cirq.ry(x)(Q[0]), cirq.CX(*Q[:2])), ["x"], cirq.Z(Q[1]) + cirq.X(Q[0])
    )
    X = np.random.default_rng(0).uniform(-1, 1, (50, 1))
    single = qxai.PQC(model.circuit, ["x"], cirq.Z(Q[1]))
    whole = single.on(qxai.Sampled(20, np.random.default_rng(0))).values(X)
    seen = []
    draw = np.random.Generator.multinomial
    monkeypatch.setattr("qxai.checks.BATCH", 8)

    class Watched(np.random.Generator):
        def multinomial(self, shots, probabilities):
            seen.append(probabilities.shape)
            return draw(self, shots, probabilities)

    watched = Watched(np.random.default_rng(0).bit_generator)
    np.testing.assert_array_equal(single.on(qxai.Sampled(20, watched)).values(X), whole)
    assert max(rows * width for rows, width in seen) <= 8
    assert np.isfinite(model.on(qxai.Sampled(20, np.random.default_rng(0))).values(X)).all()
