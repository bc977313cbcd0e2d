"""Occlusion: what the output loses when one feature is set to its baseline."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import baseline_estimate, outputs_with
from qxai.asking import error_of, estimated
from qxai.attribution import Attribution
from qxai.core import Evaluator
from qxai.question import asked


def occlusion(
    model: Evaluator, X: ArrayLike, baseline: Any = 0.0, groups: Any = None
) -> Attribution:
    """Explain outputs by ``R_i = f(x) − f(x with x_i ← x̃_i)`` (Zeiler and Fergus 2014).

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What an occluded feature is set to; of a sample, the mean output over its rows counts.
    groups : mapping, sequence of sequences, or sequence of int, optional
        Features that come and go together, by name or number; each group gets one number.

    Returns
    -------
    Attribution
        In units of the output. Complete only if the model is additive. ``evaluations`` is
        ``N (d + 1)``, for a `Background` of B rows ``N (d B + 1)``.

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
    question = asked(model, X, baseline, groups)
    inputs, absent, players = question.inputs, question.absent, question.players
    assert absent is not None
    full = estimated(model, inputs)
    others = ~np.eye(players.count, dtype=bool)
    without = outputs_with(model, inputs, absent, players.present(others))
    errors = np.hypot(full.standard_error[:, None], without.standard_error)
    shots = full.shots + without.shots
    found = Attribution(
        values=full.values[:, None] - without.values,
        output=full.values,
        baseline_output=baseline_estimate(model, absent, len(inputs)).values,
        method="occlusion",
        evaluations=full.evaluations + without.evaluations,
        standard_error=error_of(errors, shots),
        shots=shots,
        route="outputs with one absent",
    )
    return question.answer(found)
