"""Matrices of quantum operations in the basis of Pauli strings."""

import math
from functools import cache, reduce
from itertools import product

import numpy as np

from qxai.core import Array, ComplexArray
from qxai.memory import check_size

PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@cache
def pauli_strings(width: int) -> ComplexArray:
    """Return all Pauli strings on some qubits, the first slowest, each in a row: (4^k, 4^k)."""
    letters = [reduce(np.kron, string, np.eye(1)) for string in product(PAULIS, repeat=width)]
    return np.array(letters, np.complex128).reshape(4**width, 4**width)


def pauli_transfer(unitary: ComplexArray) -> Array:
    """Return ``T_{PQ} = Tr(P U Q U†) / K`` for unitaries (K, K) or (K, K, N): (4^k, 4^k[, N]).

    ``ρ ↦ U ρ U†`` has the matrix ``U ⊗ U*``; its indices go over to Pauli strings.

    Raises
    ------
    ValueError
        If the matrix would not fit in memory.
    """
    size, batch = len(unitary), math.prod(unitary.shape[2:])
    width = size.bit_length() - 1
    check_size(16 * 16**width * batch, f"a gate on {width} qubits in Pauli strings")
    if width > 3:
        return _wide_transfer(unitary, width, batch)
    strings = pauli_strings(width)
    pairs = unitary[:, None, :, None] * unitary.conj()[None, :, None, :]
    if unitary.ndim == 3:
        pairs = pairs.transpose(4, 0, 1, 2, 3)
    # Row and column of U Q U† are the two indices of the pair's rows; Tr(P·) conjugates P.
    matrix = pairs.reshape((*pairs.shape[:-4], size**2, size**2))
    transfer = (strings.conj() @ matrix @ strings.T).real / size
    return transfer if unitary.ndim == 2 else np.moveaxis(transfer, 0, -1)


def _wide_transfer(unitary: ComplexArray, width: int, batch: int) -> Array:
    """Do the same with half of the qubits at a time: all at once would take ``64^k`` steps."""
    halves = [(width + 1) // 2, width // 2]
    rows = [2**half for half in halves]
    matrix = unitary.reshape(*rows, 1, 1, *rows, 1, 1, batch)
    pairs = matrix * matrix.transpose(2, 3, 0, 1, 6, 7, 4, 5, 8).conj()
    # Row and column of each half stand together: those of U ρ U†, then those of ρ.
    tensor = pairs.transpose(0, 2, 1, 3, 4, 6, 5, 7, 8).reshape(*(r * r for r in rows * 2), batch)
    for side in (np.conj, np.asarray):
        for half in halves:
            # tensordot appends the new axis at the end; the batch stands before it.
            tensor = np.tensordot(tensor, side(pauli_strings(half)), axes=(0, 1))
    transfer = np.moveaxis(tensor.real, 0, -1).reshape(4**width, 4**width, *unitary.shape[2:])
    return transfer / len(unitary)


def pauli_activations(states: ComplexArray) -> Array:
    """Return ``⟨ψ|P|ψ⟩`` of state vectors (2^s, N) for all Pauli strings: (N, 4^s)."""
    return pauli_vectors(np.einsum("an,bn->nab", states, states.conj()))


def pauli_vectors(matrices: ComplexArray) -> Array:
    """Return ``Tr(ρP)`` of Hermitian matrices (N, 2^s, 2^s) for all Pauli strings: (N, 4^s)."""
    count, width = len(matrices), matrices.shape[1].bit_length() - 1
    rho = matrices.reshape((count, *(2,) * (2 * width)))
    paired = [axis for q in range(width) for axis in (1 + q, 1 + width + q)]
    tensor = rho.transpose(0, *paired).reshape((count, *(4,) * width))
    # Tr(ρσ) pairs the row index of ρ with the column index of σ.
    letters = PAULIS.swapaxes(1, 2).reshape(4, 4).T
    for _ in range(width):
        # The first qubit's axis is turned into its letter and goes to the end.
        tensor = np.tensordot(tensor, letters, axes=(1, 0))
    return tensor.reshape(count, 4**width).real
