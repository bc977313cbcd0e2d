"""The unitaries of all gates of a circuit: one call for gates that look alike.

Entries of matrices lie one behind the other in one array, so that whatever is built of them
later gathers them by positions that are known once the circuit is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qxai.compiled import Operation
from qxai.core import Array, ComplexArray, Indices

ZERO, ONE, IDENTITY = 0, 1, 2  # positions of these constants; the identity is one qubit's
CONSTANTS = np.array([0, 1, 1, 0, 0, 1], np.complex128)


@dataclass(frozen=True, eq=False)
class Kind:
    """G powers with as many eigenvalues J and as many rows K.

    ``rows`` (G,) of the exponents, ``half_turns`` (G, J, 1), ``projectors`` (G, K², J).
    """

    rows: Indices
    half_turns: Array
    projectors: ComplexArray

    @classmethod
    def of(cls, operations: Sequence[Operation], rows: Sequence[int]) -> "Kind":
        """Stack gates that look alike."""
        projectors = np.array([op.projectors.reshape(len(op.half_turns), -1) for op in operations])
        return cls(
            np.array(rows, np.intp),
            np.array([op.half_turns for op in operations])[:, :, None],
            np.ascontiguousarray(projectors.swapaxes(1, 2)),
        )

    def entries(self, exponents: Array) -> ComplexArray:
        """Return the matrices' entries (G K², N) at exponents (…, N)."""
        phases = np.exp(1j * np.pi * (self.half_turns * exponents[self.rows, None]))
        found = self.projectors @ phases
        return found.reshape(found.shape[0] * found.shape[1], exponents.shape[1])


@dataclass(frozen=True, eq=False)
class Gates:
    """Gates of a circuit by where their entries lie.

    Attributes
    ----------
    constants : ndarray
        0, 1, an identity, and the gates without exponents.
    kinds : tuple of Kind
        Gates whose exponent the batch shares; their entries follow the constants.
    own_kinds : tuple of Kind
        Gates that differ from one input to the next; their entries are counted from 0.
    starts : dict
        Where the entries of each gate begin.
    """

    constants: ComplexArray
    kinds: tuple[Kind, ...]
    own_kinds: tuple[Kind, ...]
    starts: dict[Operation, int]

    @classmethod
    def of(cls, operations: Iterable[Operation], varying: Sequence[int]) -> "Gates":
        """Lay gates out; ``varying`` are the exponents that differ from input to input."""
        place = {angle: row for row, angle in enumerate(varying)}
        fixed = [op for op in operations if op.angle is None]
        shared = [op for op in operations if op.angle is not None and op.angle not in place]
        own = [op for op in operations if op.angle in place]
        starts = _starts(fixed, len(CONSTANTS))
        constants = np.concatenate([CONSTANTS, *(op.projectors[0].ravel() for op in fixed)])
        groups, own_groups = _alike(shared), _alike(own)
        starts |= _starts([op for group in groups for op in group], len(constants))
        starts |= _starts([op for group in own_groups for op in group], 0)
        return cls(
            constants,
            tuple(Kind.of(group, [op.angle or 0 for op in group]) for group in groups),
            tuple(Kind.of(group, [place[op.angle or 0] for op in group]) for group in own_groups),
            starts,
        )

    @property
    def size(self) -> int:
        """Number of entries that the batch shares."""
        return len(self.constants) + sum(len(k.rows) * k.projectors.shape[1] for k in self.kinds)

    def entries(self, exponents: Array) -> ComplexArray:
        """Return all entries that the batch shares, for exponents (G,)."""
        column = exponents[:, None]
        return np.concatenate([self.constants, *(k.entries(column)[:, 0] for k in self.kinds)])

    def own_entries(self, exponents: Array) -> ComplexArray:
        """Return the entries (E, N) of the gates that differ, for their exponents (H, N)."""
        found = [kind.entries(exponents) for kind in self.own_kinds]
        return found[0] if len(found) == 1 else np.concatenate([exponents[:0], *found])

    def index(self, op: Operation) -> Indices:
        """Return where a gate's entries lie, (K, K)."""
        size = op.projectors.shape[1]
        return self.starts[op] + np.arange(size**2).reshape(size, size)

    def matrix(self, op: Operation, entries: ComplexArray) -> ComplexArray:
        """Return one gate's matrix, (K, K) or (K, K, N)."""
        size, start = op.projectors.shape[1], self.starts[op]
        return entries[start : start + size**2].reshape(size, size, *entries.shape[1:])


