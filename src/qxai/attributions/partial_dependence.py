"""Partial dependence: the mean output as one feature moves and the others stay as they are."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.attributions.curves import Curves, curves, grid_of, names_of, places_of
from qxai.core import Array, Evaluator
from qxai.dependence import Dependence
from qxai.question import asked


def partial_dependence(
    model: Evaluator, X: ArrayLike, features: Any = None, grid: int | ArrayLike = 50
) -> Dependence:
    """Return the mean output over the rows of a sample, with each feature moved along a grid.

    ``PD_i(t) = mean_b f(t, b_rest)`` (Friedman 2001), the mean over *rows* as scikit-learn has it.
    A model that is linear in one vector per feature gives the curves of all features from one
    sweep over the rows.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (B, d)
        The sample, in the units of the model's features.
    features : int, str or sequence of them, optional
        Which features, by number or name; all by default.
    grid : int or array_like, shape (G,)
        How many points between a feature's 5th and 95th percentile, or where they are.

    Returns
    -------
    Dependence
        ``evaluations`` is ``B G`` for each feature.

    Raises
    ------
    ValueError
        If an array has another shape or is not finite, or there is no such feature.

    Examples
    --------
    >>> import cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> found = qxai.partial_dependence(model, [[1, 0], [2, np.pi / 2]], 0, [0, np.pi])
    >>> print(found.curve("x0").round(3))  # cos x0 times the mean of 1 and 0
    [ 0.5 -0.5]
    """
    question = asked(model, X)
    chosen = places_of(features, question)
    if not len(question.inputs):
        raise ValueError("X: expected at least one row to average over, found none")
    grids = [grid_of(grid, question.inputs[:, i]) for i in chosen]
    found = curves(model, question.inputs, chosen, grids)
    return Dependence(
        names=tuple(names_of(question)[i] for i in chosen),
        grids=grids,
        values=[one.values.mean(axis=0) for one in found],
        method="partial dependence",
        standard_error=[_of_mean(one) for one in found] if any(o.shots for o in found) else None,
        evaluations=sum(one.evaluations for one in found),
        shots=sum(one.shots for one in found),
        route=found[0].route if found else "",
    )


def _of_mean(found: Curves) -> Array:
    return np.asarray(np.sqrt((found.standard_error**2).sum(axis=0)) / len(found.values))
