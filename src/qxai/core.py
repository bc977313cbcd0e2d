"""What every model and every attribution shares: shapes, protocols, the result, the checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
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
    def interaction_order(self) -> int:
        """Largest number of features that meet in one term."""

    def vectors(self, X: ArrayLike, order: int = 0) -> list[Array]:
        """Return each feature's vector, differentiated ``order`` times: d arrays (N, K_i)."""

    def partials(self, vectors: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the value (N,) and its derivative by each vector, d arrays (N, K_i)."""


class Backend(Protocol):
    """Where a compiled circuit runs."""

    def values(self, circuit: Any, X: Array, parameters: Array) -> Array:
        """Return expectation values for inputs (N, d), shape (N,)."""

    def gradient(self, circuit: Any, X: Array, parameters: Array) -> Array:
        """Return their derivatives by the features, shape (N, d)."""


@dataclass(frozen=True, eq=False)
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
        Circuit runs that a device would need for ``values`` (each method states its formula).
    standard_error : ndarray, shape (N, d), or None
        Standard error of ``values`` where they were sampled; None where they are exact.
    """

    values: Array
    output: Array
    baseline_output: Array
    method: str
    evaluations: int
    standard_error: Array | None = None

    def __post_init__(self) -> None:
        """Refuse arrays whose shapes contradict each other."""
        rows = self.values.shape[:1]
        if self.values.ndim != 2 or not rows == self.output.shape == self.baseline_output.shape:
            raise ValueError(
                "values, output and baseline_output: expected shapes (N, d), (N,), (N,), found "
                f"{self.values.shape}, {self.output.shape}, {self.baseline_output.shape}"
            )

    @property
    def residual(self) -> Array:
        """What completeness misses: ``output − baseline_output − Σ values``, shape (N,)."""
        return self.output - self.baseline_output - self.values.sum(axis=1)


def real_array(value: ArrayLike, expected: str) -> Array:
    """Return a float64 array, or say what is not a real number in it.

    Raises
    ------
    ValueError
        If the value is ragged, masked, or holds anything but real numbers; the message begins
        with ``expected``.
    """
    try:
        found = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{expected}, found rows of different lengths ({error})") from None
    if np.ma.is_masked(value):  # type: ignore[no-untyped-call]
        raise ValueError(f"{expected}, found masked entries; fill or drop them")
    if found.dtype.kind == "O":
        for entry in found.flat:
            if not isinstance(entry, int | float | np.number | np.bool_) or np.iscomplex(entry):
                raise ValueError(f"{expected}, found {entry!r}")
    elif found.dtype.kind not in "fiub":
        raise ValueError(f"{expected}, found dtype {found.dtype}")
    return found.astype(np.float64)


def as_inputs(X: ArrayLike, num_features: int) -> Array:
    """Return ``X`` as a float64 array of shape (N, num_features), or say what is wrong with it.

    Raises
    ------
    ValueError
        If ``X`` is not a finite real array with ``num_features`` columns.
    """
    expected = f"X: expected real numbers of shape (N, {num_features})"
    array = real_array(X, expected)
    if array.ndim == 1:
        raise ValueError(
            f"{expected}, found shape {array.shape}; for one input pass X.reshape(1, -1)"
        )
    if array.ndim != 2 or array.shape[1] != num_features:
        raise ValueError(f"{expected}, found shape {array.shape}")
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{expected}, found {array[row, column]} at row {row}, column {column}; "
            "drop or impute such rows"
        )
    return array


def as_baseline(baseline: ArrayLike, X: Array) -> Array:
    """Broadcast a scalar, (d,) or (N, d) baseline to the shape (N, d) of ``X``.

    Raises
    ------
    ValueError
        If ``baseline`` has another shape or is not finite.
    """
    expected = f"baseline: expected a scalar, shape ({X.shape[1]},) or {X.shape}"
    array = real_array(baseline, expected)
    if array.shape not in ((), X.shape[1:], X.shape):
        raise ValueError(f"{expected}, found shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("baseline: expected finite numbers, found NaN or infinity")
    return np.broadcast_to(array, X.shape)


def count_distinct(rows: Array) -> int:
    """Count the different rows: a device evaluates a shared baseline once."""
    return len(np.unique(rows, axis=0))


def needed(model: object, name: str, method: str, instead: str) -> Callable[..., Any]:
    """Return the model's method ``name``, or say who needs it and what would do instead.

    Raises
    ------
    TypeError
        If the model has no such method.
    """
    found = getattr(model, name, None)
    if not callable(found):
        raise TypeError(
            f"{method} needs a model with a method {name}(); {type(model).__name__} has none; "
            f"{instead}"
        )
    return found
