"""Taylor-k and Taylor-∞: the terms of the Taylor series in which a single feature moves."""

import math

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import distinct, ends, error_of, estimated, estimated_gradient, needed
from qxai.checks import as_baseline, as_inputs
from qxai.core import Array, Attribution, Evaluator, Multilinear


def taylor(
    model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0, order: float = math.inf
) -> Attribution:
    """Explain outputs by ``R_i = Σ_{m=1}^{order} ∂_i^m f(x̃) (x_i − x̃_i)^m / m!``.

    At infinite order the series sums to ``f(x̃ with x_i) − f(x̃)``, for any analytic model. Mixed
    terms are dropped: ``residual`` measures how much the features interact.

    Parameters
    ----------
    model : Evaluator
        With a method ``gradient`` for order 1, ``polynomial`` for finite orders above 1.
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d)
        Root point ``x̃`` of the expansion.
    order : int or math.inf
        Highest order that is kept, at least 1.

    Returns
    -------
    Attribution
        In units of the output. Complete at infinite order if and only if the mixed terms cancel.
        ``evaluations`` is ``N d + B`` for infinite order, ``B`` the number of different root
        points (the root and one run per input and feature), and ``2 k d B`` for order ``k``:
        derivatives up to order ``k`` need at most ``2k`` shifted runs per feature of a
        unit-frequency model and root point, whatever the number of inputs.

    Raises
    ------
    TypeError
        If the model lacks the method that the order needs.
    ValueError
        If ``order`` is below 1, no whole number, or so high that derivatives overflow; if an
        array has another shape or is not finite.
    """
    if not (order == math.inf or (order >= 1 and order == int(order))):
        raise ValueError(f"order: expected a whole number from 1 up or math.inf, found {order}")
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    if order == math.inf:
        return _slices(model, inputs, start)
    if order == 1:
        return _linear(model, inputs, start)
    values = _truncated(model, inputs, start, int(order))
    evaluations = 2 * int(order) * len(distinct(start)[0]) * inputs.shape[1]
    return Attribution(values, *ends(model, inputs, start), f"Taylor-{int(order)}", evaluations)


def _slices(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    """Evaluate ``f(x̃ with x_i) − f(x̃)``; each root point runs once."""
    n, d = inputs.shape
    moved = np.repeat(start[:, None], d, axis=1)
    moved[:, range(d), range(d)] = inputs
    at_moved = estimated(model, moved.reshape(n * d, d))
    roots, where = distinct(start)
    at_root = estimated(model, roots)
    before, shots = at_root.values[where], at_moved.shots + at_root.shots
    errors = np.hypot(at_moved.standard_error.reshape(n, d), at_root.standard_error[where, None])
    return Attribution(
        at_moved.values.reshape(n, d) - before[:, None],
        estimated(model, inputs).values,
        before,
        "Taylor-∞",
        at_moved.evaluations + at_root.evaluations,
        error_of(errors, shots),
        shots,
    )


def _linear(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    roots, where = distinct(start)
    slope = estimated_gradient(
        model, roots, "taylor(order=1)", "taylor(order=inf) needs values only"
    )
    step = inputs - start
    error = error_of(np.abs(step) * slope.standard_error[where], slope.shots)
    return Attribution(
        slope.values[where] * step,
        *ends(model, inputs, start),
        "Taylor-1",
        slope.evaluations,
        error,
        slope.shots,
    )


def _truncated(model: Evaluator, inputs: Array, start: Array, order: int) -> Array:
    step = inputs - start
    polynomial: Multilinear = needed(
        model, "polynomial", f"taylor(order={order})", "taylor(order=inf) needs values only"
    )()
    partials = polynomial.partials(polynomial.vectors(start))[1]
    values, power = np.zeros(inputs.shape), np.ones(inputs.shape)
    for m in range(1, order + 1):
        power = power * step / m
        if not power.any():  # all further terms are zero in double precision
            break
        with np.errstate(over="ignore", invalid="ignore"):
            for i, derivative in enumerate(polynomial.vectors(start, order=m)):
                values[:, i] += np.einsum("nk,nk->n", partials[i], derivative) * power[:, i]
        if not np.isfinite(values).all():
            raise ValueError(
                f"order: expected derivatives within double precision, found an overflow at order "
                f"{m}; use order=math.inf, which sums the series"
            )
    return values
