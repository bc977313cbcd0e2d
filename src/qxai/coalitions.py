"""Sets of present features, enumerated, and what a model gives for each of them."""

import numpy as np

from qxai.checks import batches
from qxai.core import Array, Evaluator, Mask

MOST_PLAYERS = 16


def coalitions(d: int, remedy: str) -> Mask:
    """Return all sets of present features, (2^d, d), the first feature slowest.

    Raises
    ------
    ValueError
        If there are too many; the message ends with the remedy.
    """
    if d > MOST_PLAYERS:
        raise ValueError(
            f"X: expected at most {MOST_PLAYERS} features, whose sets can be enumerated, found "
            f"{d}; {remedy}"
        )
    return (np.arange(2**d)[:, None] >> np.arange(d)[::-1] & 1) > 0


def outputs_of(model: Evaluator, inputs: Array, start: Array, present: Mask) -> Array:
    """Return the outputs (N, S) with some features present, ``present`` (S, d)."""
    n, d = inputs.shape
    found = np.empty((n, len(present)))
    for rows in batches(n, present.size):
        points = np.where(present, inputs[rows, None], start[rows, None]).reshape(-1, d)
        found[rows] = np.reshape(model.values(points), (-1, len(present)))
    return found
