"""Pauli propagation, planned once a circuit: where each coefficient goes, whatever the parameters.

An observable pulled back through a circuit becomes a sum of strings. Which strings occur follows
from the gates alone: a Clifford gate renames them, a gate with an exponent mixes those that agree
on all other qubits. So a plan holds positions only, and a new set of parameters costs one gather
and one matrix product for every gate that mixes.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qxai.angles import AngleTable
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Indices
from qxai.memory import kept_with
from qxai.representations.mixing import (
    MOST_JOINED,
    Mixing,
    Renaming,
    Transfers,
    patterns,
    steps_of,
    transfers_of,
)
from qxai.representations.packed import (
    Codes,
    cleared,
    digits,
    letters_of,
    packed,
    ranked,
    spread,
)

LIMIT = 2**22  # most positions in a plan


@dataclass(frozen=True, eq=False)
class Move:
    """Coefficients gathered into rows, and each row multiplied by a transfer matrix.

    Attributes
    ----------
    index : ndarray of int
        Which coefficient goes where; the last of all is 0. First rows × size places for those
        that are mixed, then those that are not.
    signs : ndarray or None
        ±1 for each of them; None if all are 1.
    rows : int
    """

    index: Indices
    signs: Array | None
    rows: int

    def gathered(self, coefficients: Array) -> Array:
        """Return the coefficients where they go, with their signs."""
        moved = coefficients.take(self.index)
        if self.signs is not None:
            moved *= self.signs
        return moved

    def apply(self, coefficients: Array, transfer: Array) -> Array:
        """Return the coefficients before the gates, given those behind them."""
        moved = self.gathered(coefficients)
        mixed = moved[: self.rows * len(transfer)]
        mixed[:] = (mixed.reshape(self.rows, -1) @ transfer).ravel()
        return moved


@dataclass(frozen=True, eq=False)
class PauliPlan:
    """All moves of a circuit without features.

    Attributes
    ----------
    num_qubits : int
    angles : AngleTable
    measured : ndarray
        The observable's coefficients.
    transfers : Transfers
        The matrix of each move.
    moves : tuple of Move
    codes : ndarray, shape (S, words)
        All strings that parameters can reach, packed.
    last : Move
        From the last coefficients to theirs.
    """

    num_qubits: int
    angles: AngleTable
    measured: Array
    transfers: Transfers
    moves: tuple[Move, ...]
    codes: Codes
    last: Move

    @cached_property
    def strings(self) -> Indices:
        """The strings, shape (S, n)."""
        return letters_of(self.codes, self.num_qubits)

    def coefficients(self, parameters: Array) -> Array:
        """Return the coefficients (S,) of the strings at parameters (P,)."""
        nowhere = np.zeros((1, len(self.angles.features)))
        matrices = self.transfers.at(self.angles.split(nowhere, parameters)[0])
        found = np.append(self.measured, 0.0)
        for move, matrix in zip(self.moves, matrices):
            found = move.apply(found, matrix)
        return self.last.gathered(found)


@kept_with
def pauli_plan(circuit: CompiledCircuit) -> PauliPlan | None:
    """Plan a circuit without features; None if there are too many strings or joint qubits."""
    strings, measured = circuit.observable.strings
    steps = steps_of(circuit.operations)
    if any(len(step.qubits) > MOST_JOINED for step in steps):
        return None
    expected = iter(patterns([step for step in steps if isinstance(step, Mixing)]))
    course = _Course(packed(strings), np.ones(len(strings)), np.arange(len(strings)), len(strings))
    moves: list[Move] = []
    mixings: list[Mixing] = []
    for step in steps:
        if isinstance(step, Renaming):
            course = _renamed(course, step)
            continue
        pattern = next(expected)
        if not digits(course.codes, step.qubits).any():
            continue  # outside the light cone
        course, move = _mixed(course, step.qubits, pattern)
        mixings.append(step)
        moves.append(move)
        if sum(len(m.index) for m in moves) > LIMIT:
            return None
    transfers, angles = transfers_of(mixings), circuit.angles.fixed
    last = Move(course.source, _unless_one(course.signs), 0)
    return PauliPlan(
        circuit.num_qubits, angles, measured, transfers, tuple(moves), course.codes, last
    )


@dataclass(frozen=True, eq=False)
class _Course:
    """Strings on their way: where their coefficients are, with which sign, among how many."""

    codes: Codes
    signs: Array
    source: Indices
    zero: int  # position of the coefficient that is 0


def _renamed(course: _Course, gate: Renaming) -> _Course:
    places, words = digits(course.codes, gate.qubits), course.codes.shape[1]
    codes = cleared(course.codes, gate.qubits) | spread(gate.letters, gate.qubits, words)[places]
    return _Course(codes, course.signs * gate.signs[places], course.source, course.zero)


def _mixed(course: _Course, qubits: tuple[int, ...], pattern: Array) -> tuple[_Course, Move]:
    """Put strings that agree on all other qubits into a row, and find what comes out of it."""
    size, letters = len(pattern), digits(course.codes, qubits)
    met = letters > 0
    others, row = ranked(cleared(course.codes[met], qubits))
    places = row * size + letters[met]
    rows, idle = len(others), int((~met).sum())
    index, signs = np.full(rows * size + idle + 1, course.zero), np.ones(rows * size + idle + 1)
    for array, values in ((index, course.source), (signs, course.signs)):
        array[places] = values[met]
        array[rows * size : -1] = values[~met]
    present = np.zeros(rows * size)
    present[places] = 1
    row, letter = np.nonzero(present.reshape(rows, size) @ pattern)
    codes = others[row] | spread(np.arange(size), qubits, course.codes.shape[1])[letter]
    after = _Course(
        np.concatenate([codes, course.codes[~met]]),
        np.ones(len(codes) + idle),
        np.concatenate([row * size + letter, rows * size + np.arange(idle)]),
        rows * size + idle,
    )
    return after, Move(index, _unless_one(signs), rows)


def _unless_one(signs: Array) -> Array | None:
    return None if (signs == 1).all() else signs
