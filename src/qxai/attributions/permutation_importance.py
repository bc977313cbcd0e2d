"""Permutation importance: how much worse a model gets when a feature's column is shuffled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated, game_form
from qxai.attributions.curves import curves, names_of
from qxai.checks import batches, check_samples, real_array
from qxai.core import Array, Evaluator
from qxai.question import Question, asked
from qxai.table import Table

Loss = Callable[[Any, Any], Any]
MOST_RUNS = 2**24


def squared_error(outputs: Array, targets: Array) -> Array:
    """Return the squared error of each output.

    Parameters
    ----------
    outputs, targets : ndarrays of shapes that broadcast
    """
    return np.asarray((outputs - targets) ** 2)


@dataclass(frozen=True, eq=False, repr=False)
class PermutationImportance:
    """How much the mean loss grows for each of d features.

    Attributes
    ----------
    values : ndarray, shape (d,)
        Mean loss with the feature shuffled, less that without; in units of the loss.
    loss : float
        Mean loss as it is.
    standard_error : ndarray, shape (d,), or None
        Of the mean over the permutations that were drawn; None for the mean over all of them.
    feature_names : tuple of str, length d
    route : str
        Whether all permutations count, or some.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0], num_features=2)
    >>> found = qxai.permutation_importance(model, [[0, 5], [2, 7]], [0, 2])
    >>> print(found.values, found.loss)  # half of all shuffles exchange the rows
    [2. 0.] 0.0
    """

    values: Array
    loss: float
    standard_error: Array | None
    feature_names: tuple[str, ...]
    route: str

    def table(self) -> Table:
        """Return the features, the most important first."""
        order = np.argsort(-self.values, kind="stable")
        columns: dict[str, list[Any]] = {
            "feature": [self.feature_names[i] for i in order],
            "loss added": self.values[order].tolist(),
        }
        if self.standard_error is not None:
            columns["standard error"] = self.standard_error[order].tolist()
        caption = f"permutation importance, {self.route}, mean loss {self.loss:.4g}"
        return Table(columns, caption=caption)

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def permutation_importance(
    model: Evaluator,
    X: ArrayLike,
    y: ArrayLike,
    loss: Loss = squared_error,
    repeats: int | None = None,
    rng: np.random.Generator | None = None,
) -> PermutationImportance:
    """Return how much the mean loss grows when one feature's column is shuffled (Breiman 2001).

    Over all permutations each row meets each value of the column equally often, so the mean loss
    is that of all pairs of a row and a value: nothing needs to be drawn. A model that is linear in
    one vector per feature gives the outputs of all pairs from one sweep over the rows.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in the units of the model's features.
    y : array_like, shape (N,)
        Targets.
    loss : callable
        Called with outputs and targets of shapes that broadcast; returns a loss for each.
        For labels −1 and 1: ``lambda outputs, y: np.sign(outputs) != y``.
    repeats : int, optional
        Random permutations of each column, at least 2; None for the mean over all.
    rng : numpy.random.Generator, optional
        Draws them; needed with ``repeats``.

    Returns
    -------
    PermutationImportance
        In units of the loss; a feature that the model does not use has 0.

    Raises
    ------
    TypeError
        If ``rng`` is missing.
    ValueError
        If an array has another shape or is not finite, or there are too many pairs to run.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X[:, 0], num_features=2)
    >>> X = np.linspace(-1, 1, 5)[:, None] * [1, 2]
    >>> qxai.permutation_importance(model, X, X[:, 0])  # twice the variance of the column
    permutation importance, over all permutations, mean loss 0
    feature  loss added
    x0             1.00
    x1             0.00
    """
    question = asked(model, X)
    targets = real_array(y, "y: expected real numbers")
    n = len(question.inputs)
    if targets.shape != (n,) or not n or not np.isfinite(targets).all():
        raise ValueError(
            f"y: expected one finite number for each of {n} rows, found shape {targets.shape}"
        )
    now = estimated(model, question.inputs)
    if now.shots and repeats is None:
        raise TypeError(
            "model: expected an exact one for the mean over all permutations, found one on a "
            "device; pass repeats= and rng=, whose spread holds that of the shots"
        )
    before = float(_losses(loss, now.values, targets).mean())
    if repeats is None:
        after, error = _over_all(model, question, targets, loss), None
        route = "over all permutations"
    else:
        source = check_samples(repeats, rng)
        losses = _drawn(model, question, targets, loss, repeats, source)
        after, error = losses.mean(axis=0), losses.std(axis=0, ddof=1) / np.sqrt(repeats)
        route = f"{repeats} permutations"
    return PermutationImportance(after - before, before, error, names_of(question), route)


def _over_all(model: Evaluator, question: Question, targets: Array, loss: Loss) -> Array:
    """Return the mean loss over all pairs of a row and another row's value, (d,)."""
    inputs = question.inputs
    n, d = inputs.shape
    if game_form(model) is None and n * n * d > MOST_RUNS:
        raise ValueError(
            f"X: expected at most {MOST_RUNS} runs of the model, found {d} · {n}²; pass repeats= "
            "and rng="
        )
    total = np.zeros(d)
    for rows in batches(n, n * d):
        found = curves(model, inputs[rows], range(d), list(inputs.T))
        total += [_losses(loss, one.values, targets[rows, None]).sum() for one in found]
    return total / n**2


def _drawn(
    model: Evaluator,
    question: Question,
    targets: Array,
    loss: Loss,
    repeats: int,
    rng: np.random.Generator,
) -> Array:
    """Return the mean loss of each permutation and feature, (repeats, d)."""
    inputs = question.inputs
    result = np.empty((repeats, inputs.shape[1]))
    for number in range(repeats):
        for feature in range(inputs.shape[1]):
            shuffled = inputs.copy()
            shuffled[:, feature] = rng.permutation(inputs[:, feature])
            outputs = estimated(model, shuffled).values
            result[number, feature] = _losses(loss, outputs, targets).mean()
    return result


def _losses(loss: Loss, outputs: Array, targets: Array) -> Array:
    """Return the loss of each output, or say that it is none of each."""
    found = np.asarray(loss(outputs, targets))
    if found.shape != outputs.shape:
        raise ValueError(
            f"loss: expected one number for each output, of shape {outputs.shape}, found shape "
            f"{found.shape}; leave out the mean"
        )
    return found
