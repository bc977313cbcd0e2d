"""An observable pulled back through a circuit, in Pauli strings: all of them, or a list."""

import numpy as np

from qxai.angles import Scalar
from qxai.backends.blocks import block_gates, block_matrix, written_out
from qxai.backends.frame import Frame
from qxai.backends.fusion import Block, fuse
from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array, Indices
from qxai.memory import check_size, kept_with
from qxai.representations.transfer import pauli_transfer

LIMIT = 2**21  # most numbers in the list of strings
NEGLIGIBLE = 1e-15  # relative to the largest coefficient: a rounding error


def evolved_observable(
    circuit: CompiledCircuit, parameters: Array
) -> tuple[tuple[int, ...], Array]:
    """Return ``U† M U`` of a circuit without features: the qubits it acts on, and (4, …, 4).

    It starts on the observable's own qubits, and grows by those that a block joins to them; gates
    that it does not meet cost nothing.

    Raises
    ------
    ValueError
        If the coefficients would not fit in memory.
    """
    exponents = circuit.angles.fixed.values(np.zeros((1, len(circuit.angles.features))), parameters)
    support, tensor = circuit.observable.pauli_tensor()
    place = {q: axis for axis, q in enumerate(support)}
    frame = Frame(tensor[..., None])
    for block in _blocks(circuit)[::-1]:
        if place.keys().isdisjoint(block.qubits):
            continue
        for qubit in block.qubits:
            if qubit not in place:
                place[qubit] = len(place)
                check_size(
                    16 * 4 ** len(place), f"an observable that spreads to {len(place)} qubits"
                )
                frame = _with_identity(frame)
        pulled = pauli_transfer(block_matrix(block, block_gates(block, exponents))).T
        frame.multiply(np.ascontiguousarray(pulled), tuple(place[q] for q in block.qubits))
    ordered = tuple(sorted(place))
    return ordered, frame.front(tuple(place[q] for q in ordered)).reshape((4,) * len(ordered))


@kept_with
def _blocks(circuit: CompiledCircuit) -> tuple[Block, ...]:
    return fuse(circuit, list(circuit.operations), width=2)


def _with_identity(frame: Frame) -> Frame:
    """Add a qubit, as the last axis, on which every string has the letter I."""
    grown = Frame(np.zeros((*frame.array.shape[:-1], 4, 1)))
    grown.array[..., 0, 0] = frame.array[..., 0]
    grown.order = [*frame.order, len(frame.order)]
    return grown


def propagate(
    circuit: CompiledCircuit, parameters: Array, most: int | None = None
) -> tuple[Indices, Array] | None:
    """Return strings (S, n) and coefficients (S,) of ``U† M U``, for a circuit without features.

    Each gate replaces a string by those that it turns it into; what is equal is added up. The
    cost follows the number of strings: small where gates are few or Clifford.

    Returns
    -------
    strings, coefficients : ndarrays, or None
        None if the list outgrows its limit, or ``most`` strings.
    """
    exponents = circuit.angles.fixed.values(np.zeros((1, len(circuit.angles.features))), parameters)
    strings, coefficients = circuit.observable.strings
    for op in circuit.operations[::-1]:
        strings, coefficients = _pull(op, exponents, strings, coefficients)
        if strings.size > LIMIT or (most is not None and len(strings) > most):
            return None
    return strings, coefficients


def _pull(
    op: Operation, exponents: list[Scalar], strings: Indices, coefficients: Array
) -> tuple[Indices, Array]:
    """Replace each string's letters on the gate's qubits by the combination they become."""
    qubits = list(op.qubits)
    met = strings[:, qubits].any(axis=1)
    if not met.any():  # a gate that no string meets costs nothing
        return strings, coefficients
    places = 4 ** np.arange(len(qubits))[::-1]
    transfer = pauli_transfer(written_out(op.matrix(exponents), op))
    weights = transfer[strings[:, qubits] @ places] * coefficients[:, None]
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
