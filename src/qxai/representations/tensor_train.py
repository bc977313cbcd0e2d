"""Models of many features as trains of small tensors, one for each feature."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs
from qxai.core import Array, Mask
from qxai.memory import check_size
from qxai.representations.basis import Functions
from qxai.representations.depolarised import DepolarisedTrain
from qxai.representations.local import LocalPolynomial
from qxai.representations.sums import POLYNOMIALS
from qxai.representations.sweeping import Row
from qxai.representations.train_checks import checked
from qxai.representations.train_powers import powers
from qxai.representations.train_windows import multiplied, neighbours, opened, scaled
from qxai.representations.trigonometric import TrigPolynomial
from qxai.threads import limited

STATES = 2**25  # bytes of what one sweep keeps
FEW, MANY = 16, 2**9  # vectors in one sweep


@dataclass(frozen=True, eq=False, repr=False)
class TensorTrain:
    """``f(x) = A_1(x_1) A_2(x_2) ⋯ A_d(x_d) + b``, each ``A_i`` a matrix that one feature moves.

    ``A_i(x) = Σ_k φ_k(x) T_i[:, k, :]`` with ``φ = (1, cos ωx, sin ωx, …)``. Where a
    `TrigPolynomial` has ``∏ K_i`` coefficients, a train with bonds of at most ``χ`` has
    ``Σ K_i χ²`` (Oseledets 2011). `tensor_train` makes one of a circuit.

    Attributes
    ----------
    tensors : tuple of ndarrays, shapes (χ, K, χ')
        ``T_i`` in the train's order; the first ``χ`` and the last ``χ'`` are 1.
    frequencies : tuple of ndarrays, length d
        For each feature its distinct positive frequencies, per radian.
    order : tuple of int, length d
        Which feature each tensor takes; ``0, 1, …`` for None.
    windows : tuple of tuples of int, or None
        Sets of features outside of which no two meet in a term; None for one window of all.
    constant : float
        ``b``, in units of the output.
    error : float
        Bound on the root mean square, over all angles, of what was left out to keep bonds small; in
        units of the output, and of no single input.
    swaps : int
        How many exchanges of neighbours brought distant qubits together.
    depolarised : tuple of ndarrays, shapes (χ, χ'), or None
        Each tensor with its feature's qubit depolarised; None if that is not known.

    Raises
    ------
    ValueError
        If shapes do not fit, or numbers are not finite.

    Examples
    --------
    >>> import qxai
    >>> cosine = [[[0], [1], [0]]]  # one bond, (1, cos x, sin x)
    >>> train = qxai.TensorTrain([cosine] * 100, [[1]] * 100)  # a product of 100 cosines
    >>> print(train, train.values([[0.1] * 100]).round(3))
    <TensorTrain: 100 features, bonds up to 1> [0.606]
    """

    tensors: Sequence[Array]
    frequencies: Sequence[Array]
    order: Sequence[int] | None = None
    windows: Sequence[Sequence[int]] | None = None
    constant: float = 0.0
    error: float = 0.0
    swaps: int = 0
    depolarised: Sequence[Array] | None = None

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = POLYNOMIALS.added
    __sub__, __rsub__ = POLYNOMIALS.subtracted, POLYNOMIALS.subtracted_from
    __mul__ = __rmul__ = POLYNOMIALS.scaled
    __truediv__, __neg__ = POLYNOMIALS.divided, POLYNOMIALS.negated
    feature_names: ClassVar[tuple[str, ...] | None] = None  # set where a circuit has names

    def __post_init__(self) -> None:
        """Check that each tensor fits its neighbours and its feature."""
        for name, value in checked(self).items():
            object.__setattr__(self, name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Return what it was made from, without what was computed from that."""
        kept = [*self.__dataclass_fields__, "feature_names"]
        return {name: self.__dict__[name] for name in kept if name in self.__dict__}

    def __repr__(self) -> str:
        """Say how large it is, and what was left out."""
        left = f", error {self.error:.2g}" if self.error > 1e-12 else ""
        return f"<TensorTrain: {self.num_features} features, bonds up to {max(self.bonds)}{left}>"

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return len(self.frequencies)

    @property
    def bonds(self) -> tuple[int, ...]:
        """Sizes of the bonds between tensors, from 1 at the start to 1 at the end."""
        return (1, *(t.shape[2] for t in self.tensors))

    @property
    def interaction_order(self) -> int:
        """Largest number of features that can meet in one term."""
        return max((len(w) for w in self._windows), default=0)

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return sum(t.size for t in self.tensors)

    @property
    def at_once(self) -> int:
        """How many vectors one sweep takes, so that what it keeps fits in a cache or in memory."""
        return int(np.clip(STATES // (8 * sum(self.bonds)), FEW, MANY))

    @property
    def waves(self) -> int:
        """How many waves ``exp(ik·x)`` the model can be a sum of."""
        sizes = [2 * len(w) + 1 for w in self.frequencies]
        return sum(math.prod(sizes[i] for i in window) for window in self._windows)

    @cached_property
    def functions(self) -> Functions:
        """The functions of its features."""
        return Functions(tuple(self.frequencies))

    def polynomial(self) -> "TensorTrain":
        """Return the model itself."""
        return self

    def dense(self) -> TrigPolynomial:
        """Return the same function as one tensor.

        Raises
        ------
        ValueError
            If the tensor would not fit in memory.
        """
        sizes = [2 * len(w) + 1 for w in self.frequencies]
        check_size(8 * math.prod(sizes), f"a tensor of {len(sizes)} features")
        whole = multiplied(self.tensors, self._order)
        whole.flat[0] += self.constant
        return TrigPolynomial(whole, self.frequencies)

    def vectors(self, X: ArrayLike, order: int = 0) -> list[Array]:
        """Return each feature's vector ``φ``, or its derivative of an order: d arrays (N, K_i)."""
        return self.functions.at(as_inputs(X, self.num_features, self.feature_names), order)

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Array], list[Array]]:
        """Return vectors and derivatives at places (P,) of lines, each d arrays (P · N, K_i)."""
        return self.functions.along(start, end, places)

    @limited()
    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per feature, d arrays (N, K_i) that begin with 1."""
        found = np.concatenate([self.row.contract(part) for (part,) in self.pieces(vectors)])
        return found + self.constant

    @limited()
    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector: d arrays (N, K_i)."""
        parts = [self.row.environments(part) for (part,) in self.pieces(vectors)]
        value = np.concatenate([part[0] for part in parts]) + self.constant
        result = [np.empty(0)] * self.num_features
        for place, feature in enumerate(self._order):
            result[feature] = np.concatenate([part[1][place] for part in parts], axis=1).T
            result[feature][:, 0] += self.constant
        return value, result

    @limited()
    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        parts = [self.row.slopes(*part) for part in self.pieces(vectors, directions)]
        return self.by_feature(np.concatenate(parts, axis=1))

    @limited()
    def pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""
        meets = self.meets[np.ix_(self._order, self._order)]
        furthest = np.where(meets.any(axis=1), meets.shape[1] - 1 - meets[:, ::-1].argmax(1), -1)
        pieces = self.pieces(vectors, directions)
        found = np.concatenate(
            [self.row.pair_slopes(vectors, moved, furthest) for vectors, moved in pieces], axis=2
        ).transpose(2, 0, 1)
        found *= meets
        back = np.argsort(self._order)
        return np.triu((found + found.transpose(0, 2, 1))[:, back[:, None], back], 1)

    @limited()
    def size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``."""
        parts = [self.row.size_means(*part) for part in self.pieces(before, after)]
        return np.concatenate(parts, axis=1).T + self.constant

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        return self.contract(self.vectors(X))

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return self.slopes(*self.along(inputs, inputs, np.zeros(1)))

    def mean_gradient(self, start: Array, end: Array) -> Array:
        """Return the gradient averaged over the lines from ``start`` to ``end``: (N, d)."""
        return self.local().mean_gradient(start, end)

    @property
    def game_size(self) -> int:
        """How many dividends one input has, in the games of all windows."""
        return sum(1 << len(window) for window in self._windows)

    def dividends(
        self, before: Sequence[Array], after: Sequence[Array]
    ) -> list[tuple[tuple[int, ...], Array]]:
        """Return the games between two sets of vectors as dividends, one for each window."""
        return self.local().dividends(before, after)

    def powers(self) -> tuple[Array, Array, float]:
        """Return the variance in each feature alone, in all terms with it (d,), and in all."""
        alone, every, whole = powers(self.tensors)
        back = np.argsort(self._order)
        return alone[back], every[back], whole

    def joined(
        self, weights: Sequence[float], parts: Sequence["TensorTrain"], constant: float
    ) -> "TensorTrain":
        """Return ``w f + constant``, as a train: the first tensor is multiplied."""
        return replace(parts[0], **scaled(parts[0], weights[0], constant))

    def local(self) -> LocalPolynomial:
        """Return the same function as a sum over windows, each term in one of them; computed once.

        Raises
        ------
        ValueError
            If the tensors of the windows would not fit in memory.
        """
        return self._local

    @cached_property
    def _local(self) -> LocalPolynomial:
        check_size(8 * self.waves, f"the tensors of {len(self._windows)} windows")
        places = [tuple(sorted(window)) for window in self._windows]
        return opened(self.tensors, self._order, places, self.frequencies, self.constant)

    def depolarised_game(self) -> DepolarisedTrain | None:
        """Return the game in which absent features are depolarised qubits; None if not known."""
        return None if self.depolarised is None else DepolarisedTrain(self)

    def bands(self, distance: Array) -> Array:
        """Return the largest frequency along lines of lengths ``distance`` (N, d): (N,)."""
        fastest = distance * [w.max(initial=0.0) for w in self.frequencies]
        return np.max([fastest[:, list(w)].sum(axis=1) for w in self._windows], axis=0, initial=0.0)

    @cached_property
    def meets(self) -> Mask:
        """Which two features can meet in one term, (d, d)."""
        return neighbours(self._windows, self.num_features)

    @cached_property
    def row(self) -> Row:
        """The tensors laid out for sweeps."""
        return Row(tuple(self.tensors))

    @property
    def _order(self) -> tuple[int, ...]:
        assert self.order is not None
        return tuple(self.order)

    @property
    def _windows(self) -> Sequence[Sequence[int]]:
        return (range(self.num_features),) if self.windows is None else self.windows

    def by_feature(self, rows: Array) -> Array:
        """Return what is in the train's order (d, N) in the order of the features, (N, d)."""
        return rows[np.argsort(self._order)].T

    def pieces(self, *groups: Sequence[Array]) -> Iterator[list[list[Array]]]:
        """Yield vectors in the train's order, (K, N) each, few enough inputs at a time."""
        count, few = len(groups[0][0]), self.at_once
        for first in range(0, max(1, count), few):
            part = slice(first, first + few)
            yield [[vectors[i][part].T for i in self._order] for vectors in groups]
