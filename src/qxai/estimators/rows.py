"""From raw rows to angles: an array of numbers, or a table that may hold categories."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, check_X_y, validate_data

from qxai.background import Background
from qxai.core import Array
from qxai.datasets import AngleScaler, TableScaler
from qxai.frames import is_table, numbers

MOST = 50  # rows of a table with categories that stand for an absent column


def learnt(estimator: Any, X: Any, y: Any, **checks: Any) -> tuple[Array, Any]:
    """Fit the scaler to training rows, and return their angles (N, d) and labels (N,).

    Sets ``scaler_`` and ``baseline_``, and what scikit-learn wants: names and number of columns.

    Raises
    ------
    ValueError
        If there are fewer than two rows, cells that are neither numbers nor categories, or
        columns that do not vary.
    """
    scaler = TableScaler.fitted(X) if is_table(X) else None
    if scaler is not None and scaler.categories:
        return _of_table(estimator, X, y, scaler, **checks)
    table, found = validate_data(estimator, X, y, dtype=np.float64, ensure_min_samples=2, **checks)
    estimator.scaler_ = replace(AngleScaler.fitted(table), feature_names=names_of(estimator))
    estimator.baseline_ = table.mean(axis=0)
    return estimator.scaler_.angles(table), found


def _of_table(
    estimator: Any, X: Any, y: Any, scaler: TableScaler, **checks: Any
) -> tuple[Array, Any]:
    """Do the same for a table with categories, which has no mean: some rows stand for it."""
    validate_data(estimator, X, y, skip_check_array=True)
    angles = scaler.angles(X)
    _, found = check_X_y(angles, y, **checks)
    few = np.unique(np.linspace(0, len(angles) - 1, MOST).astype(int))
    estimator.scaler_, estimator.baseline_ = scaler, Background(angles[few])
    return angles, found


def angles_of(estimator: Any, X: Any) -> Array:
    """Return raw rows as angles (N, d), once they fit what the estimator was trained on.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it has not been trained.
    ValueError
        If the columns are others or in another order, or a cell is no number where one should be.
    """
    table = checked(estimator, X)
    return np.asarray(estimator.scaler_.angles(table))


def checked(estimator: Any, X: Any) -> Any:
    """Return raw rows that fit the training rows: an array of numbers, or a table as it is."""
    check_is_fitted(estimator)
    if isinstance(estimator.scaler_, TableScaler):
        return validate_data(estimator, X, reset=False, skip_check_array=True)
    if is_table(X):
        numbers("X", X)  # names column and row of what is no number
    return validate_data(estimator, X, dtype=np.float64, reset=False)


def names_of(estimator: BaseEstimator) -> tuple[str, ...] | None:
    """Return the names of the columns, if the training rows had any."""
    names = getattr(estimator, "feature_names_in_", None)
    return None if names is None else tuple(names.tolist())


def symbols_of(scaler: AngleScaler | TableScaler) -> tuple[str, ...]:
    """Return a name for each angle: the scaler's, or ``x_0`` and so on."""
    return scaler.feature_names or tuple(f"x_{i}" for i in range(scaler.num_features))
