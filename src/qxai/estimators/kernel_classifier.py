"""A quantum kernel that tells classes apart, with scikit-learn's interface."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets

from qxai.checks import check_positive
from qxai.estimators import classification, common, rows, saving
from qxai.estimators.choosing import classes_of
from qxai.estimators.overlaps import KernelScores, check_rows, coordinates, one_rotation_each


class KernelClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on a quantum kernel; raw columns in, scaler and kernel inside.

    Each column of numbers is scaled to an angle that turns one qubit, each level of a category
    turns one by 0 or π, so that two rows overlap by
    ``κ(x, x') = Π_i cos²(h (x_i − x'_i) / 2)``. The score of a class is
    ``s_c(x) = Σ_j α_cj κ(x, x_j) + b_c``, and ``softmax(s)`` are probabilities. Scores sum to zero
    over the classes, so that each is unique.

    Parameters
    ----------
    C : float
        Weight of the data against the norm of the scores in the kernel's space.
    bandwidth : float
        ``h``; with many columns overlaps vanish unless it is small (Shaydulin and Wild 2022).

    Attributes
    ----------
    classes_ : ndarray, shape (C,)
        The labels, sorted.
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
    >>> import qxai
    >>> from sklearn.datasets import load_iris
    >>> data = load_iris()
    >>> model = qxai.KernelClassifier().fit(data.data, data.target)
    >>> bool(model.score(data.data, data.target) > 0.9)
    True
    >>> found = model.explain(data.data[:1], target=0, against=1)  # in cm, not in radians
    >>> found.values.shape, bool(abs(found.residual[0]) < 1e-9)
    ((1, 4), True)
    """

    def __init__(self, C: float = 10.0, *, bandwidth: float = 0.5) -> None:
        self.C = C
        self.bandwidth = bandwidth

    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "KernelClassifier":
        """Learn from raw rows and their labels.

        Parameters
        ----------
        X : array_like or DataFrame, shape (N, c)
            Columns are numbers; a DataFrame's may hold categories: text or truth values.
        y : array_like, shape (N,)
            Labels: numbers or text, of at least two classes.
        sample_weight : array_like, shape (N,), optional
            How much each row counts in the loss.

        Returns
        -------
        KernelClassifier
            Itself.

        Raises
        ------
        ValueError
            If rows are too few, too many or not finite, a column is constant, there is only one
            class, or a setting is out of range.
        """
        angles, found = rows.learnt(self, X, y)
        check_classification_targets(found)
        self.classes_, labels = classes_of(found)
        check_rows(len(angles))
        check_positive("C", self.C)
        check_positive("bandwidth", self.bandwidth)
        weights = common.row_weights(sample_weight, len(angles))
        kernel = one_rotation_each(rows.symbols_of(self.scaler_), angles, self.bandwidth)
        placed, back = coordinates(kernel.kernel(np.asarray(kernel.support)))
        linear = LogisticRegression(C=self.C, max_iter=1000).fit(placed, labels, weights)
        dual, offsets = linear.coef_ @ back.T, linear.intercept_
        if len(self.classes_) == 2:  # one score, the second's less the first's
            dual, offsets = np.vstack([-dual, dual]) / 2, np.append(-offsets, offsets) / 2
        self.scores_ = KernelScores(kernel, dual, offsets).centred()
        return self

    decision_function = classification.decision_function
    predict_proba = classification.predict_proba
    predict = classification.predict
    model_for = classification.model_for
    explain = classification.explain
    report = classification.report
    save = saving.save
