"""Pairwise Shapley interactions as a matrix for each input."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import closed_form
from qxai.attributions.interactions import interactions
from qxai.core import Array, Evaluator
from qxai.question import check_model


def shapley_interactions(model: Evaluator, X: ArrayLike, baseline: Any = 0.0) -> Array:
    """Split each Shapley value into a main effect and interactions with the other features.

    The pairs of ``interactions(model, X, baseline, index="SII", order=2)``, the index of Grabisch
    and Roubens (1999), laid out as shap's tree explainer does: ``I_ij`` is shared by two entries
    of the matrix and the diagonal holds the rest (shap's exact explainer gives the Shapley–Taylor
    index instead).

    Parameters
    ----------
    model : Evaluator
        Where it can be written as linear in one vector per feature, by contraction; any other by
        running all coalitions.
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What an absent feature is set to; of a sample, its mean output over the rows counts.

    Returns
    -------
    ndarray, shape (N, d, d)
        In units of the output: ``I_ij / 2`` off the diagonal; rows sum to the Shapley values.

    Raises
    ------
    TypeError
        If the model is on a backend that samples: `interactions` gives errors, too.
    ValueError
        If an array has another shape or is not finite, or there are too many coalitions to run.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> from math import pi
    >>> print(qxai.shapley_interactions(model, [[pi / 2, pi / 2]]).round(3))
    [[[-1.   0.5]
      [ 0.5 -1. ]]]
    """
    check_model(model)
    closed_form(model)  # refuses a model that estimates: a bare array has no place for errors
    d = model.num_features
    found = interactions(model, X, baseline, index="SII", order=min(2, d))
    result = np.zeros((len(found), d, d))
    i, j = np.triu_indices(d, 1)
    result[:, i, j] = result[:, j, i] = found.values[:, d:] / 2
    result[:, range(d), range(d)] = found.values[:, :d] - result.sum(axis=2)
    return result
