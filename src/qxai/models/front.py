"""A model in raw columns: one function per column, then the model in radians."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import is_multilinear, multilinear
from qxai.checks import as_inputs
from qxai.core import Array, Estimate, Multilinear
from qxai.models.combination import MODELS, combined


class Scaler(Protocol):
    """One function per column, linear between two limits and constant beyond."""

    @property
    def limits(self) -> Array:
        """Where each column is clipped, least and greatest, in raw units: (2, d)."""

    def angles(self, X: ArrayLike) -> Array:
        """Return the columns (N, d) as radians."""

    def derivative(self, X: ArrayLike) -> Array:
        """Return the functions' derivatives (N, d); 0 where a column is clipped."""


@dataclass(frozen=True, eq=False, repr=False)
class Scaled:
    """A model that takes raw columns: ``f(g(x))`` with a function ``g_i`` of each column.

    What a game asks (Shapley values, occlusion, Taylor-∞, interactions) does not see such
    functions: each column still has one vector, so closed forms stay closed. Gradients take the
    derivative ``g_i'`` and are per raw unit. A straight line in raw columns is a path of straight
    legs in radians, with a corner where a column reaches a limit, so integrated gradients are a
    sum of closed forms over its legs.

    Parameters
    ----------
    model : model in radians
    scaler : AngleScaler, or another of its kind
        Clips: a column that lies beyond its limits has no slope, and moves nothing there.
    feature_names : sequence of str, length d, optional
        Names of the columns; those of the scaler, or else of the model, by default.

    Examples
    --------
    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))  # cos x
    >>> scaler = qxai.datasets.AngleScaler.fitted(np.array([[10], [30]]))  # mean 20, deviation 10
    >>> raw = qxai.Scaled(model, scaler, ["age"])
    >>> print(raw.values([[0], [20], [99]]).round(3), raw.gradient([[20]]).round(3))
    [ 1.  0. -1.] [[-0.079]]
    """

    model: Any
    scaler: Scaler
    feature_names: Sequence[str] | None = None
    slope_unit: ClassVar[str] = "output per unit of the column"

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    def __post_init__(self) -> None:
        """Take names from the scaler or the model where none are given; refuse what differs."""
        own, others = (getattr(one, "feature_names", None) for one in (self.scaler, self.model))
        if own and others and set(own) == set(others) and tuple(own) != tuple(others):
            raise ValueError(
                f"scaler: expected columns in the order of the model's features, "
                f"{', '.join(others)}, found {', '.join(own)}; fit it on X[{list(others)}]"
            )
        names = next((n for n in (self.feature_names, own, others) if n is not None), None)
        d = self.num_features
        if names is not None and (isinstance(names, str) or not d == len(names) == len(set(names))):
            raise ValueError(f"feature_names: expected {d} different names, found {names!r}")
        if (columns := np.shape(self.scaler.limits)) != (2, d):
            raise ValueError(
                f"scaler: expected one of {d} columns, as the model has features, found limits of "
                f"shape {columns}; fit it on those columns"
            )
        object.__setattr__(self, "feature_names", None if names is None else tuple(names))

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    def __repr__(self) -> str:
        """Say what is inside."""
        return f"<Scaled: {self.num_features} raw columns, {self.model!r}>"

    @property
    def num_features(self) -> int:
        """Number of columns ``d``."""
        return int(self.model.num_features)

    def joins(self, other: object) -> bool:
        """Tell whether another model takes the same columns through the same functions."""
        if not isinstance(other, Scaled):
            return False
        return self.scaler is other.scaler and self.feature_names == other.feature_names

    def joined(self, weights: Sequence[float], models: Sequence[Any], constant: float) -> "Scaled":
        """Return ``Σ_m w_m f_m + constant`` of such models as one, behind the same functions."""
        inner = combined(weights, [model.model for model in models], constant)
        return Scaled(inner, self.scaler, self.feature_names)

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for raw inputs (N, d), shape (N,)."""
        return np.asarray(self.model.values(self._angles(X)))

    @property
    def gradient(self) -> Callable[[ArrayLike], Array] | None:
        """Map raw inputs (N, d) to ``∂f/∂x_i`` per raw unit; None if the model has no gradient."""
        return self._gradient if callable(getattr(self.model, "gradient", None)) else None

    @property
    def estimate(self) -> Callable[[ArrayLike], Estimate] | None:
        """Map raw inputs (N, d) to outputs with errors; None if the model tells no errors."""
        return self._estimate if callable(getattr(self.model, "estimate", None)) else None

    @property
    def multilinear(self) -> Callable[[], "InColumns"] | None:
        """Return the model as linear in one vector per column; None if it has no such form."""
        return self._multilinear if is_multilinear(self.model) else None

    def legs(self, start: Array, end: Array) -> list[tuple[Array, Array]]:
        """Return what straight lines between raw points (N, d) are in radians.

        Each leg is a pair of arrays (N, d), start and end of a straight line in radians.
        """
        places = self.corners(start, end)
        points = [self._angles(start + t[:, None] * (end - start)) for t in places.T]
        return list(pairwise(points))

    def corners(self, start: Array, end: Array) -> Array:
        """Return the sorted places in [0, 1], ends included, where a line meets limits: (N, C)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            crossed = (self.scaler.limits[:, None] - start) / (end - start)
        inside = np.where((crossed > 0) & (crossed < 1), crossed, 1.0)
        rows = np.concatenate(list(inside), axis=1)
        places = np.sort(np.column_stack([np.zeros(len(start)), rows, np.ones(len(start))]))
        new = (np.diff(places, axis=1) > 0).any(axis=0)
        return places[:, np.append(True, new)]

    def _angles(self, X: ArrayLike) -> Array:
        raw = as_inputs(X, self.num_features, self.feature_names)
        return np.asarray(self.scaler.angles(raw))

    def _gradient(self, X: ArrayLike) -> Array:
        raw = as_inputs(X, self.num_features, self.feature_names)
        slopes = self.model.gradient(self.scaler.angles(raw))
        return np.asarray(self.scaler.derivative(raw) * slopes)

    def _estimate(self, X: ArrayLike) -> Estimate:
        found: Estimate = self.model.estimate(self._angles(X))
        return found

    def _multilinear(self) -> "InColumns":
        return self._in_columns

    @cached_property
    def _in_columns(self) -> "InColumns":
        form = multilinear(self.model, "Scaled", "")
        return InColumns(form, self.scaler)


