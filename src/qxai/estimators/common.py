"""What all estimators do alike: check rows, hold some out, explain in raw columns."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from qxai.attribution import Attribution
from qxai.checks import real_array
from qxai.core import Array, Indices
from qxai.datasets import AngleScaler
from qxai.estimators.learning import Plan
from qxai.frames import is_table, numbers
from qxai.models.front import Scaled


def table(estimator: BaseEstimator, X: Any, y: Any, **checks: Any) -> tuple[Array, Any]:
    """Return rows (N, d) and labels to learn from, as scikit-learn checks them.

    Raises
    ------
    ValueError
        If there are fewer than two rows, or what is no finite number.
    """
    return validate_data(
        estimator, _readable(X), y, dtype=np.float64, ensure_min_samples=2, **checks
    )


def rows(estimator: BaseEstimator, X: Any) -> Array:
    """Return rows (N, d) that fit what the estimator was trained on, with its columns in order.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it has not been trained.
    ValueError
        If the columns are others, or an entry is no finite number.
    """
    check_is_fitted(estimator)
    return validate_data(estimator, _readable(X), dtype=np.float64, reset=False)


def _readable(X: Any) -> Any:
    """Return a table as it is, once all of its cells are known to be numbers."""
    if is_table(X):
        numbers("X", X)
    return X


def scaler_of(estimator: BaseEstimator, table: Array) -> AngleScaler:
    """Return the scaler of training rows (N, d), with the names that the estimator has seen."""
    return replace(AngleScaler.fitted(table), feature_names=names_of(estimator))


def names_of(estimator: BaseEstimator) -> tuple[str, ...] | None:
    """Return the names of the columns, if the training rows had any."""
    names = getattr(estimator, "feature_names_in_", None)
    return None if names is None else tuple(names.tolist())


def row_weights(sample_weight: ArrayLike | None, count: int) -> Array:
    """Return how much each row counts, shape (N,).

    Raises
    ------
    ValueError
        If they are not one number of at least 0 for each row, or all 0.
    """
    if sample_weight is None:
        return np.ones(count)
    expected = f"sample_weight: expected {count} numbers of at least 0, not all zero"
    weights = real_array(sample_weight, expected)
    if weights.shape not in ((), (count,)):
        raise ValueError(f"{expected}, found shape {weights.shape}")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise ValueError(f"{expected}, found from {weights.min()} to {weights.max()}")
    return np.broadcast_to(weights, count)


def generator(random_state: Any) -> np.random.Generator:
    """Return a generator of what scikit-learn takes: None, a whole number or a RandomState."""
    return np.random.default_rng(check_random_state(random_state).randint(2**31))


def held_out(
    plan: Plan, count: int, labels: Indices | None, rng: np.random.Generator
) -> tuple[Indices, Indices | None]:
    """Split row numbers into those to learn from and those to validate on, if any.

    Raises
    ------
    ValueError
        If too few rows are left of a class.
    """
    fraction = plan.validation_fraction
    if not fraction:
        return np.arange(count), None
    try:
        train, held = train_test_split(
            np.arange(count),
            test_size=fraction,
            stratify=labels,
            random_state=int(rng.integers(2**31)),
        )
    except ValueError as error:
        raise ValueError(
            f"validation_fraction: expected {count} rows to be enough to hold {fraction} of each "
            f"class out, found too few ({error}); set validation_fraction=0 and patience=None"
        ) from None
    return train, held


def explained(
    estimator: Any, X: Any, method: Callable[..., Attribution], model: Any, baseline: Any
) -> Attribution:
    """Explain a model in radians by the raw columns of an estimator.

    A method that starts from a baseline gets the mean of the training rows, if no other is given.

    Raises
    ------
    TypeError
        If a baseline is given to a method without one.
    """
    inputs = rows(estimator, X)
    scaled = Scaled(model, estimator.scaler_, names_of(estimator))
    if "baseline" in inspect.signature(method).parameters:
        return method(scaled, inputs, baseline=estimator.mean_ if baseline is None else baseline)
    if baseline is not None:
        raise TypeError(
            f"baseline: expected None, as {getattr(method, '__name__', method)} has no baseline, "
            f"found {baseline!r}"
        )
    return method(scaled, inputs)
