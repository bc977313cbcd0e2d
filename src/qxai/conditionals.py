"""What absent features would be, given those that are there: estimates from a sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from qxai.background import Background
from qxai.checks import check_count
from qxai.core import Array, Mask

JITTER = 1e-10  # on the diagonal of a correlation matrix, so that copies of a feature do no harm


class Conditional(Protocol):
    """An estimate of a distribution of features, given some of them."""

    @property
    def background(self) -> Background:
        """The rows that it was estimated from."""

    @property
    def count(self) -> int:
        """How many rows stand for the distribution given a set of features."""

    @property
    def drawn(self) -> bool:
        """Whether these rows are drawn at random."""

    @property
    def name(self) -> str:
        """What it is, in a few words."""

    def rows(self, inputs: Array, present: Mask, rng: np.random.Generator) -> Array:
        """Complete inputs (n, d) of which features (d,) are known: (n, count, d)."""

    def matched(self, num_features: int, names: Sequence[str] | None) -> "Conditional":
        """Return it with columns in the order of ``names``."""


@dataclass(frozen=True, eq=False, repr=False)
class NearestRows:
    """Absent features take their values from the rows that are nearest in the present ones.

    Distances are Euclidean, each feature in units of its standard deviation. With few rows, or
    many features, the nearest are not near: then it tends to `Background`.

    Parameters
    ----------
    sample : array_like, shape (B, d), or table with named columns
        In the units of the inputs.
    count : int
        How many rows are near, at most B.
    feature_names : sequence of str, length d, optional
        The columns' names, if ``sample`` has none itself.

    Raises
    ------
    ValueError
        If ``sample`` is no table of finite numbers, or has fewer rows than ``count``.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> given = qxai.NearestRows([[0, 0], [1, 1], [2, 2]], count=1)
    >>> rng = np.random.default_rng(0)
    >>> print(given.rows(np.array([[1.9, -5]]), np.array([True, False]), rng))
    [[[1.9 2. ]]]
    """

    sample: Any
    count: int = 10
    feature_names: Sequence[str] | None = None
    drawn: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Read the sample, and refuse fewer rows than are to be near."""
        _read(self)
        object.__setattr__(self, "count", check_count("count", self.count, 1, len(self.sample)))

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<NearestRows: {self.count} of {len(self.sample)}>"

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        return f"{self.count} nearest rows"

    @property
    def background(self) -> Background:
        """The rows that it was estimated from."""
        return Background(self.sample, self.feature_names)

    def matched(self, num_features: int, names: Sequence[str] | None) -> "NearestRows":
        """Return it with columns in the order of ``names``."""
        rows = self.background.matched(num_features, names)
        return NearestRows(rows.sample, self.count, rows.feature_names)

    def rows(self, inputs: Array, present: Mask, rng: np.random.Generator) -> Array:
        """Complete inputs (n, d) of which features (d,) are known: (n, count, d)."""
        scale = self.sample.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        apart = (inputs[:, None, present] - self.sample[:, present]) / scale[present]
        nearest = np.argsort((apart**2).sum(axis=2), axis=1, kind="stable")[:, : self.count]
        return np.where(present, inputs[:, None], self.sample[nearest])


