"""Pairwise Shapley interactions."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import multilinear, together
from qxai.attributions.shapley import diagonal, shapley
from qxai.checks import as_baseline, as_inputs, batches, roots
from qxai.core import Array, Evaluator
from qxai.quadrature import unit_gauss_legendre


def shapley_interactions(model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0) -> Array:
    """Split each Shapley value into a main effect and interactions with the other features.

    The interaction index of Grabisch and Roubens (1999) is ``I_ij = ∫₀¹ ∂²F/∂t_i∂t_j dt`` along
    the diagonal of the multilinear extension, exact with ``⌈(w−1)/2⌉`` nodes. ``I_ij`` is shared
    by two entries of the matrix and the diagonal holds the rest, as in shap's tree explainer (its
    exact explainer gives the Shapley–Taylor index instead).

    Parameters
    ----------
    model : model with a method ``polynomial``
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d)
        What an absent feature is set to.

    Returns
    -------
    ndarray, shape (N, d, d)
        In units of the output: ``I_ij / 2`` off the diagonal; rows sum to the Shapley values.

    Raises
    ------
    TypeError
        If the model has no polynomial.
    ValueError
        If an array has another shape or is not finite, or the model is no polynomial.

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
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    remedy = "wrap a circuit in qxai.PQC to get one"
    polynomial = multilinear(model, "shapley_interactions", remedy)
    n, d = inputs.shape
    result = np.zeros((n, d, d))
    nodes, weights = unit_gauss_legendre(polynomial.interaction_order // 2)
    for rows in batches(n, len(nodes), together(polynomial)):
        before, after = polynomial.vectors(roots(start[rows])), polynomial.vectors(inputs[rows])
        slopes = polynomial.pair_slopes(*diagonal(before, after, nodes))
        found = slopes.reshape(len(nodes), *result[rows].shape)
        result[rows] = np.tensordot(weights / 2, found, axes=1)
    result += result.swapaxes(1, 2)
    total = shapley(model, inputs, start).values
    result[:, range(d), range(d)] = total - result.sum(axis=2)
    return result
