"""A circuit that predicts a number, with scikit-learn's interface."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin

from qxai.estimators import common, regression, rows, saving
from qxai.estimators.learning import Examples, Plan, learn
from qxai.estimators.scores import check_qubits, untrained
from qxai.losses import squared_error
from qxai.progress import Progress


class Regressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A trained circuit that predicts a number; raw columns in, scaler and circuit inside.

    Each column of numbers is scaled to an angle that turns one qubit, each level of a category
    turns one by 0 or π; trainable layers follow. The output is ``f(x) = Σ_q w_q ⟨Z_q⟩ + b``, the
    expectation of one observable. Circuit and readout minimise the mean squared error by Adam, in
    units of the targets' standard deviation.

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
        Share of the rows that is held out to watch the loss on; from 0 to below 1.
    patience : int, optional
        Stop after so many epochs without a better loss on the rows held out, and keep the best.
    random_state : int, RandomState instance or None
        Draws the start, the minibatches and the rows held out; a number makes fits repeatable.
    progress : callable, optional
        Told of each epoch, such as ``qxai.progress.text``.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str, shape (d,)
        Names of the columns, where a table was given whose columns all have names of text.
    history_ : dict of ndarray, shape (epochs,)
        Mean ``"loss"`` of each epoch, and of the rows held out ``"validation"`` after it, as
        shares of the targets' variance.
    scaler_ : AngleScaler, or TableScaler of a table with categories
        From raw columns to radians.
    scores_ : CircuitScores
        The trained circuit and its readout.
    baseline_ : ndarray, shape (d,), or Background
        What `explain` starts from: the mean of the training rows; of a table with categories,
        which have no mean, up to 50 of them, as angles.

    Notes
    -----
    A column is a qubit, so more than 16 columns are refused. The time of an epoch grows with
    the number of rows times 2 to the power of the number of columns.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> y = 100 + 5 * np.sin(X[:, 0])
    >>> model = qxai.Regressor(random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    >>> found = model.explain(X[:3])
    >>> bool(np.all(np.abs(found.values[:, 1]) < 1)), bool(np.all(np.abs(found.residual) < 1e-9))
    (True, True)
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

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> "Regressor":
        """Train on raw rows and their targets.

        Parameters
        ----------
        X : array_like or DataFrame, shape (N, c)
            Columns are numbers; a DataFrame's may hold categories: text or truth values.
        y : array_like, shape (N,)
        sample_weight : array_like, shape (N,), optional
            How much each row counts in the loss.

        Returns
        -------
        Regressor
            Itself.

        Raises
        ------
        ValueError
            If rows are too few or not finite, a column is constant, there are too many columns,
            or a setting is out of range.
        """
        angles, found = rows.learnt(self, X, y, y_numeric=True)
        wanted = found.astype(np.float64)
        weights = common.row_weights(sample_weight, len(angles))
        check_qubits(angles.shape[1])
        plan = Plan.of(self)
        rng = common.generator(self.random_state)
        train, held = common.held_out(plan, len(angles), None, rng)
        centre, spread = wanted[train].mean(), wanted[train].std() or 1.0
        targets = ((wanted - centre) / spread)[:, None]
        examples = Examples(angles, targets, weights / weights.mean())
        start = untrained(rows.symbols_of(self.scaler_), plan.layers, 1, rng)
        scores, self.history_ = learn(
            start, squared_error, examples[train], examples.held(held), plan, rng
        )
        self.scores_ = scores.stretched(float(spread), float(centre))
        return self

    predict = regression.predict
    model_for = regression.model_for
    explain = regression.explain
    report = regression.report
    save = saving.save
