"""An array with many small axes, in any order, that matrices multiply a few axes at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]  # real or complex


class Frame:
    """A state whose qubit axes may stand in any order; moved only when a block needs them."""

    def __init__(self, array: Numbers) -> None:
        self.array = array
        self.order = list(range(array.ndim - 1))

    def front(self, qubits: tuple[int, ...]) -> Numbers:
        """Move some qubits' axes to the front: (2^k, rest, N)."""
        order = [*qubits, *(q for q in self.order if q not in qubits)]
        if order != self.order:
            axes = [self.order.index(q) for q in order]
            self.array = np.transpose(self.array, (*axes, len(order)))
            self.order = order
        rest = 2 ** (len(self.order) - len(qubits))
        return self.array.reshape(2 ** len(qubits), rest, self.array.shape[-1])

    def multiply(self, matrix: Numbers, qubits: tuple[int, ...]) -> None:
        """Apply a matrix (K, K), or one for each batch entry (K, K, N)."""
        state = self.front(qubits)
        product = _batched(matrix, state) if matrix.ndim == 3 else _shared(matrix, state)
        self.array = product.reshape(self.array.shape)

    def canonical(self) -> Numbers:
        """Return the state with its qubits in order: (2^n, N)."""
        return self.front(tuple(range(len(self.order))))[:, 0]


def _shared(matrix: Numbers, state: Numbers) -> Numbers:
    return matrix @ state.reshape(len(state), -1)


def _batched(matrix: Numbers, state: Numbers) -> Numbers:
    result = np.zeros_like(state)
    for row, column in zip(*np.nonzero(matrix.any(axis=2))):
        result[row] += matrix[row, column] * state[column]
    return result


def dagger(matrix: Numbers) -> Numbers:
    """Return the conjugate transpose of a matrix (K, K) or of each in a batch (K, K, N)."""
    return matrix.conj().swapaxes(0, 1)
