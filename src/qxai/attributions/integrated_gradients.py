"""Integrated gradients along the straight line from the baseline."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import mean_vectors
from qxai.asking import harmonic, together, waves_of
from qxai.attribution import Attribution
from qxai.attributions.steps import settled, with_shared_shots, with_steps
from qxai.background import Marginals
from qxai.checks import batches, check_count, roots
from qxai.core import Array, Evaluator, Multilinear
from qxai.quadrature import panels_for_band, unit_gauss_legendre
from qxai.question import asked

FAR = 256  # time of one wave beside an operation of a contraction
MOST_WAVES = 2**20
MOST_STEPS = 10_000
REMEDY = "pass steps= with a model that has a gradient; occlusion needs values only"
MOST_NODES = 2**22  # a quadrature of more would take minutes for one input


def integrated_gradients(
    model: Evaluator,
    X: ArrayLike,
    baseline: Any = 0.0,
    steps: int | None = None,
    shots: int | None = None,
) -> Attribution:
    """Explain outputs by ``R_i = (x_i − x̃_i) ∫₀¹ ∂_i f(x̃ + t(x − x̃)) dt``.

    Sundararajan, Taly and Yan (2017). Along the line ``f`` is a trigonometric polynomial in ``t``
    whose frequencies are at most ``Ω = Σ_i max ω_i |x_i − x̃_i|``. So the number of
    Gauss–Legendre nodes that leaves an error near 1e-13 follows from ``Ω``; inputs with similar
    bands are integrated together, with the nodes of the widest. Far from the baseline it is
    integrated wave by wave instead, which takes the same time at any distance; that is counted.

    Parameters
    ----------
    model : model with a method ``polynomial`` or ``gradient``
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        Where the line starts; of a sample, the mean over lines from its rows counts.
    steps : int, optional
        Nodes of a quadrature on the model's own gradient. Left out for a model without
        polynomial, it is doubled until the values settle. ``error`` is the largest residual, or
        what the last doubling changed, if that is more.
    shots : int, optional
        For a model on a device, with ``steps``: how many shots to spend on each input, all in all
        (times the settings of its observable), nodes sharing them as they weigh.

    Returns
    -------
    Attribution
        In units of the output; complete. ``evaluations`` counts the gradients at the nodes that
        each input needs: for a polynomial ``2 d`` runs each, as for one Pauli rotation a feature
        (on a device; here neighbours may share more), with ``steps`` as many as the model tells.

    Raises
    ------
    TypeError
        If the model lacks the method that is needed.
    ValueError
        If ``steps`` is no positive whole number, if an array has another shape or is not finite,
        or if the line is too long for a quadrature.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> from math import pi
    >>> found = qxai.integrated_gradients(model, [[pi / 2, pi / 2]])
    >>> print(found.values.round(3))  # half each of what the output loses, 0 − 1
    [[-0.5 -0.5]]
    """
    question = asked(model, X, baseline)
    if shots is not None:
        budget = check_count("shots", shots, 2)
        count = check_count("steps", steps, 1, MOST_STEPS)
        return question.by_points(lambda x, at: with_shared_shots(model, x, at, count, budget))
    if steps is not None:
        count = check_count("steps", steps, 1, MOST_STEPS)
        return question.by_points(lambda x, start: with_steps(model, x, start, count))
    inner = getattr(model, "model", None)  # behind functions of the columns
    if callable(getattr(model, "legs", None)) and (form := waves_of(inner)) is not None:
        return question.by_points(lambda x, start: _over_legs(model, form, x, start))
    polynomial = waves_of(model)
    if polynomial is None and callable(getattr(model, "gradient", None)):
        return question.by_points(lambda x, start: settled(model, x, start))
    if polynomial is None:
        polynomial = harmonic(model, "integrated_gradients", REMEDY)
    if isinstance(question.absent, Marginals):
        return question.answer(_from_marginals(polynomial, question.inputs, question.absent))
    return question.by_points(lambda x, start: _exact(polynomial, x, start))


def _over_legs(model: Any, polynomial: Multilinear, inputs: Array, start: Array) -> Attribution:
    """Add up the legs of what a straight line in raw columns is in radians."""
    legs = [_exact(polynomial, after, before) for before, after in model.legs(start, inputs)]
    return replace(
        legs[-1],
        values=sum((leg.values for leg in legs), np.zeros(inputs.shape)),
        baseline_output=legs[0].baseline_output,
        evaluations=sum(leg.evaluations for leg in legs),
    )


def _exact(polynomial: Multilinear, inputs: Array, start: Array) -> Attribution:
    """Integrate with as many nodes as the band needs, or wave by wave where that is less work."""
    band = polynomial.bands(np.abs(inputs - start))
    counts = np.prod(np.array(panels_for_band(band), dtype=float), axis=0)
    values = np.empty(inputs.shape)
    few = polynomial.waves <= MOST_WAVES
    far = few & (counts * polynomial.operations > FAR * polynomial.waves)
    if far.any():
        slopes = polynomial.mean_gradient(start[far], inputs[far])
        values[far] = (inputs - start)[far] * slopes
    _check_nodes(counts[~far].max(initial=0.0))
    order = np.flatnonzero(~far)[np.argsort(band[~far], kind="stable")]
    most = int(counts[~far].max(initial=1.0))
    for part in batches(len(order), most, together(polynomial)):
        rows = order[part]
        values[rows] = _integral(polynomial, inputs[rows], start[rows], band[rows[-1]])
    outputs = polynomial.values(np.concatenate([inputs, roots(start)]))
    return Attribution(
        values=values,
        output=outputs[: len(inputs)],
        baseline_output=np.broadcast_to(outputs[len(inputs) :], len(inputs)),
        method="integrated gradients",
        evaluations=int(2 * inputs.shape[1] * counts.sum()),
        route="closed form",
    )


def _check_nodes(most: float) -> None:
    if most > MOST_NODES:
        raise ValueError(
            f"X, baseline: expected a line that at most {MOST_NODES} nodes resolve, found one that "
            f"takes {most:.2g}; use a baseline nearer to the inputs, such as their mean, or inputs "
            "in radians"
        )


def _integral(polynomial: Multilinear, inputs: Array, start: Array, band: float) -> Array:
    """Integrate panel by panel, and few enough nodes at once to stay in the cache."""
    panels, count = map(int, panels_for_band(band))
    nodes, weights = unit_gauss_legendre(count)
    total = np.zeros(inputs.shape)
    few = max(1, together(polynomial) // (count * len(inputs)))
    for first in range(0, panels, few):
        number = np.arange(first, min(first + few, panels))
        places = ((number[:, None] + nodes) / panels).ravel()
        slopes = polynomial.slopes(*polynomial.along(start, inputs, places))
        shares = np.tile(weights / panels, len(number))
        total += (shares @ slopes.T.reshape(inputs.shape[1], len(places), len(inputs))).T
    return (inputs - start) * total


def _from_marginals(polynomial: Multilinear, inputs: Array, marginals: Marginals) -> Attribution:
    """Average each feature's vector along the line over its own starting points."""
    sample = marginals.sample
    furthest = np.maximum(inputs - sample.min(axis=0), sample.max(axis=0) - inputs)
    band = polynomial.bands(np.abs(furthest))
    counts = np.prod(np.array(panels_for_band(band), dtype=float), axis=0)
    _check_nodes(counts.max(initial=0.0))
    values = np.zeros(inputs.shape)
    for row in range(len(inputs)):
        panels, count = map(int, panels_for_band(band[row]))
        nodes, weights = unit_gauss_legendre(count)
        for first in range(panels):
            mixed = _mean_along(polynomial, inputs[row], sample, (first + nodes) / panels)
            values[row] += weights / panels @ polynomial.slopes(*mixed)
    output = polynomial.values(inputs)
    before = polynomial.contract(mean_vectors(polynomial, marginals))
    return Attribution(
        values=values,
        output=output,
        baseline_output=np.broadcast_to(before, len(inputs)),
        method="integrated gradients",
        evaluations=int(2 * inputs.shape[1] * counts.sum()),
        route="closed form",
    )


def _mean_along(
    polynomial: Multilinear, point: Array, sample: Array, places: Array
) -> tuple[list[Array], list[Array]]:
    """Return ``E[φ(x̃ + t(x − x̃))]`` and ``E[(x − x̃) φ'(…)]`` at places t, each d arrays (P, K)."""
    ends = np.broadcast_to(point, sample.shape)
    vectors, slopes = polynomial.along(sample, ends, places)
    shape = len(places), len(sample), -1
    steps = (point - sample).T[:, :, None]
    return (
        [v.reshape(shape).mean(axis=1) for v in vectors],
        [(s.reshape(shape) * step).mean(axis=1) for s, step in zip(slopes, steps)],
    )
