"""Taylor-k and Taylor-∞: the terms of the Taylor series in which a single feature moves."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from qxai.asking import (
    distinct,
    ends,
    error_of,
    estimated,
    moved_one_by_one,
    multilinear,
    slopes_of,
)
from qxai.checks import as_baseline, as_inputs
from qxai.core import Array, Attribution, ComplexArray, Evaluator

TINY = np.finfo(np.float64).tiny


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

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([0, 0, 1], frequencies=[[1]])  # sin x
    >>> print(qxai.taylor(model, [[1]], order=3).values.round(3))  # 1 − 1/3!
    [[0.833]]
    >>> print(qxai.taylor(model, [[1]]).values.round(3))  # sin 1
    [[0.841]]
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
    output, before = ends(model, inputs, start)
    return Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"Taylor-{int(order)}",
        evaluations=2 * int(order) * len(distinct(start)[0]) * inputs.shape[1],
    )


def _slices(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    """Evaluate ``f(x̃ with x_i) − f(x̃)``; each root point runs once."""
    at_moved = moved_one_by_one(model, start, inputs)
    roots, where = distinct(start)
    at_root = estimated(model, roots)
    before, shots = at_root.values[where], at_moved.shots + at_root.shots
    errors = np.hypot(at_moved.standard_error, at_root.standard_error[where, None])
    return Attribution(
        values=at_moved.values - before[:, None],
        output=estimated(model, inputs).values,
        baseline_output=before,
        method="Taylor-∞",
        evaluations=at_moved.evaluations + at_root.evaluations,
        standard_error=error_of(errors, shots),
        shots=shots,
    )


def _linear(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    roots, where = distinct(start)
    slope = slopes_of(model, roots, "taylor(order=1)", "taylor(order=inf) needs values only")
    step = inputs - start
    output, before = ends(model, inputs, start)
    return Attribution(
        values=slope.values[where] * step,
        output=output,
        baseline_output=before,
        method="Taylor-1",
        evaluations=slope.evaluations,
        standard_error=error_of(np.abs(step) * slope.standard_error[where], slope.shots),
        shots=slope.shots,
    )


def _truncated(model: Evaluator, inputs: Array, start: Array, order: int) -> Array:
    """Sum the series of each wave ``exp(iω(x̃ + δ))`` up to an order, in closed form."""
    polynomial = multilinear(model, f"taylor(order={order})", "taylor(order=inf) needs values only")
    vectors = polynomial.vectors(start)
    partials = polynomial.partials(vectors)[1]
    values = np.empty(inputs.shape)
    for i, (w, around, at_start) in enumerate(zip(polynomial.frequencies, partials, vectors)):
        wave = at_start[:, 1::2] + 1j * at_start[:, 2::2]
        series = partial_exponential((inputs - start)[:, i, None] * w, order)
        with np.errstate(over="ignore", invalid="ignore"):  # refused below
            change = wave * series
            parts = around[:, 1::2] * change.real + around[:, 2::2] * change.imag
            values[:, i] = parts.sum(axis=1)
    if not np.isfinite(values).all():
        raise ValueError(
            "order: expected terms within double precision, found an overflow; use order=math.inf, "
            "which sums the series"
        )
    return values


def partial_exponential(angle: Array, order: int) -> ComplexArray:
    """Return ``Σ_{m=1}^{order} (i angle)^m / m!`` for real angles of any shape.

    Terms grow up to the order ``|angle|`` and fall beyond. Summed one after the other they cancel
    once the largest has passed; so beyond it the series' limit less the terms left out is taken,
    which fall from there on.
    """
    size = np.abs(angle)
    before, behind = np.zeros_like(angle, complex), np.zeros_like(angle, complex)
    with np.errstate(over="ignore", invalid="ignore"):
        term = np.ones_like(angle, complex)
        for m in range(1, order + 1):
            term = term * (1j * angle / m)
            if not (rising := size > order).any():
                break
            before = np.where(rising, before + term, before)
            if not np.isfinite(before).all():  # and will not be again, however many terms follow
                break
        first = np.exp((order + 1) * np.log(np.maximum(size, TINY)) - gammaln(order + 2))
        term = np.where(size > order, 0, first * (1j * np.sign(angle)) ** ((order + 1) % 4))
        m = order + 1
        while np.any(np.abs(term) > 1e-17 * np.abs(behind)):
            behind, m = behind + term, m + 1
            term = term * (1j * angle / m)
    limit = 1j * np.sin(angle) - 2 * np.sin(angle / 2) ** 2  # exp − 1, also for small angles
    return np.where(size > order, before, limit - behind)
