"""Relevance of the amplitudes that hold an input."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated, slopes_of
from qxai.attribution import Attribution
from qxai.question import asked

STRAIGHT = 1e-6  # of the derivative along the input, beside the gradient: rounding


def amplitude_relevance(model: Any, X: ArrayLike) -> Attribution:
    """Explain a model of amplitudes, ``f(x) = xᵀAx / |x|²``, by ``R_i = x_i (A x)_i / |x|²``.

    The length of an input says nothing here, so ``x·∇f = 0``: gradient × input sums to zero,
    whatever the output is. What an amplitude takes part in does sum to it,
    ``R_i = ½ x_i ∂_i f + f x_i² / |x|²``.

    Parameters
    ----------
    model : StateModel, or another whose output does not depend on the length of its input
        With a gradient.
    X : array_like, shape (N, d)
        Real amplitudes, of any length but 0.

    Returns
    -------
    Attribution
        In units of the output; sums to the output itself, so ``baseline_output`` is 0.
        ``evaluations`` is ``N d``, one Hadamard test for each amplitude.

    Raises
    ------
    TypeError
        If the model has no gradient.
    ValueError
        If ``X`` has another shape, or the output depends on its length.

    Examples
    --------
    >>> import cirq, qxai
    >>> q = cirq.LineQubit(0)
    >>> model = qxai.StateModel(cirq.Circuit(), cirq.Z(q))  # (a² − b²) / (a² + b²)
    >>> print(qxai.amplitude_relevance(model, [[3, 4]]).values.round(3))
    [[ 0.36 -0.64]]
    """
    question = asked(model, X)
    inputs = question.inputs
    slopes = slopes_of(model, inputs, "amplitude_relevance", "site_relevance needs none").values
    output = estimated(model, inputs).values
    scaled = inputs / np.abs(inputs).max(axis=1, keepdims=True)
    shares = scaled**2 / np.sum(scaled**2, axis=1, keepdims=True)
    moved = inputs * slopes
    along, size = np.abs(moved.sum(axis=1)), np.abs(moved).sum(axis=1)
    if (along > STRAIGHT * np.maximum(size, np.abs(output))).any():
        raise ValueError(
            "model: expected an output that does not depend on the length of the input, as with "
            "amplitudes, found one that does; qxai.gradient_x_input shares its change instead"
        )
    found = Attribution(
        values=moved / 2 + output[:, None] * shares,
        output=output,
        baseline_output=np.zeros(len(inputs)),
        method="amplitude relevance",
        evaluations=inputs.size,
        route="closed form",
    )
    return question.answer(found)
