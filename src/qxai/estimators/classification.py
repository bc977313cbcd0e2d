"""What estimators of classes do once they are trained; methods of each of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.utils.validation import check_is_fitted

from qxai.attribution import Attribution
from qxai.attributions.shapley import shapley
from qxai.core import Array
from qxai.estimators.choosing import contrast, decision
from qxai.estimators.explaining import explained
from qxai.estimators.rows import angles_of
from qxai.models.circuit import PQC
from qxai.models.kernel import KernelModel


def scores_of(estimator: Any, X: Any) -> Array:
    """Return the scores of all classes for raw rows, (N, C)."""
    angles = angles_of(estimator, X)  # refuses one that has not been trained
    return np.asarray(estimator.scores_.values(angles))


def decision_function(estimator: Any, X: Any) -> Array:
    """Return the score of each class; of two classes the second's less the first's.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.

    Returns
    -------
    ndarray, shape (N, C) or (N,)
        In the order of ``classes_``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it has not been trained.
    ValueError
        If the columns are others than those of the training rows, or a cell is no number.
    """
    return decision(scores_of(estimator, X))


def predict_proba(estimator: Any, X: Any) -> Array:
    """Return the probability of each class.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.

    Returns
    -------
    ndarray, shape (N, C)
        In the order of ``classes_``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it has not been trained.
    ValueError
        If the columns are others than those of the training rows, or a cell is no number.
    """
    return np.asarray(softmax(scores_of(estimator, X), axis=1))


def predict(estimator: Any, X: Any) -> NDArray[Any]:
    """Return the label with the highest score for each row.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.

    Returns
    -------
    ndarray, shape (N,)
        Entries of ``classes_``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it has not been trained.
    ValueError
        If the columns are others than those of the training rows, or a cell is no number.
    """
    best = scores_of(estimator, X).argmax(axis=1)
    return np.asarray(estimator.classes_[best])


def model_for(estimator: Any, target: Any = None, against: Any = None) -> PQC | KernelModel:
    """Return the score of a class as a model of angles, for every method of the library.

    Parameters
    ----------
    target : label, optional
        One of ``classes_``; may be left out for two classes: the second, against the first.
    against : label, optional
        The class whose score is subtracted.

    Returns
    -------
    PQC or KernelModel
        Of angles in radians, which are ``scaler_.angles(X)`` of raw rows.

    Raises
    ------
    ValueError
        If the classes are not among ``classes_``, or none is chosen of more than two.
    """
    check_is_fitted(estimator)
    return estimator.scores_.model(contrast(estimator.classes_, target, against))


def explain(
    estimator: Any,
    X: Any,
    method: Callable[..., Attribution] = shapley,
    target: Any = None,
    against: Any = None,
    baseline: Any = None,
) -> Attribution:
    """Explain the score of a class by the raw columns.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.
    method : callable
        One of the library, such as ``qxai.shapley``; ``functools.partial`` gives it settings.
    target, against : label, optional
        As in `model_for`.
    baseline : optional
        Raw values of absent columns, or ``qxai.Background``; of a table with categories one
        or more rows, such as ``X[:50]``. ``baseline_`` if left out.

    Returns
    -------
    Attribution
        In units of the score.

    Raises
    ------
    ValueError
        If rows do not fit the training rows, or the classes are not there.
    TypeError
        If a baseline is given to a method without one, or the method knows no groups and
        columns hold categories.
    """
    model = estimator.model_for(target, against)
    return explained(estimator, X, method, model, baseline)
