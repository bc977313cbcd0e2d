"""What every model and every attribution shares: shapes, protocols, results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
PER_RADIAN = "output per radian"  # of a slope, where a model does not tell another unit
# Weights of some rows of a batch, from their values: the derivative of a loss by each output.
Pullback = Callable[[Array, slice], Array]


class NoClosedFormError(ValueError):
    """What asks a model for a form that it has not: enumeration or a quadrature does instead."""


class OnlyEstimatesError(TypeError):
    """What asks a model on a backend that samples for a form of it."""


class Evaluator(Protocol):
    """Anything that maps a batch of inputs to a batch of real outputs."""

    @property
    def num_features(self) -> int:
        """Number of features ``d`` of one input."""

    def values(self, X: ArrayLike) -> Array:
        """Map inputs of shape (N, d) to outputs of shape (N,)."""


class Multilinear(Protocol):
    """A model that is linear in one vector per feature."""

    @property
    def num_features(self) -> int:
        """Number of features ``d`` of one input."""

    @property
    def frequencies(self) -> Sequence[Array]:
        """Each feature's frequencies ω; its vector is ``(1, cos ωx, sin ωx, …)``."""

    @property
    def interaction_order(self) -> int:
        """Largest number of features that meet in one term."""

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""

    @property
    def waves(self) -> int:
        """How many waves ``exp(ik·x)`` the model is a sum of."""

    def mean_gradient(self, start: Array, end: Array) -> Array:
        """Return the gradient averaged over the lines from ``start`` to ``end``: (N, d)."""

    def vectors(self, X: ArrayLike, order: int = 0) -> list[Array]:
        """Return each feature's vector, differentiated ``order`` times: d arrays (N, K_i)."""

    def along(self, start: Array, end: Array, places: Array) -> tuple[list[Array], list[Array]]:
        """Return vectors and derivatives at places (P,) of lines, each d arrays (P · N, K_i)."""

    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per feature, d arrays (N, K_i)."""

    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector, d arrays (N, K_i)."""

    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""

    def pair_slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the second derivatives (N, d, d) along two directions, above the diagonal."""

    def size_means(self, before: Sequence[Array], after: Sequence[Array]) -> Array:
        """Return the mean value (N, d + 1) over all sets of 0, …, d vectors from ``after``."""

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""

    def gradient(self, X: ArrayLike) -> Array:
        """Return the derivatives by the features for inputs (N, d), shape (N, d)."""

    def bands(self, distance: Array) -> Array:
        """Return the largest frequency along lines of lengths ``distance`` (N, d): (N,)."""


class Backend(Protocol):
    """Where a compiled circuit runs.

    One that has a method ``estimate`` as well gives estimates with standard errors.
    """

    def values(self, circuit: Any, X: Array, parameters: Array) -> Array:
        """Return expectation values for inputs (N, d), shape (N,)."""

    def gradient(self, circuit: Any, X: Array, parameters: Array) -> Array:
        """Return their derivatives by the features, shape (N, d)."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """Numbers measured with finitely many shots.

    Attributes
    ----------
    values, standard_error : ndarrays of one shape
        Both in units of what is estimated; the error is 0 where a value is exact.
    evaluations : int
        Circuit runs: pairs of a circuit and its angles.
    shots : int
        Repetitions of all runs together; 0 where values are exact.

    Examples
    --------
    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> device = qxai.Sampled(shots=100, rng=np.random.default_rng(0))
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q), backend=device)
    >>> found = model.estimate([[np.pi / 2]])  # a fair coin: the error is 1/√100
    >>> print(found.standard_error.round(1), found.evaluations, found.shots)
    [0.1] 1 100
    """

    values: Array
    standard_error: Array
    evaluations: int
    shots: int
