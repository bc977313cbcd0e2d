"""All dividends of a dense tensor between two sets of vectors, in one contraction.

Axis ``i`` takes the pair ``(a_i, b_i − a_i)``, a feature's vector before and what it gains; of
every way to choose one of each pair comes one dividend.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np

from qxai.contraction import balanced_split, outer
from qxai.core import Array, Indices

TOGETHER = 2**17  # numbers of one piece of work: they stay in the cache


def tensor_dividends(tensor: Array, before: Sequence[Array], after: Sequence[Array]) -> Array:
    """Return the dividends (N, 2^d), the first axis' bit least significant.

    Parameters
    ----------
    tensor : ndarray, shape (K_1, …, K_d)
    before, after : sequences of d ndarrays, shapes (N or 1, K_i) and (N, K_i)
        All vectors begin with the same number, so that what they gain begins with 0.
    """
    shared = len(before[0]) == 1
    find = _seen_from_one_start if shared else _between_pairs
    return find(tensor, before, after)


def _seen_from_one_start(tensor: Array, before: Sequence[Array], after: Sequence[Array]) -> Array:
    """Dividends where all inputs start at one point: it becomes the first function of each axis.

    Then the pair of an axis is ``(1, 0, …, 0)`` and ``(0, steps…)``: of each axis an entry of the
    tensor meets one of both, never two. So entries are sorted by the set of axes in which they
    do not stand first, and each is multiplied once: ``∏K_i`` products for all 2^d dividends.
    """
    moved = _from_start(tensor, [vector[0] for vector in before])
    half = balanced_split(tensor.shape)
    rows, row_sets = _by_set(tensor.shape[:half])
    columns, column_sets = _by_set(tensor.shape[half:])
    matrix = moved.reshape(len(rows), -1)[rows][:, columns]
    count = len(after[0])
    result = np.empty((count, 1 << len(after)))
    few = max(1, TOGETHER // (len(row_sets) * len(columns)))
    for start in range(0, count, few):
        steps = [_steps(a, b[start : start + few]) for a, b in zip(before, after)]
        left, right = outer(steps[:half])[rows], _outer(steps[half:], steps[0])[columns]
        middle = np.empty((len(row_sets), len(columns), left.shape[1]))
        for entries, found in zip(row_sets, middle):
            np.matmul(matrix[entries].T, left[entries], out=found)
        part = np.empty((len(column_sets), len(row_sets), left.shape[1]))
        for entries, found in zip(column_sets, part):
            np.einsum("kn,skn->sn", right[entries], middle[:, entries], out=found)
        result[start : start + few] = part.reshape(-1, left.shape[1]).T
    return result


def _from_start(tensor: Array, start: Sequence[Array]) -> Array:
    """Replace the first function of each axis by the value at a vector (K_i,)."""
    result = np.array(tensor)
    for axis, vector in enumerate(start):
        view = result.reshape(math.prod(tensor.shape[:axis]), len(vector), -1)
        view[:, 0] = np.einsum("k,akb->ab", vector, view)
    return result


@lru_cache(maxsize=64)
def _by_set(sizes: tuple[int, ...]) -> tuple[Indices, list[slice]]:
    """Sort the entries (∏K_i,) by the set of axes in which they do not stand first.

    Returns
    -------
    order : ndarray of int, shape (∏K_i,)
    sets : list of slices, length 2^m
        Where the entries of each set are, by bitmask.
    """
    sets = np.zeros(1, np.intp)
    for axis, size in enumerate(sizes):
        sets = (sets[:, None] + ((np.arange(size) > 0) << axis)).ravel()
    ends = accumulate(np.bincount(sets, minlength=1 << len(sizes)).tolist(), initial=0)
    return np.argsort(sets, kind="stable"), [slice(a, b) for a, b in pairwise(ends)]


def _steps(before: Array, after: Array) -> Array:
    """Return what a vector gains, and 1 for the function that is the start: (K, n)."""
    steps = np.ascontiguousarray((after - before).T)
    steps[0] = 1.0
    return steps


def _outer(vectors: Sequence[Array], like: Array) -> Array:
    """Multiply vectors (K_i, n) out; 1 where there are none."""
    return outer(vectors) if vectors else np.ones((1, like.shape[1]))


def _between_pairs(tensor: Array, before: Sequence[Array], after: Sequence[Array]) -> Array:
    """Dividends where each input has a start of its own: both halves' pairs are multiplied out."""
    half = balanced_split(tensor.shape)
    matrix = tensor.reshape(math.prod(tensor.shape[:half]), -1)
    few = max(1, TOGETHER // (matrix.shape[0] << half))
    parts = []
    for start in range(0, max(1, len(after[0])), few):
        rows = slice(start, start + few)
        pairs = [np.stack([a[rows], b[rows] - a[rows]], axis=1) for a, b in zip(before, after)]
        left, right = _products(pairs[:half]), _products(pairs[half:])
        count, sets, size = left.shape
        found = (left.reshape(-1, size) @ matrix).reshape(count, sets, -1)
        parts.append((right @ found.swapaxes(1, 2)).reshape(count, -1))
    return np.concatenate(parts)


def _products(pairs: Sequence[Array]) -> Array:
    """Multiply pairs (N, 2, K_i) out: (N, 2^m, ∏K_i), the first bit fastest, its axis slowest."""
    if not pairs:
        return np.ones((1, 1, 1))
    result = pairs[0]
    for pair in pairs[1:]:
        count, sets, size = result.shape
        product = pair[:, :, None, None, :] * result[:, None, :, :, None]
        result = product.reshape(count, 2 * sets, size * pair.shape[2])
    return result
