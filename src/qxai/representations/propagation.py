"""An observable pulled back through a circuit, in Pauli strings: all of them, or a list."""

from dataclasses import dataclass

import numpy as np

from qxai.angles import Scalar
from qxai.backends.blocks import block_gates, block_matrix, written_out
from qxai.backends.frame import Frame
from qxai.backends.fusion import Block, fuse
from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array, Indices
from qxai.memory import check_size, kept_with
from qxai.representations.packed import (
    Codes,
    cleared,
    digits,
    letters_in,
    letters_of,
    packed,
    ranked,
    spread,
)
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


@dataclass(frozen=True, eq=False)
class Left:
    """What was left out of a list of strings: its distance in coefficients, and its sum of sizes.

    Strings are orthogonal, so what one gate leaves out is the root of the sum of squares; what
    different gates leave out is added up.
    """

    distance: float = 0.0
    size: float = 0.0

    def and_(self, coefficients: Array) -> "Left":
        """Leave out more."""
        more = float(np.linalg.norm(coefficients)), float(np.abs(coefficients).sum())
        return Left(self.distance + more[0], self.size + more[1])


def propagate(
    circuit: CompiledCircuit,
    parameters: Array,
    most: int | None = None,
    smallest: float = 0.0,
    weight: int | None = None,
) -> tuple[Indices, Array, Left] | None:
    """Return strings (S, n) and coefficients (S,) of ``U† M U``, for a circuit without features.

    Each gate replaces a string by those that it turns it into; what is equal is added up. The
    cost follows the number of strings: small where gates are few or Clifford. Strings are packed
    into numbers on the way.

    Parameters
    ----------
    circuit : CompiledCircuit
    parameters : ndarray, shape (P,)
    most : int, optional
        Give up beyond so many strings.
    smallest : float
        Leave out strings with smaller coefficients after each gate.
    weight : int, optional
        Leave out strings with more letters than that after each gate.

    Returns
    -------
    strings, coefficients : ndarrays
    left : Left
        What was left out. None for all three if the list outgrows its limit.
    """
    exponents = circuit.angles.fixed.values(np.zeros((1, len(circuit.angles.features))), parameters)
    strings, coefficients = circuit.observable.strings
    codes, left = packed(strings), Left()
    limit = LIMIT // max(1, circuit.num_qubits) if most is None else most
    for op in circuit.operations[::-1]:
        codes, coefficients = _pull(op, exponents, codes, coefficients)
        out = np.abs(coefficients) < smallest
        if weight is not None:
            out |= letters_in(codes) > weight
        if out.any():
            left = left.and_(coefficients[out])
            codes, coefficients = codes[~out], coefficients[~out]
        if len(codes) > limit:
            return None
    return letters_of(codes, circuit.num_qubits), coefficients, left


def _pull(
    op: Operation, exponents: list[Scalar], codes: Codes, coefficients: Array
) -> tuple[Codes, Array]:
    """Replace each string's letters on the gate's qubits by the combination they become.

    A string without letters there stays, and none of the others becomes one like it.
    """
    letters = digits(codes, op.qubits)
    met = letters > 0
    if not met.any():  # a gate that no string meets costs nothing
        return codes, coefficients
    transfer = pauli_transfer(written_out(op.matrix(exponents), op))
    weights = transfer[letters[met]] * coefficients[met, None]
    largest = np.abs(coefficients).max(initial=0.0)
    rows, becomes = np.nonzero(np.abs(weights) > NEGLIGIBLE * largest)
    written = spread(np.arange(len(transfer)), op.qubits, codes.shape[1])
    found, rank = ranked(cleared(codes[met], op.qubits)[rows] | written[becomes])
    total = np.bincount(rank, weights[rows, becomes], len(found)) if len(found) else np.zeros(0)
    kept = np.abs(total) > NEGLIGIBLE * largest
    return (
        np.concatenate([codes[~met], found[kept]]),
        np.concatenate([coefficients[~met], total[kept]]),
    )


def merged_strings(strings: Indices, coefficients: Array) -> tuple[Indices, Array]:
    """Add up the coefficients of equal strings, and drop what cancels."""
    if not len(strings):
        return strings, coefficients
    keys = np.ascontiguousarray(strings, dtype=np.uint8).view(f"V{max(1, strings.shape[1])}")
    _, first, where = np.unique(keys[:, 0], return_index=True, return_inverse=True)
    total = np.bincount(where, coefficients, len(first))
    kept = np.abs(total) > NEGLIGIBLE * np.abs(coefficients).max()
    return strings[first[kept]], total[kept]
