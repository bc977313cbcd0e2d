"""What estimators of one number do once they are trained; methods of each of them."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from qxai.attribution import Attribution
from qxai.attributions.shapley import shapley
from qxai.core import Array
from qxai.estimators.explaining import explained
from qxai.estimators.reporting import reported
from qxai.estimators.rows import angles_of
from qxai.models.circuit import PQC
from qxai.models.kernel import KernelModel


def predict(estimator: Any, X: Any) -> Array:
    """Return the output for each row.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.

    Returns
    -------
    ndarray, shape (N,)
        In units of the targets.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it has not been trained.
    ValueError
        If the columns are others than those of the training rows, or a cell is no number.
    """
    angles = angles_of(estimator, X)
    return np.asarray(estimator.scores_.values(angles)[:, 0])


def model_for(estimator: Any) -> PQC | KernelModel:
    """Return the output as a model of angles, for every method of the library.

    Returns
    -------
    PQC or KernelModel
        Of angles in radians, which are ``scaler_.angles(X)`` of raw rows.
    """
    check_is_fitted(estimator)
    return estimator.scores_.model(np.ones(1))


def explain(
    estimator: Any,
    X: Any,
    method: Callable[..., Attribution] = shapley,
    baseline: Any = None,
) -> Attribution:
    """Explain the output by the raw columns.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.
    method : callable
        One of the library, such as ``qxai.shapley``; ``functools.partial`` gives it settings.
    baseline : optional
        Raw values of absent columns, or ``qxai.Background``; of a table with categories one
        or more rows, such as ``X[:50]``. ``baseline_`` if left out.

    Returns
    -------
    Attribution
        In units of the targets.

    Raises
    ------
    ValueError
        If rows do not fit the training rows.
    TypeError
        If a baseline is given to a method without one, or the method knows no groups and
        columns hold categories.
    """
    return explained(estimator, X, method, estimator.model_for(), baseline)


def report(
    estimator: Any,
    X: Any,
    path: str | os.PathLike[str],
    methods: Mapping[str, Callable[..., Attribution]] | None = None,
    baseline: Any = None,
    *,
    other_baseline: Any = None,
    rng: np.random.Generator | None = None,
    rows: int = 50,
    title: str = "What the prediction rests on",
) -> list[str]:
    """Write one page about what the output rests on, in raw columns: `qxai.report`.

    Parameters
    ----------
    X : array_like or DataFrame, shape (N, c)
        Raw rows.
    path : str or path-like
        Must end in ``.html``.
    methods : mapping from str to callable, optional
        By default those of the library that fit; where columns hold categories Shapley values,
        occlusion and Taylor-∞.
    baseline : optional
        As in `explain`.
    other_baseline : optional
        What it is compared with: of numbers by default the mean of ``X`` or, if that is much the
        same, the least values; of a table with categories the most usual row.
    rng : numpy.random.Generator, optional
        Draws everything that is drawn; ``numpy.random.default_rng(0)`` by default.
    rows : int
        Most inputs that the controls are judged with; of more so many are drawn.
    title : str

    Returns
    -------
    list of str
        The warnings; empty where there are none.

    Raises
    ------
    ValueError
        If rows do not fit the training rows, or the name has another ending.
    TypeError
        If methods are no mapping from texts, or know no groups and columns hold categories; if
        ``path`` is no name.
    OSError
        If the name is that of a folder, or its folder is not there; if the file cannot be
        written.
    """
    model = estimator.model_for()
    return reported(
        estimator,
        X,
        path,
        model,
        title,
        f"{type(estimator).__name__} ({repr(model).strip('<>')})",
        methods,
        baseline,
        other_baseline,
        rng,
        rows=rows,
    )
