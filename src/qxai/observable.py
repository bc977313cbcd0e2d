"""A sum of Pauli strings in the forms that numerics need."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce

import cirq
import numpy as np

from qxai.core import Array, ComplexArray, Indices
from qxai.memory import check_size

KEPT = 2**24  # bytes of weights that an observable keeps; more are made anew for each use


@dataclass(frozen=True, eq=False)
class Observable:
    """A Hermitian sum of Pauli strings, ready to act on a state.

    What it has of the identity stands apart: carried through a circuit it would only add its
    rounding errors to the other terms, and they are what an explanation is about.

    Attributes
    ----------
    pauli_sum : cirq.PauliSum
        Without the identity.
    qubits : tuple of cirq.Qid
        All qubits of the circuit.
    constant : float
        Coefficient of the identity.
    """

    pauli_sum: cirq.PauliSum
    qubits: tuple[cirq.Qid, ...]
    constant: float

    @classmethod
    def of(cls, pauli_sum: cirq.PauliSum, qubits: tuple[cirq.Qid, ...]) -> "Observable":
        """Take the identity out of a sum."""
        terms = list(pauli_sum)
        kept = [term for term in terms if len(term)]
        # At once: each addition of Cirq's copies the whole sum.
        rest = cirq.PauliSum.from_pauli_strings(kept) if kept else cirq.PauliSum()
        constant = sum(complex(term.coefficient).real for term in terms if not len(term))
        return cls(rest, qubits, float(constant))

    @cached_property
    def strings(self) -> tuple[Indices, Array]:
        """Pauli strings (S, n) as 0, 1, 2, 3 for I, X, Y, Z, and their coefficients (S,)."""
        terms = list(self.pauli_sum)
        strings = np.zeros((len(terms), len(self.qubits)), np.intp)
        position = {q: i for i, q in enumerate(self.qubits)}
        for row, term in zip(strings, terms):
            for qubit, pauli in term.items():
                row[position[qubit]] = "IXYZ".index(str(pauli))
        return strings, np.array([complex(term.coefficient).real for term in terms])

    @property
    def norm(self) -> float:
        """Sum of the coefficients' sizes: no output is further from the constant."""
        return float(np.abs(self.strings[1]).sum())

    def pauli_tensor(self) -> tuple[tuple[int, ...], Array]:
        """Return the qubits that it acts on, and its coefficients on them: (4, …, 4)."""
        strings, coefficients = self.strings
        support = np.flatnonzero(strings.any(axis=0))
        places = strings[:, support] @ 4 ** np.arange(len(support))[::-1]
        check_size(16 * 4 ** len(support), f"an observable that acts on {len(support)} qubits")
        tensor = np.zeros(4 ** len(support))
        np.add.at(tensor, places, coefficients)
        return tuple(support.tolist()), tensor.reshape((4,) * len(support))

    def apply(self, state: ComplexArray) -> ComplexArray:
        """Multiply a state (2^n, N) by the sum, the constant left out."""
        index = np.arange(len(state))
        result = np.zeros_like(state)
        for flip, weight in self._weights():
            result += weight[:, None] * (state[index ^ flip] if flip else state)
        return result

    @property
    def diagonal(self) -> Array | None:
        """Its diagonal (2^n,) if no string has an X or a Y, and it is small enough to be kept."""
        return self._diagonal

    @cached_property
    def _diagonal(self) -> Array | None:
        if set(self._by_flip) != {0} or 16 << len(self.qubits) > KEPT:
            return None
        return np.ascontiguousarray(self._kept[0][1].real)

    def _weights(self) -> Iterator[tuple[int, ComplexArray]]:
        """Yield bit masks ``m`` and weights: row i of ``M ψ`` is ``Σ_m w_m[i] ψ[i ^ m]``."""
        if 16 * len(self._by_flip) << len(self.qubits) <= KEPT:
            yield from self._kept
        else:
            yield from ((flip, self._weight(rows)) for flip, rows in self._by_flip.items())

    @cached_property
    def _kept(self) -> list[tuple[int, ComplexArray]]:
        return [(flip, self._weight(rows)) for flip, rows in self._by_flip.items()]

    @cached_property
    def _by_flip(self) -> dict[int, list[int]]:
        """The rows of `strings` that flip the same qubits, by their bit mask."""
        flips: dict[int, list[int]] = {}
        for number, string in enumerate(self.strings[0]):
            mask = reduce(lambda bits, pauli: 2 * bits + (pauli in (1, 2)), string.tolist(), 0)
            flips.setdefault(mask, []).append(number)
        return flips

    def _weight(self, rows: list[int]) -> ComplexArray:
        strings, coefficients = self.strings
        weight = np.zeros(2 ** len(self.qubits), np.complex128)
        for string, coefficient in zip(strings[rows], coefficients[rows]):
            weight += coefficient * (-1j) ** int(np.sum(string == 2)) * signs(string >= 2)
        return weight


def signs(turning: Indices) -> Array:
    """Return ±1 for each of 2^m bit strings: minus for an odd number of ones where ``turning``."""
    result = np.ones(1)
    for turns in turning:
        result = np.multiply.outer(result, (1.0, -1.0 if turns else 1.0)).ravel()
    return result
