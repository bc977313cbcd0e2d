"""Integrated gradients by a quadrature on a model's own gradient."""

from dataclasses import replace

import numpy as np

from qxai.absence import ends
from qxai.asking import error_of, slopes_of
from qxai.attribution import Attribution
from qxai.checks import batches
from qxai.core import Array, Evaluator
from qxai.quadrature import unit_gauss_legendre

FIRST, LAST = 8, 512  # nodes to begin with, and at most, where a model does not tell its band
SETTLED = 1e-8  # change of the values by a doubling, relative to the largest, that is let pass
VALUES_ALONE = "occlusion needs values only"


def settled(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    """Double the nodes until the values no longer move; tell what the last doubling changed."""
    steps = FIRST
    found, evaluations = with_steps(model, inputs, start, steps), 0
    while True:
        before, evaluations, steps = found, evaluations + found.evaluations, 2 * steps
        found = with_steps(model, inputs, start, steps)
        change = float(np.abs(found.values - before.values).max(initial=0.0))
        if change <= SETTLED * np.abs(found.values).max(initial=0.0) or steps >= LAST:
            break
    return replace(
        found,
        method="integrated gradients",
        evaluations=evaluations + found.evaluations,
        error=change,
        route=f"quadrature with {steps} steps",
    )


def with_steps(model: Evaluator, inputs: Array, start: Array, steps: int) -> Attribution:
    """Integrate with so many Gauss-Legendre nodes between each baseline and its input."""
    nodes, weights = unit_gauss_legendre(steps)
    values, variance, evaluations, shots = np.zeros(inputs.shape), np.zeros(inputs.shape), 0, 0
    for rows in batches(len(inputs), steps * inputs.shape[1]):
        points = _line(inputs[rows], start[rows], nodes)
        found = slopes_of(model, points, "integrated_gradients(steps=)", VALUES_ALONE)
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
        route=f"quadrature with {steps} steps",
    )


def _line(inputs: Array, start: Array, nodes: Array) -> Array:
    """Return the points at the nodes between baseline and input, (nodes N, d), nodes slowest."""
    points = start + nodes[:, None, None] * (inputs - start)
    return points.reshape(-1, inputs.shape[1])
