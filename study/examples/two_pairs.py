"""A task to start from: two pairs of features that act together, and two that do not matter."""

import numpy as np

from qxai import datasets

NAME = "two pairs"


def make(seed):
    """Return 600 inputs, the first 400 of which are for training."""
    rng = np.random.default_rng([seed, 1])
    return datasets.mixture(6, 600, rng, alone=0, orders=(2, 2))
