"""Shapley values from random orders in which players enter, and from the same orders reversed."""

import numpy as np

from qxai.absence import baseline_estimate, drawn
from qxai.asking import estimated
from qxai.attribution import Attribution
from qxai.background import Marginals
from qxai.checks import batches
from qxai.core import Evaluator, Indices
from qxai.question import Question

PAIRED = 4  # orders from which on each has its reverse: two pairs have a spread


def from_orders(
    model: Evaluator, question: Question, samples: int, rng: np.random.Generator
) -> Attribution:
    """Let players enter in random orders; each is evaluated anew, so they are independent.

    What a player adds early in an order it adds late in the reversed one, so that the mean of both
    varies less.
    """
    inputs, players, absent = question.inputs, question.players, question.absent
    assert absent is not None
    n, d, count = len(inputs), inputs.shape[1], players.count
    draws, copies = ranks_of(0, samples, count, rng).shape[1:3]
    values, variance, evaluations, shots = np.empty((n, count)), np.empty((n, count)), 0, 0
    nobody = np.empty(n)
    for rows in batches(n, copies * draws * (count + 1) * d):
        some = len(inputs[rows])
        ranks = ranks_of(some, samples, count, rng)
        entered = players.present(ranks[..., None, :] < np.arange(count + 1)[:, None])
        # An order and its reverse start from the same row of a sample.
        start = drawn(absent, rows, (some, draws), rng)[:, :, None, None]
        points = np.where(entered, inputs[rows, None, None, None], start)
        found = estimated(model, points.reshape(-1, d))
        outputs = found.values.reshape(*ranks.shape[:3], count + 1)
        gains = np.take_along_axis(np.diff(outputs, axis=3), ranks, axis=3).mean(axis=2)
        nobody[rows] = outputs[..., 0].mean(axis=(1, 2))
        values[rows], variance[rows] = gains.mean(axis=1), gains.var(axis=1, ddof=1) / draws
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    output = estimated(model, inputs).values
    drawn_from = isinstance(absent, Marginals)  # whose mean output not every model can tell
    before = nobody if drawn_from else baseline_estimate(model, absent, n).values
    orders = Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method=f"Shapley ({copies * draws} orders)",
        evaluations=evaluations,
        standard_error=np.sqrt(variance),
        shots=shots,
        route="sampled orders",
    )
    return question.answer(orders)


def ranks_of(some: int, samples: int, count: int, rng: np.random.Generator) -> Indices:
    """Return when each of G players enters, (n, draws, copies, G): in an order, and its reverse."""
    copies = 2 if samples >= PAIRED else 1
    draws = -(-samples // copies)
    ranks = rng.permuted(np.tile(np.arange(count), (some, draws, 1)), axis=2)[:, :, None]
    return np.concatenate([ranks, count - 1 - ranks], axis=2)[:, :, :copies]