@dataclass(frozen=True, eq=False, repr=False)
class GaussianCopula:
    """Absent features are drawn as if their normal scores were jointly normal (Aas et al. 2021).

    Each feature keeps the distribution of its column; ranks become normal scores, whose
    correlations are all that the features are taken to have to do with each other. Rows that share
    a value share their ranks, too: columns of few values follow each other less than they do.

    Parameters
    ----------
    sample : array_like, shape (B, d), or table with named columns
        In the units of the inputs; at least two rows.
    count : int
        How many draws stand for the distribution given a set of features, at least 2.
    feature_names : sequence of str, length d, optional
        The columns' names, if ``sample`` has none itself.

    Raises
    ------
    ValueError
        If ``sample`` is no table of finite numbers, or ``count`` is too small.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=200)
    >>> given = qxai.GaussianCopula(np.column_stack([x, x]), count=100)  # the second is a copy
    >>> drawn = given.rows(np.array([[0.5, 0]]), np.array([True, False]), rng)
    >>> print(drawn.shape, bool(abs(drawn[..., 1].mean() - 0.5) < 0.05))
    (1, 100, 2) True
    """

    sample: Any
    count: int = 100
    feature_names: Sequence[str] | None = None
    drawn: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Read the sample."""
        _read(self)
        object.__setattr__(self, "count", check_count("count", self.count, 2))
        if len(self.sample) < 2:
            raise ValueError("sample: expected at least two rows, found one")

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<GaussianCopula: of {len(self.sample)} rows, {self.count} draws>"

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        return f"Gaussian copula, {self.count} draws"

    @property
    def background(self) -> Background:
        """The rows that it was estimated from."""
        return Background(self.sample, self.feature_names)

    def matched(self, num_features: int, names: Sequence[str] | None) -> "GaussianCopula":
        """Return it with columns in the order of ``names``."""
        rows = self.background.matched(num_features, names)
        return GaussianCopula(rows.sample, self.count, rows.feature_names)

    @cached_property
    def correlations(self) -> Array:
        """Of the normal scores, (d, d)."""
        scores = ndtri((rankdata(self.sample, axis=0) - 0.5) / len(self.sample))
        centred = scores - scores.mean(axis=0)
        size = np.sqrt((centred**2).sum(axis=0))
        unit = centred / np.where(size > 0, size, 1.0)
        return unit.T @ unit + JITTER * np.eye(unit.shape[1]) + np.diag(1.0 * (size == 0))

    def rows(self, inputs: Array, present: Mask, rng: np.random.Generator) -> Array:
        """Complete inputs (n, d) of which features (d,) are known: (n, count, d)."""
        absent = ~present
        own, across = self.correlations[absent][:, absent], self.correlations[absent][:, present]
        slopes = np.linalg.solve(self.correlations[present][:, present], across.T).T
        values, vectors = np.linalg.eigh(own - slopes @ across.T)
        root = vectors * np.sqrt(np.maximum(values, 0))
        mean = self._scores(inputs, present, rng) @ slopes.T
        scores = mean + rng.normal(size=mean.shape) @ root.T
        result = np.repeat(inputs[:, None], self.count, axis=1)
        result[:, :, absent] = self._quantiles(ndtr(scores), np.flatnonzero(absent))
        return result

    @cached_property
    def _sorted(self) -> Array:
        return np.sort(self.sample, axis=0)

    @cached_property
    def _places(self) -> Array:
        """Which share of a column lies below each of its sorted values, (B,)."""
        return (np.arange(len(self.sample)) + 0.5) / len(self.sample)

    def _scores(self, inputs: Array, present: Mask, rng: np.random.Generator) -> Array:
        """Return normal scores of the known features (n, count, a); beyond the sample its ends'.

        A value that several rows share has had any of their scores: each draw takes another.
        """
        shape, found = (len(inputs), self.count), []
        for column in np.flatnonzero(present):
            values, x = self._sorted[:, column], inputs[:, column]
            first, last = (np.searchsorted(values, x, side) for side in ("left", "right"))
            share = np.repeat(np.interp(x, values, self._places)[:, None], self.count, axis=1)
            tied = last - first > 1
            within = first[:, None] + (last - first)[:, None] * rng.random(shape)
            share[tied] = within[tied] / len(values)
            found.append(ndtri(share))
        return np.stack(found, axis=2) if found else np.zeros((*shape, 0))

    def _quantiles(self, shares: Array, columns: Any) -> Array:
        """Return where shares (n, count, a) of some columns lie."""
        found = [
            np.interp(shares[..., k], self._places, self._sorted[:, column])
            for k, column in enumerate(columns)
        ]
        return np.stack(found, axis=-1) if found else shares


def _read(given: Any) -> None:
    """Read a sample and its names as a `Background` does."""
    rows = Background(given.sample, given.feature_names)
    object.__setattr__(given, "sample", rows.sample)
    object.__setattr__(given, "feature_names", rows.feature_names)
