"""Losses of several outputs: what each row costs, and its derivatives by the outputs."""

from typing import Protocol

import numpy as np
from scipy.special import logsumexp, softmax

from qxai.core import Array


class Loss(Protocol):
    """Anything that compares scores (N, C) with targets (N, C), each row weighted."""

    def __call__(self, scores: Array, targets: Array, weights: Array) -> tuple[Array, Array]:
        """Return the rows' losses (N,) and their derivatives by the scores (N, C)."""


def squared_error(scores: Array, targets: Array, weights: Array) -> tuple[Array, Array]:
    """Return ``w Σ_c (s_c − t_c)²`` for each row (N,), and its derivatives (N, C)."""
    error = scores - targets
    return weights * np.sum(error**2, axis=1), 2 * weights[:, None] * error


def cross_entropy(scores: Array, targets: Array, weights: Array) -> tuple[Array, Array]:
    """Return ``−w Σ_c t_c log p_c`` for each row (N,), and its derivatives (N, C).

    ``p = softmax(s)`` are probabilities, and targets are those wanted: 1 for the class of a row
    and 0 for the others.
    """
    losses = logsumexp(scores, axis=1) - np.sum(targets * scores, axis=1)
    return weights * losses, weights[:, None] * (softmax(scores, axis=1) - targets)
