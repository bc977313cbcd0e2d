"""Models as trigonometric polynomials: a dense tensor with one axis per feature."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs, batches, real_array
from qxai.contraction import (
    shared_pair_slopes,
    shared_partials,
    shared_size_means,
    shared_slopes,
    shared_value,
)
from qxai.core import Array
from qxai.representations.basis import Functions, checked_frequencies
from qxai.representations.dividends import tensor_dividends
from qxai.representations.joining import fit_together, summed_tensors
from qxai.representations.lines import mean_gradient
from qxai.representations.records import polynomial_of
from qxai.representations.sums import POLYNOMIALS
from qxai.threads import limited, limited_by

CHUNK = 2**17  # most numbers in one batch of products of vectors: they stay in the cache
ROUNDING = 1e-14  # relative weight below which terms are rounding errors


def _product(polynomial: "TrigPolynomial", *_: object) -> float:
    """Count the operations of its products of matrices."""
    return 2.0 * polynomial.coefficients.size * polynomial.columns


@dataclass(frozen=True, eq=False, repr=False)
class TrigPolynomial:
    """``f(x) = Σ C[k_1, …, k_d] ∏_i φ_{k_i}(x_i)``, ``φ = (1, cos ωx, sin ωx, cos ω'x, …)``.

    Parameters
    ----------
    coefficients : array_like, shape (K_1, …, K_d)
        ``K_i = 2 len(frequencies[i]) + 1``; in units of the output.
    frequencies : sequence of array_like
        For each feature its distinct positive frequencies, per radian.

    Raises
    ------
    ValueError
        If shapes do not match, or frequencies are not positive and distinct.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([3, 0, 1], frequencies=[[2]])  # 3 + sin 2x
    >>> print(model.values([[0], [1]]).round(3), model.gradient([[0]]).round(3))
    [3.    3.909] [[2.]]
    """

    coefficients: Array
    frequencies: Sequence[Array]

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = POLYNOMIALS.added
    __sub__, __rsub__ = POLYNOMIALS.subtracted, POLYNOMIALS.subtracted_from
    __mul__ = __rmul__ = POLYNOMIALS.scaled
    __truediv__, __neg__ = POLYNOMIALS.divided, POLYNOMIALS.negated
    joins, joined = fit_together, summed_tensors
    feature_names: ClassVar[tuple[str, ...] | None] = None  # set where a circuit has names

    def __post_init__(self) -> None:
        """Check that the tensor has an axis of the right length for each feature."""
        tensor = real_array(self.coefficients, "coefficients: expected real numbers")
        tensor.flags.writeable = False
        lists = checked_frequencies(self.frequencies)
        expected = tuple(2 * len(w) + 1 for w in lists)
        if tensor.shape != expected:
            raise ValueError(
                f"coefficients: expected shape {expected} for the given frequencies, "
                f"found {tensor.shape}"
            )
        if not np.isfinite(tensor).all():
            raise ValueError("coefficients: expected finite numbers, found NaN or infinity")
        object.__setattr__(self, "coefficients", tensor)
        object.__setattr__(self, "frequencies", lists)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<TrigPolynomial: {self.num_features} features, shape {self.coefficients.shape}>"

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return self.coefficients.ndim

    @cached_property
    def interaction_order(self) -> int:
        """Largest number of features in one term, rounding errors left out."""
        weights = np.zeros(self.num_features + 1)
        sizes = np.abs(self.coefficients)
        noise = ROUNDING * np.sqrt(sizes.size)
        all_meet = sizes[(slice(1, None),) * self.num_features]
        if all_meet.sum() > noise * (sizes.sum() - sizes.flat[0]):
            return self.num_features  # as it is for most circuits; the rest takes a while
        for axis in range(self.num_features):  # the constant, and the other functions
            parts = np.moveaxis(sizes, axis, 0)
            sizes = np.moveaxis(np.stack([parts[0], parts[1:].sum(axis=0)]), 0, axis)
        meeting = np.indices(sizes.shape, dtype=np.int8, sparse=True)
        np.add.at(weights, sum(meeting, np.zeros((), np.int8)), sizes)
        above = np.cumsum(weights[:0:-1])[::-1]  # the constant is no measure of what interacts
        return int(np.max(1 + np.flatnonzero(above > noise * above[:1]), initial=0))

    def to_json(self) -> str:
        """Return the model as JSON: shape, frequencies, and coefficients, last axis fastest.

        Numbers are written with as many digits as bring them back; `from_json` reads it, and so
        can any other program.

        Examples
        --------
        >>> import qxai
        >>> text = qxai.TrigPolynomial([3, 0, 1], frequencies=[[2]]).to_json()
        >>> text
        '{"shape": [3], "frequencies": [[2.0]], "coefficients": [3.0, 0.0, 1.0]}'
        >>> print(qxai.TrigPolynomial.from_json(text).values([[1]]).round(3))
        [3.909]
        """
        return json.dumps(
            {
                "shape": list(self.coefficients.shape),
                "frequencies": [w.tolist() for w in self.frequencies],
                "coefficients": self.coefficients.ravel().tolist(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "TrigPolynomial":
        """Return the model of a text that `to_json` wrote; nothing of it is trusted.

        Raises
        ------
        ValueError
            If it is another text.
        """
        return polynomial_of(text, cls)

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return self.coefficients.size

    @property
    def waves(self) -> int:
        """How many waves ``exp(ik·x)`` the model is a sum of."""
        return self.coefficients.size

    @cached_property
    def functions(self) -> Functions:
        """The functions of its features."""
        return Functions(tuple(self.frequencies))

    def polynomial(self) -> "TrigPolynomial":
        """Return the model itself."""
        return self

    dense = polynomial

    def vectors(self, X: ArrayLike, order: int = 0) -> list[Array]:
        """Return each feature's vector ``φ``, or its derivative of an order: d arrays (N, K_i)."""
        return self.functions.at(as_inputs(X, self.num_features, self.feature_names), order)

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Array], list[Array]]:
        """Return vectors and derivatives at places (P,) of lines, each d arrays (P · N, K_i)."""
        return self.functions.along(start, end, places)

    @limited_by(_product)
    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per feature, d arrays (N, K_i)."""
        chunks = self._chunks(vectors)
        return np.concatenate([shared_value(self.coefficients, part) for part in chunks])

    @limited_by(_product)
    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector: d arrays (N, K_i)."""
        chunks = [shared_partials(self.coefficients, part) for part in self._chunks(vectors)]
        value = np.concatenate([chunk[0] for chunk in chunks])
        axes = range(self.num_features)
        return value, [np.concatenate([chunk[1][i].T for chunk in chunks]) for i in axes]

    @limited_by(_product)
    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        pairs = zip(self._chunks(vectors), self._chunks(directions))
        found = [shared_slopes(self.coefficients, *pair) for pair in pairs]
        return (found[0] if len(found) == 1 else np.concatenate(found, axis=1)).T

    @limited_by(_product)
    def pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""
        pairs = zip(self._chunks(vectors), self._chunks(directions))
        found = [shared_pair_slopes(self.coefficients, *pair) for pair in pairs]
        return np.concatenate([np.moveaxis(one, -1, 0) for one in found])

    @limited_by(_product)
    def size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``."""
        d = self.num_features
        step = max(1, CHUNK // (d * math.isqrt(self.coefficients.size)))
        chunks = zip(self._chunks(before, step), self._chunks(after, step))
        return np.concatenate([shared_size_means(self.coefficients, *pair).T for pair in chunks])

    @property
    def game_size(self) -> int:
        """How many dividends one input has."""
        return 1 << self.num_features

    def dividends(
        self, before: Sequence[Array], after: Sequence[Array]
    ) -> list[tuple[tuple[int, ...], Array]]:
        """Return the games between two sets of vectors, one of all features, as dividends."""
        with limited(2.0 * self.coefficients.size * len(after[0])):
            found = tensor_dividends(self.coefficients, before, after)
        return [(tuple(range(self.num_features)), found)]

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        return self.contract(self.vectors(X))

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return self.slopes(*self.along(inputs, inputs, np.zeros(1)))

    @limited_by(_product)
    def mean_gradient(self, start: Array, end: Array) -> Array:
        """Return the gradient averaged over the lines from ``start`` to ``end``: (N, d)."""
        result = np.empty(start.shape)
        for rows in batches(len(start), 4 * self.coefficients.size):
            result[rows] = mean_gradient(
                self.coefficients, self.frequencies, start[rows], end[rows]
            )
        return result

    def bands(self, distance: Array) -> Array:
        """Return the largest frequency along lines of lengths ``distance`` (N, d): (N,)."""
        return distance @ np.array([w.max(initial=0.0) for w in self.frequencies])

    @property
    def columns(self) -> int:
        """How many products of vectors stay in the cache."""
        return max(1, CHUNK // math.isqrt(self.coefficients.size))

    def _chunks(self, vectors: Sequence[Array], step: int = 0) -> Iterator[list[Array]]:
        """Cut the batch so that products of vectors stay small; batch last, as they multiply."""
        step = step or self.columns
        for i in range(0, max(1, len(vectors[0])), step):
            yield [np.ascontiguousarray(v[i : i + step].T) for v in vectors]
