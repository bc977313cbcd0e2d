"""Attributions from the gradient at the explained input."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.core import Array, Attribution, Evaluator, as_baseline, as_inputs, needed


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
        ``baseline_output`` and ``residual`` are NaN. ``evaluations`` counts the two shifted runs
        per feature that one Pauli rotation per feature needs: ``2 N d``.

    Raises
    ------
    TypeError
        If the model has no gradient.
    ValueError
        If ``X`` has another width or is not finite.
    """
    inputs = as_inputs(X, model.num_features)
    values = _gradient(model, inputs, "gradient")
    undefined = np.full(len(inputs), np.nan)
    return Attribution(values, model.values(inputs), undefined, "gradient", 2 * values.size)


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
        `gradient`, ``2 N d``.

    Raises
    ------
    TypeError
        If the model has no gradient.
    ValueError
        If ``X`` or ``baseline`` has another shape or is not finite.
    """
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    values = (inputs - start) * _gradient(model, inputs, "gradient_x_input")
    output, before = model.values(inputs), model.values(start)
    return Attribution(values, output, before, "gradient × input", 2 * values.size)


def _gradient(model: Evaluator, inputs: Array, method: str) -> Array:
    derivative = needed(model, "gradient", method, "taylor(order=inf) needs values only")
    return derivative(inputs)
