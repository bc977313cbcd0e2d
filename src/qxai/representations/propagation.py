"""An observable pulled back through a circuit as a list of Pauli strings."""

import numpy as np

from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array, Indices
from qxai.representations.transfer import pauli_transfer

LIMIT = 2**21  # most numbers in the list of strings
NEGLIGIBLE = 1e-15  # relative to the largest coefficient: a rounding error


def propagate(circuit: CompiledCircuit, parameters: Array) -> tuple[Indices, Array] | None:
    """Return strings (S, n) and coefficients (S,) of ``U† M U``, for a circuit without features.

    Each gate replaces a string by those that it turns it into; what is equal is added up. The
    cost follows the number of strings: small where gates are few or Clifford.

    Returns
    -------
    strings, coefficients : ndarrays, or None
        None if the list outgrows its limit.
    """
    exponents = circuit.angles.values(np.zeros((1, len(circuit.angles.features))), parameters)
    strings, coefficients = circuit.observable.strings
    for op in circuit.operations[::-1]:
        pulled = pauli_transfer(op.matrix(exponents)).T
        strings, coefficients = _pull(op, pulled, strings, coefficients)
        if strings.size > LIMIT:
            return None
    return strings, coefficients


def _pull(
    op: Operation, pulled: Array, strings: Indices, coefficients: Array
) -> tuple[Indices, Array]:
    """Replace each string's letters on the gate's qubits by the combination they become."""
    qubits = list(op.qubits)
    places = 4 ** np.arange(len(qubits))[::-1]
    weights = pulled.T[strings[:, qubits] @ places] * coefficients[:, None]
    largest = np.abs(coefficients).max(initial=0.0)
    rows, letters = np.nonzero(np.abs(weights) > NEGLIGIBLE * largest)
    found = strings[rows]
    found[:, qubits] = letters[:, None] // places % 4
    return merged_strings(found, weights[rows, letters])


def merged_strings(strings: Indices, coefficients: Array) -> tuple[Indices, Array]:
    """Add up the coefficients of equal strings, and drop what cancels."""
    if not len(strings):
        return strings, coefficients
    keys = np.ascontiguousarray(strings, dtype=np.uint8).view(f"V{max(1, strings.shape[1])}")
    _, first, where = np.unique(keys[:, 0], return_index=True, return_inverse=True)
    total = np.bincount(where, coefficients, len(first))
    kept = np.abs(total) > NEGLIGIBLE * np.abs(coefficients).max()
    return strings[first[kept]], total[kept]
