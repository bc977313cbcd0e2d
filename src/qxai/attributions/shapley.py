"""Shapley values of the feature game ``v(S) = f(x_S, x̃_rest)``: in closed form, or sampled."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import ends, estimated, multilinear, together
from qxai.checks import as_baseline, as_inputs, batches, check_samples, roots
from qxai.coalitions import coalitions, outputs_of
from qxai.contraction import joined, split
from qxai.core import Array, Attribution, Evaluator, Mask, Multilinear
from qxai.quadrature import unit_gauss_legendre


def shapley(
    model: Evaluator,
    X: ArrayLike,
    baseline: ArrayLike = 0.0,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
) -> Attribution:
    """Explain outputs by Shapley values (Shapley 1953), exact unless ``samples`` is given.

    Let every feature hold its input with probability ``t`` and its baseline otherwise. The
    expected output ``F(t)`` is the model at the vectors ``(1 − t) φ(x̃_i) + t φ(x_i)``, and
    ``R_i = ∫₀¹ ∂F/∂t_i dt`` on the diagonal (Owen 1972). The integrand is a polynomial of degree
    ``w − 1``, ``w`` the largest number of features in one term, so ``⌈w/2⌉`` Gauss–Legendre nodes
    integrate it exactly.

    Parameters
    ----------
    model : Evaluator
        With a method ``polynomial``, by contraction; without one, by enumerating all coalitions,
        up to 16 features. With ``samples`` any model.
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d)
        What an absent feature is set to.
    samples : int, optional
        Random orders for each input, at least 2 (Castro, Gómez and Tejada 2009).
    rng : numpy.random.Generator, optional
        Draws the orders; needed with ``samples``.

    Returns
    -------
    Attribution
        In units of the output; complete. ``evaluations`` is ``2 N d ⌈w/2⌉`` in closed form: at
        each node a device compares, for each feature, present with absent while one coin for each
        other feature and shot decides about it. An enumeration takes ``N 2^d``, random orders
        ``N samples (d + 1)``; their ``standard_error`` covers the orders and the shots.

    Raises
    ------
    TypeError
        If ``rng`` is missing, or the model is on a backend that samples and ``samples`` is None.
    ValueError
        If ``X`` or ``baseline`` has another shape or is not finite, the model is no polynomial,
        or there are more than 16 features to enumerate.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> from math import pi
    >>> found = qxai.shapley(model, [[pi / 2, pi / 3]])
    >>> print(found.values.round(3))  # they sum to f(x) − f(0) = 0 − 1
    [[-0.75 -0.25]]
    """
    inputs = as_inputs(X, model.num_features)
    start = as_baseline(baseline, inputs)
    if samples is not None:
        return _from_orders(model, inputs, start, samples, check_samples(samples, rng))
    if not callable(getattr(model, "polynomial", None)):
        return _from_coalitions(model, inputs, start)
    return _from_polynomial(multilinear(model, "shapley", "pass samples= and rng="), inputs, start)


def _from_polynomial(polynomial: Multilinear, inputs: Array, start: Array) -> Attribution:
    """Integrate along the diagonal, all nodes of a few inputs at once."""
    values, ended, began = np.empty(inputs.shape), np.empty(len(inputs)), np.empty(len(inputs))
    nodes, weights = unit_gauss_legendre(-(-polynomial.interaction_order // 2))
    for rows in batches(len(inputs), len(nodes), together(polynomial)):
        count = len(inputs[rows])
        both = polynomial.vectors(np.concatenate([inputs[rows], roots(start[rows])]))
        after, before = [v[:count] for v in both], [v[count:] for v in both]
        slopes = polynomial.slopes(*diagonal(before, after, nodes))
        found = slopes.reshape(len(nodes), *values[rows].shape)
        values[rows] = np.tensordot(weights, found, axes=1)
        outputs = polynomial.contract(both)
        ended[rows], began[rows] = outputs[:count], outputs[count:]
    return Attribution(
        values=values,
        output=ended,
        baseline_output=began,
        method="Shapley",
        evaluations=2 * values.size * len(nodes),
    )


def diagonal(
    before: Sequence[Array], after: Sequence[Array], nodes: Array
) -> tuple[list[Array], list[Array]]:
    """Return ``(1 − t) a + t b`` and ``b − a`` at all nodes: each d arrays (nodes · N, K_i).

    ``before`` may have one row for all inputs.
    """
    sizes, (a, b) = [v.shape[1] for v in before], (joined(before)[:, None], joined(after)[:, None])
    t = nodes[:, None]
    mixed = (1 - t) * a + t * b
    moved = np.broadcast_to(b - a, mixed.shape)
    shape = len(a), len(t) * b.shape[2]
    return split(mixed.reshape(shape), sizes), split(moved.reshape(shape), sizes)


def _from_coalitions(model: Evaluator, inputs: Array, start: Array) -> Attribution:
    """Evaluate all coalitions, and weigh them as the definition says."""
    n, d = inputs.shape
    present = coalitions(d, "pass samples= and rng=, or a model with a polynomial")
    weights = _coalition_weights(present)
    values, ended, began = np.empty((n, d)), np.empty(n), np.empty(n)
    for rows in batches(n, present.size):
        game = outputs_of(model, inputs[rows], start[rows], present)
        values[rows], began[rows], ended[rows] = game @ weights, game[:, 0], game[:, -1]
    return Attribution(
        values=values,
        output=ended,
        baseline_output=began,
        method="Shapley",
        evaluations=n * 2**d,
    )


def _coalition_weights(present: Mask) -> Array:
    """Return the weight of each coalition in each feature's Shapley value, (2^d, d).

    A coalition of ``s`` with the feature counts ``(s−1)! (d−s)! / d!``, one without it
    ``−s! (d−s−1)! / d!``.
    """
    d = present.shape[1]
    sizes = present.sum(axis=1)
    gain = np.array([0.0] + [1 / (s * math.comb(d, s)) for s in range(1, d + 1)])
    loss = np.array([-1 / ((d - s) * math.comb(d, s)) for s in range(d)] + [0.0])
    return np.where(present, gain[sizes][:, None], loss[sizes][:, None])


def _from_orders(
    model: Evaluator, inputs: Array, start: Array, samples: int, rng: np.random.Generator
) -> Attribution:
    """Let features enter in random orders; each is evaluated anew, so they are independent."""
    n, d = inputs.shape
    values, variance, evaluations, shots = np.empty((n, d)), np.empty((n, d)), 0, 0
    for rows in batches(n, samples * (d + 1) * d):
        count = len(inputs[rows])
        ranks = rng.permuted(np.tile(np.arange(d), (count, samples, 1)), axis=2)
        entered = ranks[:, :, None] < np.arange(d + 1)[:, None]
        points = np.where(entered, inputs[rows, None, None], start[rows, None, None])
        found = estimated(model, points.reshape(-1, d))
        gains = np.diff(found.values.reshape(count, samples, d + 1), axis=2)
        by_feature = np.take_along_axis(gains, ranks, axis=2)
        values[rows] = by_feature.mean(axis=1)
        variance[rows] = by_feature.var(axis=1, ddof=1) / samples
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    output, before = ends(model, inputs, start)
    return Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"Shapley ({samples} orders)",
        evaluations=evaluations,
        standard_error=np.sqrt(variance),
        shots=shots,
    )
