"""Pairwise Shapley interactions."""

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import mean_vectors
from qxai.asking import closed_form, together
from qxai.attributions.enumeration import enumerated
from qxai.attributions.shapley import diagonal, shapley
from qxai.background import Background, Marginals
from qxai.checks import batches, roots
from qxai.core import Array, Evaluator, Mask, Multilinear
from qxai.quadrature import unit_gauss_legendre
from qxai.question import Question, asked


def shapley_interactions(model: Evaluator, X: ArrayLike, baseline: Any = 0.0) -> Array:
    """Split each Shapley value into a main effect and interactions with the other features.

    The interaction index of Grabisch and Roubens (1999) is ``I_ij = ∫₀¹ ∂²F/∂t_i∂t_j dt`` along
    the diagonal of the multilinear extension, exact with ``⌈(w−1)/2⌉`` nodes. ``I_ij`` is shared
    by two entries of the matrix and the diagonal holds the rest, as in shap's tree explainer (its
    exact explainer gives the Shapley–Taylor index instead).

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
    question = asked(model, X, baseline)
    inputs, absent = question.inputs, question.absent
    polynomial = closed_form(model)
    if polynomial is None:
        result = _from_coalitions(model, question)
    elif isinstance(absent, Background):
        result = np.mean([_pairs(polynomial, inputs, row[None]) for row in absent.sample], axis=0)
    else:
        assert absent is not None
        result = _pairs(polynomial, inputs, absent)
    total, d = shapley(model, inputs, absent).values, inputs.shape[1]
    result[:, range(d), range(d)] = total - result.sum(axis=2)
    return result


def _pairs(polynomial: Multilinear, inputs: Array, absent: Array | Marginals) -> Array:
    """Return half of each pair's index (N, d, d), and zeros on the diagonal.

    ``absent`` are points (N, d), one (1, d) for all inputs, or marginals.
    """
    n, d = inputs.shape
    result = np.zeros((n, d, d))
    nodes, weights = unit_gauss_legendre(polynomial.interaction_order // 2)
    for rows in batches(n, len(nodes), together(polynomial)):
        if isinstance(absent, Marginals):
            before = mean_vectors(polynomial, absent)
        else:
            before = polynomial.vectors(roots(absent[rows] if len(absent) == n else absent))
        slopes = polynomial.pair_slopes(*diagonal(before, polynomial.vectors(inputs[rows]), nodes))
        found = slopes.reshape(len(nodes), *result[rows].shape)
        result[rows] = np.tensordot(weights / 2, found, axes=1)
    return result + result.swapaxes(1, 2)


def _from_coalitions(model: Evaluator, question: Question) -> Array:
    """Run all coalitions, and weigh the second differences as the definition says.

    Half of ``Σ_S s! (d − s − 2)!/(d − 1)! [v(S∪ij) − v(S∪i) − v(S∪j) + v(S)]``, over the sets
    without either; zeros on the diagonal.
    """
    n, d = question.inputs.shape
    result = np.zeros((n, d, d))
    sets, games = enumerated(model, question, "explain fewer inputs at once, or fewer features")
    pairs = list(itertools.combinations(range(d), 2))
    for rows, game in games:
        for i, j in pairs:
            result[rows, i, j] = game.values @ _pair_weights(sets, i, j) / 2
    return result + result.swapaxes(1, 2)


def _pair_weights(present: Mask, i: int, j: int) -> Array:
    """Return the weight of each coalition in a pair's index, (2^d,)."""
    d = present.shape[1]
    rest = present.sum(axis=1) - present[:, i] - present[:, j]
    weights = np.array([1 / ((d - 1) * math.comb(d - 2, s)) for s in range(d - 1)])
    return np.where(present[:, i] == present[:, j], 1.0, -1.0) * weights[rest]
