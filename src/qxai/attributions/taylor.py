"""Taylor-k and Taylor-∞: the terms of the Taylor series in which a single feature moves."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from qxai.absence import INSTEAD, baseline_estimate, ends, mean_vectors, outputs_with
from qxai.asking import distinct, error_of, estimated, harmonic, slopes_of
from qxai.attribution import Attribution
from qxai.background import Marginals
from qxai.checks import batches
from qxai.core import Array, ComplexArray, Evaluator, Multilinear
from qxai.question import Question, asked

TINY = np.finfo(np.float64).tiny
REMEDY = "taylor(order=inf) needs values only"


def taylor(
    model: Evaluator,
    X: ArrayLike,
    baseline: Any = 0.0,
    order: float = math.inf,
    groups: Any = None,
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
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        Root point ``x̃`` of the expansion; of a sample, the mean over expansions counts.
    order : int or math.inf
        Highest order that is kept, at least 1.
    groups : mapping, sequence of sequences, or sequence of int, optional
        Features that come and go together, by name or number; each group gets one
        number. At infinite order only.

    Returns
    -------
    Attribution
        In units of the output. Complete at infinite order if and only if the mixed terms cancel.
        ``evaluations`` is ``N d + B`` for infinite order, ``B`` the number of different root
        points (the root and one run per input and feature), and ``2 k d B`` for order ``k``:
        derivatives up to order ``k`` need at most ``2k`` shifted runs per feature of a
        unit-frequency model and root point, whatever the number of inputs. For a `Background`
        of B rows infinite order takes ``N d B + B``.

    Raises
    ------
    TypeError
        If the model lacks the method that the order needs.
    ValueError
        If ``order`` is below 1, no whole number, or so high that derivatives overflow; if
        ``groups`` are given at finite order; if an array has another shape or is not finite.

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
    question = asked(model, X, baseline, groups)
    if order == math.inf:
        return _slices(model, question)
    if not question.players.are_features:
        raise ValueError(
            f"groups: expected none at finite order, found {groups}; order=math.inf takes groups"
        )
    k = int(order)
    if isinstance(question.absent, Marginals):
        return question.answer(_truncated(model, question.inputs, question.absent, k))
    if order == 1:
        return question.by_points(lambda inputs, start: _linear(model, inputs, start))
    return question.by_points(lambda inputs, start: _truncated(model, inputs, start, k))


def _slices(model: Evaluator, question: Question) -> Attribution:
    """Evaluate ``f(x̃ with x_i) − f(x̃)``; each root point runs once."""
    inputs, absent, players = question.inputs, question.absent, question.players
    assert absent is not None
    alone = np.eye(players.count, dtype=bool)
    at_moved = outputs_with(model, inputs, absent, players.present(alone))
    at_root = baseline_estimate(model, absent, len(inputs))
    shots = at_moved.shots + at_root.shots
    errors = np.hypot(at_moved.standard_error, at_root.standard_error[:, None])
    found = Attribution(
        values=at_moved.values - at_root.values[:, None],
        output=estimated(model, inputs).values,
        baseline_output=at_root.values,
        method="Taylor-∞",
        evaluations=at_moved.evaluations + at_root.evaluations,
        standard_error=error_of(errors, shots),
        shots=shots,
        route="outputs with one present",
    )
    return question.answer(found)


def _linear(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    roots, where = distinct(start)
    slope = slopes_of(model, roots, "taylor(order=1)", REMEDY)
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
        route="gradient at the root",
    )


def _truncated(
    model: Evaluator, inputs: Array, absent: Array | Marginals, order: int
) -> Attribution:
    remedy = INSTEAD if isinstance(absent, Marginals) else REMEDY
    polynomial = harmonic(model, f"taylor(order={order})", remedy)
    with np.errstate(over="ignore", invalid="ignore"):  # refused below
        if isinstance(absent, Marginals):
            values, roots = _mean_series(polynomial, inputs, absent, order), 1
        else:
            values, roots = _series(polynomial, inputs, absent, order), len(distinct(absent)[0])
    if not np.isfinite(values).all():
        raise ValueError(
            "order: expected terms within double precision, found an overflow; use order=math.inf, "
            "which sums the series"
        )
    output, before = ends(model, inputs, absent)
    return Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"Taylor-{order}",
        evaluations=2 * order * roots * inputs.shape[1],
        route="closed form",
    )


def _series(polynomial: Multilinear, inputs: Array, start: Array, order: int) -> Array:
    """Sum the series of each wave ``exp(iω(x̃ + δ))`` up to an order, in closed form."""
    vectors = polynomial.vectors(start)
    partials = polynomial.partials(vectors)[1]
    values = np.empty(inputs.shape)
    for i, (w, around, at_start) in enumerate(zip(polynomial.frequencies, partials, vectors)):
        values[:, i] = _along(around, _change(at_start, w, (inputs - start)[:, i, None], order))
    return values


def _mean_series(polynomial: Multilinear, inputs: Array, marginals: Marginals, order: int) -> Array:
    """Average each feature's series over its own root points, and the others over theirs."""
    sample = marginals.sample
    partials = polynomial.partials(mean_vectors(polynomial, marginals))[1]
    values = np.empty(inputs.shape)
    for rows in batches(len(inputs), sample.size):
        steps = inputs[rows, None] - sample
        for i, (w, at_start) in enumerate(zip(polynomial.frequencies, polynomial.vectors(sample))):
            change = _change(at_start, w, steps[:, :, i, None], order)
            values[rows, i] = _along(partials[i], change.mean(axis=1))
    return values


def _change(at_start: Array, frequencies: Array, steps: Array, order: int) -> ComplexArray:
    """Return what a feature's waves change by over steps (…, 1), up to an order: (…, W)."""
    wave = at_start[:, 1::2] + 1j * at_start[:, 2::2]
    return wave * partial_exponential(steps * frequencies, order)


def _along(around: Array, change: ComplexArray) -> Array:
    """Return what the output changes by, from its derivative by the waves and their change."""
    parts = around[:, 1::2] * change.real + around[:, 2::2] * change.imag
    return np.asarray(parts.sum(axis=1))


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
