"""What an absent feature is, if it is no point: a sample, or independent features."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qxai.checks import as_table, check_count, check_generator
from qxai.core import Array
from qxai.frames import is_table, labels, numbers, order

INSTEAD = "name each feature once, and no other"


@dataclass(frozen=True, eq=False, repr=False)
class Background:
    """Absent features take their values from the rows of a sample, all from one row at a time.

    As a baseline it gives the mean of the attributions against its rows: for Shapley values those
    of the game ``v(S) = mean_b f(x_S, b_rest)`` ("interventional", Lundberg and Lee 2017), for
    integrated gradients "expected gradients" (Erion et al. 2021).

    Parameters
    ----------
    sample : array_like, shape (B, d), or table with named columns
        In the units of the inputs; 50 to 100 training rows are usual.
    feature_names : sequence of str, length d, optional
        The columns' names, if ``sample`` has none itself.

    Raises
    ------
    ValueError
        If ``sample`` is no table of finite numbers with at least one row.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> rows = qxai.Background([[0, 0], [2, 0]])
    >>> print(qxai.shapley(model, [[4, 1]], rows).values)  # the mean of (2, 2) and (1, 3)
    [[1.5 2.5]]
    """

    sample: Any
    feature_names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Read the sample and its names."""
        _read(self)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<Background: {len(self.sample)} rows of {self.sample.shape[1]} features>"

    def matched(self, num_features: int, names: Sequence[str] | None) -> "Background":
        """Return it with columns in the order of ``names``."""
        return replace(self, sample=_ordered(self, num_features, names), feature_names=names)


@dataclass(frozen=True, eq=False, repr=False)
class Marginals:
    """Absent features are independent of each other, each distributed as in a sample.

    A model that is linear in one vector per feature takes the mean vector of an absent feature:
    one contraction, whatever the size of the sample. Rows of a sample keep what its features have
    to do with each other, `Background`; marginals forget it.

    Parameters
    ----------
    sample : array_like, shape (B, d), or table with named columns
        In the units of the inputs.
    feature_names : sequence of str, length d, optional
        The columns' names, if ``sample`` has none itself.

    Raises
    ------
    ValueError
        If ``sample`` is no table of finite numbers with at least one row.

    Examples
    --------
    The mean of ``cos x_0 cos x_1`` is 0 over rows in which one of the two vanishes, and ¼ over
    independent features.

    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> model = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, cirq.Z(q[0]) * cirq.Z(q[1]))
    >>> sample = [[0, np.pi / 2], [np.pi / 2, 0]]
    >>> for absent in (qxai.Background(sample), qxai.Marginals(sample)):
    ...     print(qxai.shapley(model, [[0, 0]], absent).baseline_output.round(3))
    [0.]
    [0.25]
    """

    sample: Any
    feature_names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Read the sample and its names."""
        _read(self)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<Marginals: of {len(self.sample)} rows of {self.sample.shape[1]} features>"

    def matched(self, num_features: int, names: Sequence[str] | None) -> "Marginals":
        """Return it with columns in the order of ``names``."""
        return replace(self, sample=_ordered(self, num_features, names), feature_names=names)

    def drawn(self, rows: int, rng: np.random.Generator) -> Background:
        """Return a sample of independent features, for a model that has no vectors to average.

        Parameters
        ----------
        rows : int
            How many rows to draw.
        rng : numpy.random.Generator
        """
        count = check_count("rows", rows, 1)
        picked = check_generator(rng).integers(len(self.sample), size=(count, self.sample.shape[1]))
        return Background(np.take_along_axis(self.sample, picked, axis=0), self.feature_names)


def _read(source: Background | Marginals) -> None:
    """Replace a sample by an array that cannot be changed, and keep its names."""
    given, names = source.sample, source.feature_names
    if is_table(given):
        names = labels(given) if names is None else names
        given = numbers("sample", given)
    sample = as_table("sample", given)
    if not len(sample):
        raise ValueError("sample: expected at least one row, found none")
    if names is not None and len(names) != sample.shape[1]:
        raise ValueError(
            f"feature_names: expected {sample.shape[1]} names, found {len(names)}: {names}"
        )
    sample.flags.writeable = False
    object.__setattr__(source, "sample", sample)
    object.__setattr__(source, "feature_names", None if names is None else tuple(names))


def _ordered(
    source: Background | Marginals, num_features: int, names: Sequence[str] | None
) -> Array:
    sample: Array = source.sample
    if sample.shape[1] != num_features:
        raise ValueError(
            f"baseline: expected a sample of {num_features} columns, found {sample.shape[1]}"
        )
    if names is None or source.feature_names is None:
        return sample
    return sample[:, order("baseline", source.feature_names, names, INSTEAD)]
