"""Banzhaf values: what a feature adds, each set of the others being as likely as any."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import game_form
from qxai.attribution import Attribution
from qxai.attributions.semivalues import from_coalitions, in_closed_form
from qxai.core import Array, Evaluator, Mask
from qxai.question import asked

HALF = (np.array([0.5]), np.array([1.0]))
INSTEAD = "use groups= of features, or qxai.shapley with samples= and rng="


def banzhaf(model: Evaluator, X: ArrayLike, baseline: Any = 0.0, groups: Any = None) -> Attribution:
    """Explain outputs by Banzhaf values (Banzhaf 1965), exactly.

    ``R_i`` is the mean of ``v(S ∪ i) − v(S)`` over all sets ``S`` of the other features, each
    equally likely; that is the derivative ``∂F/∂t_i`` of the multilinear extension at ``t = ½``,
    one contraction (Owen 1975). Of all additive games with an intercept they fit all ``2^d``
    outputs with the least squared error (Hammer and Holzman 1992). Unlike Shapley values they do
    not add up to the output's change.

    Parameters
    ----------
    model : Evaluator
        Where it can be written as linear in one vector per feature, by contraction; any other by
        running all coalitions.
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What an absent feature is set to; of a sample, its mean output over the rows counts.
    groups : mapping, sequence of sequences, or sequence of int, optional
        Features that come and go together, by name or number: one coin a group.

    Returns
    -------
    Attribution
        In units of the output; not complete. ``evaluations`` is ``2 N d`` in closed form, a fair
        coin deciding about each other feature in every shot, and ``N 2^d`` by enumeration.

    Raises
    ------
    ValueError
        If an array has another shape or is not finite, or there are too many coalitions to run.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1] * X[:, 2], num_features=3)
    >>> print(qxai.banzhaf(model, [[2, 1, 1]]).values)  # a quarter of 2 each; Shapley a third
    [[0.5 0.5 0.5]]
    """
    question = asked(model, X, baseline, groups)
    polynomial = game_form(model)
    if polynomial is None:
        return from_coalitions(model, question, banzhaf_weights, "Banzhaf", INSTEAD)
    return in_closed_form(polynomial, question, HALF, "Banzhaf")


def banzhaf_weights(present: Mask) -> Array:
    """Return the weight of each coalition in each feature's Banzhaf value, (2^d, d)."""
    return np.where(present, 2.0, -2.0) / len(present)
