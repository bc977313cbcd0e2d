"""Sums of waves of one variable, ``c + Σ_k a_k cos ω_k u + b_k sin ω_k u``, and what they obey."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qxai.core import Array, Indices

ROUNDING = 1e-12  # of the sum of all sizes: what is below counts as touching zero, not crossing


@dataclass(frozen=True, eq=False)
class Waves:
    """M sums of waves of one variable.

    Attributes
    ----------
    frequencies : ndarray, shape (K,)
        Positive.
    constant : ndarray, shape (M,)
    cosines, sines : ndarrays, shape (M, K)
    scale : ndarray, shape (M,), or None
        How large the numbers were that these were computed from; the sum of their own sizes for
        None. What is taken away from a large number keeps its rounding.
    """

    frequencies: Array
    constant: Array
    cosines: Array
    sines: Array
    scale: Array | None = None

    def at(self, rows: Indices, places: Array) -> Array:
        """Return the values of some of them, each at a place of its own: both (I,)."""
        angle = places[:, None] * self.frequencies
        waves = self.cosines[rows] * np.cos(angle) + self.sines[rows] * np.sin(angle)
        return np.asarray(self.constant[rows] + waves.sum(axis=1))

    def slope(self, rows: Indices, places: Array) -> Array:
        """Return the derivatives of some of them, each at a place of its own: both (I,)."""
        angle = places[:, None] * self.frequencies
        waves = self.sines[rows] * np.cos(angle) - self.cosines[rows] * np.sin(angle)
        return np.asarray(waves @ self.frequencies)

    @cached_property
    def amplitudes(self) -> Array:
        """The size of each wave, (M, K)."""
        return np.hypot(self.cosines, self.sines)

    @cached_property
    def bend(self) -> Array:
        """A bound on the second derivative, (M,)."""
        return np.asarray(self.amplitudes @ self.frequencies**2)

    @cached_property
    def band(self) -> Array:
        """What counts as rounding, (M,)."""
        return np.asarray(ROUNDING * self.size)

    @cached_property
    def size(self) -> Array:
        """How large the numbers are, or were, (M,)."""
        own = np.abs(self.constant) + self.amplitudes.sum(axis=1)
        return own if self.scale is None else np.maximum(own, self.scale)

    def moved(self, start: Array, sign: float, level: Array | float, side: Array) -> "Waves":
        """Return ``side · (h(start ± u) − level)`` as waves of ``u``; all of shape (M,)."""
        angle = start[:, None] * self.frequencies
        cos, sin = np.cos(angle), np.sin(angle)
        across = self.sines * cos - self.cosines * sin
        along = self.cosines * cos + self.sines * sin
        factor = np.asarray(side)[:, None]
        return Waves(
            self.frequencies,
            side * (self.constant - level),
            factor * along,
            factor * sign * across,
            self.size + np.abs(level),
        )


def product(waves: Waves) -> Waves:
    """Return the square of a sum of waves: frequencies are added and subtracted."""
    w = np.concatenate([[0.0], waves.frequencies])
    a = np.concatenate([waves.constant[:, None], waves.cosines], axis=1)
    b = np.concatenate([np.zeros((len(a), 1)), waves.sines], axis=1)
    i, j = (part.ravel() for part in np.indices((len(w), len(w))))
    plus, minus = w[i] + w[j], w[i] - w[j]
    cos, sin = a[:, i] * a[:, j], b[:, i] * b[:, j]
    first, second = b[:, i] * a[:, j], a[:, i] * b[:, j]
    return _collected(
        np.concatenate([plus, minus]),
        np.zeros(len(a)),
        np.concatenate([cos - sin, cos + sin], axis=1) / 2,
        np.concatenate([first + second, first - second], axis=1) / 2,
        waves.size**2,
    )


def weighted_sum(terms: list[tuple[float, Waves]]) -> Waves:
    """Return a weighted sum of sums of waves."""
    return _collected(
        np.concatenate([waves.frequencies for _, waves in terms]),
        sum((weight * waves.constant for weight, waves in terms), np.zeros(())),
        np.concatenate([weight * waves.cosines for weight, waves in terms], axis=1),
        np.concatenate([weight * waves.sines for weight, waves in terms], axis=1),
        sum((abs(weight) * waves.size for weight, waves in terms), np.zeros(())),
    )


def _collected(speeds: Array, constant: Array, cosines: Array, sines: Array, scale: Array) -> Waves:
    """Add waves of one frequency up; of negative ones the sine turns round."""
    sines = sines * np.where(speeds < 0, -1.0, 1.0)
    found, which = np.unique(np.abs(speeds).round(12), return_inverse=True)
    share = np.eye(len(found))[which]
    cosines, sines, still = cosines @ share, sines @ share, found == 0
    return Waves(
        found[~still],
        constant + cosines[:, still].sum(axis=1),
        cosines[:, ~still],
        sines[:, ~still],
    )


def period_of(frequencies: Array) -> float | None:
    """Return a common period of frequencies (K,); None if they have none of a few hundred waves."""
    if not len(frequencies):
        return 0.0
    slowest = float(frequencies.min())
    for parts in range(1, 13):
        multiples = frequencies / slowest * parts
        if np.abs(multiples - np.rint(multiples)).max() < 1e-9 * parts:
            return 2 * np.pi * parts / slowest
    return None
