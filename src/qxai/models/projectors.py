"""The observable that a kernel model reads out."""

from dataclasses import dataclass

import numpy as np

from qxai.core import Array, ComplexArray
from qxai.memory import check_size
from qxai.representations.transfer import pauli_activations


@dataclass(frozen=True, eq=False)
class Projectors:
    """The observable ``b + Σ_j α_j |ψ_j⟩⟨ψ_j|``, with states as columns (2^n, S)."""

    states: ComplexArray
    dual: Array
    constant: float

    def apply(self, state: ComplexArray) -> ComplexArray:
        """Multiply a state (2^n, N) by the observable, the constant left out."""
        overlaps = self.states.conj().T @ state
        return self.states @ (self.dual[:, None] * overlaps)

    @property
    def norm(self) -> float:
        """Sum of the coefficients' sizes: no output is further from the constant."""
        return float(np.abs(self.dual).sum())

    @property
    def diagonal(self) -> None:
        """None: it is a full matrix."""

    def pauli_tensor(self) -> tuple[tuple[int, ...], Array]:
        """Return all qubits, and its coefficients on them: (4, …, 4)."""
        n = len(self.states).bit_length() - 1
        check_size(16 * len(self.dual) * 4**n, f"{len(self.dual)} density matrices of {n} qubits")
        tensor = self.dual @ pauli_activations(self.states) / 2**n
        return tuple(range(n)), tensor.reshape((4,) * n)
