"""Models as sums of products with one factor per feature."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs, batches, real_array
from qxai.contraction import outer
from qxai.core import Array
from qxai.memory import check_size
from qxai.representations.basis import Functions, checked_frequencies
from qxai.representations.joining import listed_products, same_kind
from qxai.representations.sums import POLYNOMIALS
from qxai.representations.trigonometric import TrigPolynomial
from qxai.threads import limited

CHUNK = 2**22  # most numbers in one batch of factors


@dataclass(frozen=True, eq=False, repr=False)
class ProductPolynomial:
    """``f(x) = Σ_s c_s ∏_i φ_i(x_i)·a_{i,s}`` with ``φ = (1, cos ωx, sin ωx, …)``.

    A canonical decomposition of the coefficient tensor of a `TrigPolynomial`: with ``S`` terms it
    needs ``S d`` factors where the tensor has ``∏ K_i`` entries.

    Parameters
    ----------
    weights : array_like, shape (S,)
        ``c_s``, in units of the output.
    factors : sequence of array_like, shapes (K_i, S)
        The columns ``a_{i,s}``; ``K_i = 2 len(frequencies[i]) + 1``.
    frequencies : sequence of array_like
        For each feature its distinct positive frequencies, per radian.

    Raises
    ------
    ValueError
        If shapes do not match, numbers are not finite, or frequencies not positive and distinct.

    Examples
    --------
    >>> import qxai
    >>> cosine, sine = [[0], [1], [0]], [[0], [0], [1]]
    >>> model = qxai.ProductPolynomial([5], [cosine, sine], frequencies=[[1], [2]])
    >>> print(model.values([[0, 1]]).round(3))  # 5 cos x0 sin 2x1
    [4.546]
    """

    weights: Array
    factors: Sequence[Array]
    frequencies: Sequence[Array]

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = POLYNOMIALS.added
    __sub__, __rsub__ = POLYNOMIALS.subtracted, POLYNOMIALS.subtracted_from
    __mul__ = __rmul__ = POLYNOMIALS.scaled
    __truediv__, __neg__ = POLYNOMIALS.divided, POLYNOMIALS.negated
    joins, joined = same_kind, listed_products
    feature_names: ClassVar[tuple[str, ...] | None] = None  # set where a circuit has names

    def __post_init__(self) -> None:
        """Check that each feature has a factor of the right shape."""
        weights = real_array(self.weights, "weights: expected real numbers")
        factors = tuple(real_array(f, "factors: expected real numbers") for f in self.factors)
        lists = checked_frequencies(self.frequencies)
        expected = [(2 * len(w) + 1, len(weights)) for w in lists]
        if (found := [factor.shape for factor in factors]) != expected:
            raise ValueError(f"factors: expected shapes {expected}, found {found}")
        if not all(np.isfinite(array).all() for array in (weights, *factors)):
            raise ValueError("weights, factors: expected finite numbers, found NaN or infinity")
        for array in (weights, *factors):
            array.flags.writeable = False
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "factors", factors)
        object.__setattr__(self, "frequencies", lists)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<ProductPolynomial: {self.num_features} features, {len(self.weights)} products>"

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return len(self.factors)

    @cached_property
    def interaction_order(self) -> int:
        """Largest number of features on which one term depends."""
        varying = sum((np.any(a[1:] != 0, axis=0) for a in self.factors), np.zeros(1, np.int64))
        return int(np.max(varying[self.weights != 0], initial=0)) if len(self.weights) else 0

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return len(self.weights) * sum(len(factor) for factor in self.factors)

    @property
    def waves(self) -> int:
        """How many waves ``exp(ik·x)`` the model is a sum of."""
        sizes = [len(factor) for factor in self.factors]
        return sum(math.prod(sizes[i] for i in support) for support in self._supports)

    @cached_property
    def _supports(self) -> dict[tuple[int, ...], list[int]]:
        """The terms that depend on the same features, by these."""
        found: dict[tuple[int, ...], list[int]] = {}
        varying = np.array([np.any(factor[1:] != 0, axis=0) for factor in self.factors])
        for term, features in enumerate(varying.T):
            found.setdefault(tuple(np.flatnonzero(features).tolist()), []).append(term)
        return found

    @cached_property
    def functions(self) -> Functions:
        """The functions of its features."""
        return Functions(tuple(self.frequencies))

    def polynomial(self) -> "ProductPolynomial":
        """Return the model itself."""
        return self

    def dense(self) -> TrigPolynomial:
        """Return the same sum as one tensor.

        Raises
        ------
        ValueError
            If the tensor would not fit in memory.
        """
        sizes = [len(factor) for factor in self.factors]
        check_size(16 * math.prod(sizes), f"a tensor of {len(sizes)} features")
        flat = np.zeros((math.prod(sizes), 1))
        for columns in batches(len(self.weights), len(flat)):
            terms = outer([factor[:, columns] for factor in self.factors])
            flat += terms @ self.weights[columns, None]
        return TrigPolynomial(flat.reshape(sizes), self.frequencies)

    def vectors(self, X: ArrayLike, order: int = 0) -> list[Array]:
        """Return each feature's vector ``φ``, or its derivative of an order: d arrays (N, K_i)."""
        return self.functions.at(as_inputs(X, self.num_features, self.feature_names), order)

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Array], list[Array]]:
        """Return vectors and derivatives at places (P,) of lines, each d arrays (P · N, K_i)."""
        return self.functions.along(start, end, places)

    @limited()
    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per feature, d arrays (N, K_i)."""
        return np.concatenate(
            [self._product(part) @ self.weights for part in self._chunks(vectors)]
        )

    @limited()
    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector: d arrays (N, K_i)."""
        chunks = [self._partials(part) for part in self._chunks(vectors)]
        value = np.concatenate([chunk[0] for chunk in chunks])
        axes = range(self.num_features)
        return value, [np.concatenate([chunk[1][i] for chunk in chunks]) for i in axes]

    @limited()
    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        pairs = zip(self._chunks(vectors), self._chunks(directions))
        return np.concatenate([self._slopes(*pair) for pair in pairs])

    @limited()
    def pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""
        pairs = zip(self._chunks(vectors), self._chunks(directions))
        return np.concatenate([self._pair_slopes(*pair) for pair in pairs])

    @limited()
    def size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``."""
        pairs = zip(self._chunks(before), self._chunks(after))
        return np.concatenate([self._size_means(*pair).T for pair in pairs])

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        return self.contract(self.vectors(X))

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return self.slopes(*self.along(inputs, inputs, np.zeros(1)))

    def mean_gradient(self, start: Array, end: Array) -> Array:
        """Return the gradient averaged over the lines from ``start`` to ``end``: (N, d)."""
        result = np.zeros(start.shape)
        for features, terms in self._supports.items():
            if features:
                here = list(features)
                part = self._part(features, terms).dense()
                result[:, here] += part.mean_gradient(start[:, here], end[:, here])
        return result

    def _part(self, features: Sequence[int], terms: Sequence[int]) -> "ProductPolynomial":
        """Return some terms as a polynomial of the features on which they depend."""
        absent = [factor[0, terms] for i, factor in enumerate(self.factors) if i not in features]
        return ProductPolynomial(
            self.weights[terms] * np.prod(absent, axis=0),
            [self.factors[i][:, terms] for i in features],
            [self.frequencies[i] for i in features],
        )

    def bands(self, distance: Array) -> Array:
        """Return the largest frequency along lines of lengths ``distance`` (N, d): (N,)."""
        return distance @ np.array([w.max(initial=0.0) for w in self.frequencies])

    def _product(self, vectors: Sequence[Array]) -> Array:
        product = vectors[0] @ self.factors[0]
        for vector, factor in zip(vectors[1:], self.factors[1:]):
            product *= vector @ factor
        return product

    def _size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Average each term feature by feature, as means of means: nothing cancels: (d + 1, N)."""
        means = np.ones((1, len(before[0]), len(self.weights)))
        for count, (a, b, factor) in enumerate(zip(before, after, self.factors), start=1):
            share = (np.arange(count + 1) / count)[:, None, None]  # that the newest is among k
            grown = np.zeros((count + 1, *means.shape[1:]))
            grown[:-1] += (1 - share[:-1]) * means * (a @ factor)
            grown[1:] += share[1:] * means * (b @ factor)
            means = grown
        return means @ self.weights

    def _around(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the products of all features, and of all but one, for each term: (N, S) each.

        Multiplied up from both ends: no division, so a factor may vanish.
        """
        each = [vector @ factor for vector, factor in zip(vectors, self.factors)]
        after = [np.broadcast_to(self.weights, each[0].shape)]
        for factor in each[:0:-1]:
            after.append(after[-1] * factor)
        before, around = np.ones_like(each[0]), []
        for factor, rest in zip(each, after[::-1]):
            around.append(before * rest)
            before = before * factor
        return before @ self.weights, around

    def _partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        value, around = self._around(vectors)
        return value, [rest @ factor.T for rest, factor in zip(around, self.factors)]

    def _slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        columns = zip(self._around(vectors)[1], directions, self.factors)
        return np.stack(
            [np.einsum("ns,ns->n", rest, step @ factor) for rest, step, factor in columns], axis=1
        )

    def _pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Move one feature along its direction, and then each that follows it."""
        d = self.num_features
        result = np.zeros((len(vectors[0]), d, d))
        for i in range(d - 1):
            moved = [*vectors[:i], directions[i], *vectors[i + 1 :]]
            result[:, i, i + 1 :] = self._slopes(moved, directions)[:, i + 1 :]
        return result

    def _chunks(self, vectors: Sequence[Array]) -> Iterator[list[Array]]:
        step = max(1, CHUNK // max(1, len(self.weights) * self.num_features))
        for i in range(0, max(1, len(vectors[0])), step):
            yield [vector[i : i + step] for vector in vectors]
