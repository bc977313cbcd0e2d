"""Shapley values of the feature game ``v(S) = f(x_S, x̃_rest)`` in closed form."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.core import Array, Attribution, Evaluator, Multilinear, as_baseline, as_inputs, needed


def shapley(model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0) -> Attribution:
    """Explain outputs by exact Shapley values (Shapley 1953).

    Let every feature hold its input with probability ``t`` and its baseline otherwise. The
    expected output ``F(t)`` is the model at the vectors ``(1 − t) φ(x̃_i) + t φ(x_i)``, and
    ``R_i = ∫₀¹ ∂F/∂t_i dt`` on the diagonal (Owen 1972). The integrand is a polynomial of degree
    ``w − 1``, ``w`` the largest number of features in one term, so ``⌈w/2⌉`` Gauss–Legendre nodes
    integrate it exactly.

    Parameters
    ----------
    model : model with a method ``polynomial``
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d)
        What an absent feature is set to.

    Returns
    -------
    Attribution
        In units of the output; complete. ``evaluations`` is ``2 N d ⌈w/2⌉``: at each node a
        device compares, for each feature, present with absent while one coin for each other
        feature and shot decides about it.

    Raises
    ------
    TypeError
        If the model has no polynomial.
    ValueError
        If ``X`` or ``baseline`` has another shape or is not finite, or the model is no
        polynomial.
    """
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    polynomial: Multilinear = needed(
        model, "polynomial", "shapley", "wrap a circuit in qxai.PQC to get one"
    )()
    before, after = polynomial.vectors(start), polynomial.vectors(inputs)
    values = np.zeros(inputs.shape)
    nodes, weights = unit_gauss_legendre(-(-polynomial.interaction_order // 2))
    for t, weight in zip(nodes, weights):
        mixed = [(1 - t) * a + t * b for a, b in zip(before, after)]
        partials = polynomial.partials(mixed)[1]
        for i, (a, b) in enumerate(zip(before, after)):
            values[:, i] += weight * np.einsum("nk,nk->n", partials[i], b - a)
    return Attribution(
        values,
        polynomial.partials(after)[0],
        polynomial.partials(before)[0],
        "Shapley",
        2 * values.size * len(nodes),
    )


def unit_gauss_legendre(count: int) -> tuple[Array, Array]:
    """Return nodes and weights on [0, 1], exact for polynomials up to degree 2 count − 1."""
    if count == 0:
        return np.zeros(0), np.zeros(0)
    nodes, weights = np.polynomial.legendre.leggauss(count)  # type: ignore[no-untyped-call]
    return (nodes + 1) / 2, weights / 2
