"""Contractions of a dense tensor with one vector per axis, batched over the last axis."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Batch = NDArray[Any]


def outer(vectors: Sequence[Batch]) -> Batch:
    """Multiply vectors (K_i, N) out to their product (∏K_i, N), the first index slowest."""
    product = vectors[0]
    for vector in vectors[1:]:
        size = len(product) * len(vector)
        product = (product[:, None] * vector).reshape(size, vector.shape[1])
    return product


def environments(tensor: Batch, vectors: Sequence[Batch]) -> list[Batch]:
    """Contract a tensor with all vectors but one, for each of them.

    Halves the axes recursively, so that all of them together cost little more than one.

    Parameters
    ----------
    tensor : ndarray, shape (∏K_i, N)
        One tensor for each batch entry, flattened with the first axis slowest.
    vectors : sequence of ndarrays, shapes (K_i, N)
        At least one.

    Returns
    -------
    list of ndarrays, shapes (K_i, N)
    """
    if len(vectors) == 1:
        return [tensor]
    half = len(vectors) // 2
    left, right = outer(vectors[:half]), outer(vectors[half:])
    matrix = tensor.reshape(len(left), len(right), tensor.shape[1])
    return environments(np.einsum("abn,bn->an", matrix, right), vectors[:half]) + environments(
        np.einsum("abn,an->bn", matrix, left), vectors[half:]
    )


def balanced_split(sizes: Sequence[int]) -> int:
    """Return how many leading axes to group so that both groups are as equal as possible."""
    return min(
        range(1, len(sizes) + 1),
        key=lambda k: math.prod(sizes[:k]) + math.prod(sizes[k:]),
    )


def shared_value(tensor: Batch, vectors: Sequence[Batch]) -> Batch:
    """Contract one tensor (K_1, …, K_d) with the vectors (K_i, N) of each batch entry: (N,)."""
    split = balanced_split(tensor.shape)
    matrix = tensor.reshape(math.prod(tensor.shape[:split]), -1)
    left = outer(vectors[:split])
    if split == len(vectors):
        return matrix[:, 0] @ left
    return np.einsum("bn,bn->n", matrix.T @ left, outer(vectors[split:]))


def shared_partials(tensor: Batch, vectors: Sequence[Batch]) -> tuple[Batch, list[Batch]]:
    """Contract one tensor, shared by the whole batch, with the vectors of each batch entry.

    Parameters
    ----------
    tensor : ndarray, shape (K_1, …, K_d)
    vectors : sequence of ndarrays, shapes (K_i, N)

    Returns
    -------
    value : ndarray, shape (N,)
    derivatives : list of ndarrays, shapes (K_i, N)
        Derivative of the value by each vector.
    """
    split = balanced_split(tensor.shape)
    left, right = list(vectors[:split]), list(vectors[split:])
    matrix = tensor.reshape(math.prod(tensor.shape[:split]), -1)
    left_product = outer(left)
    if not right:
        return (matrix[:, 0] @ left_product), environments(
            np.broadcast_to(matrix, left_product.shape), left
        )
    right_product = outer(right)
    from_left = matrix.T @ left_product
    from_right = matrix @ right_product
    value = np.einsum("bn,bn->n", from_left, right_product)
    return value, environments(from_right, left) + environments(from_left, right)


def sized_outer(before: Sequence[Batch], after: Sequence[Batch]) -> Batch:
    """Average `outer` over the sets of a size in which vectors come from ``after``.

    Returns
    -------
    ndarray, shape (m + 1, ∏K_i, N)
        Row ``k``: the mean over all sets of ``k`` of the m vectors. Built up vector by vector as
        means of means, so that nothing cancels, however many vectors there are.
    """
    means = np.ones((1, 1, before[0].shape[1])) if before else np.ones((1, 1, 1))
    for count, (absent, present) in enumerate(zip(before, after), start=1):
        share = (np.arange(count + 1) / count)[:, None, None]  # that the newest is among the k
        grown = np.zeros((count + 1, means.shape[1] * len(absent), means.shape[2]))
        grown[:-1] += (1 - share[:-1]) * _stacked(means, absent)
        grown[1:] += share[1:] * _stacked(means, present)
        means = grown
    return means


def _stacked(means: Batch, vector: Batch) -> Batch:
    product = means[:, :, None] * vector
    return product.reshape(len(means), -1, product.shape[-1])


def shared_size_means(tensor: Batch, before: Sequence[Batch], after: Sequence[Batch]) -> Batch:
    """Contract one tensor with vectors of which ``k`` come from ``after``, averaged: (d + 1, N)."""
    d, split = tensor.ndim, balanced_split(tensor.shape)
    matrix = tensor.reshape(math.prod(tensor.shape[:split]), -1)
    left = sized_outer(before[:split], after[:split])
    right = [matrix @ product for product in sized_outer(before[split:], after[split:])]
    curve = np.zeros((d + 1, left.shape[2]))
    for i, first in enumerate(left):
        for j, second in enumerate(right):
            share = math.comb(split, i) * math.comb(d - split, j) / math.comb(d, i + j)
            curve[i + j] += share * (first * second).sum(axis=0)
    return curve
