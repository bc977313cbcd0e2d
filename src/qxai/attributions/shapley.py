"""Shapley values of the feature game ``v(S) = f(x_S, x̃_rest)``: in closed form, or sampled."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import game_form
from qxai.attribution import Attribution
from qxai.attributions.orders import from_orders
from qxai.attributions.semivalues import coalition_weights, from_coalitions, in_closed_form
from qxai.attributions.shapley_shots import from_shots
from qxai.checks import check_generator, check_only, check_samples
from qxai.core import Evaluator
from qxai.quadrature import unit_gauss_legendre
from qxai.question import asked


def shapley(
    model: Evaluator,
    X: ArrayLike,
    baseline: Any = 0.0,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
    groups: Any = None,
    shots: int | None = None,
) -> Attribution:
    """Explain outputs by Shapley values (Shapley 1953), exact unless told to sample.

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
        Random orders for each input, at least 2 (Castro, Gómez and Tejada 2009). From four on
        every second one is the one before, reversed (Mitchell et al. 2022), and an odd number is
        rounded up.
    rng : numpy.random.Generator, optional
        Draws the orders, or coalitions; needed with ``samples`` or ``shots``.
    groups : mapping, sequence of sequences, or sequence of int, optional
        Features that come and go together, by name or number: one coin a group.
    shots : int, optional
        For a model on a device: how many shots to spend on each input, all in all (times the
        settings of its observable), instead of ``samples``. All coalitions share them if there
        are enough, each in proportion to how much it weighs; otherwise every shot goes to a
        coalition of its own, drawn with that chance.

    Returns
    -------
    Attribution
        In units of the output; complete. ``evaluations`` is ``2 N d ⌈w/2⌉`` in closed form: at
        each node a device compares, for each feature, present with absent while one coin for each
        other feature and shot decides about it. An enumeration takes ``N 2^d``, random orders
        ``N samples (d + 1)``; their ``standard_error`` covers the orders and the shots. ``shots``
        take a run for each coalition that is drawn. With
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
    if shots is not None:
        return from_shots(model, question, check_only(shots, samples, rng), check_generator(rng))
    if samples is not None:
        return from_orders(model, question, samples, check_samples(samples, rng))
    polynomial = game_form(model)
    if polynomial is None:
        instead = "pass samples= and rng="
        return from_coalitions(model, question, coalition_weights, "Shapley", instead)
    order = min(polynomial.interaction_order, question.players.count)
    return in_closed_form(polynomial, question, unit_gauss_legendre(-(-order // 2)), "Shapley")
