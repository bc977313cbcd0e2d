"""The game of each input by running the model in all coalitions."""

from collections.abc import Iterator

from qxai.absence import chosen, outputs_with
from qxai.checks import batches
from qxai.coalitions import coalitions
from qxai.core import Estimate, Evaluator, Mask
from qxai.question import Question

Games = Iterator[tuple[slice, Estimate]]


def enumerated(model: Evaluator, question: Question, remedy: str) -> tuple[Mask, Games]:
    """Return all coalitions (2^G, G), the first player fastest, and the outputs in them.

    Returns
    -------
    sets : ndarray of bool, shape (2^G, G)
    games : iterator of (slice, Estimate)
        For some inputs at a time, the model's outputs (n, 2^G).

    Raises
    ------
    ValueError
        If there are too many; the message ends with the remedy.
    """
    players, absent, inputs = question.players, question.absent, question.inputs
    assert absent is not None
    depth = len(getattr(absent, "sample", (None,)))
    sets = coalitions(players.count, remedy, model, len(inputs) * depth)
    present = players.present(sets)

    def games() -> Games:
        for rows in batches(len(inputs), present.size * depth):
            yield rows, outputs_with(model, inputs[rows], chosen(absent, rows), present)

    return sets, games()
