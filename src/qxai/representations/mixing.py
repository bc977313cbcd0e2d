"""What gates without features do to Pauli strings: rename them, or mix those that are alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qxai.backends.blocks import written_out
from qxai.backends.unitaries import IDENTITY, Gates
from qxai.compiled import Operation
from qxai.core import Array, ComplexArray, Indices
from qxai.representations.transfer import pauli_transfer

MOST_JOINED = 3  # qubits of one gate
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Renaming:
    """A Clifford gate: each combination of letters becomes another one, with a sign."""

    qubits: tuple[int, ...]
    letters: Indices
    signs: Array


@dataclass(frozen=True, eq=False)
class Mixing:
    """Gates that mix strings, taken together: one gate, or runs of gates on one or two qubits."""

    qubits: tuple[int, ...]
    runs: tuple[tuple[Operation, ...], ...]


def steps_of(operations: Sequence[Operation]) -> list[Mixing | Renaming]:
    """Go back through the gates; runs on one qubit wait until a gate on several meets one."""
    steps: list[Mixing | Renaming] = []
    waiting: dict[int, list[Operation]] = {}
    for op in operations[::-1]:
        renaming = None if op.angle is not None else _renaming(op)
        if renaming is None and len(op.qubits) == 1:
            waiting.setdefault(op.qubits[0], []).insert(0, op)
            continue
        if not waiting.keys().isdisjoint(op.qubits):
            steps += _in_pairs(waiting)
            waiting = {}
        steps.append(renaming or Mixing(op.qubits, ((op,),)))
    return steps + _in_pairs(waiting)


def _in_pairs(waiting: dict[int, list[Operation]]) -> list[Mixing | Renaming]:
    qubits = sorted(waiting)
    pairs = [tuple(qubits[i : i + 2]) for i in range(0, len(qubits), 2)]
    return [Mixing(pair, tuple(tuple(waiting[q]) for q in pair)) for pair in pairs]


def _renaming(op: Operation) -> Renaming | None:
    """Return what a gate without an exponent does if it is a Clifford gate, on few qubits."""
    if op.active is not None or len(op.qubits) > MOST_JOINED:
        return None
    transfer = pauli_transfer(op.matrix(()))
    letters = np.abs(transfer).argmax(axis=1)
    signs = np.sign(transfer[range(len(letters)), letters])
    clean = np.zeros_like(transfer)
    clean[range(len(letters)), letters] = signs
    return Renaming(op.qubits, letters, signs) if np.allclose(clean, transfer, 0, 1e-12) else None


@dataclass(frozen=True, eq=False)
class Transfers:
    """How the transfer matrices of all mixings follow from the exponents.

    Attributes
    ----------
    gates : Gates
    runs : ndarray of int, shape (longest, runs, 2, 2)
        Positions of the entries of one qubit's gates, padded with identities.
    pairs : ndarray of int, shape (2, pairs)
        Which runs are taken together.
    joint : tuple of Operation
        Gates on several qubits.
    order : tuple of (int, int)
        For each mixing: whether it is a single run, a pair or a joint gate, and which of them.
    """

    gates: Gates
    runs: Indices
    pairs: Indices
    joint: tuple[Operation, ...]
    order: tuple[tuple[int, int], ...]

    def at(self, exponents: Array) -> list[Array]:
        """Return the matrices at exponents (G,)."""
        entries = self.gates.entries(exponents)
        single = self._single(entries)
        left, right = single[self.pairs[0]], single[self.pairs[1]]
        pairs = (left[:, :, None, :, None] * right[:, None, :, None]).reshape(-1, 16, 16)
        matrices = [(op, self.gates.matrix(op, entries)) for op in self.joint]
        found = single, pairs, [pauli_transfer(written_out(m, op)) for op, m in matrices]
        return [found[kind][number] for kind, number in self.order]

    def _single(self, entries: ComplexArray) -> Array:
        product = np.broadcast_to(np.eye(2, dtype=complex), (self.runs.shape[1], 2, 2))
        for index in self.runs:
            product = entries[index] @ product
        return np.moveaxis(pauli_transfer(np.moveaxis(product, 0, -1)), -1, 0)


def transfers_of(mixings: Sequence[Mixing]) -> Transfers:
    """Lay out the gates of all mixings."""
    gates = Gates.of([op for m in mixings for run in m.runs for op in run], ())
    runs: list[tuple[Operation, ...]] = []
    pairs: list[tuple[int, int]] = []
    joint: list[Operation] = []
    order = []
    for mixing in mixings:
        if len(mixing.runs[0][0].qubits) > 1:
            order.append((2, len(joint)))
            joint.append(mixing.runs[0][0])
            continue
        first, count = len(runs), len(mixing.runs)
        runs += mixing.runs
        order.append((0, first) if count == 1 else (1, len(pairs)))
        pairs += [(first, first + 1)] * (count == 2)
    longest = max(map(len, runs), default=0)
    idle = IDENTITY + np.arange(4).reshape(2, 2)
    padded = [[*map(gates.index, run), *[idle] * (longest - len(run))] for run in runs]
    index = np.array(padded, np.intp).reshape(len(runs), longest, 2, 2).swapaxes(0, 1)
    both = np.array(pairs, np.intp).reshape(-1, 2).T
    return Transfers(gates, index, both, tuple(joint), tuple(order))


def patterns(mixings: Sequence[Mixing]) -> list[Array]:
    """Tell by 1 or 0 which entries of each transfer matrix are not zero at all exponents.

    An entry is an analytic function of its gates' exponents: it is zero everywhere if it is zero
    at some drawn at random, but for draws of measure zero.
    """
    angles = [op.angle for m in mixings for run in m.runs for op in run if op.angle is not None]
    rng, transfers = np.random.default_rng(0), transfers_of(mixings)
    drawn = (rng.uniform(0.1, 0.9, 1 + max(angles, default=0)) for _ in range(2))
    both = zip(*(transfers.at(exponents) for exponents in drawn))
    return [(np.abs(pair) > ROUNDING).any(axis=0).astype(float) for pair in both]
