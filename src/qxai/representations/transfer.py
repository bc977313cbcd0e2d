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
    strings = pauli_strings(size.bit_length() - 1).reshape(-1, size * size)
    product = unitary[:, None, :, None] * unitary.conj()[None, :, None, :]
    if unitary.ndim == 3:
        product = product.transpose(4, 0, 1, 2, 3)
    pair = product.reshape((*product.shape[:-4], size**2, size**2))
    # Row and column of U Q U† are the two indices of the pair's rows; Tr(P·) conjugates P.
    transfer = (strings.conj() @ pair @ strings.T).real / size
    return transfer if unitary.ndim == 2 else np.moveaxis(transfer, 0, -1)


def pauli_activations(states: ComplexArray) -> Array:
    """Return ``⟨ψ|P|ψ⟩`` of state vectors (2^s, N) for all Pauli strings: (N, 4^s)."""
    width, count = len(states).bit_length() - 1, states.shape[1]
    rho = np.einsum("an,bn->nab", states, states.conj()).reshape((count, *(2,) * (2 * width)))
    paired = [axis for q in range(width) for axis in (1 + q, 1 + width + q)]
    tensor = rho.transpose(0, *paired).reshape((count, *(4,) * width))
    # Tr(ρσ) pairs the row index of ρ with the column index of σ.
    letters = PAULIS.swapaxes(1, 2).reshape(4, 4).T
    for _ in range(width):
        # The first qubit's axis is turned into its letter and goes to the end.
        tensor = np.tensordot(tensor, letters, axes=(1, 0))
    return tensor.reshape(count, 4**width).real
