"""Definitions written out slowly, with numpy and cirq alone: the second route to each number."""

from itertools import combinations, product
from math import factorial
from types import SimpleNamespace

import cirq
import numpy as np

PAULIS = (
    np.eye(2),
    np.array([[0, 1], [1, 0]]),
    np.array([[0, -1j], [1j, 0]]),
    np.diag([1, -1]),
)


def all_qubits(circuit, observable):
    return sorted(circuit.all_qubits() | set(observable.qubits))


def kron(matrices):
    result = np.eye(1)
    for matrix in matrices:
        result = np.kron(result, matrix)
    return result


def pauli_matrix(indices):
    return kron([PAULIS[i] for i in indices])


def observable_matrix(observable, qubits):
    return observable.matrix(qubits) if len(observable) else np.zeros((2 ** len(qubits),) * 2)


def full_unitary(circuit, values, qubits):
    resolved = cirq.resolve_parameters(circuit, values)
    return resolved.unitary(qubit_order=qubits, qubits_that_should_be_present=qubits)


def model_output(model, x):
    """``⟨0|U† M U|0⟩`` with the full unitary as a matrix."""
    qubits = all_qubits(model.circuit, model.observable)
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    state = full_unitary(model.circuit, values, qubits)[:, 0]
    return (state.conj() @ observable_matrix(model.observable, qubits) @ state).real


def shifted_gradient(model, x):
    """Two-term parameter shift per gate, for rotations ``exp(−i s x P/2)`` of one feature."""
    gradient = np.zeros(len(x))
    for number, op in enumerate(model.circuit.all_operations()):
        symbols = cirq.parameter_symbols(op) & set(model.features)
        if not symbols:
            continue
        (symbol,) = symbols
        slope = float(op.gate.exponent.diff(symbol)) * np.pi
        difference = 0.0
        for sign in (1, -1):
            operations = list(model.circuit.all_operations())
            moved = cirq.resolve_parameters(
                op, {symbol: symbol + sign * np.pi / (2 * slope)}, recursive=False
            )
            operations[number] = moved
            other = SimpleNamespace(
                circuit=cirq.Circuit(operations),
                features=model.features,
                observable=model.observable,
                parameters=model.parameters,
            )
            difference += sign * model_output(other, x)
        gradient[model.features.index(symbol)] += slope / 2 * difference
    return gradient


def shapley_of_game(value, players):
    """Average marginal contribution over all subsets."""
    result = np.zeros(players)
    for i in range(players):
        others = [j for j in range(players) if j != i]
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for subset in combinations(others, size):
                result[i] += weight * (value({*subset, i}) - value(set(subset)))
    return result


def feature_game(model, x, baseline):
    def value(present):
        return model_output(model, [x[i] if i in present else baseline[i] for i in range(len(x))])

    return value


def split_at(model, moments):
    """Split a circuit into an encoding of so many moments and the rest."""
    return model.circuit[:moments], model.circuit[moments:]


def depolarised_game(model, x, moments, encoded):
    """Value of the encoded qubits that stay intact, all others fully depolarised.

    The encoding is the first ``moments`` moments and must be a product; ``encoded`` are the
    qubits that hold a feature.
    """
    qubits = all_qubits(model.circuit, model.observable)
    encoding, rest = split_at(model, moments)
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    prepared = full_unitary(encoding, values, qubits)[:, 0]
    unitary = full_unitary(rest, values, qubits)
    evolved = unitary.conj().T @ observable_matrix(model.observable, qubits) @ unitary
    rho = np.outer(prepared, prepared.conj())

    def value(present):
        state = rho
        for place, qubit in enumerate(encoded):
            if place not in present:
                state = depolarise(state, qubits.index(qubit), len(qubits))
        return np.trace(state @ evolved).real

    return value


def depolarise(rho, position, n):
    result = np.zeros_like(rho)
    for pauli in PAULIS:
        operator = kron([pauli if q == position else np.eye(2) for q in range(n)])
        result = result + operator @ rho @ operator.conj().T / 4
    return result


def qlrp_zero_layer_by_layer(model, x, moments):
    """Zero rule, moment by moment, with explicit Pauli transfer matrices.

    Returns the relevance of every Pauli string at the encoding, shape (4,) * n.
    """
    qubits = all_qubits(model.circuit, model.observable)
    n = len(qubits)
    strings = [pauli_matrix(p) for p in product(range(4), repeat=n)]
    encoding, rest = split_at(model, moments)
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    state = full_unitary(encoding, values, qubits)[:, 0]
    activations = np.array([(state.conj() @ p @ state).real for p in strings])
    transfers = []
    for moment in rest:
        u = full_unitary(cirq.Circuit(moment), values, qubits)
        images = [u @ q @ u.conj().T for q in strings]
        transfers.append(
            np.array([[np.trace(p @ image).real for image in images] for p in strings]) / 2**n
        )
    forward = [activations]
    for transfer in transfers:
        forward.append(transfer @ forward[-1])
    measured = observable_matrix(model.observable, qubits)
    relevance = np.array([np.trace(measured @ p).real / 2**n for p in strings]) * forward[-1]
    for transfer, before, after in zip(transfers[::-1], forward[-2::-1], forward[:0:-1]):
        # Each output passes its relevance on in proportion to the contributions z = T a.
        contributions = transfer * before
        shares = np.divide(
            contributions,
            after[:, None],
            out=np.zeros_like(contributions),
            where=np.abs(after[:, None]) > 1e-12,
        )
        relevance = shares.T @ relevance
    return relevance.reshape((4,) * n)
