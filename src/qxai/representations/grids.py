"""Grids of nodes of some features, and the coefficients that values on them determine."""

import math
from collections.abc import Sequence
from functools import reduce

import numpy as np

from qxai.core import Array
from qxai.memory import check_size
from qxai.representations.basis import inverse_at_nodes, nodes


def grid_inputs(frequencies: Sequence[Array], features: Sequence[int]) -> Array:
    """Return the grid of the features' nodes as inputs (N, d); other features stay at 0."""
    axes = [nodes(frequencies[i]) for i in features]
    points = math.prod(len(axis) for axis in axes)
    check_size(8 * points * len(frequencies), "the grid")
    X = np.zeros((points, len(frequencies)))
    for i, values in zip(features, np.meshgrid(*axes, indexing="ij")):
        X[:, i] = values.ravel()
    return X


def solve_grid(values: Array, frequencies: Sequence[Array], features: Sequence[int]) -> Array:
    """Turn values on the grid (N, M) into coefficients (K_1, …, M), one axis at a time."""
    inverses = [inverse_at_nodes(frequencies[i]) for i in features]
    tensor = values.reshape([len(inverse) for inverse in inverses] + [values.shape[1]])
    # tensordot appends the new axis at the end; d + 1 rotations restore the order.
    rotated = reduce(lambda t, inverse: np.tensordot(t, inverse, (0, 1)), inverses, tensor)
    return np.moveaxis(rotated, 0, -1) if inverses else tensor
