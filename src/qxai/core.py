"""What every model and every attribution shares: shapes, protocols, results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qxai.checks import as_inputs, real_array

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
# Weights of some rows of a batch, from their values: the derivative of a loss by each output.
Pullback = Callable[[Array, slice], Array]


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


@dataclass(frozen=True, eq=False, kw_only=True)
class Attribution:
    """An explanation of each of N outputs by d features.

    Attributes
    ----------
    values : ndarray, shape (N, d)
        What each feature contributes, in units of the output (for the gradient: per radian).
    output : ndarray, shape (N,)
        Model output at the explained inputs.
    baseline_output : ndarray, shape (N,)
        The output that the method starts counting from; NaN for a method without one.
    method : str
        Name of the method and of its settings, for figures and tables.
    evaluations : int
        Circuit runs that a device would need for ``values`` (each method states its formula);
        ``output`` and ``baseline_output``, where the method does not use them, come on top.
    standard_error : ndarray, shape (N, d), or None
        Standard error of ``values`` where they were sampled; None where they are exact.
    shots : int
        Shots spent on ``values``; 0 where they are exact.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> found = qxai.occlusion(model, [[2, 3]])
    >>> print(found.values, found.output, found.baseline_output, found.residual)
    [[6. 6.]] [6.] [0.] [-6.]
    >>> found.method, found.evaluations, found.shots
    ('occlusion', 3, 0)
    """

    values: Array
    output: Array
    baseline_output: Array
    method: str
    evaluations: int
    standard_error: Array | None = None
    shots: int = 0

    def __post_init__(self) -> None:
        """Copy the arrays, and refuse shapes that contradict each other."""
        for name in ("values", "output", "baseline_output", "standard_error"):
            if (found := getattr(self, name)) is not None:
                object.__setattr__(self, name, real_array(found, f"{name}: expected real numbers"))
        if self.standard_error is not None and self.standard_error.shape != self.values.shape:
            raise ValueError(
                f"standard_error: expected shape {self.values.shape}, "
                f"found {self.standard_error.shape}"
            )
        rows = self.values.shape[:1]
        if self.values.ndim != 2 or not rows == self.output.shape == self.baseline_output.shape:
            raise ValueError(
                "values, output and baseline_output: expected shapes (N, d), (N,), (N,), found "
                f"{self.values.shape}, {self.output.shape}, {self.baseline_output.shape}"
            )

    @property
    def residual(self) -> Array:
        """What completeness misses, ``output − baseline_output − Σ values``, shape (N,)."""
        return self.output - self.baseline_output - self.values.sum(axis=1)

    def to_shap(
        self, X: ArrayLike | None = None, feature_names: Sequence[str] | None = None
    ) -> Any:
        """Return a ``shap.Explanation``, for the plots of shap.

        Parameters
        ----------
        X : array_like, shape (N, d), optional
            The explained inputs, which some of its plots show beside the values.
        feature_names : sequence of str, length d, optional

        Returns
        -------
        shap.Explanation
            With ``baseline_output`` as its base values; 0 for a method without a baseline.

        Raises
        ------
        ImportError
            If shap is not installed.
        ValueError
            If ``X`` or ``feature_names`` do not fit the values.
        """
        d = self.values.shape[1]
        data = None if X is None else as_inputs(X, d)
        if data is not None and len(data) != len(self.values):
            raise ValueError(f"X: expected {len(self.values)} rows, found {len(data)}")
        if feature_names is not None and len(feature_names) != d:
            raise ValueError(f"feature_names: expected {d} names, found {len(feature_names)}")
        try:
            import shap
        except ImportError as error:
            raise ImportError(f"shap is not installed: run pip install shap ({error})") from error
        names = None if feature_names is None else list(feature_names)
        base = np.nan_to_num(self.baseline_output, nan=0.0)
        return shap.Explanation(self.values, base, data, feature_names=names)
