"""An array with many small axes, in any order, that matrices multiply a few axes at a time."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]  # real or complex
MANY = 64  # columns of a product from which moving axes to make more of them does not pay


class Frame:
    """An array whose axes may stand in any order; moved only when a matrix needs them.

    All axes have one length ``b`` (2 for states, 4 for Pauli strings), but the last: the batch.
    """

    def __init__(self, array: Numbers) -> None:
        self.array = array
        self.order = list(range(array.ndim - 1))

    def front(self, axes: tuple[int, ...]) -> Numbers:
        """Move some axes to the front: (b^k, rest, N)."""
        order = [*axes, *(q for q in self.order if q not in axes)]
        if order != self.order:
            moved = [self.order.index(q) for q in order]
            self.array = np.transpose(self.array, (*moved, len(order)))
            self.order = order
        size = math.prod(self.array.shape[: len(axes)])
        rest = math.prod(self.array.shape[len(axes) : -1])
        return self.array.reshape(size, rest, self.array.shape[-1])

    def multiply(self, matrix: Numbers, axes: tuple[int, ...]) -> None:
        """Apply a matrix (K, K), or one for each batch entry (K, K, N)."""
        first = self.order.index(axes[0])
        after = math.prod(self.array.shape[first + len(axes) :])
        neighbours = tuple(self.order[first : first + len(axes)]) == axes
        if matrix.ndim == 2 and neighbours and after >= MANY:  # where they stand
            rows = self.array.reshape(-1, len(matrix), after)
            self.array = (matrix @ rows).reshape(self.array.shape)
            return
        state = self.front(axes)
        self.array = multiplied(matrix, state).reshape(self.array.shape)

    def canonical(self) -> Numbers:
        """Return the array with its axes in order: (b^n, N)."""
        return self.front(tuple(range(len(self.order))))[:, 0]


def parts_of(size: int, active: tuple[int, ...]) -> list[slice]:
    """Return the rows of size ``size`` that belong to each active control state."""
    return [slice(state * size, (state + 1) * size) for state in active]


def multiplied(matrix: Numbers, state: Numbers) -> Numbers:
    """Return a matrix (K, K), or one for each batch entry (K, K, N), times (K, rest, N)."""
    if matrix.ndim == 3:
        return _batched(matrix, state)
    return (matrix @ state.reshape(len(state), -1)).reshape(state.shape)


def _batched(matrix: Numbers, state: Numbers) -> Numbers:
    result = np.zeros_like(state)
    for row, column in zip(*np.nonzero(matrix.any(axis=2))):
        result[row] += matrix[row, column] * state[column]
    return result
