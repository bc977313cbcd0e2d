"""Shapley values from a budget of shots: each coalition as often as it weighs.

``R_i = Σ_S w_i(S) v(S)``, so what is measured are the outputs of coalitions. A shot of ``S`` counts
``w_i(S)/q(S)`` times if ``S`` has it with chance ``q(S)``. With outcomes of one size the sum of all
variances is least for ``q(S) ∝ √(Σ_i w_i(S)²)``, which is ``√(d/(s(d−s)))/C(d,s)`` for ``s`` of
``d`` players and ``1/√d`` for none and all.
"""

from math import sqrt

import numpy as np

from qxai.absence import baseline_estimate, chosen, drawn, outputs_with
from qxai.asking import estimated, with_shots
from qxai.attribution import Attribution
from qxai.attributions.semivalues import coalition_weights
from qxai.background import Marginals
from qxai.checks import batches
from qxai.coalitions import coalitions
from qxai.core import Array, Estimate, Evaluator, Indices, Mask
from qxai.question import Question
from qxai.threads import limited

ENOUGH = 2  # shots for every coalition, so that each has a spread: then all share the budget
MANY = 1024  # shots for every coalition from which on each is one run
MOST_ENUMERATED = 14  # players


def from_shots(
    model: Evaluator, question: Question, shots: int, rng: np.random.Generator
) -> Attribution:
    """Spend shots on coalitions: on all, or one a shot where they are too many.

    Raises
    ------
    TypeError
        If the model is on no device that counts shots.
    """
    device = with_shots(model, 1)
    d = question.players.count
    least = 0
    if d <= MOST_ENUMERATED and isinstance(question.absent, np.ndarray):
        least = int(_counts(coalition_weights(coalitions(d, "")), shots).min())
    find = _drawn if least < ENOUGH else _shared if least < MANY else _in_runs
    found = find(device, question, shots, rng)
    ends = with_shots(model, max(1, shots // d))
    drawn_from = isinstance(question.absent, Marginals)
    before = np.full(len(found.values), np.nan)
    if not drawn_from:
        before = baseline_estimate(ends, question.absent, len(before)).values  # type: ignore[arg-type]
    answer = Attribution(
        values=found.values,
        output=estimated(ends, question.inputs).values,
        baseline_output=before,
        method="Shapley",
        evaluations=found.evaluations,
        standard_error=found.standard_error,
        shots=found.shots,
        route=f"{shots} shots, {'drawn' if find is _drawn else 'shared by all coalitions'}",
    )
    return question.answer(answer)


def shares(d: int) -> Array:
    """Return the chance that a coalition has each size, (d + 1,); sets of a size are alike."""
    inner = [sqrt(d / (s * (d - s))) for s in range(1, d)]
    found = np.array([1 / sqrt(d), *inner, 1 / sqrt(d)])
    return found / found.sum()


def _shared(
    device: Evaluator, question: Question, shots: int, rng: np.random.Generator
) -> Estimate:
    """Measure all coalitions, each with its share of the shots, shot by shot."""
    inputs, players = question.inputs, question.players
    sets = coalitions(players.count, "")
    weights = coalition_weights(sets)
    counts = _counts(weights, shots)
    first = np.cumsum(counts) - counts
    total = int(counts.sum())
    n, d = inputs.shape
    values, variance, spent = np.empty((n, players.count)), np.empty((n, players.count)), 0
    present = np.repeat(players.present(sets), counts, axis=0)
    for rows in batches(n, total * d):
        absent = chosen(question.absent, rows)  # type: ignore[arg-type]
        found = outputs_with(device, inputs[rows], absent, present)
        mean = np.add.reduceat(found.values, first, axis=1) / counts
        apart = found.values - np.repeat(mean, counts, axis=1)
        spread = np.add.reduceat(apart**2, first, axis=1) / (counts - 1)
        spread += _unseen(found.standard_error)
        values[rows], variance[rows] = mean @ weights, spread / counts @ weights**2
        spent += found.shots
    return Estimate(values, np.sqrt(variance), n * len(sets), spent)


def _in_runs(
    device: Evaluator, question: Question, shots: int, rng: np.random.Generator
) -> Estimate:
    """Measure all coalitions, each with its share of the shots in one run.

    The device's own errors are a little wide for few shots, and here there are many.
    """
    inputs, players = question.inputs, question.players
    sets = coalitions(players.count, "")
    weights = coalition_weights(sets)
    counts = _counts(weights, shots)
    values, variance = np.empty((len(inputs), len(sets))), np.empty((len(inputs), len(sets)))
    evaluations = spent = 0
    for count in np.unique(counts):
        some = counts == count
        source, absent = with_shots(device, int(count)), question.absent
        found = outputs_with(source, inputs, absent, players.present(sets[some]))  # type: ignore[arg-type]
        values[:, some], variance[:, some] = found.values, found.standard_error**2
        evaluations, spent = evaluations + found.evaluations, spent + found.shots
    return Estimate(values @ weights, np.sqrt(variance @ weights**2), evaluations, spent)


def _unseen(errors: Array) -> Array:
    """Return what outcomes may vary that all agree (n, 1): two that disagree, of all shots.

    ``errors`` (n, M) are those of single shots, which are as large as outcomes can be.
    """
    return np.asarray(2 * (errors**2).mean(axis=1, keepdims=True) / errors.shape[1])


def _counts(weights: Array, total: int) -> Indices:
    """Share shots among coalitions in proportion to their weights (2^G, G): largest remainders."""
    sizes = np.sqrt((weights**2).sum(axis=1))
    wanted = sizes / sizes.sum() * total
    counts = np.floor(wanted).astype(np.intp)
    left = total - int(counts.sum())
    counts[np.argsort(counts - wanted, kind="stable")[:left]] += 1
    return counts


def _drawn(device: Evaluator, question: Question, shots: int, rng: np.random.Generator) -> Estimate:
    """Draw a coalition for each shot, two at a time of about one size.

    An additive game's values are known, so that of the outcomes only what one misses has to be
    weighed: it is fitted to the other half of the pairs, which leaves no bias, whatever the fit.
    What sizes differ by is no error, since all have their share; so the spread is that within
    pairs.
    """
    inputs, players, absent = question.inputs, question.players, question.absent
    assert absent is not None
    shots -= shots % 2
    n, d = inputs.shape
    values, variance = np.empty((n, players.count)), np.empty((n, players.count))
    evaluations, spent = 0, 0
    for rows in batches(n, shots * d):
        some = len(inputs[rows])
        present = _coalitions(some, shots, players.count, rng)
        start = drawn(absent, rows, (some, shots), rng)
        points = np.where(players.present(present), inputs[rows, None], start)
        found = estimated(device, points.reshape(-1, d))
        outcomes = found.values.reshape(some, shots)
        factors = _factors(present)
        slopes, predicted = _by_other_half(present, outcomes)
        terms = slopes + factors * (outcomes - predicted)[..., None]
        unseen = (factors**2).mean(axis=1) * _unseen(found.standard_error.reshape(some, shots))
        apart = terms[:, ::2] - terms[:, 1::2]
        values[rows] = terms.mean(axis=1)
        variance[rows] = (apart**2).sum(axis=1) / shots**2 + unseen / shots
        evaluations, spent = evaluations + found.evaluations, spent + found.shots
    return Estimate(values, np.sqrt(variance), evaluations, spent)


def _coalitions(some: int, shots: int, count: int, rng: np.random.Generator) -> Mask:
    """Draw coalitions (n, shots, G), small ones first: sizes in their shares, any set of a size."""
    ends = np.cumsum(shares(count))
    places = (np.arange(shots) + rng.random((some, 1))) / shots
    sizes = np.minimum(np.searchsorted(ends, places), count)
    ranks = rng.permuted(np.tile(np.arange(count), (some, shots, 1)), axis=2)
    return np.asarray(ranks < sizes[..., None])


def _factors(present: Mask) -> Array:
    """Return by what each player's share of an outcome is multiplied, ``w_i(S)/q(S)``."""
    d = present.shape[2]
    chance = shares(d)
    sizes = np.arange(d + 1)
    with np.errstate(divide="ignore"):
        joined, missing = 1 / (sizes * chance), -1 / ((d - sizes) * chance)
    size = present.sum(axis=2)[..., None]
    return np.where(present, joined[size], missing[size])


@limited()
def _by_other_half(present: Mask, outcomes: Array) -> tuple[Array, Array]:
    """Predict outcomes by additive games, each fitted to the half of the pairs it is not for.

    Returns
    -------
    slopes : ndarray, shape (n, M, G)
        The additive game's own Shapley values.
    predicted : ndarray, shape (n, M)
    """
    there = np.concatenate([np.ones((*outcomes.shape, 1)), present], axis=2)
    odd = np.arange(outcomes.shape[1]) // 2 % 2 == 1
    fits = [_fitted(there[:, half], outcomes[:, half]) for half in (odd, ~odd)]
    found = np.where(odd[:, None], fits[1][:, None], fits[0][:, None])
    return found[..., 1:], (there * found).sum(axis=2)


def _fitted(there: Array, outcomes: Array) -> Array:
    """Fit by least squares, slopes shrunk a little for few shots: (n, 1 + G)."""
    shrunk = np.eye(there.shape[2])
    shrunk[0, 0] = 1e-9  # the intercept is not: an offset of the outputs changes nothing
    square = there.swapaxes(1, 2) @ there + shrunk
    return np.linalg.solve(square, there.swapaxes(1, 2) @ outcomes[..., None])[..., 0]
