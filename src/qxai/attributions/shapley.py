"""Shapley values of the feature game ``v(S) = f(x_S, x̃_rest)``: in closed form, or sampled."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import baseline_estimate, drawn
from qxai.asking import estimated, game_form
from qxai.attribution import Attribution
from qxai.attributions.semivalues import from_coalitions, in_closed_form
from qxai.background import Marginals
from qxai.checks import batches, check_samples
from qxai.core import Array, Evaluator, Mask
from qxai.quadrature import unit_gauss_legendre
from qxai.question import Question, asked


def shapley(
    model: Evaluator,
    X: ArrayLike,
    baseline: Any = 0.0,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
    groups: Any = None,
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
        Where it can be written as linear in one vector per feature, by contraction; any other, or
        one on a backend that samples, by running all coalitions. With ``samples`` any model.
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What an absent feature is set to; of a sample, its mean output over the rows counts.
    samples : int, optional
        Random orders for each input, at least 2 (Castro, Gómez and Tejada 2009).
    rng : numpy.random.Generator, optional
        Draws the orders; needed with ``samples``.
    groups : mapping, sequence of sequences, or sequence of int, optional
        Features that come and go together, by name or number: one coin a group.

    Returns
    -------
    Attribution
        In units of the output; complete. ``evaluations`` is ``2 N d ⌈w/2⌉`` in closed form: at
        each node a device compares, for each feature, present with absent while one coin for each
        other feature and shot decides about it. An enumeration takes ``N 2^d``, random orders
        ``N samples (d + 1)``; their ``standard_error`` covers the orders and the shots. With
        groups, ``d`` is their number. A `Background` of B rows takes B times as many, but with
        orders as many as a point: each draws a row.

    Raises
    ------
    TypeError
        If ``rng`` is missing.
    ValueError
        If ``X`` or ``baseline`` has another shape or is not finite, or there are too many
        coalitions to run: more than 20 features, 2^27 runs or, in a circuit, 2^41 operations.

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
    question = asked(model, X, baseline, groups)
    if samples is not None:
        return _from_orders(model, question, samples, check_samples(samples, rng))
    polynomial = game_form(model)
    if polynomial is None:
        instead = "pass samples= and rng="
        return from_coalitions(model, question, coalition_weights, "Shapley", instead)
    order = min(polynomial.interaction_order, question.players.count)
    return in_closed_form(polynomial, question, unit_gauss_legendre(-(-order // 2)), "Shapley")


def coalition_weights(present: Mask) -> Array:
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
    model: Evaluator, question: Question, samples: int, rng: np.random.Generator
) -> Attribution:
    """Let players enter in random orders; each is evaluated anew, so they are independent."""
    inputs, players = question.inputs, question.players
    absent = question.absent
    assert absent is not None
    n, d, count = len(inputs), inputs.shape[1], players.count
    values, variance, evaluations, shots = np.empty((n, count)), np.empty((n, count)), 0, 0
    nobody = np.empty(n)
    for rows in batches(n, samples * (count + 1) * d):
        some = len(inputs[rows])
        ranks = rng.permuted(np.tile(np.arange(count), (some, samples, 1)), axis=2)
        entered = players.present(ranks[:, :, None] < np.arange(count + 1)[:, None])
        start = drawn(absent, rows, (some, samples), rng)
        points = np.where(entered, inputs[rows, None, None], start[:, :, None])
        found = estimated(model, points.reshape(-1, d))
        gains = np.diff(found.values.reshape(some, samples, count + 1), axis=2)
        by_player = np.take_along_axis(gains, ranks, axis=2)
        nobody[rows] = found.values.reshape(some, samples, count + 1)[:, :, 0].mean(axis=1)
        values[rows] = by_player.mean(axis=1)
        variance[rows] = by_player.var(axis=1, ddof=1) / samples
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    output = estimated(model, inputs).values
    drawn_from = isinstance(absent, Marginals)  # whose mean output not every model can tell
    before = nobody if drawn_from else baseline_estimate(model, absent, n).values
    orders = Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"Shapley ({samples} orders)",
        evaluations=evaluations,
        standard_error=np.sqrt(variance),
        shots=shots,
        route="sampled orders",
    )
    return question.answer(orders)
