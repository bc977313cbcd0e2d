"""Interaction indices of any order: what sets of features contribute together."""

from collections.abc import Iterator, Sequence
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import Absent, ends
from qxai.asking import error_of, game_form
from qxai.attributions.curves import names_of
from qxai.attributions.derivatives import derivative_indices
from qxai.attributions.enumeration import enumerated
from qxai.attributions.game import closed_games, game_size, rows_of
from qxai.attributions.indices import INDICES, weights_of
from qxai.checks import batches, check_count
from qxai.core import Array, Evaluator, Multilinear
from qxai.lattice import moebius, sets_up_to, transposed_moebius
from qxai.memory import check_size
from qxai.question import Question, asked
from qxai.sets import Interactions

MOST_DIVIDENDS = 2**15  # of one input, that are laid out; beyond, derivatives are taken
FEWER = "explain fewer inputs at once, or take a smaller order="


def interactions(
    model: Evaluator,
    X: ArrayLike,
    baseline: Any = 0.0,
    index: str = "k-SII",
    order: int = 2,
) -> Interactions:
    """Explain outputs by what sets of features contribute together, exactly.

    Every index is a weighted sum of dividends, `game`, and has the name that shapiq gives it
    (Muschalik et al. 2024):

    - ``"Moebius"``: the dividends themselves (Harsanyi 1963);
    - ``"SII"``: the Shapley interaction index (Grabisch and Roubens 1999), a mean of discrete
      derivatives; size 1 are Shapley values;
    - ``"BII"``: the Banzhaf interaction index, the same with equal weights;
    - ``"k-SII"``: n-Shapley values (Bordt and von Luxburg 2023), which add up at each order;
    - ``"STII"``: the Shapley–Taylor index (Sundararajan, Dhamdhere and Agarwal 2020);
    - ``"FSII"``: faithful Shapley interactions (Tsai, Yeh and Ravikumar 2023).

    ``k-SII``, ``STII`` and ``FSII`` add up to the output less the baseline's.

    Parameters
    ----------
    model : Evaluator
        Where it can be written as linear in one vector per feature, by contraction; any other by
        running all coalitions.
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What an absent feature is set to; of a sample, its mean output over the rows counts.
    index : str
        Which index.
    order : int
        Size of the largest sets, at most ``d``.

    Returns
    -------
    Interactions
        A value for each set of 1 to ``order`` features. ``evaluations`` is ``N 2^d``, or what
        the parts of a sum over light cones take; where one input has more than 2^15 dividends the
        index is found from derivatives, and it is what these take.

    Raises
    ------
    ValueError
        If the index or the order is unknown, an array has another shape or is not finite, or
        there are too many sets or coalitions.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> from math import pi
    >>> qxai.interactions(model, [[pi / 2, pi / 3]], index="STII")
    STII up to order 2, closed form, 1 input
    set       value
    x0       -1.000
    x1       -0.500
    x0 × x1   0.500
    """
    question = asked(model, X, baseline)
    order = _checked(index, order, question.inputs.shape[1])
    sets = sets_up_to(range(question.inputs.shape[1]), order)
    check_size(8 * len(question.inputs) * len(sets), f"{len(sets)} sets for each input", FEWER)
    form = game_form(model)
    if form is None:
        return _from_coalitions(model, question, index, order, sets)
    runs = game_size(form)
    if runs <= MOST_DIVIDENDS:
        values, before, after = _from_dividends(form, question, index, order, sets)
    else:
        values, runs = derivative_indices(form, question, index, order)
        after, before = ends(model, question.inputs, _absent(question))
    return _answer(
        question,
        sets,
        values=values,
        index=index,
        order=order,
        output=after,
        baseline_output=before,
        evaluations=len(values) * runs * rows_of(question.absent),
        route="closed form",
    )


def _checked(index: str, order: int, d: int) -> int:
    if index not in INDICES:
        raise ValueError(f"index: expected one of {', '.join(INDICES)}, found {index!r}")
    return check_count("order", order, 1, d)


def _absent(question: Question) -> Absent:
    assert question.absent is not None
    return question.absent


def _answer(question: Question, sets: Sequence[tuple[int, ...]], **found: Any) -> Interactions:
    names = names_of(question)
    return Interactions(sets=sets, inputs=question.inputs, feature_names=names, **found)


def _from_dividends(
    form: Multilinear, question: Question, index: str, order: int, sets: Sequence[tuple[int, ...]]
) -> tuple[Array, Array, Array]:
    """Weigh the dividends of a few inputs at a time; of each part, for the sets within it.

    Returns values (N, S), and the outputs (N,) with every feature absent, and present.
    """
    n = len(question.inputs)
    result, before, after = np.zeros((n, len(sets))), np.zeros(n), np.zeros(n)
    place = {members: number for number, members in enumerate(sets)}
    for rows, parts in closed_games(form, question):
        for players, dividends in parts:
            before[rows] += dividends[:, 0]
            after[rows] += dividends.sum(axis=1)
            own = sets_up_to(range(len(players)), order)
            where = [place[tuple(players[i] for i in members)] for members in own]
            result[rows, where] += weighed(dividends, index, order)
    return result, before, after


def weighed(dividends: Array, index: str, order: int) -> Array:
    """Return an index (N, S) from dividends (N, 2^m), small sets first."""
    players = dividends.shape[1].bit_length() - 1
    parts = [
        dividends @ weights_of((index, order, players, *some)) for some in _pieces(players, order)
    ]
    return np.concatenate(parts, axis=1)


def _errors(errors: Array, index: str, order: int) -> Array | float:
    """Return what errors of coalitions (n, 2^d), independent of each other, leave: (n, S)."""
    if not errors.any():
        return 0.0
    d = errors.shape[1].bit_length() - 1
    parts = [transposed_moebius(weights_of((index, order, d, *some))) for some in _pieces(d, order)]
    return np.concatenate([np.sqrt(errors**2 @ part**2) for part in parts], axis=1)


def _pieces(players: int, order: int) -> Iterator[tuple[int, int]]:
    """Cut the sets so that their weights fit: from which to below which."""
    count = sum(comb(players, size) for size in range(1, min(order, players) + 1))
    return ((part.start, min(part.stop, count)) for part in batches(count, 1 << players))


def _from_coalitions(
    model: Evaluator,
    question: Question,
    index: str,
    order: int,
    sets: Sequence[tuple[int, ...]],
) -> Interactions:
    """Run all coalitions, and weigh what they give."""
    n, d = question.inputs.shape
    values, error = np.empty((n, len(sets))), np.empty((n, len(sets)))
    before, after, evaluations, shots = np.empty(n), np.empty(n), 0, 0
    _, games = enumerated(model, question, "explain fewer inputs at once, or fewer features")
    for rows, game in games:
        values[rows] = weighed(moebius(game.values), index, order)
        error[rows] = _errors(game.standard_error, index, order)
        before[rows], after[rows] = game.values[:, 0], game.values[:, -1]
        evaluations, shots = evaluations + game.evaluations, shots + game.shots
    return _answer(
        question,
        sets,
        values=values,
        index=index,
        order=order,
        output=after,
        baseline_output=before,
        evaluations=evaluations,
        standard_error=error_of(error, shots),
        shots=shots,
        route=f"enumeration of 2^{d} coalitions",
    )
