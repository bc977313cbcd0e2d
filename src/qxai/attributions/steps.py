"""Integrated gradients by a quadrature on a model's own gradient."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from qxai.absence import ends
from qxai.asking import error_of, one_shot_gradients, slopes_of, with_shots
from qxai.attribution import Attribution
from qxai.checks import batches
from qxai.core import Array, Evaluator
from qxai.quadrature import unit_gauss_legendre

FIRST, LAST = 8, 512  # nodes to begin with, and at most, where a model does not tell its band
SETTLED = 1e-8  # change of the values by a doubling, relative to the largest, that is let pass
VALUES_ALONE = "occlusion needs values only"


def settled(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    """Double the nodes until the values no longer move; tell what is still missed."""
    steps, legs = FIRST, _legs(model, inputs, start)
    found, evaluations = _over(model, legs, steps), 0
    while True:
        before, evaluations, steps = found, evaluations + found.evaluations, 2 * steps
        found = _over(model, legs, steps)
        change = float(np.abs(found.values - before.values).max(initial=0.0))
        if change <= SETTLED * np.abs(found.values).max(initial=0.0) or steps >= LAST:
            break
    return replace(
        found,
        method="integrated gradients",
        evaluations=evaluations + found.evaluations,
        error=max(change, found.error or 0.0),
        route=f"quadrature with {steps} steps",
    )


def _legs(model: Evaluator, inputs: Array, start: Array) -> list[tuple[Array, Array]]:
    """Cut lines where they bend inside a model that takes raw columns: it is smooth in between."""
    corners = getattr(model, "corners", None)
    if not callable(corners):
        return [(start, inputs)]
    places = corners(start, inputs)
    return list(pairwise(start + t[:, None] * (inputs - start) for t in places.T))


def _over(model: Evaluator, legs: list[tuple[Array, Array]], steps: int) -> Attribution:
    """Add up the integrals over legs (start, end)."""
    found = [with_steps(model, end, start, steps) for start, end in legs]
    values = sum((leg.values for leg in found), np.zeros_like(found[0].values))
    whole = replace(
        found[-1],
        values=values,
        baseline_output=found[0].baseline_output,
        evaluations=sum(leg.evaluations for leg in found),
    )
    return replace(whole, error=_largest(whole.residual))


def _largest(residual: Array) -> float:
    """Return what a complete method misses at most: the sum of its values' errors."""
    return float(np.abs(residual).max(initial=0.0))


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
    missed = _largest(output - before - values.sum(axis=1))
    return Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"integrated gradients ({steps} steps)",
        evaluations=evaluations,
        standard_error=error_of(np.sqrt(variance), shots),
        shots=shots,
        route=f"quadrature with {steps} steps",
        error=None if shots else missed,
    )


def with_shared_shots(
    model: Evaluator, inputs: Array, start: Array, steps: int, shots: int
) -> Attribution:
    """Integrate with so many nodes, each of which gets shots in proportion to its weight.

    A node's gradient counts with its weight, so its variance with the square: equal shots for all
    nodes would be spent on the ends, which matter little.
    """
    nodes, weights = unit_gauss_legendre(steps)
    point = np.zeros((1, inputs.shape[1])) if not len(inputs) else inputs[:1]
    _, draws = one_shot_gradients(model, point, shots, "integrated_gradients")
    if draws < steps:
        raise ValueError(
            f"shots: expected at least one for each run of {steps} gradients, found {shots}, which "
            f"are for {draws}; take fewer steps= or more shots="
        )
    counts = np.maximum(1, np.rint(weights * draws)).astype(np.intp)
    values, variance, evaluations, spent = np.zeros(inputs.shape), np.zeros(inputs.shape), 0, 0
    step = inputs - start
    for node, weight, count in zip(nodes, weights, counts.tolist()):
        device = with_shots(model, count)
        points = start + node * step
        found = slopes_of(device, points, "integrated_gradients(shots=)", VALUES_ALONE)
        values += weight * step * found.values
        variance += (weight * step * found.standard_error) ** 2
        evaluations, spent = evaluations + found.evaluations, spent + found.shots
    output, before = ends(with_shots(model, int(counts.max())), inputs, start)
    return Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"integrated gradients ({steps} steps)",
        evaluations=evaluations,
        standard_error=np.sqrt(variance),
        shots=spent,
        route=f"quadrature with {steps} steps, {shots} shots shared by them",
    )


def _line(inputs: Array, start: Array, nodes: Array) -> Array:
    """Return the points at the nodes between baseline and input, (nodes N, d), nodes slowest."""
    points = start + nodes[:, None, None] * (inputs - start)
    return points.reshape(-1, inputs.shape[1])
