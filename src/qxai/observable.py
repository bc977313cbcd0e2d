"""A sum of Pauli strings in the forms that numerics need."""

from dataclasses import dataclass
from functools import cached_property

import cirq
import numpy as np

from qxai.core import Array, ComplexArray, Indices
from qxai.memory import check_size


@dataclass(frozen=True, eq=False)
class Observable:
    """A Hermitian sum of Pauli strings, ready to act on a state."""

    pauli_sum: cirq.PauliSum
    qubits: tuple[cirq.Qid, ...]

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
        """Sum of the coefficients' sizes: no output is larger."""
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

    @cached_property
    def masks(self) -> dict[int, ComplexArray]:
        """For each bit mask ``m`` weights (2^n,): row i of ``M ψ`` is ``Σ_m w_m[i] ψ[i ^ m]``."""
        n = len(self.qubits)
        index = np.arange(2**n)
        masks: dict[int, ComplexArray] = {}
        for string, coefficient in zip(*self.strings):
            flip, weight = 0, np.full(2**n, coefficient, np.complex128)
            for shift, pauli in zip(range(n - 1, -1, -1), string):
                sign = 1 - 2 * (index >> shift & 1)
                flip |= (pauli in (1, 2)) << shift
                weight *= (1, 1, -1j * sign, sign)[pauli]
            masks[flip] = masks.get(flip, 0) + weight
        return masks

    def apply(self, state: ComplexArray) -> ComplexArray:
        """Multiply a state (2^n, N) by the observable."""
        index = np.arange(len(state))
        result = np.zeros_like(state)
        for flip, weight in self.masks.items():
            result += weight[:, None] * state[index ^ flip]
        return result
