"""Frozen circuits: random angles that nobody trains, and a trained linear readout behind them.

The features of the linear model are the expectation values of all Pauli strings of few qubits; a
ridge regression on them is again one circuit with one observable, which every method explains.
"""

import itertools
from functools import cache

import cirq
import numpy as np
import sympy

import qxai
from qxai.core import Array
from qxai.models.ansatz import angle_encoding, brickwork_layers

LAYERS, RIDGE = 4, 0.01
WEIGHTS = {4: 3, 5: 3, 6: 2, 8: 2, 9: 2}  # most qubits of a string, by the number of qubits


@cache
def frozen_circuit(num_features: int, seed: int) -> tuple[cirq.Circuit, tuple[sympy.Symbol, ...]]:
    """Return an encoding followed by bricks at random angles, and its features."""
    qubits = cirq.LineQubit.range(num_features)
    features = sympy.symbols(f"x_:{num_features}")
    bricks, symbols = brickwork_layers(qubits, LAYERS)
    rng = np.random.default_rng([seed, 12])
    angles = dict(zip(symbols, rng.uniform(-np.pi, np.pi, len(symbols))))
    circuit = angle_encoding(qubits, features) + cirq.resolve_parameters(bricks, angles)
    return circuit, features


@cache
def strings(num_features: int) -> tuple[cirq.PauliString, ...]:
    """Return all Pauli strings of few qubits, the shortest first."""
    qubits = cirq.LineQubit.range(num_features)
    return tuple(
        cirq.PauliString(dict(zip(chosen, letters)))
        for weight in range(1, WEIGHTS[num_features] + 1)
        for chosen in itertools.combinations(qubits, weight)
        for letters in itertools.product((cirq.X, cirq.Y, cirq.Z), repeat=weight)
    )


@cache
def _outputs(num_features: int, seed: int) -> qxai.Outputs:
    circuit, features = frozen_circuit(num_features, seed)
    named = {
        str(string): cirq.PauliSum.from_pauli_strings([string]) for string in strings(num_features)
    }
    return qxai.Outputs.of(circuit, features, named)


def expectations(X: Array, seed: int) -> Array:
    """Return the expectation values of all strings, (N, K)."""
    return _outputs(X.shape[1], seed).values(X)


def solve(design: Array, y: Array) -> tuple[Array, float]:
    """Return weights and offset of a ridge regression whose offset costs nothing."""
    middle, mean = design.mean(axis=0), y.mean()
    centred = design - middle
    square = centred.T @ centred + RIDGE * len(y) / len(middle) * np.eye(len(middle))
    weights = np.linalg.solve(square, centred.T @ (y - mean))
    return weights, float(mean - middle @ weights)


def frozen_model(X: Array, y: Array, seed: int) -> qxai.PQC:
    """Train the readout of a frozen circuit, and return the circuit with that observable."""
    weights, offset = solve(expectations(X, seed), y)
    circuit, features = frozen_circuit(X.shape[1], seed)
    terms = [w * string for w, string in zip(weights.tolist(), strings(X.shape[1]))]
    observable = cirq.PauliSum.from_pauli_strings(terms) + offset
    return qxai.PQC(circuit, features, observable)
