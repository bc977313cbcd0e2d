"""Values of players as means of what they add: along the diagonal, or over all coalitions.

Let every player be present with probability ``t``. What a player adds is then ``∂F/∂t_i`` on the
diagonal of the multilinear extension, and a rule for ``t`` makes a value of it: its mean over all
``t`` is the Shapley value, that at ½ the Banzhaf value (Owen 1972, 1975).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from qxai.absence import mean_vectors
from qxai.asking import error_of, together
from qxai.attribution import Attribution
from qxai.attributions.enumeration import enumerated
from qxai.attributions.grouped import grouped_values
from qxai.background import Marginals
from qxai.checks import batches, roots
from qxai.contraction import joined, split
from qxai.core import Array, Evaluator, Mask, Multilinear
from qxai.question import Question

Rule = tuple[Array, Array]  # nodes t in [0, 1], and their weights


def in_closed_form(
    polynomial: Multilinear, question: Question, rule: Rule, method: str
) -> Attribution:
    """Answer with the mean over the diagonal; of a sample, the mean over its rows."""
    if isinstance(question.absent, Marginals):
        before = mean_vectors(polynomial, question.absent)
        return question.answer(closed(polynomial, question, question.inputs, before, rule, method))
    return question.by_points(
        lambda inputs, start: closed(polynomial, question, inputs, start, rule, method)
    )


def closed(
    polynomial: Multilinear,
    question: Question,
    inputs: Array,
    absent: Array | list[Array],
    rule: Rule,
    method: str,
) -> Attribution:
    """Integrate along the diagonal, all nodes of a few inputs at once.

    ``absent`` are points (N, d), or one vector for each feature, d arrays (1, K_i).
    """
    players = question.players
    values = np.empty((len(inputs), players.count))
    ended, began = np.empty(len(inputs)), np.empty(len(inputs))
    nodes, weights = rule
    for rows in batches(len(inputs), len(nodes), together(polynomial)):
        after, before = _vectors(polynomial, inputs[rows], absent, rows)
        if players.are_features:
            slopes = polynomial.slopes(*diagonal(before, after, nodes))
            found = slopes.reshape(len(nodes), *values[rows].shape)
            values[rows] = np.tensordot(weights, found, axes=1)
        else:
            values[rows] = grouped_values(polynomial, players, before, after, nodes, weights)
        outputs = polynomial.contract([np.concatenate(pair) for pair in zip(after, before)])
        ended[rows], began[rows] = np.split(outputs, [len(after[0])])
    return Attribution(
        values=values,
        output=ended,
        baseline_output=began,
        method=method,
        evaluations=2 * values.size * len(nodes),
        route="closed form",
    )


def _vectors(
    polynomial: Multilinear, inputs: Array, absent: Array | list[Array], rows: slice
) -> tuple[list[Array], list[Array]]:
    """Return the features' vectors present, and absent; a point that all share stands once."""
    if not isinstance(absent, np.ndarray):
        return polynomial.vectors(inputs), absent
    both = polynomial.vectors(np.concatenate([inputs, roots(absent[rows])]))
    return [v[: len(inputs)] for v in both], [v[len(inputs) :] for v in both]


def diagonal(
    before: Sequence[Array], after: Sequence[Array], nodes: Array
) -> tuple[list[Array], list[Array]]:
    """Return ``a + t (b − a)`` and ``b − a`` at all nodes: each d arrays (nodes · N, K_i).

    ``before`` may have one row for all inputs.
    """
    sizes, a, b = [v.shape[1] for v in before], joined(before), joined(after)
    step, shape = b - a, (len(a), len(nodes), b.shape[1])
    mixed, moved = np.empty(shape, step.dtype), np.empty(shape, step.dtype)
    np.multiply(nodes[:, None], step[:, None], out=mixed)
    mixed += a[:, None]
    moved[:] = step[:, None]
    flat = len(a), len(nodes) * b.shape[1]
    return split(mixed.reshape(flat), sizes), split(moved.reshape(flat), sizes)


def from_coalitions(
    model: Evaluator,
    question: Question,
    weigh: Callable[[Mask], Array],
    method: str,
    instead: str,
) -> Attribution:
    """Evaluate all coalitions (2^G, G), and ``weigh`` them for each player, (2^G, G)."""
    count, n = question.players.count, len(question.inputs)
    values, error = np.empty((n, count)), np.empty((n, count))
    ended, began, evaluations, shots = np.empty(n), np.empty(n), 0, 0
    sets, games = enumerated(model, question, instead)
    weights = weigh(sets)
    for rows, game in games:
        values[rows], began[rows] = game.values @ weights, game.values[:, 0]
        ended[rows] = game.values[:, -1]
        error[rows] = np.sqrt(game.standard_error**2 @ weights**2)
        evaluations, shots = evaluations + game.evaluations, shots + game.shots
    found = Attribution(
        values=values,
        output=ended,
        baseline_output=began,
        method=method,
        evaluations=evaluations,
        standard_error=error_of(error, shots),
        shots=shots,
        route=f"enumeration of 2^{count} coalitions",
    )
    return question.answer(found)


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
