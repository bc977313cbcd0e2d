"""Numbers that compare over methods and models: relative to random order, to no explanation."""

from typing import NamedTuple

import numpy as np

from qxai.absence import Absent, chosen
from qxai.attribution import Attribution
from qxai.background import Background, Marginals
from qxai.core import Array, Evaluator
from qxai.metrics.curves import area, deletion_curve

RESAMPLES = 1000
LEVEL = (2.5, 97.5)  # percentiles of the bootstrap


class Interval(NamedTuple):
    """A number, between which others it may lie, and over how many inputs it was taken.

    NaN where there is none: a number that is not defined, an interval from one input.
    """

    value: float
    low: float
    high: float
    n: int


def centre(absent: float | Absent) -> Array:
    """Return where absent features are; of a sample its mean."""
    if isinstance(absent, Background | Marginals):
        return np.asarray(absent.sample.mean(axis=0))
    return np.asarray(absent)


def in_output_units(found: Attribution, X: Array, absent: float | Absent) -> Array:
    """Return values in units of the output: slopes times the way from the baseline."""
    return found.values * (X - centre(absent)) if " per " in found.unit else found.values


def deletion_gain(
    model: Evaluator, X: Array, values: Array, absent: float | Absent, random: Array
) -> Array:
    """Return how much area lies between the deletion curve and that of random order, (N,).

    Equal values have no order: they gain nothing.
    """
    ordered = (values != values[:, :1]).any(axis=1)
    start = absent if isinstance(absent, float) else chosen(absent, ordered)
    gain = np.zeros(len(X))
    if ordered.any():
        curve = deletion_curve(model, X[ordered], values[ordered], start)
        gain[ordered] = area(random[ordered]) - area(curve)
    return gain


def ratio(part: float | Array, whole: float | Array) -> float:
    """Return a mean relative to another one, NaN where that is 0."""
    size = float(np.mean(whole))
    return float(np.mean(part)) / size if size > 0 else float("nan")


def resampled(count: int, rng: np.random.Generator) -> Array:
    """Return how often each of so many inputs is in each resample, as shares: (resamples, n)."""
    drawn = rng.integers(count, size=(RESAMPLES, count))
    return np.stack([np.bincount(row, minlength=count) for row in drawn]) / count


def with_interval(value: float, resamples: Array, n: int) -> Interval:
    """Return a number with the percentiles of its resamples."""
    if n < 2 or np.isnan(value):
        return Interval(value, np.nan, np.nan, n)
    low, high = np.nanpercentile(resamples, LEVEL)
    return Interval(value, float(low), float(high), n)


def mean_ratio(part: Array, whole: Array, shares: Array) -> Interval:
    """Return the ratio of two means over inputs, with its bootstrap interval."""
    above, below = shares @ part, shares @ whole
    again = np.divide(above, below, out=np.full(len(shares), np.nan), where=below > 0)
    return with_interval(ratio(part, whole), again, len(part))


def quartiles(rows: Array) -> Interval:
    """Return the median over inputs between the quartiles."""
    if np.isnan(rows).any():
        return Interval(np.nan, np.nan, np.nan, len(rows))
    low, value, high = np.percentile(rows, (25, 50, 75))
    return Interval(float(value), float(low), float(high), len(rows))
