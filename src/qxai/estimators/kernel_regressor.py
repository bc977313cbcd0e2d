"""A quantum kernel that predicts a number, with scikit-learn's interface."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge

from qxai.checks import check_positive
from qxai.estimators import common, regression, rows, saving
from qxai.estimators.overlaps import KernelScores, check_rows, coordinates, one_rotation_each


class KernelRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge regression on a quantum kernel; raw columns in, scaler and kernel inside.

    Each column of numbers is scaled to an angle that turns one qubit, each level of a category
    turns one by 0 or π, so that two rows overlap by
    ``κ(x, x') = Π_i cos²(h (x_i − x'_i) / 2)``. The output is
    ``f(x) = Σ_j α_j κ(x, x_j) + b``; the offset is not penalised.

    Parameters
    ----------
    alpha : float
        Weight of the output's norm in the kernel's space against the squared errors.
    bandwidth : float
        ``h``; with many columns overlaps vanish unless it is small (Shaydulin and Wild 2022).

    Attributes
    ----------
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str, shape (d,)
        Names of the columns, where a table was given whose columns all have names of text.
    scaler_ : AngleScaler, or TableScaler of a table with categories
        From raw columns to radians.
    scores_ : KernelScores
        The training rows and their coefficients.
    baseline_ : ndarray, shape (d,), or Background
        What `explain` starts from: the mean of the training rows; of a table with categories,
        which have no mean, up to 50 of them, as angles.

    Notes
    -----
    Any number of columns is taken, and up to 5000 rows; time grows like rows³.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> y = 100 + 5 * np.sin(X[:, 0])
    >>> model = qxai.KernelRegressor().fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    >>> found = model.explain(X[:3])
    >>> bool(np.all(np.abs(found.values[:, 1]) < 1)), bool(np.all(np.abs(found.residual) < 1e-9))
    (True, True)
    """

    def __init__(self, alpha: float = 1.0, *, bandwidth: float = 0.5) -> None:
        self.alpha = alpha
        self.bandwidth = bandwidth

    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "KernelRegressor":
        """Learn from raw rows and their targets.

        Parameters
        ----------
        X : array_like or DataFrame, shape (N, c)
            Columns are numbers; a DataFrame's may hold categories: text or truth values.
        y : array_like, shape (N,)
        sample_weight : array_like, shape (N,), optional
            How much each row counts in the loss.

        Returns
        -------
        KernelRegressor
            Itself.

        Raises
        ------
        ValueError
            If rows are too few, too many or not finite, a column is constant, or a setting is
            out of range.
        """
        angles, wanted = rows.learnt(self, X, y, y_numeric=True)
        check_rows(len(angles))
        check_positive("alpha", self.alpha)
        check_positive("bandwidth", self.bandwidth)
        weights = common.row_weights(sample_weight, len(angles))
        kernel = one_rotation_each(rows.symbols_of(self.scaler_), angles, self.bandwidth)
        placed, back = coordinates(kernel.kernel(np.asarray(kernel.support)))
        linear = Ridge(alpha=self.alpha).fit(placed, wanted.astype(np.float64), weights)
        dual, offset = linear.coef_ @ back.T, linear.intercept_
        self.scores_ = KernelScores(kernel, dual[None], np.array([offset]))
        return self

    predict = regression.predict
    model_for = regression.model_for
    explain = regression.explain
    report = regression.report
    save = saving.save
