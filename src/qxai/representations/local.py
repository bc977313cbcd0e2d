"""Models as sums of trigonometric polynomials of few features each: light cones."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs
from qxai.core import Array, Indices
from qxai.memory import check_size
from qxai.representations.basis import Functions, checked_frequencies
from qxai.representations.joining import listed_parts, same_kind
from qxai.representations.sums import POLYNOMIALS
from qxai.representations.trigonometric import TrigPolynomial


@dataclass(frozen=True, eq=False, repr=False)
class LocalPolynomial:
    """``f(x) = Σ_w f_w(x_i, i ∈ w)`` with a small dense polynomial for each set of features.

    A readout of a shallow circuit depends on its light cone only; a sum of such readouts then
    needs a tensor for each cone, and none of all features. The vectors of features, and what is
    mixed of them, begin with 1; so a feature that a part leaves out counts as the factor 1.

    Parameters
    ----------
    parts : sequence of TrigPolynomial
        At least one.
    places : sequence of sequences of int
        For each part its features, in ascending order.
    frequencies : sequence of array_like, length d
        For each feature its distinct positive frequencies, per radian.

    Raises
    ------
    ValueError
        If a part does not fit its features, or they are not in order.

    Examples
    --------
    >>> import qxai
    >>> cosine = qxai.TrigPolynomial([0, 1, 0], frequencies=[[1]])
    >>> product = qxai.TrigPolynomial([[0, 0, 0], [0, 0, 0], [0, 0, 1]], frequencies=[[1], [1]])
    >>> model = qxai.LocalPolynomial([cosine, product], [(0,), (1, 2)], [[1], [1], [1]])
    >>> print(model.values([[0, 1, 2]]).round(3))  # cos x0 + sin x1 sin x2
    [1.765]
    """

    parts: Sequence[TrigPolynomial]
    places: Sequence[Sequence[int]]
    frequencies: Sequence[Array]

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = POLYNOMIALS.added
    __sub__, __rsub__ = POLYNOMIALS.subtracted, POLYNOMIALS.subtracted_from
    __mul__ = __rmul__ = POLYNOMIALS.scaled
    __truediv__, __neg__ = POLYNOMIALS.divided, POLYNOMIALS.negated
    joins, joined = same_kind, listed_parts
    feature_names: ClassVar[tuple[str, ...] | None] = None  # set where a circuit has names

    def __post_init__(self) -> None:
        """Check that every part fits the features that it stands for."""
        lists = checked_frequencies(self.frequencies)
        places = tuple(tuple(int(i) for i in place) for place in self.places)
        if len(places) != len(self.parts) or not places:
            raise ValueError(
                f"places: expected the features of each of {len(self.parts)} parts, at least one, "
                f"found {len(places)}"
            )
        for number, (part, place) in enumerate(zip(self.parts, places)):
            if list(place) != sorted(set(place) & set(range(len(lists)))):
                raise ValueError(
                    f"places[{number}]: expected different features below {len(lists)} in "
                    f"ascending order, found {place}"
                )
            if len(place) != part.num_features or not all(
                np.array_equal(w, lists[i]) for w, i in zip(part.frequencies, place)
            ):
                raise ValueError(
                    f"parts[{number}]: expected the frequencies of the features {place}, found "
                    f"{[w.tolist() for w in part.frequencies]}"
                )
        object.__setattr__(self, "frequencies", lists)
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "places", places)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<LocalPolynomial: {self.num_features} features, {len(self.parts)} light cones>"

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return len(self.frequencies)

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return sum(part.operations for part in self.parts)

    @property
    def waves(self) -> int:
        """How many waves ``exp(ik·x)`` the model is a sum of."""
        return sum(part.waves for part in self.parts)

    @cached_property
    def functions(self) -> Functions:
        """The functions of its features."""
        return Functions(tuple(self.frequencies))

    @cached_property
    def interaction_order(self) -> int:
        """Largest number of features in one term, rounding errors left out."""
        return max(part.interaction_order for part in self.parts)

    def polynomial(self) -> "LocalPolynomial":
        """Return the model itself."""
        return self

    def dense(self) -> TrigPolynomial:
        """Return the same sum as one tensor.

        Raises
        ------
        ValueError
            If the tensor would not fit in memory.
        """
        sizes = [2 * len(w) + 1 for w in self.frequencies]
        check_size(8 * math.prod(sizes), f"a tensor of {len(sizes)} features")
        tensor = np.zeros(sizes)
        for part, place in zip(self.parts, self.places):
            here = tuple(slice(None) if i in place else 0 for i in range(len(sizes)))
            tensor[here] += part.coefficients
        return TrigPolynomial(tensor, self.frequencies)

    def disjoint(self) -> "LocalPolynomial":
        """Return the same sum with each term in one part, the first that holds its features."""
        tensors = [np.array(part.coefficients) for part in self.parts]
        for number, (place, tensor) in enumerate(zip(self.places, tensors)):
            for earlier, other in zip(self.places[:number], tensors):
                shared = set(place) & set(earlier)
                here = tuple(slice(None) if i in shared else 0 for i in place)
                other[tuple(slice(None) if i in shared else 0 for i in earlier)] += tensor[here]
                tensor[here] = 0.0
        parts = [TrigPolynomial(t, part.frequencies) for t, part in zip(tensors, self.parts)]
        return LocalPolynomial(parts, self.places, self.frequencies)

    def vectors(self, X: ArrayLike, order: int = 0) -> list[Array]:
        """Return each feature's vector ``φ``, or its derivative of an order: d arrays (N, K_i)."""
        return self.functions.at(as_inputs(X, self.num_features, self.feature_names), order)

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Array], list[Array]]:
        """Return vectors and derivatives at places (P,) of lines, each d arrays (P · N, K_i)."""
        return self.functions.along(start, end, places)

    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per feature, d arrays (N, K_i)."""
        return sum(
            (part.contract(own) for part, _, (own,) in self._each(vectors)),
            np.zeros(len(vectors[0])),
        )

    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector: d arrays (N, K_i)."""
        value, result = np.zeros(len(vectors[0])), [np.zeros(v.shape) for v in vectors]
        for part, place, (own,) in self._each(vectors):
            found, derivatives = part.partials(own)
            value += found
            own_places = dict(zip(place.tolist(), derivatives))
            for i, derivative in enumerate(result):
                if i in own_places:
                    derivative += own_places[i]
                else:
                    derivative[:, 0] += found
        return value, result

    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        result = np.zeros((len(vectors[0]), self.num_features))
        for part, place, own in self._each(vectors, directions):
            result[:, place] += part.slopes(*own)
        return result

    def pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""
        d = self.num_features
        result = np.zeros((len(vectors[0]), d, d))
        for part, place, own in self._each(vectors, directions):
            result[:, place[:, None], place] += part.pair_slopes(*own)
        return result

    def size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``.

        A set of ``k`` meets a part's features in ``j`` as often as balls drawn from an urn do.
        """
        d = self.num_features
        result = np.zeros((len(before[0]), d + 1))
        for part, place, own in self._each(before, after):
            m = len(place)
            shares = [
                [math.comb(m, j) * math.comb(d - m, k - j) / math.comb(d, k) if j <= k else 0.0]
                for j in range(m + 1)
                for k in range(d + 1)
            ]
            result += part.size_means(*own) @ np.reshape(shares, (m + 1, d + 1))
        return result

    @property
    def game_size(self) -> int:
        """How many dividends one input has, of all cones."""
        return sum(part.game_size for part in self.parts)

    def dividends(
        self, before: Sequence[Array], after: Sequence[Array]
    ) -> list[tuple[tuple[int, ...], Array]]:
        """Return the games between two sets of vectors as dividends, one for each cone."""
        return [
            (tuple(place.tolist()), games)
            for part, place, own in self._each(before, after)
            for _, games in part.dividends(*own)
        ]

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
        for part, place, _ in self._each():
            result[:, place] += part.mean_gradient(start[:, place], end[:, place])
        return result

    def bands(self, distance: Array) -> Array:
        """Return the largest frequency along lines of lengths ``distance`` (N, d): (N,)."""
        found = [part.bands(distance[:, place]) for part, place, _ in self._each()]
        return np.max(found, axis=0)

    def _each(
        self, *vectors: Sequence[Array]
    ) -> Iterator[tuple[TrigPolynomial, Indices, list[list[Array]]]]:
        """Yield each part with its features and their vectors."""
        for part, place in zip(self.parts, self.places):
            yield part, np.array(place), [[each[i] for i in place] for each in vectors]
