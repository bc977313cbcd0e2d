"""A circuit that tells classes apart, with scikit-learn's interface."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from qxai.estimators import classification, common, rows, saving
from qxai.estimators.choosing import classes_of
from qxai.estimators.learning import Examples, Plan, learn
from qxai.estimators.scores import check_qubits, untrained
from qxai.losses import cross_entropy
from qxai.progress import Progress


class Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A trained circuit that tells classes apart; raw columns in, scaler and circuit inside.

    Each column of numbers is scaled to an angle that turns one qubit, each level of a category
    turns one by 0 or π; trainable layers follow. The score of a class is
    ``s_c(x) = Σ_q W_cq ⟨Z_q⟩ + b_c``, the expectation of one observable, and ``softmax(s)`` are
    probabilities. Circuit and readout minimise the cross-entropy by Adam. Scores sum to zero over
    the classes, so that each is unique.

    Parameters
    ----------
    layers : int
        Trainable layers behind the encoding.
    epochs : int
        Passes through the data; at most as many with ``patience``.
    batch_size : int
        Rows in one update.
    learning_rate : float
        Adam's step size.
    validation_fraction : float
        Share of the rows, of each class alike, that is held out to watch the loss on; from 0 to
        below 1.
    patience : int, optional
        Stop after so many epochs without a better loss on the rows held out, and keep the best.
    random_state : int, RandomState instance or None
        Draws the start, the minibatches and the rows held out; a number makes fits repeatable.
    progress : callable, optional
        Told of each epoch, such as ``qxai.progress.text``.

    Attributes
    ----------
    classes_ : ndarray, shape (C,)
        The labels, sorted.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str, shape (d,)
        Names of the columns, where a table was given whose columns all have names of text.
    history_ : dict of ndarray, shape (epochs,)
        Mean ``"loss"`` of each epoch, and of the rows held out ``"validation"`` after it.
    scaler_ : AngleScaler, or TableScaler of a table with categories
        From raw columns to radians.
    scores_ : CircuitScores
        The trained circuit and its readouts.
    baseline_ : ndarray, shape (d,), or Background
        What `explain` starts from: the mean of the training rows; of a table with categories,
        which have no mean, up to 50 of them, as angles.

    Notes
    -----
    A column is a qubit, so more than 16 columns are refused. The time of an epoch grows with
    the number of rows times 2 to the power of the number of columns.

    Examples
    --------
    >>> import qxai
    >>> from sklearn.datasets import load_iris
    >>> data = load_iris()
    >>> model = qxai.Classifier(epochs=20, random_state=0).fit(data.data, data.target)
    >>> bool(model.score(data.data, data.target) > 0.9)
    True
    >>> found = model.explain(data.data[:1], target=0, against=1)  # in cm, not in radians
    >>> found.values.shape, bool(abs(found.residual[0]) < 1e-9)
    ((1, 4), True)
    """

    def __init__(
        self,
        layers: int = 3,
        *,
        epochs: int = 30,
        batch_size: int = 32,
        learning_rate: float = 0.05,
        validation_fraction: float = 0.0,
        patience: int | None = None,
        random_state: Any = None,
        progress: Progress | None = None,
    ) -> None:
        self.layers = layers
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> "Classifier":
        """Train on raw rows and their labels.

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
        Classifier
            Itself.

        Raises
        ------
        ValueError
            If rows are too few or not finite, a column is constant, there is only one class or
            too many columns, or a setting is out of range.
        """
        angles, found = rows.learnt(self, X, y)
        check_classification_targets(found)
        self.classes_, labels = classes_of(found)
        weights = common.row_weights(sample_weight, len(angles))
        check_qubits(angles.shape[1])
        plan = Plan.of(self)
        rng = common.generator(self.random_state)
        train, held = common.held_out(plan, len(angles), labels, rng)
        targets = np.eye(len(self.classes_))[labels]
        examples = Examples(angles, targets, weights / weights.mean())
        start = untrained(rows.symbols_of(self.scaler_), plan.layers, len(self.classes_), rng)
        scores, self.history_ = learn(
            start, cross_entropy, examples[train], examples.held(held), plan, rng
        )
        self.scores_ = scores.centred()
        return self

    decision_function = classification.decision_function
    predict_proba = classification.predict_proba
    predict = classification.predict
    model_for = classification.model_for
    explain = classification.explain
    report = classification.report
    save = saving.save
