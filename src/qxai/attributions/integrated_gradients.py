"""Integrated gradients along the straight line from the baseline."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import ends, error_of, multilinear, slopes_of, together
from qxai.checks import as_baseline, as_inputs, batches, check_count, roots
from qxai.core import Array, Attribution, Evaluator, Multilinear
from qxai.quadrature import panels_for_band, unit_gauss_legendre

FAR = 256  # time of one wave beside an operation of a contraction
MOST_WAVES = 2**20
MOST_STEPS = 10_000
MOST_NODES = 2**22  # a quadrature of more would take minutes for one input


def integrated_gradients(
    model: Evaluator, X: ArrayLike, baseline: ArrayLike = 0.0, steps: int | None = None
) -> Attribution:
    """Explain outputs by ``R_i = (x_i − x̃_i) ∫₀¹ ∂_i f(x̃ + t(x − x̃)) dt``.

    Sundararajan, Taly and Yan (2017). Along the line ``f`` is a trigonometric polynomial in ``t``
    whose frequencies are at most ``Ω = Σ_i max ω_i |x_i − x̃_i|``. So the number of
    Gauss–Legendre nodes that leaves an error near 1e-13 follows from ``Ω``; inputs with similar
    bands are integrated together, with the nodes of the widest. Far from the baseline it is
    integrated wave by wave instead, which takes the same time at any distance; that is counted.

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
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    if steps is not None:
        return _with_steps(model, inputs, start, check_count("steps", steps, 1, MOST_STEPS))
    remedy = "pass steps= to integrate the model's own gradient"
    polynomial = multilinear(model, "integrated_gradients", remedy)
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


def _with_steps(model: Evaluator, inputs: Array, start: Array, steps: int) -> Attribution:
    nodes, weights = unit_gauss_legendre(steps)
    values, variance, evaluations, shots = np.zeros(inputs.shape), np.zeros(inputs.shape), 0, 0
    for rows in batches(len(inputs), steps * inputs.shape[1]):
        points = _line(inputs[rows], start[rows], nodes)
        found = slopes_of(
            model, points, "integrated_gradients(steps=)", "occlusion needs values only"
        )
        shape = (steps, *inputs[rows].shape)
        step = inputs[rows] - start[rows]
        values[rows] = step * np.tensordot(weights, found.values.reshape(shape), axes=1)
        squares = (found.standard_error**2).reshape(shape)
        variance[rows] = step**2 * np.tensordot(weights**2, squares, axes=1)
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    output, before = ends(model, inputs, start)
    return Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"integrated gradients ({steps} steps)",
        evaluations=evaluations,
        standard_error=error_of(np.sqrt(variance), shots),
        shots=shots,
    )


def _line(inputs: Array, start: Array, nodes: Array) -> Array:
    """Return the points at the nodes between baseline and input, (nodes N, d), nodes slowest."""
    points = start + nodes[:, None, None] * (inputs - start)
    return points.reshape(-1, inputs.shape[1])
