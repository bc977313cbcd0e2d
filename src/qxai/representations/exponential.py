"""Models as sums of plane waves in several columns: ``f(x) = Re Σ_p a_p exp(i w_p · x)``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qxai.checks import as_inputs, batches
from qxai.core import Array, ComplexArray
from qxai.memory import check_size
from qxai.representations.lines import to_waves

Waves = NDArray[np.complex128]  # of one column, (N, P): every wave has a factor of its own
AT_ONCE = 2**20  # complex numbers of one piece of work


@dataclass(frozen=True, eq=False, repr=False)
class ExponentialSum:
    """``f(x) = Re Σ_p a_p exp(i w_p · x)``: linear in one vector per column, as all models here.

    The vector of column ``i`` holds a factor for each wave, ``exp(i w_pi x_i)``. So a column may
    enter all angles of a circuit at once, as behind a linear layer, and still be one player.

    Parameters
    ----------
    amplitudes : ndarray of complex, shape (P,)
    wavevectors : ndarray, shape (P, d)
        Per unit of each column.
    """

    amplitudes: ComplexArray
    wavevectors: Array

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<ExponentialSum: {self.num_features} columns, {self.waves} waves>"

    @property
    def num_features(self) -> int:
        """Number of columns ``d``."""
        return self.wavevectors.shape[1]

    @property
    def waves(self) -> int:
        """Number of waves ``P``."""
        return len(self.amplitudes)

    @property
    def interaction_order(self) -> int:
        """Largest number of columns that meet in one wave."""
        return int(np.count_nonzero(self.wavevectors, axis=1).max(initial=0))

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return 4 * self.wavevectors.size

    @property
    def at_once(self) -> int:
        """How many inputs to take together: there is no product of matrices to be gained."""
        return max(1, AT_ONCE // max(1, self.wavevectors.size))

    def vectors(self, X: ArrayLike) -> list[Waves]:
        """Return each column's factors, d arrays (N, P)."""
        inputs = as_inputs(X, self.num_features, None)
        return [
            np.exp(1j * np.multiply.outer(column, w))
            for column, w in zip(inputs.T, self.wavevectors.T)
        ]

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Waves], list[Waves]]:
        """Return vectors and derivatives at places of lines, each d arrays (places · N, P)."""
        points = (start + places[:, None, None] * (end - start)).reshape(-1, start.shape[1])
        found = self.vectors(points)
        return found, [1j * w * v for v, w in zip(found, self.wavevectors.T)]

    def contract(self, vectors: Sequence[Waves]) -> Array:
        """Return the value (N,) at one vector per column."""
        return (reduce(np.multiply, vectors) @ self.amplitudes).real

    def partials(self, vectors: Sequence[Waves]) -> tuple[Array, list[Waves]]:
        """Return the value (N,), and for each column what its vector meets, d arrays (N, P)."""
        around = [rest * self.amplitudes for rest in _without_each(vectors)]
        return (around[0] * vectors[0]).sum(axis=1).real, around

    def slopes(self, vectors: Sequence[Waves], directions: Sequence[Waves]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        moved = [
            np.einsum("np,np,p->n", rest, step, self.amplitudes).real
            for rest, step in zip(_without_each(vectors), directions)
        ]
        return np.stack(moved, axis=1)

    def pair_slopes(self, vectors: Sequence[Waves], directions: Sequence[Waves]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""
        d = self.num_features
        result = np.zeros((len(directions[0]), d, d))
        before = np.broadcast_to(self.amplitudes, directions[0].shape)
        for i in range(d - 1):  # columns before i are there, i has moved, those behind follow
            own = zip(_without_each(vectors[i + 1 :]), directions[i + 1 :])
            moved = before * directions[i]
            result[:, i, i + 1 :] = np.stack(
                [np.einsum("np,np,np->n", moved, rest, step).real for rest, step in own], axis=1
            )
            before = before * vectors[i]
        return result

    def size_means(self, before: Sequence[Waves], after: Sequence[Waves]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``."""
        means = np.ones((1, *np.broadcast_shapes(before[0].shape, after[0].shape)), complex)
        for count, (absent, present) in enumerate(zip(before, after), start=1):
            share = (np.arange(count + 1) / count)[:, None, None]  # that the newest is among them
            grown = np.zeros((count + 1, *means.shape[1:]), complex)
            grown[:-1] += (1 - share[:-1]) * means * absent
            grown[1:] += share[1:] * means * present
            means = grown
        return (means @ self.amplitudes).real.T

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        inputs = as_inputs(X, self.num_features, None)
        return np.concatenate(
            [(phases @ self.amplitudes).real for _, phases in self._phases(inputs)] or [np.zeros(0)]
        )

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features, None)
        result = np.empty(inputs.shape)
        for rows, phases in self._phases(inputs):
            result[rows] = -((phases * self.amplitudes).imag @ self.wavevectors)
        return result

    def mean_gradient(self, start: Array, end: Array) -> Array:
        """Return the gradient averaged over the lines from ``start`` to ``end``: (N, d).

        The mean of a wave over a line is its value in the middle times ``sinc(w·δ/2)``.
        """
        result = np.empty(start.shape)
        half = (end - start) / 2
        for rows, phases in self._phases((start + end) / 2):
            turned = np.sinc(half[rows] @ self.wavevectors.T / np.pi)
            result[rows] = -((phases * self.amplitudes).imag * turned) @ self.wavevectors
        return result

    def bands(self, distance: Array) -> Array:
        """Return the largest frequency along lines of lengths ``distance`` (N, d): (N,)."""
        return (np.abs(self.wavevectors) @ distance.T).max(axis=0, initial=0.0)

    def _phases(self, inputs: Array) -> Iterator[tuple[slice, ComplexArray]]:
        """Yield ``exp(i w_p · x)`` of some inputs at a time, (n, P)."""
        for rows in batches(len(inputs), self.waves):
            yield rows, np.exp(1j * (inputs[rows] @ self.wavevectors.T))


def _without_each(vectors: Sequence[Waves]) -> list[Any]:
    """Return the product of all vectors but one, for each of them."""
    found: list[Any] = [1.0 + 0j]
    for vector in vectors[:-1]:
        found.append(found[-1] * vector)
    behind: Any = 1.0 + 0j
    for i in range(len(vectors) - 1, -1, -1):
        found[i] = np.broadcast_to(found[i] * behind, vectors[i].shape)
        behind = behind * vectors[i]
    return found


def as_waves(polynomial: Any, matrix: Array, offset: Array) -> ExponentialSum:
    """Write a model of ``u = A x + b`` as a sum of waves in ``x``.

    Parameters
    ----------
    polynomial : TrigPolynomial, LocalPolynomial, ProductPolynomial or SumPolynomial
        In ``u``.
    matrix : ndarray, shape (u, d)
    offset : ndarray, shape (u,)

    Raises
    ------
    TooLargeError
        If there are too many waves for the memory.
    """
    waves, amplitudes = zip(*_parts(polynomial))
    vectors, strengths = np.concatenate(waves), np.concatenate(amplitudes)
    strengths = strengths * np.exp(1j * (vectors @ offset))
    return ExponentialSum(strengths, vectors @ matrix)


def _parts(polynomial: Any) -> list[tuple[Array, ComplexArray]]:
    """Return wave vectors and amplitudes, light cone by light cone where there are some."""
    places = getattr(polynomial, "places", None)
    if places is None:
        return [_dense_waves(polynomial.dense())]
    found = []
    for part, place in zip(polynomial.parts, places):
        own, amplitudes = _dense_waves(part)
        wide = np.zeros((len(own), polynomial.num_features))
        wide[:, list(place)] = own
        found.append((wide, amplitudes))
    return found


def _dense_waves(polynomial: Any) -> tuple[Array, ComplexArray]:
    """Return one wave of each pair ``±k``, with both amplitudes: together they are real."""
    tensor, frequencies = polynomial.coefficients, polynomial.frequencies
    check_size(64 * tensor.size * tensor.ndim, f"{tensor.size} waves")
    signed = [np.concatenate([[0.0], np.stack([w, -w], axis=1).ravel()]) for w in frequencies]
    amplitudes = reduce(to_waves, range(tensor.ndim), tensor.astype(complex)).ravel()
    grid = np.stack([k.ravel() for k in np.meshgrid(*signed, indexing="ij")], axis=1)
    first = grid[np.arange(len(grid)), np.argmax(grid != 0, axis=1)]
    kept = (first >= 0) & (np.abs(amplitudes) > 0)
    kept[0] = True  # the constant stands for itself
    return grid[kept], np.where(first[kept] > 0, 2.0, 1.0) * amplitudes[kept]
