"""Encoding-first models as sums over Pauli strings on the encoded qubits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qxai.compiled import CompiledCircuit
from qxai.core import Array, ComplexArray, Indices, as_inputs
from qxai.representations import heisenberg

CHUNK = 2**22  # most numbers in one batch of terms
PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclass(frozen=True, eq=False)
class PauliPolynomial:
    """``f(x) = Σ_P c_P ∏_q r_q(x)[P_q]`` with Bloch vectors ``r_q = (1, ⟨X⟩, ⟨Y⟩, ⟨Z⟩)``.

    Attributes
    ----------
    strings : ndarray of int, shape (S, Q)
        For each string and each *encoded* qubit 0, 1, 2, 3 for I, X, Y, Z. Qubits that hold no
        feature are already averaged over.
    coefficients : ndarray, shape (S,)
        ``c_P``, in units of the output.
    owners : ndarray, shape (Q, d)
        Share of each feature in an encoded qubit: equal among the features that enter it.
    encoding : CompiledCircuit
        The circuit that prepares the encoded qubits.
    parameters : ndarray, shape (P,)
        Its parameters.
    """

    strings: Indices
    coefficients: Array
    owners: Array
    encoding: CompiledCircuit
    parameters: Array

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return self.owners.shape[1]

    def bloch(self, X: ArrayLike) -> Array:
        """Return the encoded qubits' Bloch vectors for inputs (N, d), shape (N, Q, 4)."""
        inputs = as_inputs(X, self.num_features)
        parts = [part for part in heisenberg.groups(self.encoding) if part.features]
        return _bloch(self.encoding, parts, inputs, self.parameters)

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        return self.weighted(X, np.ones((len(self.strings), 1)))[:, 0]

    def weighted(self, X: ArrayLike, weights: Array) -> Array:
        """Return ``Σ_P c_P ∏_q r_q[P_q] weights[P]`` for weights (S, m), shape (N, m)."""
        bloch = self.bloch(X)
        scaled = self.coefficients[:, None] * weights
        step = max(1, CHUNK // max(1, len(self.strings)))
        chunks = range(0, max(1, len(bloch)), step)
        return np.concatenate([self._terms(bloch[i : i + step]) @ scaled for i in chunks])

    def _terms(self, bloch: Array) -> Array:
        terms = np.ones((len(bloch), len(self.strings)))
        for q, paulis in enumerate(self.strings.T):
            terms *= bloch[:, q, paulis]
        return terms


def pauli_polynomial(circuit: CompiledCircuit, parameters: Array) -> PauliPolynomial:
    """Expand the evolved observable in the Pauli strings that the encoding can reach.

    Raises
    ------
    ValueError
        If the encoding entangles qubits, or the evolved observable does not fit in memory.
    """
    encoding, rest = heisenberg.split(circuit)
    parts = heisenberg.groups(encoding)
    for part in parts:
        if len(part.qubits) > 1:
            names = ", ".join(str(circuit.qubits[q]) for q in part.qubits)
            raise ValueError(
                "qlrp: expected a product encoding followed by a circuit without features, found "
                f"qubits {names} joined by a gate before the last feature enters; shapley and "
                "taylor work for such a model"
            )
    reached = [_reached(encoding, part, parameters) for part in parts]
    bases = [_basis(encoding, p, r, parameters) for p, r in zip(parts, reached)]
    tensor = heisenberg.project(rest, parameters, parts, bases)
    encoded = [i for i, part in enumerate(parts) if part.features]
    tensor = tensor.reshape([len(reached[i]) for i in encoded])
    present = np.argwhere(np.abs(tensor) > 1e-15 * np.abs(tensor).sum())
    strings = np.stack([reached[i][present[:, k]] for k, i in enumerate(encoded)], axis=1)
    owners = np.zeros((len(encoded), len(circuit.angles.features)))
    for row, i in zip(owners, encoded):
        row[list(parts[i].features)] = 1 / len(parts[i].features)
    return PauliPolynomial(strings, tensor[tuple(present.T)], owners, encoding, parameters)


def _bloch(
    encoding: CompiledCircuit, parts: list[heisenberg.Group], X: Array, parameters: Array
) -> Array:
    states = [heisenberg.group_states(encoding, part, X, parameters) for part in parts]
    # Tr(ρσ) pairs the row index of ρ with the column index of σ.
    flat = PAULIS.swapaxes(1, 2).reshape(4, 4)
    return np.stack([(rho @ flat.T).real for rho in states], axis=1)


def _reached(encoding: CompiledCircuit, part: heisenberg.Group, parameters: Array) -> Indices:
    """Return which Paulis have an expectation value that is not zero for every input.

    An analytic function that is zero at sixteen random points is zero everywhere, but for a set
    of points of measure zero. Where the encoding is not defined at the points, all are kept.
    """
    rng = np.random.default_rng(0)
    X = rng.uniform(-10, 10, (16, len(encoding.angles.features)))
    try:
        largest = np.abs(_bloch(encoding, [part], X, parameters)).max(axis=(0, 1))
    except ValueError:
        return np.arange(4)
    return np.flatnonzero(largest > 1e-12)


def _basis(
    encoding: CompiledCircuit, part: heisenberg.Group, reached: Indices, parameters: Array
) -> ComplexArray:
    """Return ``σ_P / 2`` for an encoded qubit, the state itself for any other."""
    if part.features:
        return PAULIS[reached].reshape(-1, 4) * (0.5 + 0j)
    nowhere = np.zeros((1, len(encoding.angles.features)))
    return heisenberg.group_states(encoding, part, nowhere, parameters)
