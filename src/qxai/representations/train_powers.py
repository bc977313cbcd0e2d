"""Where the variance of a train comes from, by sweeps with the squares of its tensors."""

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from qxai.core import Array

Power = tuple[Array, Array]  # what stands where nothing has varied (χ,), and squares of the rest


def powers(tensors: Sequence[Array]) -> tuple[Array, Array, float]:
    """Return the variance in each feature alone, in all terms with it (d,), and in all.

    Features are independent and uniform over all angles: a cosine or sine is ½ in the mean
    square, and different functions are orthogonal. What has varied and what has not are carried
    apart, so that a large mean takes no digits from a small variance.
    """
    start: Power = np.ones(1), np.zeros((1, 1))
    left = list(accumulate(tensors, _onward, initial=start))
    back = [tensor.transpose(2, 1, 0) for tensor in reversed(tensors)]
    right = list(accumulate(back, _onward, initial=start))[::-1]
    alone, every = np.empty(len(tensors)), np.empty(len(tensors))
    for place, tensor in enumerate(tensors):
        before, behind = left[place], right[place + 1]
        alone[place] = np.sum((before[0] @ tensor[:, 1:].transpose(1, 0, 2) @ behind[0]) ** 2) / 2
        ends = [one[1] + np.outer(one[0], one[0]) for one in (before, behind)]
        every[place] = sum(np.sum(ends[0] * (t @ ends[1] @ t.T)) for t in _slices(tensor)) / 2
    return alone, every, float(left[-1][1][0, 0])


def size_of(tensors: Sequence[Array], bare: Sequence[Array]) -> float:
    """Return the root of the sum of squares of all coefficients, unweighted.

    It tells a rounding error from a product of many waves, whose mean square is as small.
    """
    grown = np.ones((1, 1))
    for tensor, matrix in zip(tensors, bare):
        slices = [*tensor.transpose(1, 0, 2), matrix]
        grown = sum((one.T @ grown @ one for one in slices), np.zeros(()))
    return math.sqrt(max(float(grown[0, 0]), 0.0))


def _onward(before: Power, tensor: Array) -> Power:
    """Carry both over a tensor."""
    still, varied = before
    grown = tensor[:, 0].T @ varied @ tensor[:, 0]
    whole = varied + np.outer(still, still)
    for slice_ in _slices(tensor):
        grown += slice_.T @ whole @ slice_ / 2
    return still @ tensor[:, 0], grown


def _slices(tensor: Array) -> list[Array]:
    return list(tensor[:, 1:].transpose(1, 0, 2))
