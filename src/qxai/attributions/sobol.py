"""Sobol indices: which features a model's output varies with, over all inputs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.asking import harmonic
from qxai.core import Array, Evaluator
from qxai.question import check_model, feature_names
from qxai.table import Table


@dataclass(frozen=True, eq=False, repr=False)
class SobolIndices:
    """Shares of a model's variance.

    Attributes
    ----------
    first : ndarray, shape (d,)
        Share of terms in which a feature stands alone.
    total : ndarray, shape (d,)
        Share of terms in which it occurs; between ``first`` and 1.
    variance : float
        Variance of the output, in its unit squared.
    feature_names : tuple of str, length d, or None
        Names of the features, if the model has some.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([[0, 2, 0], [1, 0, 0], [0, 0, 0]], [[1], [1]])
    >>> found = qxai.sobol_indices(model)  # of cos x0 + 2 cos x1
    >>> print(found.first.round(3), found.total.round(3), round(found.variance, 3))
    [0.2 0.8] [0.2 0.8] 2.5
    """

    first: Array
    total: Array
    variance: float
    feature_names: tuple[str, ...] | None = None

    def table(self) -> Table:
        """Return the indices feature by feature."""
        names = self.feature_names or [f"x{i}" for i in range(len(self.first))]
        columns = {"feature": names, "first": self.first.tolist(), "total": self.total.tolist()}
        return Table(columns, caption=f"Sobol indices, shares of the variance {self.variance:.4g}")

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def sobol_indices(model: Evaluator) -> SobolIndices:
    """Split a model's variance among the features (Sobol' 2001), exactly.

    Features are independent, each uniform over a common period of its frequencies; where they
    have none, over an ever longer interval. Then different functions of ``φ`` are orthogonal with
    mean square 1 for the constant and ½ for the others, and the variance is a weighted sum of
    squared coefficients.

    Parameters
    ----------
    model : model with a method ``polynomial``
        Its tensor has to fit in memory, or those of its light cones.

    Returns
    -------
    SobolIndices
        First and total indices of every feature, and the variance that they are shares of.

    Raises
    ------
    TypeError
        If the model has no polynomial.
    ValueError
        If the model is constant: there is no variance to share.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1], [1]])
    >>> found = qxai.sobol_indices(model)  # of cos x0 cos x1: neither varies alone
    >>> print(found.first.round(3), found.total.round(3), round(found.variance, 3))
    [0. 0.] [1. 1.] 0.25
    """
    check_model(model)
    polynomial = harmonic(model, "sobol_indices", "wrap a circuit in qxai.PQC")
    own = getattr(polynomial, "powers", None)
    alone, every, variance = _powers(polynomial) if own is None else own()
    if variance == 0:
        raise ValueError(
            "model: expected an output that varies, found a constant; Sobol indices are undefined"
        )
    return SobolIndices(alone / variance, every / variance, variance, feature_names(model))


def _powers(polynomial: Any) -> tuple[Array, Array, float]:
    """Return the variance in each feature alone, in all terms with it (d,), and in all."""
    alone, every = np.zeros(polynomial.num_features), np.zeros(polynomial.num_features)
    variance = 0.0
    for place, coefficients in _parts(polynomial):
        power = coefficients**2
        power.flat[0] = 0.0  # the mean varies with nothing; next to it the rest could be lost
        for axis in range(power.ndim):
            scale = np.full(power.shape[axis], 0.5)
            scale[0] = 1.0
            power = power * scale.reshape([-1 if k == axis else 1 for k in range(power.ndim)])
        variance += float(power.sum())
        axes = range(power.ndim)
        for i, feature in enumerate(place):
            alone[feature] += power[tuple(slice(1, None) if k == i else 0 for k in axes)].sum()
            every[feature] += np.moveaxis(power, i, 0)[1:].sum()
    return alone, every, variance


def _parts(polynomial: Any) -> Iterator[tuple[Sequence[int], Array]]:
    """Yield coefficients of some features, each term once: of the whole, or of light cones."""
    if not callable(getattr(polynomial, "disjoint", None)):
        yield range(polynomial.num_features), polynomial.dense().coefficients
        return
    cones = polynomial.disjoint()
    for place, part in zip(cones.places, cones.parts):
        yield place, part.coefficients
