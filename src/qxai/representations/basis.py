"""The functions of one feature, ``(1, cos ωx, sin ωx, …)``, and nodes that tell them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from qxai.compiled import merged
from qxai.contraction import split
from qxai.core import Array, Indices
from qxai.memory import frozen, kept_arrays

MOST_UNEVEN = 300


def checked_frequencies(frequencies: Sequence[ArrayLike]) -> tuple[Array, ...]:
    """Return each feature's frequencies as an array.

    Raises
    ------
    ValueError
        If there is no feature, or frequencies are not positive and distinct.
    """
    lists = tuple(frozen(np.atleast_1d(np.asarray(w, dtype=np.float64))) for w in frequencies)
    if not lists:
        raise ValueError("frequencies: expected at least one feature, found none")
    for i, w in enumerate(lists):
        positive = w.min(initial=1.0) > 0 and w.max(initial=1.0) < np.inf
        if not positive or (len(w) > 1 and len(merged(w)) < len(w)):
            raise ValueError(f"frequencies[{i}]: expected distinct positive numbers, found {w}")
    return lists


@dataclass(frozen=True, eq=False)
class Functions:
    """The functions of all features, in one array with a row for each: (Σ K_i, N).

    Attributes
    ----------
    frequencies : tuple of ndarrays
        Each feature's.
    """

    frequencies: tuple[Array, ...]

    def at(self, X: Array, order: int = 0) -> list[Array]:
        """Return each feature's functions at inputs (N, d), differentiated: d arrays (N, K_i)."""
        table, speeds = self.table(X), self._speeds**order
        if order:
            table[self._constants] = 0
            for _ in range(order % 4):  # the remainder keeps high orders exact
                before = table[self._cosines].copy()
                table[self._cosines], table[self._sines] = -table[self._sines], before
            table[self._cosines] *= speeds
            table[self._sines] *= speeds
        return split(table, self.sizes)

    def table(self, X: Array) -> Array:
        """Return all functions at inputs (N, d) in one array, (Σ K_i, N)."""
        return self._table(X.T[self._owners] * self._speeds)

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Array], list[Array]]:
        """Return the functions and their derivatives at places (P,) of lines between inputs.

        Returns
        -------
        vectors, derivatives : lists of d arrays (P · N, K_i)
        """
        first, step = start.T[self._owners], (end - start).T[self._owners]
        angle = (self._speeds * first)[:, None] + places[:, None] * (self._speeds * step)[:, None]
        table = self._table(angle.reshape(len(angle), len(places) * len(start)))
        return split(table, self.sizes), split(self.derivatives(table), self.sizes)

    def _table(self, angle: Array) -> Array:
        result = np.ones((sum(self.sizes), angle.shape[1]))
        result[self._cosines], result[self._sines] = np.cos(angle), np.sin(angle)
        return result

    def derivatives(self, table: Array) -> Array:
        """Return the derivatives of functions that are at hand: cosine and sine swapped."""
        result = np.zeros_like(table)
        result[self._cosines] = -self._speeds * table[self._sines]
        result[self._sines] = self._speeds * table[self._cosines]
        return result

    @cached_property
    def sizes(self) -> list[int]:
        """How many functions each feature has."""
        return [2 * len(w) + 1 for w in self.frequencies]

    @cached_property
    def _owners(self) -> Indices:
        return np.repeat(np.arange(len(self.frequencies)), [len(w) for w in self.frequencies])

    @cached_property
    def _constants(self) -> Indices:
        return np.cumsum([0, *self.sizes[:-1]])

    @cached_property
    def _cosines(self) -> "Indices | slice":
        """The rows of cosines; a slice, which copies nothing, where all features have one."""
        rows = 2 * np.arange(len(self._owners)) + self._owners + 1
        return slice(1, None, 3) if set(self.sizes) == {3} else rows

    @cached_property
    def _sines(self) -> "Indices | slice":
        return slice(2, None, 3) if isinstance(self._cosines, slice) else self._cosines + 1

    @cached_property
    def _speeds(self) -> Array:
        return np.concatenate(self.frequencies)[:, None]


def basis(x: Array, frequencies: Array, order: int = 0) -> Array:
    """Return ``(1, cos ωx, sin ωx, …)`` of one feature differentiated ``order`` times, (N, K)."""
    return Functions((frequencies,)).at(x[:, None], order)[0]


def nodes(frequencies: Array) -> Array:
    """Choose as many points as functions such that the functions are well told apart.

    Equispaced points over a period serve equal gaps; for uneven frequencies they are picked from
    many by pivoted QR.

    Raises
    ------
    ValueError
        If the best linear system found has a condition number above 1e4, or the nodes lie so far
        out that rounding blurs the fastest function; if there are more than 300 functions with
        uneven frequencies, for which picking nodes would take too long.
    """
    return _nodes(tuple(frequencies.tolist()))


def inverse_at_nodes(frequencies: Array) -> Array:
    """Return the matrix (K, K) that turns values at the nodes into coefficients."""
    return _inverse(tuple(frequencies.tolist()))


@kept_arrays
def _inverse(listed: tuple[float, ...]) -> Array:
    frequencies = np.array(listed)
    return np.linalg.inv(basis(_nodes(listed), frequencies))


@kept_arrays
def _nodes(listed: tuple[float, ...]) -> Array:
    frequencies = np.array(listed)
    if not len(frequencies):
        return np.zeros(1)
    size = 2 * len(frequencies) + 1
    period = 2 * np.pi / np.diff(frequencies, prepend=0.0).min()
    best = period * np.arange(size) / size
    multiples = frequencies * period / (2 * np.pi)
    if size > MOST_UNEVEN and np.abs(multiples - np.rint(multiples)).max() > 1e-9:
        raise ValueError(
            f"polynomial: expected at most {MOST_UNEVEN} functions of a feature with uneven "
            f"frequencies, found {size}; use equal scales, or methods that need no polynomial: "
            "gradient, occlusion, taylor(order=inf), others with samples= or steps="
        )
    if np.linalg.cond(basis(best, frequencies)) > 2:
        best = _picked(frequencies, period, size)
    condition = np.linalg.cond(basis(best, frequencies))
    blur = np.finfo(np.float64).eps * frequencies[-1] * period  # of the largest angle
    if not (condition <= 1e4 and blur < 1e-8):
        raise ValueError(
            f"polynomial: expected frequencies that double precision tells apart, found "
            f"{frequencies} (condition number {condition:.1g}, angles known to {blur:.1g}); use "
            "scales that differ more, or not at all"
        )
    return best


def _picked(frequencies: Array, period: float, size: int) -> Array:
    """Pick nodes by pivoted QR among points that no frequency aliases with: golden sections."""
    count = 20 * size + 200
    golden = (np.sqrt(5) - 1) / 2
    points = period * (np.arange(count) * golden % 1)
    order = scipy.linalg.qr(basis(points, frequencies).T, mode="r", pivoting=True)[1]
    return points[order[:size]]
