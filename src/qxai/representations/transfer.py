"""Matrices of quantum operations in the basis of Pauli strings."""

from functools import cache, reduce

import numpy as np

from qxai.core import Array, ComplexArray

PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@cache
def pauli_strings(width: int) -> ComplexArray:
    """Return all Pauli strings on some qubits as matrices, the first qubit slowest: (4^k, K, K)."""
    return np.array(
        [
            reduce(np.kron, (PAULIS[p] for p in index), np.eye(1))
            for index in np.ndindex((4,) * width)
        ]
    ).reshape(4**width, 2**width, 2**width)


def pauli_transfer(unitary: ComplexArray) -> Array:
    """Return ``T_{PQ} = Tr(P U Q U†) / K`` for unitaries (K, K) or (K, K, N): (4^k, 4^k[, N])."""
    size = len(unitary)
    strings = pauli_strings(size.bit_length() - 1)
    batched = unitary.reshape(size, size, -1)
    moved = np.einsum("abn,qbc,dcn->qadn", batched, strings, batched.conj(), optimize=True)
    transfer = np.einsum("pda,qadn->pqn", strings, moved, optimize=True).real / size
    return transfer.reshape(transfer.shape[:2] + unitary.shape[2:])


def bloch_vector(states: ComplexArray) -> Array:
    """Return the Pauli expectation values of single-qubit density matrices (N, 4): (N, 4)."""
    # Tr(ρσ) pairs the row index of ρ with the column index of σ.
    return (states @ PAULIS.swapaxes(1, 2).reshape(4, 4).T).real
