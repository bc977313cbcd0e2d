"""Infidelity: whether the parts predict what happens when features are taken away."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import Absent, chosen, outputs_with
from qxai.checks import as_table, batches, check_samples
from qxai.coalitions import coalitions
from qxai.core import Array, Evaluator, Mask
from qxai.question import asked


def infidelity(
    model: Evaluator,
    X: ArrayLike,
    values: ArrayLike,
    baseline: Any = 0.0,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
) -> Array:
    """Return the mean squared error of an attribution as a prediction of deletions.

    ``E[(Σ_{i∈S} R_i − (f(x) − f(x with S at the baseline)))²]`` over sets ``S`` that hold each
    feature with probability ½ (Yeh et al. 2019, with the perturbation ``x − x̃`` on ``S``).

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    values : array_like, shape (N, d), or Attribution
        Attributions in units of the output: a slope has to be multiplied by ``x − x̃`` first.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What a deleted feature is set to; of a sample, its mean output over the rows counts.
    samples : int, optional
        Sets for all inputs, at least 2; None for all ``2^d``, up to 16 features.
    rng : numpy.random.Generator, optional
        Draws the sets; needed with ``samples``.

    Returns
    -------
    ndarray, shape (N,)
        From 0 upwards, in units of the output squared; smaller is better. Divided by that of zero
        attributions it is the share of change that is not explained.

    Raises
    ------
    ValueError
        If a shape does not fit, or there are more than 16 features to enumerate.
    TypeError
        If ``rng`` is missing.

    Notes
    -----
    By hand: ``f = x_1 x_2`` at (1, 1), baseline 0: the output falls by 0 for the empty set and by
    1 for the three others; attributions (½, ½) predict 0, ½, ½, 1 and score 1/8.
    Failure mode: it is a least-squares fit of the output's changes, so it can be won without
    explaining (of all attributions that fit best with an intercept, Banzhaf values are the slopes).

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> print(qxai.metrics.infidelity(model, [[1, 1]], [[0.5, 0.5]]).round(3))
    [0.125]
    """
    question = asked(model, X, baseline)
    inputs, absent = question.inputs, question.absent
    assert absent is not None
    given = amounts(values)
    if given.shape != inputs.shape:
        raise ValueError(f"values: expected the shape of X, {inputs.shape}, found {given.shape}")
    if samples is None:
        deleted = coalitions(inputs.shape[1], "pass samples= and rng=")
    else:
        deleted = check_samples(samples, rng).random((samples, inputs.shape[1])) < 0.5
    result = np.empty(len(inputs))
    for rows in batches(len(inputs), deleted.size):
        change = changes(model, inputs[rows], chosen(absent, rows), deleted)
        result[rows] = prediction_error(given[rows], deleted, change)
    return result


def amounts(values: ArrayLike) -> Array:
    """Return attributions (N, d) that are in units of the output, or refuse slopes."""
    unit = getattr(values, "unit", "")
    if " per " in unit:
        raise ValueError(
            f"values: expected units of the output, found {unit!r}; pass slopes times the way from "
            "the baseline, found.values * (X - baseline), or qxai.gradient_x_input"
        )
    return as_table("values", getattr(values, "values", values))


def changes(model: Evaluator, inputs: Array, absent: Absent, deleted: Mask) -> Array:
    """Return what the output loses with each of S sets of features deleted, (N, S)."""
    left = outputs_with(model, inputs, absent, ~deleted).values
    return model.values(inputs)[:, None] - left


def prediction_error(values: Array, deleted: Mask, change: Array) -> Array:
    """Return the mean squared error of sums of attributions as predictions of losses, (N,)."""
    return np.asarray(np.mean((values @ deleted.T - change) ** 2, axis=1))
