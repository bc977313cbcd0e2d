"""Weighted sums of polynomials: of one kind where that can be, else of parts kept apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs
from qxai.core import Array, Indices, Multilinear
from qxai.representations.algebra import check_features, finite, operators, reduced
from qxai.representations.basis import Functions
from qxai.representations.joining import common_frequencies, rows_among


def combined(weights: Sequence[float], parts: Sequence[Any], constant: float = 0.0) -> Any:
    """Return ``Σ_m w_m f_m + constant`` of polynomials, exactly.

    Parameters
    ----------
    weights : sequence of float, length M
    parts : sequence of polynomials, length M
    constant : float
        In units of the output.

    Returns
    -------
    polynomial
        Of the parts' kind where all are of one; else a `SumPolynomial`.

    Raises
    ------
    ValueError
        If they have different numbers of features.
    """
    check_features([part.num_features for part in parts])
    flat: list[tuple[float, Any]] = []
    for weight, part in zip(weights, parts):
        if isinstance(part, SumPolynomial):
            flat += [(weight * w, p) for w, p in zip(part.weights, part.parts)]
            constant += weight * part.constant
        else:
            flat.append((weight, part))
    return reduced([w for w, _ in flat], [p for _, p in flat], constant, SumPolynomial)


def _adds_as_polynomials_do(value: object) -> bool:
    return getattr(type(value), "__add__", None) is POLYNOMIALS.added


POLYNOMIALS = operators(combined, _adds_as_polynomials_do)


@dataclass(frozen=True, eq=False, repr=False)
class SumPolynomial:
    """``f(x) = b + Σ_m w_m f_m(x)`` of polynomials of different kinds, kept apart.

    A vector of a feature holds the functions of all parts; each part is contracted with its own
    of them. So a sum of a tensor, cones and products costs what they cost, and no more.

    Parameters
    ----------
    weights : sequence of float, length M
    parts : sequence of polynomials, length M
        Of the same features; at least one.
    constant : float
        ``b``, in units of the output.

    Raises
    ------
    ValueError
        If the parts have different numbers of features, or a number is not finite.

    Examples
    --------
    >>> import qxai
    >>> wave = qxai.TrigPolynomial([0, 1, 0], frequencies=[[1]])  # cos x
    >>> product = qxai.ProductPolynomial([1], [[[0], [0], [1]]], frequencies=[[2]])  # sin 2x
    >>> both = 3 * wave - product
    >>> print(both.values([[1]]).round(3), both.polynomial().frequencies)
    [0.712] (array([1., 2.]),)
    """

    weights: Sequence[float]
    parts: Sequence[Any]
    constant: float = 0.0

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = POLYNOMIALS.added
    __sub__, __rsub__ = POLYNOMIALS.subtracted, POLYNOMIALS.subtracted_from
    __mul__ = __rmul__ = POLYNOMIALS.scaled
    __truediv__, __neg__ = POLYNOMIALS.divided, POLYNOMIALS.negated
    feature_names: ClassVar[tuple[str, ...] | None] = None  # set where a circuit has names

    def __post_init__(self) -> None:
        """Write each part in its multilinear form."""
        check_features([part.num_features for part in self.parts])
        weights = tuple(finite(weight) for weight in self.weights)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "parts", tuple(part.polynomial() for part in self.parts))
        object.__setattr__(self, "constant", finite(self.constant))

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<SumPolynomial: {self.num_features} features, {len(self.parts)} parts>"

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return self.parts[0].num_features

    @cached_property
    def frequencies(self) -> tuple[Array, ...]:
        """Each feature's frequencies, of all parts."""
        return common_frequencies([part.frequencies for part in self.parts])

    @cached_property
    def functions(self) -> Functions:
        """The functions of its features."""
        return Functions(self.frequencies)

    @cached_property
    def interaction_order(self) -> int:
        """Largest number of features in one term."""
        return max(part.interaction_order for part in self.parts)

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return sum(part.operations for part in self.parts)

    @property
    def waves(self) -> int:
        """How many waves ``exp(ik·x)`` the model is a sum of."""
        return sum(part.waves for part in self.parts)

    def polynomial(self) -> "SumPolynomial":
        """Return the model itself."""
        return self

    def dense(self) -> Any:
        """Return the same sum as one tensor.

        Raises
        ------
        ValueError
            If the tensor would not fit in memory.
        """
        tensors = [part.dense() for part in self.parts]
        return tensors[0].joined(self.weights, tensors, self.constant)

    def vectors(self, X: ArrayLike, order: int = 0) -> list[Array]:
        """Return each feature's vector ``φ``, or its derivative of an order: d arrays (N, K_i)."""
        return self.functions.at(as_inputs(X, self.num_features, self.feature_names), order)

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Array], list[Array]]:
        """Return vectors and derivatives at places (P,) of lines, each d arrays (P · N, K_i)."""
        return self.functions.along(start, end, places)

    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per feature, d arrays (N, K_i)."""
        return self.constant + self._sum(lambda part, own: part.contract(own), vectors)

    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector: d arrays (N, K_i)."""
        value = np.full(len(vectors[0]), self.constant)
        result = [np.zeros(vector.shape) for vector in vectors]
        for derivative in result:
            derivative[:, 0] = self.constant  # vectors begin with 1, so it is a factor of each
        for weight, part, places in self._each:
            found, own = part.partials([v[:, rows] for v, rows in zip(vectors, places)])
            value += weight * found
            for derivative, rows, piece in zip(result, places, own):
                np.add.at(derivative.T, rows, weight * piece.T)
        return value, result

    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        return self._sum(lambda part, *own: part.slopes(*own), vectors, directions)

    def pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""
        return self._sum(lambda part, *own: part.pair_slopes(*own), vectors, directions)

    def size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``."""
        return self.constant + self._sum(lambda part, *own: part.size_means(*own), before, after)

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        return self.contract(self.vectors(X))

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return self.slopes(*self.along(inputs, inputs, np.zeros(1)))

    def mean_gradient(self, start: Array, end: Array) -> Array:
        """Return the gradient averaged over the lines from ``start`` to ``end``: (N, d)."""
        return self._sum(lambda part: part.mean_gradient(start, end))

    def bands(self, distance: Array) -> Array:
        """Return the largest frequency along lines of lengths ``distance`` (N, d): (N,)."""
        return np.max([part.bands(distance) for part in self.parts], axis=0)

    @cached_property
    def _each(self) -> list[tuple[float, Multilinear, list[Indices]]]:
        """The parts with their weights, and where their functions are among those of all."""
        places = [rows_among(part.frequencies, self.frequencies) for part in self.parts]
        return list(zip(self.weights, self.parts, places))

    def _sum(self, of: Callable[..., Array], *vectors: Sequence[Array]) -> Array:
        """Add up what is linear in the parts, each asked with its own vectors."""
        return sum(
            weight * of(part, *[[v[:, r] for v, r in zip(each, places)] for each in vectors])
            for weight, part, places in self._each
        )  # type: ignore[return-value]