def _alike(operations: Sequence[Operation]) -> list[list[Operation]]:
    groups: dict[tuple[int, ...], list[Operation]] = {}
    for op in operations:
        groups.setdefault(op.projectors.shape, []).append(op)
    return list(groups.values())


def _starts(operations: Sequence[Operation], first: int) -> dict[Operation, int]:
    sizes = [op.projectors[0].size for op in operations]
    return dict(zip(operations, np.cumsum([first, *sizes]).tolist()))


@dataclass(frozen=True, eq=False)
class Step:
    """At most one gate for each of n qubits.

    ``index`` (n, 2, 2) of shared entries, ``own`` the qubits whose gates differ in the batch and
    ``own_index`` (m, 2, 2) of their entries; ``generators`` (n, 2, 2), transposed; ``angles``
    (n,), −1 for none.
    """

    index: Indices
    own: Indices
    own_index: Indices
    generators: ComplexArray
    angles: Indices

    def matrices(self, entries: ComplexArray, own_entries: ComplexArray) -> ComplexArray:
        """Return the gates, (n, 2, 2, N), or (n, 2, 2, 1) where all inputs share them."""
        if len(self.own) == len(self.index):
            return own_entries[self.own_index]
        shared = entries[self.index][..., None]
        if not len(self.own):
            return shared
        result = np.empty((*shared.shape[:3], own_entries.shape[1]), np.complex128)
        result[:] = shared
        result[self.own] = own_entries[self.own_index]
        return result


@dataclass(frozen=True, eq=False)
class Preparation:
    """The gates that each of n qubits meets before any gate on several qubits."""

    num_qubits: int
    steps: tuple[Step, ...]

    @classmethod
    def of(
        cls, gates: Gates, operations: Sequence[Sequence[Operation]], varying: Sequence[int]
    ) -> "Preparation":
        """Lay out the gates of each qubit, in order."""
        longest = max(map(len, operations), default=0)
        padded = [[*ops, *[None] * (longest - len(ops))] for ops in operations]
        steps = tuple(_step(gates, column, set(varying)) for column in zip(*padded))
        return cls(len(operations), steps)

    def columns(self, entries: ComplexArray, own_entries: ComplexArray) -> ComplexArray:
        """Return the qubits' states, (n, 2, N), or (n, 2, 1) where all inputs share them."""
        state = np.zeros((self.num_qubits, 2, 1), np.complex128)
        state[:, 0] = 1
        for number, step in enumerate(self.steps):
            gate = step.matrices(entries, own_entries)
            if number:
                state = gate[:, :, 0] * state[:, :1] + gate[:, :, 1] * state[:, 1:]
            else:
                state = gate[:, :, 0]
        return state

    @cached_property
    def by_qubit(self) -> list[frozenset[int]]:
        """The exponents of each qubit's gates."""
        angles = [step.angles.tolist() for step in self.steps]
        return [frozenset(row[q] for row in angles) - {-1} for q in range(self.num_qubits)]

    def derivatives(
        self, entries: ComplexArray, own_entries: ComplexArray, reduced: ComplexArray
    ) -> list[tuple[int, Array]]:
        """Read ``∂f/∂e`` (N,) of each exponent off ``W`` (n, 2, 2, N), reduced to each qubit."""
        found = []
        for number, step in list(enumerate(self.steps))[::-1]:
            traces = np.einsum("qab,qabn->qn", step.generators, reduced).imag
            found += [
                (angle, -2 * np.pi * traces[q])
                for q, angle in enumerate(step.angles.tolist())
                if angle >= 0
            ]
            if number:
                gate = step.matrices(entries, own_entries)
                half = np.einsum("qban,qbcn->qacn", gate.conj(), reduced)
                reduced = np.einsum("qacn,qcdn->qadn", half, gate)
        return found


def _step(gates: Gates, column: Sequence[Operation | None], varying: set[int]) -> Step:
    index = np.tile(IDENTITY + np.arange(4).reshape(2, 2), (len(column), 1, 1))
    generators = np.zeros((len(column), 2, 2), np.complex128)
    angles, own, own_index = np.full(len(column), -1), [], []
    for q, op in enumerate(column):
        if op is None:
            continue
        if op.angle is not None:
            angles[q], generators[q] = op.angle, op.generator.T
        if op.angle in varying:
            own.append(q)
            own_index.append(gates.index(op))
        else:
            index[q] = gates.index(op)
    places = np.array(own_index, np.intp).reshape(-1, 2, 2)
    return Step(index, np.array(own, np.intp), places, generators, angles)
