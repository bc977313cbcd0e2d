"""What estimators of classes do once they are trained; methods of each of them."""

import os
from collections.abc import Callable, Mapping
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
from qxai.estimators.reporting import reported
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


def report(
    estimator: Any,
    X: Any,
    path: str | os.PathLike[str],
    methods: Mapping[str, Callable[..., Attribution]] | None = None,
    target: Any = None,
    against: Any = None,
    baseline: Any = None,
    *,
    other_baseline: Any = None,
    rng: np.random.Generator | None = None,
    rows: int = 50,
    title: str | None = None,
) -> list[str]:
    """Write one page about what the score of a class rests on, in raw columns: `qxai.report`.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.
    path : str or path-like
        Must end in ``.html``.
    methods : mapping from str to callable, optional
        By default those of the library that fit; where columns hold categories Shapley values,
        occlusion and Taylor-∞.
    target, against : label, optional
        As in `model_for`.
    baseline : optional
        As in `explain`.
    other_baseline : optional
        What it is compared with: of numbers by default the mean of ``X`` or, if that is much the
        same, the least values; of a table with categories the most usual row.
    rng : numpy.random.Generator, optional
        Draws everything that is drawn; ``numpy.random.default_rng(0)`` by default.
    rows : int
        Most inputs that the controls are judged with; of more so many are drawn.
    title : str, optional
        By default a question that names the class.

    Returns
    -------
    list of str
        The warnings; empty where there are none.

    Raises
    ------
    ValueError
        If rows do not fit the training rows, the classes are not there, or the name has another
        ending.
    TypeError
        If methods are no mapping from texts, or know no groups and columns hold categories; if
        ``path`` is no name.
    OSError
        If the name is that of a folder, or its folder is not there; if the file cannot be
        written.
    """
    model = estimator.model_for(target, against)
    label, other = _named(estimator.classes_.tolist(), target, against)
    question = f"Why {label}?" if other is None else f"Why {label}, and not {other}?"
    score = f"score of {label}" + (f" less that of {other}" if other is not None else "")
    return reported(
        estimator,
        X,
        path,
        model,
        question if title is None else title,
        f"{type(estimator).__name__}, {score} ({repr(model).strip('<>')})",
        methods,
        baseline,
        other_baseline,
        rng,
        rows=rows,
    )


def _named(classes: list[Any], target: Any, against: Any) -> tuple[Any, Any]:
    """Return the class that is explained, and the one it is set against, if any."""
    return (classes[1], classes[0]) if target is None else (target, against)