class Before(Protocol):
    """One function per column in front of a model."""

    def angles(self, X: ArrayLike) -> Array:
        """Return what the model takes (N, d)."""


@dataclass(frozen=True, eq=False)
class InColumns:
    """A model that is linear in one vector per column, the vectors being those of its angles."""

    form: Multilinear
    scaler: Before

    @property
    def num_features(self) -> int:
        """Number of columns ``d``."""
        return self.form.num_features

    @property
    def interaction_order(self) -> int:
        """Largest number of columns that meet in one term."""
        return self.form.interaction_order

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return self.form.operations

    def vectors(self, X: ArrayLike) -> list[Array]:
        """Return each column's vector for raw inputs (N, d): d arrays (N, K_i)."""
        return self.form.vectors(self.scaler.angles(X))

    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per column."""
        return self.form.contract(vectors)

    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector, d arrays (N, K_i)."""
        return self.form.partials(vectors)

    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        return self.form.slopes(vectors, directions)

    def pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""
        return self.form.pair_slopes(vectors, directions)

    def size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``."""
        return self.form.size_means(before, after)

    @property
    def dividends(self) -> Callable[..., Any] | None:
        """Return the games between two sets of vectors; None if the form multiplies none out."""
        return getattr(self.form, "dividends", None)

    @property
    def game_size(self) -> int | None:
        """How many dividends one input has; None if the form does not tell."""
        return getattr(self.form, "game_size", None)
