"""Attributions from the gradient at the explained input."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import ends, error_of, estimated, slopes_of
from qxai.checks import as_baseline, as_inputs
from qxai.core import Attribution, Evaluator

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
    inputs = as_inputs(X, model.num_features)
    slope = slopes_of(model, inputs, "gradient", VALUES_ALONE)
    undefined = np.full(len(inputs), np.nan)
    return Attribution(
        values=slope.values,
        output=estimated(model, inputs).values,
        baseline_output=undefined,
        method="gradient",
        evaluations=slope.evaluations,
        standard_error=error_of(slope.standard_error, slope.shots),
        shots=slope.shots,
    )


def gradient_x_input(model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0) -> Attribution:
    """Explain outputs by ``R_i = (x_i − x̃_i) ∂f/∂x_i`` (Shrikumar et al. 2016).

    Parameters
    ----------
    model : Evaluator with a method ``gradient``
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d)
        The point ``x̃`` that the change is counted from.

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
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    slope = slopes_of(model, inputs, "gradient_x_input", VALUES_ALONE)
    step = inputs - start
    output, before = ends(model, inputs, start)
    return Attribution(
        values=step * slope.values,
        output=output,
        baseline_output=before,
        method="gradient × input",
        evaluations=slope.evaluations,
        standard_error=error_of(np.abs(step) * slope.standard_error, slope.shots),
        shots=slope.shots,
    )
