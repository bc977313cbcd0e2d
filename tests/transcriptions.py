"""Definitions written out slowly, with numpy and cirq alone: the second route to each number."""

from itertools import combinations, permutations, product
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
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    return _output(model.circuit, values, model.observable)


def _output(circuit, values, observable):
    qubits = all_qubits(circuit, observable)
    state = full_unitary(circuit, values, qubits)[:, 0]
    return (state.conj() @ observable_matrix(observable, qubits) @ state).real


def shifted_gradient(model, x):
    """Two-term parameter shift per gate, for rotations ``exp(−i s x P/2)`` of one feature."""
    gradient = np.zeros(len(x))
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    operations = list(model.circuit.all_operations())
    fixed = [cirq.resolve_parameters(op, values) for op in operations]
    for number, op in enumerate(operations):
        symbols = cirq.parameter_symbols(op) & set(model.features)
        if not symbols:
            continue
        (symbol,) = symbols
        slope = float(op.gate.exponent.diff(symbol)) * np.pi
        difference = 0.0
        for sign in (1, -1):
            moved = values | {symbol: values[symbol] + sign * np.pi / (2 * slope)}
            one_moved = [*fixed[:number], cirq.resolve_parameters(op, moved), *fixed[number + 1 :]]
            difference += sign * _output(cirq.Circuit(one_moved), {}, model.observable)
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


def transfer_matrix(unitary):
    """``T_PQ = Tr(P U Q U†) / 2^n``, written out."""
    n = int(np.log2(len(unitary)))
    strings = [pauli_matrix(p) for p in product(range(4), repeat=n)]
    images = [unitary @ q @ unitary.conj().T for q in strings]
    return np.array([[np.trace(p @ image).real for image in images] for p in strings]) / 2**n


def pauli_activations(circuit, values, qubits):
    state = full_unitary(circuit, values, qubits)[:, 0]
    strings = product(range(4), repeat=len(qubits))
    return np.array([(state.conj() @ pauli_matrix(p) @ state).real for p in strings])


def readout_coefficients(model, qubits):
    measured = observable_matrix(model.observable, qubits)
    strings = product(range(4), repeat=len(qubits))
    return np.array([np.trace(measured @ pauli_matrix(p)).real for p in strings]) / 2 ** len(qubits)


def _share(z, after, relevance, kind, strength):
    """Relevance of each contribution ``z`` (P, Q), from the relevance of their sums ``after``."""
    result = np.zeros_like(z)
    for p, total in enumerate(after):
        for q, part in enumerate(z[p]):
            if kind == "zero":
                result[p, q] = relevance[p] * part / total if abs(total) > 1e-13 else 0
            elif kind == "epsilon":
                size = abs(total) + (0 if p == 0 else strength)
                result[p, q] = relevance[p] * part / (np.sign(total) * size) if total else 0
            else:
                weighted = part * (1 + strength * (part * total > 0))
                whole = sum(y * (1 + strength * (y * total > 0)) for y in z[p])
                result[p, q] = relevance[p] * weighted / whole if abs(whole) > 1e-13 else 0
    return result


def qlrp_by_shares(model, x, moments, groups, kind, strength):
    """Any rule on explicit matrices; relevance of each string at the encoding, (4,) * n.

    ``groups`` are lists of moments of the rest of the circuit that make one layer.
    """
    qubits = all_qubits(model.circuit, model.observable)
    encoding, _ = split_at(model, moments)
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    activations = [pauli_activations(encoding, values, qubits)]
    transfers = []
    for group in groups:
        unitary = full_unitary(cirq.Circuit(model.circuit[m] for m in group), values, qubits)
        transfers.append(transfer_matrix(unitary))
        activations.append(transfers[-1] @ activations[-1])
    relevance = readout_coefficients(model, qubits) * activations[-1]
    for transfer, before, after in zip(transfers[::-1], activations[-2::-1], activations[:0:-1]):
        relevance = _share(transfer * before, after, relevance, kind, strength).sum(axis=0)
    return relevance.reshape((4,) * len(qubits))


def qlrp_in_circuit(model, x, baseline, kind, strength):
    """In-circuit rule, moment by moment, with one feature a gate: relevances and what is left."""
    qubits = all_qubits(model.circuit, model.observable)
    steps = []
    activations = [pauli_activations(cirq.Circuit(), {}, qubits)]
    for moment in model.circuit:
        present = sorted(
            cirq.parameter_symbols(moment) & set(model.features), key=model.features.index
        )

        def moved(coalition, moment=moment, present=present):
            at = {s: (x if s in coalition else baseline)[model.features.index(s)] for s in present}
            values = {**model.parameters, **{s: float(v) for s, v in at.items()}}
            return transfer_matrix(full_unitary(cirq.Circuit(moment), values, qubits))

        before = activations[-1]
        gains = shapley_of_vectors(lambda c: moved(c) @ before, present)  # noqa: B023
        steps.append((moved(()) * before, present, gains))
        activations.append(moved(present) @ before)
    relevance = readout_coefficients(model, qubits) * activations[-1]
    result = np.zeros(len(x))
    for (z, present, gains), after in zip(steps[::-1], activations[:0:-1]):
        both = np.column_stack([z, *gains])
        shared = _share(both, after, relevance, kind, strength)
        relevance = shared[:, : len(z)].sum(axis=0)
        for column, symbol in enumerate(present):
            result[model.features.index(symbol)] += shared[:, len(z) + column].sum()
    return result, relevance.sum()


def shapley_of_vectors(value, players):
    """Shapley values of a game whose values are vectors, by the average over all orders."""
    gains = [0.0 for _ in players]
    orders = list(permutations(range(len(players))))
    for order in orders:
        present = []
        for k in order:
            before = value(tuple(present))
            present.append(players[k])
            gains[k] = gains[k] + (value(tuple(present)) - before) / len(orders)
    return gains


def interaction_index(value, players):
    """Pairwise interaction index of Grabisch and Roubens, from second differences."""
    result = np.zeros((players, players))
    for i, j in combinations(range(players), 2):
        others = [k for k in range(players) if k not in (i, j)]
        for size in range(players - 1):
            weight = factorial(size) * factorial(players - size - 2) / factorial(players - 1)
            for subset in combinations(others, size):
                second = (
                    value({*subset, i, j}) - value({*subset, i}) - value({*subset, j})
                    + value(set(subset))
                )  # fmt: skip
                result[i, j] += weight * second
    return result + result.T


def gate_game(model, x):
    """Output with only some of the circuit's operations."""
    operations = list(model.circuit.all_operations())

    def value(present):
        circuit = cirq.Circuit(op for k, op in enumerate(operations) if k in present)
        other = SimpleNamespace(
            circuit=circuit + cirq.I.on_each(*all_qubits(model.circuit, model.observable)),
            features=model.features,
            observable=model.observable,
            parameters=model.parameters,
        )
        return model_output(other, x)

    return value
