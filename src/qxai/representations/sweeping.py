"""Sweeps through a train of tensors, for a batch of vectors at once: products of matrices.

A tensor ``(χ, K, χ')`` takes a vector of its feature. On the way from left to right the numbers
behind each tensor are ``(χ', N)``: one product with the tensor as a matrix ``(K χ', χ)``, summed
with the vector; on the way back likewise. Inputs stand in columns, so that vectors are rows that
lie together in memory. What is on the way goes to places that a thread keeps from sweep to sweep:
asking for that memory anew would take longer than filling it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import local

import numpy as np

from qxai.core import Array, Indices

Vectors = Sequence[Array]  # one (K, N) for each tensor

_own = local()  # of each thread: memory for states, and for one tensor's product


@dataclass(frozen=True, eq=False)
class Row:
    """A train's tensors, laid out for sweeps.

    Attributes
    ----------
    tensors : tuple of ndarrays, shapes (χ, K, χ')
    """

    tensors: tuple[Array, ...]

    @cached_property
    def ahead(self) -> list[Array]:
        """Each as a matrix (K χ', χ)."""
        return [
            np.ascontiguousarray(t.transpose(1, 2, 0)).reshape(-1, len(t)) for t in self.tensors
        ]

    @cached_property
    def back(self) -> list[Array]:
        """Each as a matrix (K χ, χ')."""
        return [
            np.ascontiguousarray(t.transpose(1, 0, 2)).reshape(-1, t.shape[2]) for t in self.tensors
        ]

    def _room(self, count: int) -> Array:
        """Return memory for the product of any tensor with so many vectors."""
        return _space("room", max(len(matrix) for matrix in (*self.ahead, *self.back)), count)

    def contract(self, vectors: Vectors) -> Array:
        """Return the value (N,) at vectors."""
        count = vectors[0].shape[1]
        room, state = self._room(count), np.ones((1, count))
        for matrix, vector in zip(self.ahead, vectors):
            state = _closed(vector, _opened(matrix, state, room))
        return state[0]

    def environments(self, vectors: Vectors) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector, (K, N) each."""
        count = vectors[0].shape[1]
        room, right = self._room(count), np.ones((1, count))
        states, found = self._states(vectors, room), list[Array]()
        for matrix, vector, state in reversed(list(zip(self.back, vectors, states))):
            opened = _opened(matrix, right, room)
            found.append(_met(state, opened.reshape(len(vector), *state.shape)))
            right = _closed(vector, opened)
        return right[0], found[::-1]

    def slopes(self, vectors: Vectors, directions: Vectors) -> Array:
        """Return the derivatives (d, N) as each vector alone moves along its direction."""
        count = vectors[0].shape[1]
        room, right = self._room(count), np.ones((1, count))
        result, states = np.empty((len(vectors), count)), self._states(vectors, room)
        still = int(not any(direction[0].any() for direction in directions))  # the constant 1
        for number in range(len(vectors) - 1, -1, -1):
            vector, state = vectors[number], states[number]
            opened = _opened(self.back[number], right, room)
            around = _met(state, opened.reshape(len(vector), *state.shape)[still:])
            np.einsum("kb,kb->b", around, directions[number][still:], out=result[number])
            right = _closed(vector, opened)
        return result

    def pair_slopes(self, vectors: Vectors, directions: Vectors, furthest: Indices) -> Array:
        """Return the second derivatives (d, d, N) along two directions, above the diagonal.

        Each is taken up to the ``furthest`` place that it can meet; others are 0.
        """
        d, count = len(vectors), vectors[0].shape[1]
        room, right = self._room(count), np.ones((1, count))
        result, states = np.zeros((d, d, count)), self._states(vectors, room)
        moved = list[Array]()  # what stands behind each place, moved along its direction
        for number in range(d - 1, -1, -1):
            opened = _opened(self.back[number], right, room)
            moved.append(_closed(directions[number], opened))
            right = _closed(vectors[number], opened)
        moved.reverse()
        under_way: dict[int, Array] = {}  # what a derivative at an earlier place has become
        for number, (matrix, vector) in enumerate(zip(self.ahead, vectors)):
            for first, state in under_way.items():
                np.einsum("lb,lb->b", state, moved[number], out=result[first, number])
            under_way = {
                first: _closed(vector, _opened(matrix, state, room))
                for first, state in under_way.items()
                if furthest[first] > number
            }
            if furthest[number] > number:
                opened = _opened(matrix, states[number], room)
                under_way[number] = _closed(directions[number], opened)
        return result

    def size_means(self, before: Vectors, after: Vectors) -> Array:
        """Return the mean value (d + 1, N) over all sets of 0, …, d vectors from ``after``.

        Place by place, as means of means: nothing cancels.
        """
        count = before[0].shape[1]
        room, means = self._room(count), np.ones((1, 1, count))
        for number, (matrix, start, end) in enumerate(zip(self.ahead, before, after), start=1):
            share = np.arange(number + 1) / number  # that the newest is among so many
            grown = np.zeros((number + 1, self.tensors[number - 1].shape[2], count))
            for size, state in enumerate(means):
                opened = _opened(matrix, state, room)
                grown[size] += (1 - share[size]) * _closed(start, opened)
                grown[size + 1] += share[size + 1] * _closed(end, opened)
            means = grown
        return means[:, 0]

    def _states(self, vectors: Vectors, room: Array) -> list[Array]:
        """Return what stands before each tensor, (χ, N), in one piece of memory."""
        count = vectors[0].shape[1]
        sizes = [len(tensor) for tensor in self.tensors]
        whole, states, first = _space("states", sum(sizes), count), list[Array](), 0
        for size in sizes:
            states.append(whole[first : first + size])
            first += size
        states[0][:] = 1.0
        for matrix, vector, state, after in zip(self.ahead, vectors, states, states[1:]):
            _closed(vector, _opened(matrix, state, room), after)
        return states


def _space(use: str, rows: int, columns: int) -> Array:
    """Return memory (rows, columns) that this thread has for one use, with anything in it."""
    kept = getattr(_own, use, None)
    if kept is None or kept.size < rows * columns:
        kept = np.empty(rows * columns)
        setattr(_own, use, kept)
    return np.asarray(kept[: rows * columns].reshape(rows, columns))


def _opened(matrix: Array, state: Array, room: Array) -> Array:
    """Multiply by a tensor, its feature still open: (K χ, N)."""
    return np.matmul(matrix, state, out=room[: len(matrix)])


def _closed(vector: Array, opened: Array, out: Array | None = None) -> Array:
    """Give an open feature its vector (K, N): (χ, N)."""
    parted = opened.reshape(len(vector), len(opened) // len(vector), opened.shape[1])
    return np.einsum("kb,klb->lb", vector, parted, out=out)


def _met(state: Array, opened: Array) -> Array:
    """Close what comes from both sides, the feature (K) between them left open: (K, N)."""
    return np.einsum("lb,klb->kb", state, opened)
