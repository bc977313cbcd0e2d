"""Occlusion: what the output loses when one feature is set to its baseline."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import distinct, error_of, estimated, moved_one_by_one
from qxai.checks import as_baseline, as_inputs
from qxai.core import Attribution, Evaluator


def occlusion(model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0) -> Attribution:
    """Explain outputs by ``R_i = f(x) − f(x with x_i ← x̃_i)`` (Zeiler and Fergus 2014).

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d)
        What an occluded feature is set to.

    Returns
    -------
    Attribution
        In units of the output. Complete only if the model is additive. ``evaluations`` is
        ``N (d + 1)``.

    Raises
    ------
    ValueError
        If ``X`` or ``baseline`` has another shape or is not finite.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> found = qxai.occlusion(model, [[2, 3]])
    >>> print(found.values, found.residual)  # 6 is lost with either, and counted twice
    [[6. 6.]] [-6.]
    """
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    full = estimated(model, inputs)
    without = moved_one_by_one(model, inputs, start)
    errors = np.hypot(full.standard_error[:, None], without.standard_error)
    roots, where = distinct(start)
    shots = full.shots + without.shots
    return Attribution(
        values=full.values[:, None] - without.values,
        output=full.values,
        baseline_output=estimated(model, roots).values[where],
        method="occlusion",
        evaluations=full.evaluations + without.evaluations,
        standard_error=error_of(errors, shots),
        shots=shots,
    )
