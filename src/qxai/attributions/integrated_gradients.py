"""Integrated gradients along the straight line from the baseline."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import ends, error_of, estimated_gradient, needed
from qxai.checks import as_baseline, as_inputs, batches, check_count
from qxai.core import Array, Attribution, Evaluator, Multilinear
from qxai.quadrature import nodes_for_band, unit_gauss_legendre

POINTS = 2**11  # nodes and inputs evaluated at once: they stay in the cache


def integrated_gradients(
    model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0, steps: int | None = None
) -> Attribution:
    """Explain outputs by ``R_i = (x_i − x̃_i) ∫₀¹ ∂_i f(x̃ + t(x − x̃)) dt``.

    Sundararajan, Taly and Yan (2017). Along the line ``f`` is a trigonometric polynomial in ``t``
    whose frequencies are at most ``Ω = Σ_i max ω_i |x_i − x̃_i|``. So the number of
    Gauss–Legendre nodes that leaves an error near 1e-12 follows from ``Ω``; it is chosen for each
    group of inputs with a similar band.

    Parameters
    ----------
    model : model with a method ``polynomial``, or with ``gradient`` if ``steps`` is given
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d)
        Where the line starts.
    steps : int, optional
        Nodes of the quadrature on the model's own gradient, for a model without polynomial; the
        residual then shows the quadrature's error.

    Returns
    -------
    Attribution
        In units of the output; complete. ``evaluations`` counts the gradients at all nodes: for a
        polynomial ``2 d`` runs each, as for one Pauli rotation a feature, with ``steps`` as many
        as the model tells.

    Raises
    ------
    TypeError
        If the model lacks the method that is needed.
    ValueError
        If ``steps`` is no positive whole number, or an array has another shape or is not finite.
    """
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    if steps is not None:
        return _with_steps(model, inputs, start, check_count("steps", steps, 1))
    remedy = "pass steps= to integrate the model's own gradient"
    polynomial: Multilinear = needed(model, "polynomial", "integrated_gradients", remedy)()
    fastest = np.array([w.max(initial=0.0) for w in polynomial.frequencies])
    band = np.abs(inputs - start) @ fastest
    values, evaluations = np.empty(inputs.shape), 0
    order = np.argsort(band, kind="stable")
    width = max(1, POINTS // nodes_for_band(band.max(initial=0.0)))
    for begin in range(0, len(order), width):
        rows = order[begin : begin + width]
        count = nodes_for_band(band[rows[-1]])
        values[rows] = _integral(polynomial, inputs[rows], start[rows], count)
        evaluations += 2 * values[rows].size * count
    ended = polynomial.contract(polynomial.vectors(inputs))
    began = polynomial.contract(polynomial.vectors(start))
    return Attribution(values, ended, began, "integrated gradients", evaluations)


def _integral(polynomial: Multilinear, inputs: Array, start: Array, count: int) -> Array:
    nodes, weights = unit_gauss_legendre(count)
    slopes = polynomial.gradient(_line(inputs, start, nodes)).reshape(count, *inputs.shape)
    return (inputs - start) * np.tensordot(weights, slopes, axes=1)


def _with_steps(model: Evaluator, inputs: Array, start: Array, steps: int) -> Attribution:
    nodes, weights = unit_gauss_legendre(steps)
    values, variance, evaluations, shots = np.zeros(inputs.shape), np.zeros(inputs.shape), 0, 0
    for rows in batches(len(inputs), steps * inputs.shape[1]):
        points = _line(inputs[rows], start[rows], nodes)
        found = estimated_gradient(
            model, points, "integrated_gradients(steps=)", "occlusion needs values only"
        )
        shape = (steps, *inputs[rows].shape)
        step = inputs[rows] - start[rows]
        values[rows] = step * np.tensordot(weights, found.values.reshape(shape), axes=1)
        squares = (found.standard_error**2).reshape(shape)
        variance[rows] = step**2 * np.tensordot(weights**2, squares, axes=1)
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    name = f"integrated gradients ({steps} steps)"
    error = error_of(np.sqrt(variance), shots)
    return Attribution(values, *ends(model, inputs, start), name, evaluations, error, shots)


def _line(inputs: Array, start: Array, nodes: Array) -> Array:
    """Return the points at the nodes between baseline and input, (nodes N, d), nodes slowest."""
    points = start + nodes[:, None, None] * (inputs - start)
    return points.reshape(-1, inputs.shape[1])
