"""Excited cluster states and ground states, against circuits and Hamiltonians of Cirq."""

import cirq
import numpy as np
import pytest

from qxai.datasets import cluster_circuit, excitations, phases


def test_states_of_excitations_are_those_of_their_circuit():
    task = excitations(4, 6, np.random.default_rng(3))
    for row, state in zip(task.X, task.states):
        circuit = cirq.resolve_parameters(task.preparation, dict(zip(task.features, row)))
        expected = circuit.final_state_vector(qubit_order=task.qubits, dtype=np.complex128)
        found, wanted = (np.outer(s, s.conj()) for s in (state, expected))
        np.testing.assert_allclose(found, wanted, atol=1e-12)
    turned = np.abs(task.X).max(axis=1)
    np.testing.assert_array_equal(task.y, np.where(turned > np.pi / 2, 1, -1))
    np.testing.assert_array_equal(task.relevant, task.X != 0)


def test_the_cluster_state_is_fixed_by_its_stabilisers():
    q = cirq.LineQubit.range(5)
    state = cluster_circuit(q).final_state_vector(dtype=np.complex128)
    for i in range(5):
        string = cirq.Z(q[i - 1]) * cirq.X(q[i]) * cirq.Z(q[(i + 1) % 5])
        np.testing.assert_allclose(string.matrix(q) @ state, state, atol=1e-12)


def hamiltonian(q, h):
    n = len(q)
    total = cirq.PauliSum()
    for i in range(n):
        total -= cirq.Z(q[i - 1]) * cirq.X(q[i]) * cirq.Z(q[(i + 1) % n]) + h * cirq.X(q[i])
    return total.matrix(q)


@pytest.mark.parametrize("h", [0.0, 0.4, 0.95, 1.7])
def test_ground_states_have_the_lowest_energy(h):
    task = phases([h], 6)
    matrix = hamiltonian(task.qubits, h)
    energies = np.linalg.eigvalsh(matrix)
    np.testing.assert_allclose(matrix @ task.states[0], energies[0] * task.states[0], atol=1e-9)
    assert energies[1] - energies[0] > 1e-3  # one ground state on a ring
    assert task.y[0] == (1 if h < 1 else -1)


def test_the_limits_are_known():
    """h = 0: the cluster state; h → ∞: the product state; energies mirror each other."""
    task = phases([0.0, 1e6], 4)
    cluster = cluster_circuit(task.qubits).final_state_vector(dtype=np.complex128)
    np.testing.assert_allclose(abs(np.vdot(cluster, task.states[0])), 1, atol=1e-9)
    np.testing.assert_allclose(np.abs(task.states[1]), 0.25, atol=1e-5)
    q, h = cirq.LineQubit.range(6), 0.6
    low, high = (np.linalg.eigvalsh(hamiltonian(q, f))[0] for f in (h, 1 / h))
    np.testing.assert_allclose(low, h * high, rtol=1e-9)  # the duality


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: excitations(2, 3, np.random.default_rng(0)), "num_sites: expected"),
        (lambda: excitations(4, 0, np.random.default_rng(0)), "size: expected"),
        (lambda: phases([-1.0]), "fields: expected numbers of at least 0"),
        (lambda: phases([]), "fields: expected numbers of at least 0"),
        (lambda: phases([1.0], 11), "num_sites: expected at most 10"),
    ],
)
def test_bad_settings_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    with pytest.raises(TypeError, match="rng"):
        excitations(4, 3, None)
