"""Where sums of waves of one variable first go below zero: certified, interval by interval.

``h(u) = c + Σ_k a_k cos ω_k u + b_k sin ω_k u`` changes over half an interval of width ``w`` by at
most ``|h'| w/2 + B w²/8`` from its value in the middle, and its slope by at most ``B w/2``, with
``B = Σ_k ω_k² √(a_k² + b_k²)``. So an interval is cut until it certainly holds no crossing, or
until ``h`` is certainly monotone in it; then bisection finds the place. Roots of polynomials on
the unit circle would not do: at an extremum that touches zero they move off the circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qxai.core import Array, Indices, Mask
from qxai.waves import Waves

NARROW = 1e-6  # relative width of an interval within which a slope may stay undecided
HALVINGS = 60
MOST_INTERVALS = 2**22


@dataclass(frozen=True, eq=False)
class Intervals:
    """Pieces of the lines of some waves: whose, from where, to where; each (I,)."""

    rows: Indices
    low: Array
    high: Array

    @property
    def width(self) -> Array:
        """Their widths."""
        return self.high - self.low

    @property
    def middle(self) -> Array:
        """Their middles."""
        return (self.low + self.high) / 2

    def chosen(self, which: Mask) -> "Intervals":
        """Return some of them."""
        return Intervals(self.rows[which], self.low[which], self.high[which])

    def halved(self) -> "Intervals":
        """Return both halves of each."""
        middle = self.middle
        return Intervals(
            np.concatenate([self.rows, self.rows]),
            np.concatenate([self.low, middle]),
            np.concatenate([middle, self.high]),
        )


def _first_cut(fastest: float, length: Array) -> Intervals:
    """Cut [0, length] of each row into pieces of at most a quarter of the fastest wave."""
    counts = np.maximum(1, np.ceil(length * fastest * 2 / np.pi)).astype(np.intp)
    if counts.sum() > MOST_INTERVALS:
        raise ValueError(
            f"ranges: expected lines that at most {MOST_INTERVALS} pieces resolve, found "
            f"{counts.sum()}; pass narrower ranges=, or fewer inputs at once"
        )
    rows = np.repeat(np.arange(len(length)), counts)
    number = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    step = (length / counts)[rows]
    return Intervals(rows, number * step, (number + 1) * step)


def least(waves: Waves, length: Array) -> Array:
    """Return the least value of each wave on [0, length]: both (M,). Exact up to rounding."""
    found = waves.at(np.arange(len(length)), np.zeros(len(length)))
    np.minimum(found, waves.at(np.arange(len(length)), length), out=found)
    open_ = _first_cut(waves.frequencies.max(initial=0.0), length)
    while len(open_.rows):
        rows, width = open_.rows, open_.width
        value = waves.at(rows, open_.middle)
        np.minimum.at(found, rows, value)
        slope = np.abs(waves.slope(rows, open_.middle))
        below = value - slope * width / 2 - waves.bend[rows] * width**2 / 8
        open_ = open_.chosen(below < found[rows] - waves.band[rows] / 8).halved()
        _check_number(open_)
    return found


def first_below(conditions: Sequence[Waves], length: Array) -> Array:
    """Return where all of some waves are below zero for the first time on [0, length].

    Parameters
    ----------
    conditions : sequence of Waves, each of M
    length : ndarray, shape (M,)

    Returns
    -------
    ndarray, shape (M,)
        Where the last of them has gone below its rounding; NaN where they never all are. What
        touches zero, and stays on its side, is not below.
    """
    result = np.full(len(length), np.inf)
    fastest = max(waves.frequencies.max(initial=0.0) for waves in conditions)
    narrow = NARROW / max(fastest, 1e-300)
    open_ = _first_cut(fastest, length)
    while len(open_.rows):
        kept = open_.low < result[open_.rows]
        for waves in conditions:
            kept &= ~_stays_above(waves, open_)
        open_ = open_.chosen(kept)
        certain = np.all([_is_monotone(waves, open_, narrow) for waves in conditions], axis=0)
        _enter(conditions, open_.chosen(certain), result)
        open_ = open_.chosen(~certain).halved()
        _check_number(open_)
    return np.where(np.isfinite(result), result, np.nan)


def _check_number(open_: Intervals) -> None:
    if len(open_.rows) > MOST_INTERVALS:
        raise ValueError(
            f"X: expected curves that {MOST_INTERVALS} intervals resolve, found flatter ones; pass "
            "fewer inputs at once"
        )


def _stays_above(waves: Waves, parts: Intervals) -> Mask:
    """Tell in which intervals a wave certainly does not go below its rounding."""
    value = waves.at(parts.rows, parts.middle)
    slope = np.abs(waves.slope(parts.rows, parts.middle))
    reach = slope * parts.width / 2 + waves.bend[parts.rows] * parts.width**2 / 8
    return np.asarray(value - reach >= -waves.band[parts.rows])


def _is_monotone(waves: Waves, parts: Intervals, narrow: float) -> Mask:
    """Tell in which intervals a wave certainly is monotone, or they are too narrow to matter."""
    slope = np.abs(waves.slope(parts.rows, parts.middle))
    return (slope >= waves.bend[parts.rows] * parts.width / 2) | (parts.width < narrow)


def _enter(conditions: Sequence[Waves], parts: Intervals, result: Array) -> None:
    """Find in each interval, where all are monotone, the first place at which all are below."""
    first, last = parts.low.copy(), parts.high.copy()
    for waves in conditions:
        level = -waves.band[parts.rows]
        left = waves.at(parts.rows, parts.low) < level
        right = waves.at(parts.rows, parts.high) < level
        falling, rising = ~left & right, left & ~right
        inside = falling | rising
        inner, outer = _bisected(waves, parts.chosen(inside), falling[inside])
        enters, leaves = np.full(len(first), np.inf), np.full(len(first), -np.inf)
        enters[left], leaves[right] = parts.low[left], parts.high[right]
        enters[falling] = outer[falling[inside]]
        leaves[rising] = inner[rising[inside]]
        first, last = np.maximum(first, enters), np.minimum(last, leaves)
    there = first <= last
    np.minimum.at(result, parts.rows[there], first[there])


def _bisected(waves: Waves, parts: Intervals, falling: Mask) -> tuple[Array, Array]:
    """Return where waves pass their level, from just before to just behind: each (I,)."""
    low, high, level = parts.low.copy(), parts.high.copy(), -waves.band[parts.rows]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = waves.at(parts.rows, middle) < level
        passed = below == falling
        low, high = np.where(passed, low, middle), np.where(passed, middle, high)
    return low, high
