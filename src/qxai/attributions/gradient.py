"""Attributions from the gradient at the explained input."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import ends
from qxai.asking import error_of, estimated, slopes_of
from qxai.attribution import Attribution
from qxai.background import Background, Marginals
from qxai.core import PER_RADIAN, Array, Evaluator
from qxai.question import Question, asked

RAW = (
    "{user}: expected a model in radians, found one in raw columns, whose units differ; explain "
    "the model inside, in radians: estimator.model_for(...), or .model of a qxai.Scaled or Affine"
)
VALUES_ALONE = "occlusion and taylor(order=inf) need values only"


def gradient(model: Evaluator, X: ArrayLike) -> Attribution:
    """Explain outputs by their derivatives ``R_i = ∂f/∂x_i`` (Simonyan et al. 2014).

    Parameters
    ----------
    model : Evaluator with a method ``gradient``
    X : array_like, shape (N, d)
        Inputs, in radians.

    Returns
    -------
    Attribution
        In units of output per radian. Not complete: the method has no baseline, so
        ``baseline_output`` and ``residual`` are NaN. ``evaluations`` is ``N`` times the shifted
        runs of all encoding gates, two for each frequency of a gate; ``2 N d`` for a model that
        does not tell.

    Raises
    ------
    TypeError
        If the model has no gradient.
    ValueError
        If ``X`` has another width or is not finite.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([0, 0, 1], frequencies=[[2]])  # sin 2x
    >>> found = qxai.gradient(model, [[0]])
    >>> print(found.values.round(3), found.residual)
    [[2.]] [nan]
    """
    question = asked(model, X)
    slope = slopes_of(model, question.inputs, "gradient", VALUES_ALONE)
    found = Attribution(
        values=slope.values,
        output=estimated(model, question.inputs).values,
        baseline_output=np.full(len(question.inputs), np.nan),
        method="gradient",
        evaluations=slope.evaluations,
        route="gradient at the input",
        unit=getattr(model, "slope_unit", PER_RADIAN),
        standard_error=error_of(slope.standard_error, slope.shots),
        shots=slope.shots,
    )
    return question.answer(found)


def gradient_x_input(model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0) -> Attribution:
    """Explain outputs by ``R_i = (x_i − x̃_i) ∂f/∂x_i`` (Shrikumar et al. 2016).

    Parameters
    ----------
    model : Evaluator with a method ``gradient``
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        The point ``x̃`` that the change is counted from; of a sample its mean.

    Returns
    -------
    Attribution
        In units of the output. Complete only if the model is affine. ``evaluations`` as for
        `gradient`.

    Raises
    ------
    TypeError
        If the model has no gradient.
    ValueError
        If ``X`` or ``baseline`` has another shape or is not finite.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([0, 0, 1], frequencies=[[1]])  # sin x
    >>> found = qxai.gradient_x_input(model, [[1]])
    >>> print(found.values.round(3))  # 1 · cos 1
    [[0.54]]
    """
    question = asked(model, X, baseline)
    assert question.absent is not None
    slope = slopes_of(model, question.inputs, "gradient_x_input", VALUES_ALONE)
    step = question.inputs - _mean(question)
    output, before = ends(model, question.inputs, question.absent)
    found = Attribution(
        values=step * slope.values,
        output=output,
        baseline_output=before,
        method="gradient × input",
        evaluations=slope.evaluations,
        route="gradient at the input",
        standard_error=error_of(np.abs(step) * slope.standard_error, slope.shots),
        shots=slope.shots,
    )
    return question.answer(found)


def refuse_raw_columns(model: object, user: str) -> None:
    """Refuse a model in raw columns, in which one width of a neighbourhood has no meaning."""
    if getattr(model, "slope_unit", PER_RADIAN) != PER_RADIAN:
        raise TypeError(RAW.format(user=user))


def _mean(question: Question) -> Array:
    """Return where absent features are on average: the method is linear in that."""
    absent = question.absent
    if isinstance(absent, Background | Marginals):
        return np.asarray(absent.sample.mean(axis=0))
    return np.asarray(absent)
